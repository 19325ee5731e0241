/** The lamp against each fault of the network and of the Wi-Fi: switched on for a while, and off again, it is back within its stated time. */
import { afterEach, describe, expect, test } from "vitest";
import {
  createBoard,
  createConditions,
  EmbeddedBroker,
  impair,
  LoopbackNetwork,
  type NetworkSettings,
  VirtualClock,
  type WifiControl,
} from "../sim/index.ts";
import { tapTraffic } from "../sim/world/traffic.ts";
import { type AdversaryWorld, base, buildLamp, lampWithBroker } from "./fixtures/adversary.ts";

/** docs/timers.md: the longest pause between two attempts, and the second that a counter may be late. */
const BACK_WITHIN_SECONDS = 31;
/** The same for the Wi-Fi: an attempt of 20 s and a pause; then the first attempt at the broker. */
const WIFI_BACK_WITHIN_SECONDS = 20 + 30 + 3;

const open: AdversaryWorld[] = [];
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

async function lampOnline(...options: Parameters<typeof lampWithBroker>): Promise<AdversaryWorld> {
  const world = await lampWithBroker(...options);
  open.push(world);
  for (let second = 0; second < 10 && !world.online; second++) await world.seconds(1);
  expect(world.online).toBe(true);
  await world.command("on");
  return world;
}

test("without faults the lamp does the same, to the byte, as on a network that is not impaired", async () => {
  const runs = [];
  for (const impaired of [true, false]) {
    const { config, result } = await buildLamp({});
    const broker = await EmbeddedBroker.create();
    const clock = new VirtualClock();
    const loopback = new LoopbackNetwork(clock);
    const leave = broker.attach(loopback, 1883, clock);
    const seen: string[] = [];
    const network = impaired ? impair(loopback, clock, expect.unreachable, createConditions()) : loopback;
    const board = createBoard({
      profile: config.profile,
      bundle: result.code,
      clock,
      network: tapTraffic(network, clock, (traffic) => seen.push(JSON.stringify(traffic))),
      onEvent: (event) => seen.push(JSON.stringify(event)),
    });
    board.boot();
    for (let second = 0; second < 120; second++) {
      if (broker.running) await broker.publish(base, "toggle");
      await clock.advance(1000);
      if (second === 60) await broker.stop();
      if (second === 70) await broker.start();
    }
    board.powerOff();
    leave();
    await broker.close();
    runs.push(seen);
  }
  expect(runs[0]?.length).toBeGreaterThan(400);
  expect(runs[0]).toEqual(runs[1]);
});

describe("the network", () => {
  test.each<[string, Partial<NetworkSettings>, number]>([
    ["refuses connects for ten seconds", { refuse: true }, 10],
    ["refuses connects for an hour", { refuse: true }, 3600],
    ["cannot look the broker's name up", { unknownHost: true }, 300],
    ["is half-open for less than a keep-alive", { halfOpen: true }, 20],
    ["is half-open until the lamp has noticed", { halfOpen: true }, 45],
    ["is half-open for ten minutes", { halfOpen: true }, 600],
    ["drains nothing", { drainBytes: 0 }, 120],
    ["is as slow as 20 bytes a second", { bandwidthBytesPerSecond: 20 }, 120],
    ["takes 10 to 20 s each way", { latencyMs: 10_000, jitterMs: 10_000 }, 300],
  ])("%s: back within 31 s, as it was, and commands work", async (_name, settings, forSeconds) => {
    const world = await lampOnline();
    const { conditions } = world.simulation;
    Object.assign(conditions, settings);
    if (settings.refuse || settings.unknownHost) conditions.cut("reset");
    await world.seconds(forSeconds);
    conditions.reset();
    expect(world.level).toBe(1);
    expect(await world.secondsUntilObeys(BACK_WITHIN_SECONDS)).toBeLessThanOrEqual(BACK_WITHIN_SECONDS);
    expect(await world.obeys()).toBe(true);
    expect(world.online).toBe(true);
    expect(world.board.boots).toBe(1);
    expect(world.events.filter((event) => event.type === "error")).toEqual([]);
  });

  test.each<[string, Partial<NetworkSettings>, number]>([
    ["with half a second each way", { latencyMs: 500 }, 3],
    ["with up to a second of jitter", { latencyMs: 100, jitterMs: 1000 }, 4],
    ["with 500 bytes a second", { bandwidthBytesPerSecond: 500 }, 5],
    ["with one byte a piece", { chunkBytes: 1 }, 1],
    ["with seven bytes under way", { drainBytes: 7, latencyMs: 5 }, 3],
  ])("%s the lamp stays online for ten minutes and obeys", async (_name, settings, answerSeconds) => {
    const world = await lampOnline();
    const sockets = world.events.filter((event) => event.type === "socket").length;
    Object.assign(world.simulation.conditions, settings);
    for (let minute = 0; minute < 10; minute++) {
      await world.broker.publish(base, minute % 2 ? "on" : "off");
      await world.seconds(answerSeconds);
      expect(world.last("/state")).toBe(minute % 2 ? "on" : "off");
      await world.seconds(60 - answerSeconds);
    }
    expect(world.events.filter((event) => event.type === "socket")).toHaveLength(sockets);
  });

  test.each(["end", "reset"] as const)("cuts the connection by %s: back within 10 s", async (how) => {
    const world = await lampOnline();
    await world.seconds(30);
    world.simulation.conditions.cut(how);
    expect(await world.secondsUntilObeys(10)).toBeLessThanOrEqual(10);
    expect(await world.obeys()).toBe(true);
  });

  test("the broker restarts: back within 10 s, as it was", async () => {
    const world = await lampOnline();
    await world.seconds(30);
    await world.broker.stop();
    await world.seconds(2);
    await world.broker.start();
    expect(world.level).toBe(1);
    expect(await world.secondsUntilObeys(8)).toBeLessThanOrEqual(8);
  });
});

describe("the Wi-Fi", () => {
  const settings = { board: "esp32-devkitc" } as const;

  function wifiOf(world: AdversaryWorld): WifiControl {
    return world.board.wifi ?? expect.unreachable();
  }

  test.each<[string, (wifi: WifiControl) => void, (wifi: WifiControl) => void]>([
    ["has no access point", (wifi) => wifi.down(), (wifi) => wifi.up()],
    ["has none, and nobody says so", (wifi) => wifi.down({ silent: true }), (wifi) => wifi.up()],
    [
      "has another password for a while",
      (wifi) => {
        wifi.answer = "wrong-password";
        wifi.down();
        wifi.up();
      },
      (wifi) => {
        wifi.answer = "connects";
      },
    ],
    [
      "gives no address",
      (wifi) => {
        wifi.answer = "no-dhcp";
        wifi.down();
        wifi.up();
      },
      (wifi) => {
        wifi.answer = "connects";
      },
    ],
    [
      "never answers a connect",
      (wifi) => {
        wifi.answer = "never";
        wifi.down();
        wifi.up();
      },
      (wifi) => {
        wifi.answer = "connects";
      },
    ],
  ])("%s: back within 53 s, as it was, and commands work", async (_name, on, off) => {
    const world = await lampOnline(settings);
    on(wifiOf(world));
    await world.seconds(300);
    expect(world.board.sockets).toBe(0);
    off(wifiOf(world));
    expect(world.level).toBe(1);
    await world.secondsUntilObeys(WIFI_BACK_WITHIN_SECONDS);
    expect(await world.obeys()).toBe(true);
    expect(world.board.boots).toBe(1);
    expect(world.events.filter((event) => event.type === "error")).toEqual([]);
  });

  test.each([20, 45, 600])(
    "is too weak for %i s and no event tells: back within 31 s, and commands work",
    async (forSeconds) => {
      const world = await lampOnline(settings);
      const wifi = wifiOf(world);
      wifi.weakSignal = true;
      await world.seconds(forSeconds);
      expect(wifi.connected).toBe(true);
      expect(world.level).toBe(1);
      wifi.weakSignal = false;
      await world.secondsUntilObeys(BACK_WITHIN_SECONDS);
      expect(await world.obeys()).toBe(true);
      expect(world.board.boots).toBe(1);
    },
  );
});
