/** What an installation makes of whatever it finds in a board's Storage. */
import { describe, expect, test } from "vitest";
import { BoardConsole } from "../tools/console/board-console.ts";
import { bundleHash } from "../tools/console/bundle-hash.ts";
import { ConsoleError } from "../tools/console/errors.ts";
import { type Installed, type InstallOptions, installBundle } from "../tools/flash/install.ts";
import { loader } from "../tools/flash/loader.ts";
import { type FlashBoardContent, flashBoard, lampNamed, lampsStarted } from "./fixtures/flash-board.ts";
import { noTime, QuickBoard } from "./fixtures/quick-board.ts";
import { inBoardTime, simulatedPort } from "./fixtures/simulated-port.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const old = lampNamed("old", 3000);
const fresh = lampNamed("new", 3100);
/** A loader of another version of Wick, which does the same. */
const otherLoader = loader.replace("60,false", "30,false");
/** As a power cut in the middle of writing it leaves a file. */
const torn = (text: string): string => text.slice(0, 100).padEnd(text.length, "\xff");

function install(board: QuickBoard, text = fresh, options: InstallOptions = {}): Promise<Installed> {
  return installBundle(board, bytes(text), { clock: noTime, watchMs: 0, ...options });
}

function boardWith(files: Readonly<Record<string, string>>): QuickBoard {
  const board = new QuickBoard({ pages: 16 }, files);
  board.start();
  return board;
}

describe("given", () => {
  const cases = [
    {
      found: "an empty board",
      files: {},
      before: [],
      after: { slot: "a", files: ["lamp.a", ".boot0"] },
    },
    {
      found: "boot code of both kinds",
      files: { ".bootcde": lampNamed("older", 900), ".bootrst": old },
      before: ["old"],
      after: { slot: "a", files: ["lamp.a", "lamp.b", ".boot0"] },
    },
    {
      found: "boot code, and what save() left of it",
      files: { ".varimg": "state", ".bootcde": old },
      before: ["old"],
      after: { slot: "a", files: ["lamp.a", ".boot0"] },
    },
    {
      found: "what save() left of a program that is nowhere else",
      files: { ".varimg": "state" },
      before: [],
      after: { slot: "a", files: ["lamp.a", ".boot0"] },
    },
    {
      found: "what save() left of a lamp in lamp.a",
      files: { ".boot0": loader, "lamp.a": old, ".varimg": "state" },
      before: ["old"],
      after: { slot: "b", files: [".boot0", "lamp.a", "lamp.b", "lamp.now"] },
    },
    {
      found: "a lamp in lamp.a",
      files: { ".boot0": loader, "lamp.a": old },
      before: ["old"],
      after: { slot: "b", files: [".boot0", "lamp.a", "lamp.b", "lamp.now"] },
    },
    {
      found: "a lamp in lamp.b",
      files: { ".boot0": loader, "lamp.a": lampNamed("older", 900), "lamp.b": old, "lamp.now": "b" },
      before: ["old"],
      after: { slot: "a", files: [".boot0", "lamp.a", "lamp.b", "lamp.now"] },
    },
    {
      found: "lamp.b, and nothing that chooses it",
      files: { ".boot0": loader, "lamp.b": old },
      before: ["old"],
      after: { slot: "a", files: [".boot0", "lamp.a", "lamp.b", "lamp.now"] },
    },
    {
      found: "a choice that a power cut left torn",
      files: { ".boot0": loader, "lamp.a": old, "lamp.b": lampNamed("older", 900), "lamp.now": "\xff" },
      before: ["old"],
      after: { slot: "b", files: [".boot0", "lamp.a", "lamp.b", "lamp.now"] },
    },
    {
      found: "boot code that somebody saved over a lamp in lamp.b",
      files: {
        ...{ ".boot0": loader, "lamp.a": lampNamed("older", 900), "lamp.b": lampNamed("oldest", 800) },
        ...{ "lamp.now": "b", ".bootcde": old },
      },
      before: ["old"],
      after: { slot: "a", files: [".boot0", "lamp.a", "lamp.b"] },
    },
    {
      found: "an update over the air that was not tried yet, of the highest version there is",
      files: { ".boot0": loader, "lamp.a": old, "lamp.b": lampNamed("trial", 900) },
      later: { "lamp.try": "b", "lamp.max": "19999999999" },
      before: ["old"],
      after: { slot: "b", files: [".boot0", "lamp.a", "lamp.b", "lamp.now"] },
    },
    {
      found: "the loader of another version",
      files: { ".boot0": otherLoader, "lamp.a": old },
      before: ["old"],
      after: { slot: "b", files: [".boot1", "lamp.a", "lamp.b", "lamp.now"] },
    },
    {
      found: "a loader that a power cut left torn, and no lamp",
      files: { "lamp.a": old, ".boot0": torn(loader) },
      before: [],
      after: { slot: "a", files: [".boot0", "lamp.a"] },
    },
    {
      found: "a program of somebody else before the boot code",
      files: { ".boot0": "print('lamp hello')", ".bootcde": old },
      before: ["hello", "old"],
      after: { slot: "a", files: [".boot0", ".boot1", "lamp.a"], starts: ["hello", "new"] },
    },
  ];

  test.each(cases)("$found", async ({ files, later = {}, before, after }) => {
    const board = boardWith(files);
    const { storage } = board;
    expect(board.start()).toEqual(before);
    for (const [name, text] of Object.entries(later)) storage.files.write(name, text);
    const { slot, verifiedBy, uploaded, hash } = await install(board);
    expect({ slot, verifiedBy, uploaded }).toEqual({
      slot: after.slot,
      verifiedBy: "sha256",
      uploaded: true,
    });
    expect(hash).toBe(await bundleHash(bytes(fresh)));
    expect(storage.files.names().sort()).toEqual([...after.files].sort());
    expect(board.start()).toEqual(after.starts ?? ["new"]);
  });

  test("programs of somebody else in all four places: it says which to erase", async () => {
    const places = Object.fromEntries([0, 1, 2, 3].map((place) => [`.boot${place}`, "1"]));
    const board = boardWith({ ...places, ".bootcde": old });
    await expect(install(board)).rejects.toMatchObject({ code: "unsuitable", lamp: "unchanged" });
    expect(board.start()).toEqual(["old"]);
  });
});

describe("a lamp that throws", () => {
  const throwing = "nothing.there()";

  test.each([
    ["boot code", { ".bootcde": old }],
    ["boot code, and what save() left of it", { ".varimg": "state", ".bootcde": old }],
    ["what save() left", { ".varimg": "state" }],
    ["boot code that somebody saved over lamps", { ".boot0": loader, "lamp.b": fresh, ".bootcde": old }],
    ["a lamp in lamp.b", { ".boot0": loader, "lamp.b": old }],
  ])("in place of %s: the board is as it was", async (_, files) => {
    const board = boardWith(files);
    const before = board.start();
    await expect(install(board, throwing)).rejects.toMatchObject({ code: "threw", lamp: "unchanged" });
    expect(board.start()).toEqual(before);
    const left: Record<string, string | undefined> = {};
    for (const name of Object.keys(files)) left[name] = board.storage.files.read(name);
    expect(left).toEqual(files);
  });

  test("in place of boot code of both kinds: the one that ran runs again, from a copy in a slot", async () => {
    // Of a length that gets a line feed more.
    const ran = lampNamed("ran", 2560);
    const board = boardWith({ ".bootcde": old, ".bootrst": ran });
    await expect(install(board, throwing)).rejects.toMatchObject({ code: "threw", lamp: "copy" });
    expect(board.start()).toEqual(["ran"]);
    expect(board.storage.files.read("lamp.b")).toBe(`${ran}\n`);
  });

  test("on an empty board: it is there, and said so", async () => {
    const board = boardWith({});
    await expect(install(board, throwing)).rejects.toMatchObject({ code: "threw", lamp: "new" });
  });
});

describe("what is replaced", () => {
  test("is handed over before anything is written", async () => {
    const board = boardWith({ ".varimg": "\x00\xffstate", ".bootcde": old, ".bootrst": fresh });
    const before = board.storage.flash.bytesProgrammed;
    const kept: Record<string, string> = {};
    await install(board, lampNamed("other", 900), {
      keep(file, content) {
        kept[file] = Buffer.from(content).toString("latin1");
        expect(board.storage.flash.bytesProgrammed).toBe(before);
      },
    });
    expect(kept).toEqual({ ".varimg": "\x00\xffstate", ".bootcde": old, ".bootrst": fresh });
    expect(board.start()).toEqual(["other"]);
  });

  test("is asked for only where something is replaced", async () => {
    const board = boardWith({ ".boot0": loader, "lamp.a": old });
    await install(board, fresh, { keep: (file) => expect.unreachable(file) });
  });
});

describe("the power fails", () => {
  test("while the slot is written that nothing has chosen and that would be started all the same: the old lamp starts", async () => {
    const board = boardWith({ ".boot0": loader, "lamp.b": old });
    board.storage.flash.cutAfterBytes(2000);
    await expect(install(board)).rejects.toThrow();
    board.storage.flash.keepPower();
    expect(board.storage.files.read("lamp.a")).toBeDefined();
    expect(board.start()).toEqual(["old"]);
  });

  test("within a header, and is back at once: what is left of it heals under the second attempt", async () => {
    /** Loses its power after so many bytes of the first upload, and starts over. */
    class WeakBoard extends QuickBoard {
      cutAfter: number | undefined;

      override async writeFile(...[name, content, options]: Parameters<QuickBoard["writeFile"]>) {
        const { cutAfter } = this;
        this.cutAfter = undefined;
        if (cutAfter === undefined) return super.writeFile(name, content, options);
        this.storage.flash.cutAfterBytes(cutAfter);
        await super.writeFile(name, content, options).catch(() => undefined);
        this.storage.flash.keepPower();
        this.start();
        throw new ConsoleError("timeout", "no answer");
      }
    }
    for (let cutAfter = 1; cutAfter <= 40; cutAfter++) {
      const board = new WeakBoard({ pages: 16 }, { ".boot0": loader, "lamp.a": old });
      board.start();
      board.cutAfter = cutAfter;
      await install(board, lampNamed("new", 2700 + cutAfter));
      expect(board.cutAfter).toBeUndefined();
      expect({ cutAfter, started: board.start() }).toEqual({ cutAfter, started: ["new"] });
    }
  });
});

describe("the same bundle again", () => {
  test("is not sent, only started", async () => {
    const board = boardWith({ ".bootcde": old });
    await install(board);
    const written = board.storage.flash.bytesProgrammed;
    expect(await install(board)).toMatchObject({ slot: "a", uploaded: false });
    expect(board.storage.flash.bytesProgrammed).toBe(written);
  });

  test("after a power cut between upload and choice it is only chosen", async () => {
    const board = boardWith({ ".boot0": loader, "lamp.a": old, "lamp.b": fresh });
    const written = board.storage.flash.bytesProgrammed;
    expect(await install(board)).toMatchObject({ slot: "b", uploaded: false });
    expect(board.storage.flash.bytesProgrammed - written).toBeLessThan(100);
    expect(board.start()).toEqual(["new"]);
  });
});

test("a length that is a multiple of 256 becomes another one", async () => {
  const board = boardWith({ ".bootcde": old });
  const { bytes: length, hash } = await install(board, lampNamed("new", 2560));
  expect(length).toBe(2561);
  expect(hash).toBe(await bundleHash(bytes(`${lampNamed("new", 2560)}\n`)));
  expect(board.start()).toEqual(["new"]);
});

describe("half a header that nothing can be written over, of 2,560 bytes", () => {
  const half = (files: Readonly<Record<string, string>>): QuickBoard => {
    const board = boardWith(files);
    const { flash, files: inFlash } = board.storage;
    flash.program(flash.bytes - inFlash.stats().freeBytes, Uint8Array.of(0x00, 0x0a));
    expect(board.start()).toEqual(["old"]);
    return board;
  };

  test("with replaced files: it says so, and --compact puts it in order", async () => {
    const board = half({ gone: "1", ".bootcde": old });
    board.storage.files.erase("gone");
    await expect(install(board)).rejects.toThrow(/nothing can be written to it; add --compact/);
    expect(board.start()).toEqual(["old"]);
    await install(board, fresh, { compact: true });
    expect(board.start()).toEqual(["new"]);
  });

  test("without: it says that all has to be erased, and the old lamp goes on", async () => {
    const board = half({ ".bootcde": old });
    await expect(install(board, fresh, { compact: true })).rejects.toThrow(
      /erase all of it, the lamp included/,
    );
    expect(board.start()).toEqual(["old"]);
  });
});

describe("over a cable, to", () => {
  const overCable = async (content: FlashBoardContent, packets?: boolean) => {
    const board = flashBoard({ files: { ".bootcde": old }, ...content });
    board.board.boot();
    const { clock } = board;
    const console = new BoardConsole(simulatedPort(board), { clock, packets });
    const lines: number[] = [];
    const work = installBundle(console, bytes(fresh), { clock, onProgress: (sent) => lines.push(sent) });
    const installed = await inBoardTime(clock, work);
    await console.close();
    board.board.powerOff();
    board.board.boot();
    // On trial, for good, and after a power cut.
    expect(lampsStarted(board)).toEqual(["old", "new", "new", "new"]);
    expect(lines.at(-1)).toBe(bytes(fresh).length);
    return installed;
  };

  test("a board whose crypto has no SHA-256: by its CRC", async () => {
    expect((await overCable({ lacks: ["crypto.SHA256"] })).verifiedBy).toBe("crc32");
  });

  test("a board without crypto: by its CRC", async () => {
    expect((await overCable({ lacks: ["crypto"] })).verifiedBy).toBe("crc32");
  });

  test("a board that is slow to read, so that XOFF matters", async () => {
    expect((await overCable({ console: { bufferBytes: 1024, microsecondsPerByte: 150 } })).verifiedBy).toBe(
      "sha256",
    );
  });

  test("a board that takes no packets", async () => {
    expect((await overCable({}, false)).uploaded).toBe(true);
  });
});
