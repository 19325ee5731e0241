/** The board's flash: bits that only an erasure sets again, wear, images, and a board whose power goes in the middle of a write. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ERASE_STEPS, Flash } from "../sim/flash/flash.ts";
import {
  type Board,
  type BoardEvent,
  createBoard,
  FileStorage,
  LINUX_FLASH,
  LoopbackNetwork,
  MemoryStorage,
  type StorageMedium,
  VirtualClock,
} from "../sim/index.ts";

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
const hex = (flash: Flash, address: number, length: number): string =>
  Buffer.from(flash.read(address, length)).toString("hex");

describe("flash", () => {
  test("programming clears bits, only erasing sets them, and a page at a time", () => {
    const flash = new Flash({ pageBytes: 16, pages: 2 });
    flash.program(14, bytes(0xf0, 0x0f, 0x55));
    flash.program(14, bytes(0x3c, 0xff, 0xff));
    expect(hex(flash, 13, 5)).toBe("ff300f55ff");
    flash.erasePage(15);
    expect(hex(flash, 13, 5)).toBe("ffffff55ff");
    expect([...flash.eraseCounts]).toEqual([1, 0]);
    expect(flash.bytesProgrammed).toBe(6);
  });

  test("a cut programs the bytes before it and not the rest", () => {
    const flash = new Flash({ pageBytes: 16, pages: 2 });
    flash.cutAfterBytes(3);
    expect(() => flash.program(14, bytes(1, 2, 3, 4))).toThrow("power cut");
    expect(hex(flash, 14, 4)).toBe("010203ff");
    flash.program(17, bytes(4));
    expect(hex(flash, 14, 4)).toBe("01020304");
  });

  test("a page that was being erased is neither what it was nor blank", () => {
    for (let step = 1; step < ERASE_STEPS; step++) {
      const flash = new Flash({ pageBytes: 16, pages: 1 }, new Uint8Array(16));
      flash.cutAfterBytes(step);
      expect(() => flash.erasePage(0)).toThrow("power cut");
      const set = [...flash.image()].map((byte) => byte.toString(2).replaceAll("0", "").length);
      expect(set).toEqual(Array(16).fill(step));
      expect([...flash.eraseCounts]).toEqual([1]);
    }
  });

  test("an image of another size is refused", () => {
    expect(() => new Flash({ pageBytes: 16, pages: 2 }, new Uint8Array(31))).toThrow(
      "31 bytes, the flash 32",
    );
  });
});

interface Bench {
  board: Board;
  clock: VirtualClock;
  events: BoardEvent[];
}

function bench(bundle: string, storage?: StorageMedium, profile = {}): Bench {
  const clock = new VirtualClock();
  const events: BoardEvent[] = [];
  const board = createBoard({
    profile: { name: "test", wifi: false, ...profile },
    bundle,
    clock,
    network: new LoopbackNetwork(clock),
    storage,
    onEvent: (event) => events.push(event),
  });
  board.boot();
  return { board, clock, events };
}

describe("wear", () => {
  test("a value that does not change costs none; 1,000 that do erase no page twice", () => {
    const storage = new MemoryStorage();
    const { board } = bench('var s = require("Storage"); s.write("state", "on")', storage);
    const before = storage.flash.bytesProgrammed;
    board.evaluate('for (var i = 0; i < 1000; i++) s.write("state", "on")');
    expect(storage.flash.bytesProgrammed).toBe(before);
    board.evaluate('for (var i = 0; i < 1000; i++) s.write("state", i & 1 ? "on" : "off")');
    expect(storage.writes).toBe(1001);
    expect(Math.max(...storage.flash.eraseCounts)).toBe(0);
    expect(board.evaluate("s.getStats().trashCount")).toBe(1000);
  });

  test("once the flash is full, the board compacts it and says so", () => {
    const storage = new MemoryStorage({ pages: 2 });
    const { board } = bench('var s = require("Storage"); s.write("kept", "k".repeat(1000))', storage);
    board.evaluate('for (var i = 0; i < 300; i++) s.write("state", "number " + i)');
    expect(board.console).toContain("Compacting... ");
    expect(board.evaluate('s.read("kept").length + s.read("state")')).toBe("1000number 299");
    expect(storage.flash.eraseCounts[0]).toBeGreaterThan(0);
  });

  test("the profile says how large the flash is", () => {
    const { board } = bench("", undefined, { flash: { pages: 224 } });
    expect(board.evaluate('require("Storage").getFree()')).toBe(917_504);
    expect(bench("").board.evaluate('require("Storage").getFree()')).toBe(262_144);
  });
});

describe("a power cut in the middle of a write", () => {
  const bundle = `var s = require("Storage"), n = 0;
    setInterval(function () { n++ }, 10);
    function save(text) {
      try { s.write("state", text) } catch (e) { print("caught " + e) }
      print("went on"); digitalWrite("D2", 1); setTimeout(print, 1, "later");
    }`;

  test("ends the program there and then: it prints nothing, moves no pin, starts no timer", async () => {
    const { board, clock, events } = bench(bundle);
    board.evaluate('setTimeout(save, 100, "some new state"); setTimeout(print, 100, "due too"); load = 0');
    board.storage.flash.cutAfterBytes(40);
    await clock.advance(1000);
    expect(board.running).toBe(false);
    expect(events.slice(1)).toEqual([{ t: 100, type: "fault", what: "power cut" }]);
    expect(board.console).toEqual([]);
    expect(clock.next()).toBeUndefined();
  });

  test("and the next boot finds what the flash holds", async () => {
    const { board, clock } = bench(bundle);
    board.evaluate('save("old")');
    await clock.advance(10);
    board.storage.flash.cutAfterBytes(4 + 32 + 3);
    expect(() => board.evaluate('save("new state")')).toThrow("power cut");
    expect(board.running).toBe(false);
    await clock.advance(1000);
    board.boot();
    expect(board.running).toBe(true);
    expect(board.evaluate('s.read("state")')).toBe("new\xff\xff\xff\xff\xff\xff");
    expect(board.evaluate('save("new state"), s.read("state")')).toBe("new state");
    await clock.advance(100);
    expect(board.evaluate("n")).toBe(10);
  });

  test("at every byte of it, however often, the board boots again and can save", async () => {
    const { board, clock } = bench(bundle);
    for (let step = 0; step < 4 + 32 + 12; step++) {
      board.evaluate(`save("before ${step % 10}")`);
      board.storage.flash.cutAfterBytes(step);
      expect(() => board.evaluate(`save("after_ ${step % 10}.....")`)).toThrow("power cut");
      await clock.advance(1);
      board.boot();
      board.evaluate(`save("after_ ${step % 10}.....")`);
      expect(board.evaluate('s.read("state")')).toBe(`after_ ${step % 10}.....`);
    }
    expect(board.boots).toBe(49);
  });

  test("also when the write was asked for while it boots, or restarts", async () => {
    const { board, clock, events } = bench('load(); require("Storage").write("n", String(Math.random()))');
    board.powerOff();
    board.storage.flash.cutAfterBytes(20);
    board.boot();
    expect(board.running).toBe(false);
    await clock.advance(1000);
    expect(board.boots).toBe(2);
    expect(events.at(-1)).toEqual({ t: 0, type: "fault", what: "power cut" });
  });

  test("closes its connections once", async () => {
    const clock = new VirtualClock();
    const network = new LoopbackNetwork(clock);
    const events: BoardEvent[] = [];
    network.listen(1883, (peer) => peer.send("go"));
    const board = createBoard({
      profile: { name: "test", wifi: false },
      bundle:
        'var c = require("net").connect({host: "broker", port: 1883}, function () {}); c.on("data", function (d) { require("Storage").write("got", d) }); c.on("close", print)',
      clock,
      network,
      onEvent: (event) => events.push(event),
    });
    board.storage.flash.cutAfterBytes(10);
    board.boot();
    await clock.advance(1000);
    expect(events.map((event) => [event.type, "state" in event ? event.state : ""].join(" "))).toEqual([
      "boot ",
      "socket open",
      "fault ",
      "socket closed",
    ]);
  });

  test("what the board cannot read when it starts, it erases, boot code and all, and says so", () => {
    const storage = new MemoryStorage({ pages: 4 });
    const { board } = bench('print("first bundle")', storage);
    board.evaluate('var s = require("Storage"); s.write("gone", "x"); s.write("large", "l".repeat(5000))');
    board.evaluate('s.write("larger", "m".repeat(9000))');
    board.evaluate('E.setBootCode("print(2)"); s.erase("gone")');
    board.powerOff();
    board.boot();
    storage.flash.cutAfterBytes(ERASE_STEPS + 10);
    expect(() => board.evaluate('require("Storage").compact()')).toThrow("power cut");
    board.boot();
    expect(board.console.slice(1)).toEqual([
      "2",
      "Storage is corrupt.",
      "Erasing Storage Area...",
      "Erase complete.",
      "first bundle",
    ]);
    expect(board.evaluate('require("Storage").list().length')).toBe(0);
  });

  test("load() does not look whether Storage is in order; power does", async () => {
    const { board, clock } = bench("", new MemoryStorage({ pages: 1 }));
    board.evaluate('require("Storage").write("a", "1")');
    // The first byte of a second header.
    board.storage.flash.program(36, bytes(0x12));
    board.evaluate("load()");
    await clock.advance(10);
    expect(board.evaluate('require("Storage").read("a")')).toBe("1");
    expect(board.console).toEqual([]);
    board.boot();
    expect(board.evaluate('require("Storage").read("a")')).toBeUndefined();
    expect(board.console).toContain("Storage is corrupt.");
  });
});

describe("a file of the host", () => {
  const fresh = (): string => join(mkdtempSync(join(tmpdir(), "wick-")), "lamp.flash");

  test("holds the flash as it is, from run to run, the half of a write included", () => {
    const path = fresh();
    const { board } = bench('require("Storage").write("a", "first")', new FileStorage(path));
    board.storage.flash.cutAfterBytes(32 + 3);
    expect(() => board.evaluate('require("Storage").write("b", "second")')).toThrow("power cut");
    expect(Buffer.from(board.storage.flash.image()).equals(readFileSync(path))).toBe(true);
    const again = bench("", new FileStorage(path));
    expect(again.board.evaluate('require("Storage").read("a")')).toBe("first");
    expect(again.board.evaluate('require("Storage").read("b")')).toBe("sec\xff\xff\xff");
  });

  test("is as long as the interpreter's own", () => {
    const path = fresh();
    bench('E.setBootCode("print(1)", true)', new FileStorage(path, LINUX_FLASH));
    expect(readFileSync(path).length).toBe(262_144);
  });

  test("that is no image of this flash is refused, and left alone", () => {
    const path = fresh();
    writeFileSync(path, "{}");
    expect(() => new FileStorage(path)).toThrow(
      /lamp\.flash has 2 bytes, an image of this board's flash has 262144/,
    );
    expect(readFileSync(path, "utf8")).toBe("{}");
  });
});

test("a board's Storage costs memory only for the pages in use", () => {
  const storage = new MemoryStorage({ pages: 224 });
  storage.files.write("state", "on");
  const before = process.memoryUsage().arrayBuffers;
  const boards = Array.from({ length: 100 }, () => {
    const one = new MemoryStorage({ pages: 224 });
    one.files.write("state", "on");
    return one;
  });
  const each = (process.memoryUsage().arrayBuffers - before) / boards.length;
  expect(each).toBeLessThan(16_384);
});
