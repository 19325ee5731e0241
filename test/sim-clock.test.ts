/** Board time: the order of alarms, how it is tied to real time, and how a board's own clock drifts and jumps. */
import { afterEach, describe, expect, test } from "vitest";
import { createBoard, DriftingClock, LoopbackNetwork, Pacer, VirtualClock } from "../sim/index.ts";
import { type AdversaryWorld, base, lampWithBroker } from "./fixtures/adversary.ts";

test("alarms run in time order, equal times first in, first out", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  for (const [at, name] of [
    [30, "d"],
    [10, "a"],
    [20, "b"],
    [20, "c"],
    [10, "a2"],
  ] as const) {
    clock.schedule(at, () => seen.push(`${name}@${clock.now()}`));
  }
  await clock.advance(25);
  expect(seen).toEqual(["a@10", "a2@10", "b@20", "c@20"]);
  expect(clock.now()).toBe(25);
  expect(clock.next()).toBe(30);
});

test("a thousand alarms in any order come out sorted", () => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  for (let i = 0; i < 1000; i++) {
    const at = (i * 7919) % 503;
    clock.schedule(at, () => seen.push(at * 1000 + i));
  }
  clock.runUntil(503);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen).toHaveLength(1000);
});

test("a cancelled alarm does not run; one for the past runs now; one planned by an alarm runs in the same advance", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.cancel(clock.schedule(5, () => seen.push("cancelled")));
  clock.schedule(10, () => clock.schedule(3, () => seen.push(`late@${clock.now()}`)));
  await clock.advance(10);
  expect(seen).toEqual(["late@10"]);
});

test("attached host I/O gets its turn between two moments", async () => {
  const clock = new VirtualClock();
  const detach = clock.attachOutside();
  const seen: string[] = [];
  clock.schedule(10, () => setImmediate(() => clock.fromOutside(() => seen.push(`answer@${clock.now()}`))));
  clock.schedule(1000, () => seen.push("later"));
  await clock.advance(2000);
  detach();
  expect(seen).toEqual(["answer@10", "later"]);
});

test("a pacer runs the clock in real time and stops for good", async () => {
  const clock = new VirtualClock();
  const pacer = new Pacer(clock);
  const started = performance.now();
  await new Promise<void>((resolve) => {
    clock.schedule(30, resolve);
    pacer.start();
  });
  pacer.stop();
  expect(clock.now()).toBeGreaterThanOrEqual(30);
  expect(performance.now() - started).toBeGreaterThanOrEqual(29);
  clock.schedule(31, () => expect.unreachable());
});

describe("a drifting clock", () => {
  test("fast by 1000 ppm: its alarms come early in the world's time, in order", async () => {
    const world = new VirtualClock();
    const clock = new DriftingClock(world, 1000);
    const seen: string[] = [];
    for (const name of ["a", "b", "c"])
      clock.schedule(10_010, () => seen.push(`${name}@${Math.round(world.now())}`));
    clock.schedule(5, () => seen.push("first"));
    await world.advance(10_001);
    expect(seen).toEqual(["first", "a@10000", "b@10000", "c@10000"]);
    expect(clock.now()).toBeCloseTo(10_001 * 1.001, 6);
  });

  test("when the drift changes, what is planned moves, in its order; time never goes back", async () => {
    const world = new VirtualClock();
    const clock = new DriftingClock(world);
    const seen: string[] = [];
    for (const name of ["a", "b"])
      clock.schedule(2000, () => seen.push(`${name}@${Math.round(world.now())}`));
    await world.advance(1000);
    clock.drift = 1_000_000;
    expect(clock.now()).toBe(1000);
    await world.advance(600);
    expect(seen).toEqual(["a@1500", "b@1500"]);
    clock.drift = -500_000;
    const before = clock.now();
    await world.advance(1000);
    expect(clock.now() - before).toBeCloseTo(500, 6);
  });

  test("a cancelled alarm stays cancelled through a change of drift", async () => {
    const world = new VirtualClock();
    const clock = new DriftingClock(world, 50);
    clock.cancel(clock.schedule(100, () => expect.unreachable()));
    clock.drift = -50;
    await world.advance(1000);
    expect(world.next()).toBeUndefined();
  });

  test("a drift that is no number above -1000000 is refused", () => {
    expect(() => new DriftingClock(new VirtualClock(), -1e6)).toThrow("drift is -1000000 ppm");
    expect(() => new DriftingClock(new VirtualClock(), Number.NaN)).toThrow("drift is NaN ppm");
  });
});

describe("the clock of a board", () => {
  const ticks = "var ticks = 0; setInterval(function () { ticks++ }, 1000);";

  function bench(bundle: string, drift?: number) {
    const clock = new VirtualClock();
    const network = new LoopbackNetwork(clock);
    const board = createBoard({ profile: { name: "linux", wifi: false }, bundle, clock, network, drift });
    board.boot();
    return { clock, board };
  }

  test.each([
    [100_000, 110],
    [0, 100],
    [-100_000, 90],
  ])("a drift of %i ppm: %i ticks in 100 s of the world", async (drift, count) => {
    const { clock, board } = bench(ticks, drift);
    await clock.advance(100_001);
    expect(board.evaluate("ticks")).toBe(count);
    expect(board.evaluate("getTime()")).toBeCloseTo(100.001 * (1 + drift / 1e6), 6);
  });

  test("the watchdog bites by the board's clock", async () => {
    const { clock, board } = bench("E.enableWatchdog(10, false)", 1_000_000);
    await clock.advance(4999);
    expect(board.boots).toBe(1);
    await clock.advance(2);
    expect(board.boots).toBe(2);
  });

  test("a wall clock that is set, forwards and back, leaves the timers alone", async () => {
    const { clock, board } = bench(ticks);
    await clock.advance(10_500);
    board.setWallClock(Date.UTC(2030, 5, 1));
    expect(board.evaluate("getTime()")).toBe(Date.UTC(2030, 5, 1) / 1000);
    board.jumpWallClock(-86_400_000);
    await clock.advance(10_000);
    expect(board.evaluate("ticks")).toBe(20);
    expect(board.evaluate("new Date().toISOString()")).toBe("2030-05-31T00:00:10.000Z");
  });

  test("SNTP on the ESP32 moves it below the interpreter: intervals catch up, or wait [Espruino 1612]", async () => {
    const { clock, board } = bench(ticks);
    await clock.advance(10_500);
    board.jumpWallClock(60_000, "sntp");
    await clock.advance(0);
    expect(board.evaluate("ticks")).toBe(70);
    board.jumpWallClock(-60_000, "sntp");
    await clock.advance(60_000);
    expect(board.evaluate("ticks")).toBe(70);
    await clock.advance(1000);
    expect(board.evaluate("ticks")).toBe(71);
  });
});

describe("the lamp", () => {
  const open: AdversaryWorld[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.close();
  });

  async function lamp(): Promise<AdversaryWorld> {
    const world = await lampWithBroker();
    open.push(world);
    return world;
  }

  test.each([200, -200])("stays online for a day with a drift of %i ppm", async (drift) => {
    const world = await lamp();
    world.board.drift = drift;
    await world.seconds(86_400);
    expect(world.board.evaluate("getTime()")).toBeCloseTo(5 + 86_400 * (1 + drift / 1e6), 3);
    expect(world.events.filter((event) => event.type === "socket")).toHaveLength(1);
    expect(await world.obeys()).toBe(true);
  });

  test.each([1, -1])("stays online when its wall clock jumps by %i day", async (days) => {
    const world = await lamp();
    for (let turn = 0; turn < 5; turn++) {
      world.board.jumpWallClock(days * 86_400_000);
      await world.seconds(60);
      expect(await world.obeys()).toBe(true);
    }
    expect(world.events.filter((event) => event.type === "socket")).toHaveLength(1);
    expect(world.board.boots).toBe(1);
  });

  test.each([1, -1])(
    "is back within two minutes when something else on the board sets the system time %i day off",
    async (days) => {
      const world = await lamp();
      await world.broker.publish(base, "on");
      await world.seconds(10);
      world.board.jumpWallClock(days * 86_400_000, "sntp");
      // Back: its second lasts a day, so the watchdog restarts it after 60 s.
      await world.seconds(70);
      await world.secondsUntilObeys(50);
      expect(world.board.boots).toBe(days > 0 ? 1 : 2);
      expect(await world.obeys()).toBe(true);
    },
  );
});
