// What a lamp does not take over the air: refused, said, nothing changed, and it goes on working.
import { beforeAll, describe, expect, test } from "vitest";
import { manifestMessage, pieceMessage } from "../tools/flash/over-the-air-messages.ts";
import { lampKey } from "../tools/flash/update-key.ts";
import {
  type BuiltLamp,
  base,
  claiming,
  lampOfVersion,
  UpdateWorld,
  updatableLamp,
  updateKey,
} from "./fixtures/update-world.ts";

const otherKey = lampKey("another key altogether", { board: "linux", topic: base });

let next: BuiltLamp;
beforeAll(async () => {
  next = await lampOfVersion(2000);
});

/** Fails unless the flash is as it was when this was called, and the lamp obeys. */
function unchanged(lamp: UpdateWorld): () => void {
  const { boots } = lamp.board;
  const connections = lamp.broker.connections.length;
  const image = Buffer.from(lamp.storage.flash.image());
  return () => {
    expect(Buffer.compare(Buffer.from(lamp.storage.flash.image()), image)).toBe(0);
    expect(lamp.board.boots).toBe(boots);
    expect(lamp.broker.connections.length).toBe(connections);
    lamp.command("off");
    lamp.command("on");
    expect(lamp.level).toBe(1);
  };
}

describe("signatures", () => {
  test("another key: no byte is written, whatever it says", async () => {
    const lamp = await updatableLamp();
    const same = unchanged(lamp);
    for (const message of lamp.messages(next.bundle, 2000, { key: otherKey }))
      expect(lamp.say(message)).toMatchObject({ note: "bad signature", offset: 0, highest: 1000 });
    expect(lamp.board.console.filter((line) => line === "update: bad signature").length).toBeGreaterThan(15);
    same();
  });

  test("a flipped bit, in any byte of the manifest or of a piece", async () => {
    const lamp = await updatableLamp();
    const [manifest, first] = lamp.messages("print('a short lamp');".repeat(4), 2000) as [Buffer, Buffer];
    const flipped = (message: Buffer, at: number) =>
      message.map((byte, index) => (index === at ? byte ^ (1 << (at % 8)) : byte)) as Buffer;
    let same = unchanged(lamp);
    for (let at = 0; at < manifest.length; at++)
      expect(lamp.say(Buffer.from(flipped(manifest, at)))).toMatchObject({
        note: "bad signature",
        highest: 1000,
      });
    same();
    expect(lamp.say(manifest)).toMatchObject({ note: "ready", highest: 2000 });
    same = unchanged(lamp);
    for (let at = 0; at < first.length; at++)
      expect(lamp.say(Buffer.from(flipped(first, at)))).toMatchObject({ note: "bad signature", offset: 0 });
    same();
  });

  test.each([33, 48, 49, 60, 300])("%i bytes of nothing", async (length) => {
    const lamp = await updatableLamp();
    const same = unchanged(lamp);
    expect(lamp.say(Buffer.alloc(length, 0x4d))).toMatchObject({ note: "bad signature" });
    same();
  });

  test("shorter or longer than it was signed", async () => {
    const lamp = await updatableLamp();
    const [manifest] = lamp.messages(next.bundle, 2000) as [Buffer];
    const same = unchanged(lamp);
    for (const message of [manifest.subarray(0, -1), Buffer.concat([manifest, Buffer.from("x")])])
      expect(lamp.say(message)).toMatchObject({ note: "bad signature" });
    same();
  });
});

describe("replayed", () => {
  test("a whole update, after the lamp has gone back to the old version", async () => {
    const lamp = await updatableLamp();
    await lamp.update({ ...next, bundle: claiming(next, "0;") });
    expect(lamp.ask()).toMatchObject({ running: 1000, note: "failed" });
    const same = unchanged(lamp);
    for (const message of lamp.sent.filter(({ length }) => length > 32))
      expect(lamp.say(message)).toMatchObject({ note: "bad signature", offset: 0 });
    same();
  });

  test("a manifest and a piece of the update under way change nothing", async () => {
    const lamp = await updatableLamp();
    const [manifest, first, second] = lamp.messages(next.bundle, 2000) as [Buffer, Buffer, Buffer];
    lamp.say(manifest);
    lamp.say(first);
    expect(lamp.say(second)).toMatchObject({ note: "ready", offset: 800 });
    const same = unchanged(lamp);
    for (const message of [manifest, first, second, manifest])
      expect(lamp.say(message)).toMatchObject({ note: "ready", offset: 800 });
    same();
  });

  test("the manifest of an update that was given up for a later one", async () => {
    const lamp = await updatableLamp();
    const [older] = lamp.messages(next.bundle, 2000) as [Buffer];
    const [newer] = lamp.messages(next.bundle, 2001) as [Buffer];
    lamp.say(older);
    lamp.say(newer);
    expect(lamp.say(older)).toMatchObject({ note: "old version", highest: 2001 });
  });

  test("what was signed for another lamp, with the same update.key", async () => {
    const lamp = await updatableLamp();
    const key = lampKey(updateKey, { board: "linux", topic: "home/kitchen/lamp" });
    const same = unchanged(lamp);
    expect(lamp.say(lamp.messages(next.bundle, 2000, { key })[0] as Buffer)).toMatchObject({
      note: "bad signature",
    });
    same();
  });

  test("retained: it is passed over, said, and not taken at the next connect either", async () => {
    const lamp = await updatableLamp();
    const [manifest] = lamp.messages(next.bundle, 2000) as [Buffer];
    const same = unchanged(lamp);
    expect(lamp.say(manifest, { retain: true })).toMatchObject({ note: "retained", highest: 1000 });
    expect(lamp.board.console.at(-1)).toBe("update: retained");
    same();
  });
});

describe("versions only go up", () => {
  test.each([1, 999, 1000])("%i, when 1000 runs", async (version) => {
    const lamp = await updatableLamp(1000);
    const [manifest] = lamp.messages(next.bundle, version) as [Buffer];
    const same = unchanged(lamp);
    expect(lamp.say(manifest)).toMatchObject({ note: "old version", highest: 1000 });
    same();
    await expect(lamp.update(await lampOfVersion(version))).rejects.toThrow(
      `the lamp has had version 1000, and versions only go up, but this is ${version}`,
    );
  });

  test("a version that failed does not come again, in the same bundle or another", async () => {
    const lamp = await updatableLamp();
    await lamp.update({ ...next, bundle: claiming(next, "0;") });
    lamp.board.powerOff();
    lamp.board.boot();
    lamp.seconds(4);
    await expect(lamp.update(next)).rejects.toThrow("the lamp has had version 2000 or a later one");
    expect((await lamp.update(await lampOfVersion(2001))).outcome).toBe("kept");
  });
});

describe("pieces", () => {
  test("one is missing: what comes after it is not written, and the lamp says what it wants", async () => {
    const lamp = await updatableLamp();
    const [manifest, first, second, third] = lamp.messages(next.bundle, 2000) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    lamp.say(manifest);
    lamp.say(first);
    const same = unchanged(lamp);
    expect(lamp.say(third)).toMatchObject({ note: "ready", offset: 400 });
    same();
    expect(lamp.say(second)).toMatchObject({ offset: 800 });
    expect(lamp.say(third)).toMatchObject({ offset: 1200 });
  });

  test("before any manifest, and of another version than its", async () => {
    const lamp = await updatableLamp();
    const { challenge } = lamp.ask();
    const piece = (version: number) =>
      pieceMessage(lamp.key, challenge, { version, offset: 0, data: Buffer.from("0;") });
    let same = unchanged(lamp);
    for (const version of [1000, 2000, 3000]) expect(lamp.say(piece(version))).toMatchObject({ offset: 0 });
    same();
    lamp.say(lamp.messages(next.bundle, 2000)[0] as Buffer);
    same = unchanged(lamp);
    for (const version of [1000, 1999, 2001]) expect(lamp.say(piece(version))).toMatchObject({ offset: 0 });
    same();
  });

  test("all there, but not what the manifest says: damaged, not tried", async () => {
    const lamp = await updatableLamp();
    const { challenge } = lamp.ask();
    const manifest = { version: 2000, size: 4, hash: "00".repeat(32) };
    lamp.say(manifestMessage(lamp.key, challenge, manifest));
    const data = Buffer.from("1+1;");
    expect(lamp.say(pieceMessage(lamp.key, challenge, { version: 2000, offset: 0, data }))).toMatchObject({
      note: "damaged",
    });
    lamp.seconds(10);
    expect(lamp.board.boots).toBe(1);
    expect(lamp.file("lamp.try")).toBeUndefined();
    expect(lamp.file("lamp.max")).toBeUndefined();
  });
});

describe("the flash", () => {
  /** Leaves `free` bytes behind the last file. */
  function fill(lamp: UpdateWorld, free: number): void {
    const { files } = lamp.storage;
    files.write("rest", "r".repeat(files.stats().freeBytes - 32 - free));
    expect(files.stats().freeBytes).toBe(free);
  }

  test("is full: refused before anything is written, and never compacted", async () => {
    const lamp = await updatableLamp();
    fill(lamp, 6_000);
    const same = unchanged(lamp);
    await expect(lamp.update(next)).rejects.toThrow(
      `the flash of the lamp has no room for ${next.bundle.length} bytes that would be safe to write`,
    );
    expect(lamp.board.console.at(-1)).toBe("update: no room");
    same();
  });

  test("a bundle larger than the room", async () => {
    const lamp = await updatableLamp();
    const same = unchanged(lamp);
    await expect(lamp.update({ ...next, bundle: next.bundle.padEnd(300_000) })).rejects.toThrow(
      "no room for 300000 bytes",
    );
    same();
  });

  test.each(["linux", "esp32-devkitc"])(
    "of %s: with just enough room an update leaves a page free and compacts nothing, with a little less it is refused",
    async (board) => {
      const [old, update] = [await lampOfVersion(1000, { board }), await lampOfVersion(2000, { board })];
      const { pageBytes } = new UpdateWorld(old).storage.flash;
      const enough = Math.ceil((update.bundle.length + pageBytes + 512) / 4) * 4 + 4;
      for (const [free, outcome] of [
        [enough, "kept"],
        [enough - 8, "no room"],
      ] as const) {
        const lamp = await updatableLamp(1000, { board });
        lamp.seconds(30);
        fill(lamp, free);
        expect(
          await lamp.update(update).then(
            (done) => done.outcome,
            (error: Error) => error.message,
          ),
        ).toContain(outcome);
        expect(lamp.storage.files.stats().freeBytes).toBeGreaterThanOrEqual(pageBytes);
        expect(Math.max(...lamp.storage.flash.eraseCounts)).toBe(0);
      }
    },
  );

  test("a lamp that boots from .bootcde has no second slot: it says that it needs a flash by cable", async () => {
    const lamp = new UpdateWorld(await lampOfVersion(1000));
    lamp.storage.files.write(".bootcde", lamp.first.bundle);
    lamp.board.boot();
    lamp.seconds(4);
    const same = unchanged(lamp);
    await expect(lamp.update(next)).rejects.toThrow("flash it once by cable: npx wick flash");
    expect(lamp.board.console.at(-1)).toBe("update: needs a flash by cable");
    same();
  });

  test("a lamp whose chosen slot is missing keeps to the other one before it takes an update", async () => {
    const lamp = new UpdateWorld(await lampOfVersion(1000));
    lamp.installInSlots();
    lamp.storage.files.write("lamp.now", "b");
    lamp.board.boot();
    lamp.seconds(4);
    expect(lamp.running).toBe("a");
    await expect(lamp.update(next)).rejects.toThrow("is trying another version");
    lamp.seconds(60);
    expect(lamp.file("lamp.now")).toBe("a");
    expect((await lamp.update(next)).outcome).toBe("kept");
  });
});

test("on trial: one at a time", async () => {
  const lamp = await updatableLamp();
  await lamp.update(next, { wait: false });
  const same = unchanged(lamp);
  const later = await lampOfVersion(3000);
  expect(lamp.say(lamp.messages(later.bundle, 3000)[0] as Buffer)).toMatchObject({
    note: "on trial",
    highest: 2000,
  });
  await expect(lamp.update(later)).rejects.toThrow("is trying another version at this moment");
  same();
});

test("a flood of what is not signed: the lamp stays, obeys, and tells its last state", async () => {
  const lamp = await updatableLamp();
  const told: string[] = [];
  lamp.onMessage((topic, payload) => {
    if (topic === `${base}/state`) told.push(Buffer.from(payload).toString());
  });
  const same = unchanged(lamp);
  for (let round = 0; round < 20; round++) {
    for (let count = 0; count < 50; count++) lamp.deliver(Buffer.alloc(60, count));
    lamp.command(round % 2 ? "off" : "on");
  }
  lamp.seconds(5);
  expect(lamp.level).toBe(0);
  expect(told.at(-1)).toBe("off");
  same();
});
