/** The pacer: real time, other speeds, pause, single steps; on a host clock that the test moves. */
import { expect, test } from "vitest";
import { type HostTime, Pacer, VirtualClock } from "../sim/index.ts";

/** A host whose time goes on only when told; timers run in their order. */
class TestHost implements HostTime {
  private time = 5000;
  private timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  }

  get waiting(): number {
    return this.timers.length;
  }

  pass(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const [next] = this.timers.filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
      if (!next) break;
      this.timers = this.timers.filter((one) => one !== next);
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = until;
  }
}

function bench() {
  const clock = new VirtualClock();
  const host = new TestHost();
  const pacer = new Pacer(clock, host);
  const seen: string[] = [];
  /** An alarm every `ms`, noted with board time and host time. */
  const every = (ms: number): void => {
    const next = (at: number): void => {
      clock.schedule(at, () => {
        seen.push(`${clock.now()}@${host.now() - 5000}`);
        next(at + ms);
      });
    };
    next(ms);
  };
  return { clock, host, pacer, seen, every };
}

test("speed 1: board time is real time, from start to stop", () => {
  const { clock, host, pacer, seen, every } = bench();
  every(250);
  pacer.start();
  host.pass(1000);
  expect(seen).toEqual(["250@250", "500@500", "750@750", "1000@1000"]);
  pacer.stop();
  expect(host.waiting).toBe(0);
  host.pass(1000);
  expect(clock.now()).toBe(1000);
});

test("pause: time stands still; resume: it goes on where it stood", () => {
  const { clock, host, pacer, seen, every } = bench();
  every(400);
  pacer.start();
  host.pass(500);
  pacer.pause();
  expect([pacer.paused, pacer.running, host.waiting]).toEqual([true, true, 0]);
  host.pass(60_000);
  expect(seen).toEqual(["400@400"]);
  const stood = clock.now();
  pacer.resume();
  host.pass(1000);
  expect(seen[1]).toBe(`800@${60_500 + 800 - stood}`);
});

test.each([
  [0.1, 100],
  [0.5, 500],
  [10, 10_000],
  [100, 100_000],
])("speed %d: a second of the host is %i ms of the board", (speed, boardMs) => {
  const { clock, host, pacer, every } = bench();
  every(10);
  pacer.speed = speed;
  pacer.start();
  host.pass(1000);
  expect(clock.now()).toBe(boardMs);
});

test("the speed may change while it runs: no time is lost or won", () => {
  const { clock, host, pacer, seen, every } = bench();
  every(1000);
  pacer.start();
  host.pass(1500);
  pacer.speed = 10;
  host.pass(50);
  expect(seen).toEqual(["1000@1000", "2000@1550"]);
  pacer.speed = 0.5;
  host.pass(2000);
  expect(seen.at(-1)).toBe("3000@3550");
  expect(clock.now()).toBe(3000);
});

test.each([0, 0.05, 101, Number.NaN, -1])("speed %d is out of range", (speed) => {
  const { pacer } = bench();
  expect(() => {
    pacer.speed = speed;
  }).toThrow(`speed is ${speed}: it must be from 0.1 to 100`);
  expect(pacer.speed).toBe(1);
});

test("a step pauses and goes to the next moment, through all that happens at it", async () => {
  const { clock, host, pacer } = bench();
  const seen: string[] = [];
  clock.schedule(100, () => {
    seen.push("a");
    clock.schedule(100, () => seen.push("c"));
  });
  clock.schedule(100, () => seen.push("b"));
  clock.schedule(300, () => seen.push("d"));
  pacer.start();
  expect(await pacer.step()).toBe(100);
  expect(seen).toEqual(["a", "b", "c"]);
  expect(pacer.paused).toBe(true);
  host.pass(60_000);
  expect(seen).toHaveLength(3);
  expect(await pacer.step(50)).toBe(150);
  expect(await pacer.step()).toBe(300);
  expect(seen.at(-1)).toBe("d");
  expect(await pacer.step()).toBe(300);
  pacer.resume();
  host.pass(100);
  clock.schedule(clock.now() + 20, () => seen.push("e"));
  host.pass(100);
  expect(seen.at(-1)).toBe("e");
});

test("what arrives from outside gets the board time of its moment; during a pause it waits", async () => {
  const { clock, host, pacer } = bench();
  const seen: number[] = [];
  pacer.speed = 2;
  pacer.start();
  host.pass(100);
  clock.fromOutside(() => seen.push(clock.now()));
  host.pass(1);
  expect(seen).toEqual([200]);
  pacer.pause();
  host.pass(5000);
  clock.fromOutside(() => seen.push(clock.now()));
  host.pass(5000);
  expect(seen).toHaveLength(1);
  await pacer.step();
  expect(seen).toHaveLength(2);
});

test("a party that works through the event loop answers at the moment it was asked, at every speed", async () => {
  const { clock, host, pacer } = bench();
  const seen: string[] = [];
  // Answers on the third turn, as the embedded broker may.
  const ask = (name: string): void => {
    clock.stirOutside();
    setImmediate(() =>
      setImmediate(() => setImmediate(() => clock.fromOutside(() => seen.push(`${name}@${clock.now()}`)))),
    );
  };
  clock.schedule(100, () => ask("answer"));
  clock.schedule(101, () => seen.push("later"));
  pacer.speed = 100;
  pacer.start();
  host.pass(1000);
  while (seen.length < 2) {
    await new Promise((resolve) => setImmediate(resolve));
    host.pass(1);
  }
  expect(seen).toEqual(["answer@100", "later"]);
});
