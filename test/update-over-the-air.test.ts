// An update over the air on the simulated board: sent, tried, kept; and what brings the old lamp back.
import { describe, expect, test } from "vitest";
import { build } from "../tools/build/build.ts";
import { firmwareConstants } from "../tools/build/constants.ts";
import { loadConfig, type Settings } from "../tools/config/load.ts";
import type { OverTheAirProgress } from "../tools/flash/over-the-air.ts";
import {
  base,
  claiming,
  lampOfVersion,
  UpdateWorld,
  updatableLamp,
  updateKey,
} from "./fixtures/update-world.ts";

/** Bundles that do not become healthy, by what is wrong with them. */
const broken: readonly [string, string][] = [
  ["does not parse", "function ("],
  ["throws at once", "throw new Error('crash');"],
  [
    "hangs: nobody tells the watchdog that it runs",
    "E.enableWatchdog(60,false);setInterval(function(){},1000);",
  ],
  ["is no lamp at all", "0;"],
];

/** What a bundle would be that is built without update.key: healthy, and out of reach for ever. */
async function plainLamp(): Promise<string> {
  const { config } = await lampOfVersion(2000);
  const defaults = { ...config.values };
  delete defaults["update.key"];
  delete defaults["update.version"];
  return (await build({ config: loadConfig({ file: null, defaults }) })).code;
}

describe("an update", () => {
  test("is sent, tried and kept; the lamp says so, and it is there after a power cut", async () => {
    const lamp = await updatableLamp(1000);
    const next = await lampOfVersion(2000);
    const seen: OverTheAirProgress[] = [];
    const result = await lamp.update(next, { onProgress: (progress) => seen.push(progress) });
    expect(result).toMatchObject({ outcome: "kept", version: 2000, before: 1000 });
    expect(lamp.running).toBe("b");
    expect(lamp.file("lamp.b")).toBe(next.bundle);
    expect(lamp.file("lamp.now")).toBe("b");
    expect(lamp.board.console).toEqual(expect.arrayContaining(["update: restarting", "update: kept"]));
    expect(lamp.ask()).toMatchObject({ running: 2000, highest: 2000, note: "ready" });
    expect([...new Set(seen.map(({ step }) => step))]).toEqual(["looking", "sending", "restarting", "trial"]);
    expect(seen.filter(({ step }) => step === "sending").at(-1)).toEqual({
      step: "sending",
      done: next.bundle.length,
      total: next.bundle.length,
    });
    lamp.board.powerOff();
    lamp.board.boot();
    lamp.seconds(4);
    expect(lamp.running).toBe("b");
    expect(lamp.ask()).toMatchObject({ running: 2000, note: "ready" });
  });

  test("takes less than 10 s for 9 KB, and a minute of trial", async () => {
    const lamp = await updatableLamp();
    const next = await lampOfVersion(2000);
    const bundle = next.bundle.padEnd(9 * 1024, " ");
    const { sendingMs, outcome } = await lamp.update({ ...next, bundle });
    expect(outcome).toBe("kept");
    expect(sendingMs).toBeLessThan(10_000);
  });

  test("goes back and forth between the slots", async () => {
    const lamp = await updatableLamp();
    for (const version of [2000, 3000, 4000]) {
      const { outcome } = await lamp.update(await lampOfVersion(version));
      expect(outcome).toBe("kept");
      expect(lamp.ask().running).toBe(version);
    }
    expect(lamp.running).toBe("b");
  });

  test("on an ESP32, with Wi-Fi", async () => {
    const lamp = await updatableLamp(1000, { board: "esp32-devkitc" });
    lamp.seconds(30);
    const next = await lampOfVersion(2000, { board: "esp32-devkitc" });
    expect((await lamp.update(next)).outcome).toBe("kept");
  });

  test("at QoS 0 with a clean session: what is lost is sent again", async () => {
    const settings = { "mqtt.qos": 0, "mqtt.cleanSession": true };
    const lamp = await updatableLamp(1000, settings);
    let count = 0;
    lamp.onTheWay = (message) => (++count % 3 === 0 ? [] : [message]);
    expect((await lamp.update(await lampOfVersion(2000, settings))).outcome).toBe("kept");
  });

  test("--no-wait: leaves while the lamp is on trial", async () => {
    const lamp = await updatableLamp();
    const { outcome } = await lamp.update(await lampOfVersion(2000), { wait: false });
    expect(outcome).toBe("on trial");
    expect(lamp.ask()).toMatchObject({ running: 2000, note: "on trial" });
    expect(lamp.file("lamp.now")).toBe("a");
    lamp.seconds(65);
    expect(lamp.ask()).toMatchObject({ running: 2000, note: "ready" });
    expect(lamp.file("lamp.now")).toBe("b");
  });

  test("the lamp switches all the while, stays connected, and tells its last state", async () => {
    const lamp = await updatableLamp();
    const told: string[] = [];
    lamp.onMessage((topic, payload) => {
      if (topic === `${base}/state`) told.push(Buffer.from(payload).toString());
    });
    const connections = lamp.broker.connections.length;
    const levels: number[] = [];
    lamp.onTheWay = (message) => {
      if (lamp.running === "a" && message.length > 100) {
        lamp.command(levels.length % 2 ? "off" : "on");
        levels.push(lamp.level);
      }
      return [message];
    };
    await lamp.update(await lampOfVersion(2000));
    expect(levels.length).toBeGreaterThan(15);
    expect(levels).toEqual(levels.map((_, index) => (index % 2 ? 0 : 1)));
    expect(told.slice(-1 - levels.length)).toContain(levels.length % 2 ? "on" : "off");
    expect(lamp.broker.connections.length).toBe(connections + 1);
  });

  test("however slow the network is, keep alive goes on: every message takes 5 s", async () => {
    const lamp = await updatableLamp();
    const connections = lamp.broker.connections.length;
    lamp.onTheWay = (message) => {
      lamp.clock.schedule(lamp.clock.now() + 5_000, () => lamp.deliver(message));
      return [];
    };
    expect((await lamp.update(await lampOfVersion(2000))).outcome).toBe("kept");
    expect(lamp.broker.connections.length).toBe(connections + 1);
  });
});

describe("resumed", () => {
  test("after the link was lost for 20 s in the middle", async () => {
    const lamp = await updatableLamp();
    let count = 0;
    lamp.onTheWay = (message) => {
      if (++count === 10) {
        lamp.brokerDown();
        lamp.clock.schedule(lamp.clock.now() + 20_000, () => lamp.brokerUp());
      }
      return [message];
    };
    const next = await lampOfVersion(2000);
    expect((await lamp.update(next)).outcome).toBe("kept");
    // Nothing that was there was sent again, but for the piece under way.
    const bytes = lamp.sent
      .filter((message) => message[32] === 0x50)
      .reduce((sum, { length }) => sum + length - 51, 0);
    expect(bytes).toBeLessThan(next.bundle.length + 40 * 500);
    const offsets = lamp.answers
      .filter(({ highest, running }) => highest === 2000 && running === 1000)
      .map(({ offset }) => offset);
    expect(offsets).toEqual([...offsets].sort((one, other) => one - other));
  });

  test("by a desk that starts anew with the same bundle", async () => {
    const lamp = await updatableLamp();
    const next = await lampOfVersion(2000);
    const controller = new AbortController();
    let count = 0;
    lamp.onTheWay = (message) => {
      if (++count === 10) controller.abort();
      return [message];
    };
    await expect(lamp.update(next, { signal: controller.signal })).rejects.toThrow("stopped");
    const { offset } = lamp.ask();
    expect(offset).toBeGreaterThan(2000);
    const before = lamp.sent.length;
    expect((await lamp.update(next)).outcome).toBe("kept");
    const first = lamp.sent.slice(before).find((message) => message[32] === 0x50);
    expect(Number(first?.toString("latin1", 44, 51)) - 1_000_000).toBe(offset);
  });

  test("from the beginning, when the lamp lost its power in the middle", async () => {
    const lamp = await updatableLamp();
    let count = 0;
    lamp.onTheWay = (message) => {
      if (++count === 10) {
        lamp.board.powerOff();
        lamp.clock.schedule(lamp.clock.now() + 5_000, () => lamp.board.boot());
      }
      return [message];
    };
    expect((await lamp.update(await lampOfVersion(2000))).outcome).toBe("kept");
  });

  test("with every message twice, and every third lost", async () => {
    const lamp = await updatableLamp();
    let count = 0;
    lamp.onTheWay = (message) => (++count % 3 === 0 ? [] : [message, message]);
    const next = await lampOfVersion(2000);
    expect((await lamp.update(next)).outcome).toBe("kept");
    expect(lamp.file("lamp.b")).toBe(next.bundle);
  });

  test("in smaller pieces, where the lamp's buffer is smaller than the bundle's", async () => {
    const lamp = await updatableLamp(1000, { "mqtt.rxBuffer": 256 });
    const next = await lampOfVersion(2000);
    expect((await lamp.update(next)).outcome).toBe("kept");
  });
});

describe("rolled back", () => {
  test.each(broken)(
    "a bundle that %s: within two minutes the old lamp is back, and says which version failed",
    async (_, code) => {
      const lamp = await updatableLamp();
      const next = await lampOfVersion(2000);
      const bundle = claiming(next, code);
      lamp.command("on");
      const began = lamp.clock.now();
      const result = await lamp.update({ ...next, bundle });
      expect(result).toMatchObject({ outcome: "rolled back", before: 1000 });
      expect(lamp.clock.now() - began).toBeLessThan(120_000);
      expect(lamp.running).toBe("a");
      expect(lamp.ask()).toMatchObject({ running: 1000, highest: 2000, note: "failed" });
      expect(lamp.file("lamp.now")).toBe("a");
      lamp.command("on");
      expect(lamp.level).toBe(1);
    },
  );

  test("a bundle that finds no broker: after five minutes of trial", async () => {
    const lamp = await updatableLamp();
    const { bundle } = await lampOfVersion(2000, { "mqtt.port": 1999 });
    const began = lamp.clock.now();
    const result = await lamp.update({ ...(await lampOfVersion(2000)), bundle });
    expect(result.outcome).toBe("rolled back");
    expect(lamp.clock.now() - began).toBeGreaterThan(300_000);
    expect(lamp.clock.now() - began).toBeLessThan(330_000);
    expect(lamp.ask()).toMatchObject({ running: 1000, highest: 2000, note: "failed" });
  });

  test("a bundle that works and knows nothing of updates: the loader ends its trial after five minutes", async () => {
    const lamp = await updatableLamp();
    const next = await lampOfVersion(2000);
    const began = lamp.clock.now();
    const result = await lamp.update({ ...next, bundle: claiming(next, await plainLamp()) });
    expect(result).toMatchObject({ outcome: "rolled back", before: 1000 });
    expect(lamp.clock.now() - began).toBeGreaterThan(300_000);
    expect(lamp.clock.now() - began).toBeLessThan(330_000);
    expect(lamp.ask()).toMatchObject({ running: 1000, highest: 2000, note: "failed" });
    expect((await lamp.update(await lampOfVersion(3000))).outcome).toBe("kept");
  });

  test("a bundle whose connection is lost every 40 s", async () => {
    const lamp = await updatableLamp();
    const cut = (): void => {
      if (lamp.running === "b") for (const peer of lamp.network.peers) peer.fail();
      lamp.clock.schedule(lamp.clock.now() + 40_000, cut);
    };
    cut();
    expect((await lamp.update(await lampOfVersion(2000))).outcome).toBe("rolled back");
  });

  test("a bundle whose broker falls silent just before its minute is over is not kept until that answers again", async () => {
    const lamp = await updatableLamp();
    await lamp.update(await lampOfVersion(2000), { wait: false });
    lamp.seconds(46);
    lamp.broker.script.onPacket = () => "handled";
    lamp.seconds(20);
    // A link that only seems to be there: what the lamp says is not acknowledged, and it has not found out yet.
    expect(lamp.broker.current.closed).toBe(false);
    expect(lamp.running).toBe("b");
    expect(lamp.file("lamp.now")).toBe("a");
    delete lamp.broker.script.onPacket;
    lamp.seconds(120);
    expect(lamp.ask()).toMatchObject({ running: 2000, note: "ready" });
    expect(lamp.file("lamp.now")).toBe("b");
  });

  test("a lamp that has no other slot to go back to is not restarted, though it finds no broker", async () => {
    const lamp = new UpdateWorld(await lampOfVersion(1000));
    lamp.installInSlots();
    lamp.storage.files.write("lamp.now", "b");
    lamp.brokerDown();
    lamp.board.boot();
    lamp.seconds(3_600);
    expect(lamp.running).toBe("a");
    expect(lamp.board.boots).toBe(1);
  });

  test("a lamp whose broker is gone is not restarted, now that it has been kept [esphome 994]", async () => {
    const lamp = await updatableLamp();
    await lamp.update(await lampOfVersion(2000));
    const { boots } = lamp.board;
    lamp.brokerDown();
    lamp.seconds(3_600);
    expect(lamp.board.boots).toBe(boots);
  });

  test("the power goes during the trial: the old lamp is back, and takes the next version", async () => {
    const lamp = await updatableLamp();
    await lamp.update(await lampOfVersion(2000), { wait: false });
    lamp.seconds(30);
    lamp.board.powerOff();
    lamp.board.boot();
    lamp.seconds(4);
    expect(lamp.ask()).toMatchObject({ running: 1000, highest: 2000, note: "failed" });
    expect((await lamp.update(await lampOfVersion(3000))).outcome).toBe("kept");
  });
});

test("the key is in the bundle only as the lamp's own, and nowhere in what is told of the build", async () => {
  const { bundle } = await lampOfVersion(2000);
  expect(bundle).not.toContain(updateKey);
  const { config } = await lampOfVersion(2000);
  const { code: _, ...rest } = await build({ config });
  const told = JSON.stringify(rest);
  expect(told).not.toContain(updateKey);
  const { UPDATE_INNER_PAD, UPDATE_OUTER_PAD } = firmwareConstants(config);
  for (const pad of [UPDATE_INNER_PAD, UPDATE_OUTER_PAD]) {
    expect(bundle).toContain(`"${pad}"`);
    expect(told).not.toContain(JSON.stringify(pad).slice(1, -1));
  }
});

test("being ready for updates takes at most 1,600 bytes of the default bundle, which stays well within its budget", async () => {
  const bundle = async (settings: Settings) => {
    const overrides = { "mqtt.host": "127.0.0.1", "wifi.ssid": "network", ...settings };
    return (await build({ config: loadConfig({ file: null, board: "esp32-devkitc", overrides }) })).sizes;
  };
  const [without, ready] = [
    await bundle({}),
    await bundle({ "update.key": updateKey, "update.version": 1_800_000_000 }),
  ];
  expect(without.modules.map(({ file }) => file)).not.toContain("firmware/keeper/update.ts");
  expect(ready.total - without.total).toBeLessThanOrEqual(1_600);
  expect(ready.budget - ready.total).toBeGreaterThan(200);
});
