// What the desk and the config say of an update that cannot be: one line, what is wrong and what to do.
import { beforeAll, describe, expect, test } from "vitest";
import { build } from "../tools/build/build.ts";
import { loadConfig } from "../tools/config/load.ts";
import { updateOverTheAir } from "../tools/flash/over-the-air.ts";
import { type BuiltLamp, base, lampOfVersion, UpdateWorld, updatableLamp } from "./fixtures/update-world.ts";

let next: BuiltLamp;
beforeAll(async () => {
  next = await lampOfVersion(2000);
});

describe("the desk says", () => {
  test("nothing answers", async () => {
    const lamp = new UpdateWorld(await lampOfVersion(1000));
    await expect(lamp.update(next)).rejects.toThrow(
      `no lamp answers at ${base}; check the topic and the broker`,
    );
  });

  test("nothing answers within the time that the user gives it", async () => {
    const lamp = new UpdateWorld(await lampOfVersion(1000));
    const began = lamp.clock.now();
    await expect(lamp.update(next, { findMs: 3_000 })).rejects.toThrow("no lamp answers");
    expect(lamp.clock.now() - began).toBeLessThan(4_000);
  });

  test("the lamp was built without a key", async () => {
    const config = loadConfig({ file: null, board: "linux", overrides: { "mqtt.host": "127.0.0.1" } });
    expect(config.values["update.version"]).toBeUndefined();
    const plain = (await build({ config })).code;
    expect(plain).not.toContain("/update");
    const lamp = new UpdateWorld({ config, bundle: plain, version: 0 });
    lamp.installInSlots();
    lamp.board.boot();
    lamp.seconds(4);
    await expect(lamp.update(next)).rejects.toThrow(
      "is online but takes no updates: it was built without update.key",
    );
  });

  test("the key is another one", async () => {
    const lamp = await updatableLamp();
    const stranger = await lampOfVersion(2000, { "update.key": "a key that nobody knows" });
    const image = Buffer.from(lamp.storage.flash.image());
    const began = lamp.clock.now();
    await expect(lamp.update(stranger)).rejects.toThrow(
      `the lamp at ${base} was flashed with another update.key`,
    );
    // It has answered three times: there is nothing to wait for.
    expect(lamp.clock.now() - began).toBeLessThan(8_000);
    expect(Buffer.compare(Buffer.from(lamp.storage.flash.image()), image)).toBe(0);
  });

  test("the board is another one", async () => {
    const lamp = await updatableLamp();
    const other = await lampOfVersion(2000, { board: "esp32-devkitc" });
    await expect(lamp.update(other)).rejects.toThrow(
      "was built for linux, this bundle is for esp32-devkitc; add: --board linux",
    );
  });

  test("forged answers do not count", async () => {
    const lamp = await updatableLamp();
    lamp.onTheWay = () => {
      lamp.broker.script.onPublish?.(lamp.broker.current, {
        topic: `${base}/update/state`,
        payload: Buffer.from(`2000 linux 2000 0 5  kept ${"A".repeat(43)}=`),
        qos: 0,
        retain: false,
        dup: false,
        packetId: undefined,
      });
      return [];
    };
    await expect(lamp.update(next)).rejects.toThrow("another update.key");
  });

  test.each([
    [{ topic: "home/kitchen/lamp" }, "add: --set lamp.topic=home/kitchen/lamp"],
    [{ bundle: "" }, "the bundle has 0 bytes"],
    [{ bundle: "x".repeat(1_000_000) }, "the bundle has 1000000 bytes"],
  ])("%# wrong from the beginning", async (wrong, sentence) => {
    const lamp = await updatableLamp();
    const { config, bundle, version } = next;
    const options = { config, bundle, version, topic: base, link: lamp, ...wrong };
    await expect(updateOverTheAir(options)).rejects.toThrow(sentence);
    expect(lamp.sent).toEqual([]);
  });
});

describe("whatever ends the waiting, what the desk says is true:", () => {
  test("the lamp loses its power while pieces come in, and stays away", async () => {
    const lamp = await updatableLamp();
    let count = 0;
    lamp.onTheWay = (message) => {
      if (++count === 8) lamp.board.powerOff();
      return [message];
    };
    await expect(lamp.update(next)).rejects.toThrow(
      `nothing more is heard of the lamp at ${base}; it works as it was, or does so when it is switched on again: try again`,
    );
    lamp.board.boot();
    lamp.seconds(4);
    expect(lamp.ask()).toMatchObject({ running: 1000, highest: 1000, note: "ready" });
  });

  test("the desk no longer reaches the lamp during the trial, which ends this way or that", async () => {
    for (const healthy of [true, false]) {
      const lamp = await updatableLamp();
      const onProgress = ({ step, done }: { step: string; done: number }): void => {
        if (step === "trial" && done >= (healthy ? 58 : 30)) lamp.onTheWay = () => [];
      };
      if (!healthy) {
        const cut = (): void => {
          if (lamp.running === "b") for (const peer of lamp.network.peers) peer.fail();
          lamp.clock.schedule(lamp.clock.now() + 40_000, cut);
        };
        cut();
      }
      await expect(lamp.update(next, { onProgress })).rejects.toThrow(
        `nothing more is heard of the lamp at ${base}; it runs version 2000 if that was online for a minute, and 1000 if not: look for it with npx wick doctor, and try again`,
      );
      lamp.onTheWay = (message) => [message];
      expect(lamp.ask().running).toBe(healthy ? 2000 : 1000);
    }
  });

  test("the flash takes neither the version nor the slot to try: the lamp restarts as it was", async () => {
    const lamp = await updatableLamp();
    const { files } = lamp.storage;
    const write = files.write.bind(files);
    files.write = (name, ...rest) => name === "lamp.max" || name === "lamp.try" || write(name, ...rest);
    await expect(lamp.update(next)).rejects.toThrow(
      "the lamp restarted before it could try the new version, and goes on as it was: try again",
    );
    files.write = write;
    expect(lamp.ask()).toMatchObject({ running: 1000, highest: 1000, note: "ready" });
    expect((await lamp.update(next)).outcome).toBe("kept");
  });

  test("somebody flashes a third version by cable meanwhile", async () => {
    const lamp = await updatableLamp();
    const third = await lampOfVersion(3000);
    let isDone = false;
    const onProgress = ({ step }: { step: string }): void => {
      if (step !== "trial" || isDone) return;
      isDone = true;
      lamp.board.powerOff();
      lamp.storage.files.write("lamp.a", third.bundle);
      lamp.board.boot();
    };
    await expect(lamp.update(next, { onProgress })).rejects.toThrow(
      "the lamp runs version 3000 now, which is neither 2000 nor 1000: somebody else has updated it meanwhile",
    );
  });
});

describe("the config says", () => {
  const load = (set: string[], board = "linux") => {
    try {
      loadConfig({ file: null, board, set: ["mqtt.host=127.0.0.1", ...set] });
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };

  test("a key of 16 bytes at least, which it does not show", () => {
    expect(load(["update.key=too short"])).toMatch(
      /update\.key is not usable .*allowed is text of 16 to 128 bytes/,
    );
    expect(load(["update.key=too short"])).not.toContain("too short");
    expect(load(["update.key=0123456789abcdef"])).toBe("");
  });

  test("which buffers are too small for it", () => {
    expect(load(["update.key=0123456789abcdef", "mqtt.txBuffer=128"])).toContain("--set mqtt.txBuffer=");
    expect(load(["update.key=0123456789abcdef", "mqtt.rxBuffer=128"])).toContain("--set mqtt.rxBuffer=");
  });

  test("which boards cannot check a signature", () => {
    expect(load(["update.key=0123456789abcdef", "wifi.ssid=attic"], "wemos-d1-mini")).toContain(
      "Espruino for wemos-d1-mini has no SHA-256",
    );
  });
});
