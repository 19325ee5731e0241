// `wick monitor` on a simulated board within the process, on its clock: errors, restarts, and a cable that goes and comes.
import { basename } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { BoardConsole } from "../tools/console/board-console.ts";
import { loader } from "../tools/flash/loader.ts";
import type { Entry } from "../tools/monitor/entry.ts";
import { monitor } from "../tools/monitor/monitor.ts";
import { flashBoard } from "./fixtures/flash-board.ts";
import { type MonitoredBoard, monitored, type OwnBuild, ownBuild } from "./fixtures/monitored-board.ts";
import { inBoardTime, simulatedPort } from "./fixtures/simulated-port.ts";

const running: { end(): unknown }[] = [];
const builds: OwnBuild[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.end();
  for (const one of builds.splice(0)) one.remove();
});

async function watch(...args: Parameters<typeof monitored>): Promise<MonitoredBoard> {
  const board = await monitored(...args);
  running.push(board);
  return board;
}

async function built(...args: Parameters<typeof ownBuild>): Promise<OwnBuild> {
  const own = await ownBuild(...args);
  builds.push(own);
  return own;
}

const kinds = (entries: readonly Entry[], ...wanted: Entry["kind"][]): string[] =>
  entries.filter(({ kind }) => wanted.includes(kind)).map(({ text }) => text);

/** TypeScript that fails in a function called from a timer; the call spans lines. */
const failing = `interface Lamp { level: { now: number } | undefined }
const lamp: Lamp = { level: undefined };
function brightness(it: Lamp): number {
  return it.level!.now;
}
function show(what: string, level: number): void {
  print(what + level);
  if (level > 5) print("bright");
}
setInterval(() => {
  show(
    "level ",
    brightness(lamp),
  );
}, 1000);
setTimeout(() => show("never", brightness(lamp)), 100000);
`;

describe("an error on the board", () => {
  test("is told with file, line, column and function of the TypeScript that the running bundle was built from", async () => {
    const own = await built(failing);
    const board = await watch(own.program, { findMap: own.findMap });
    await board.pass(1500);
    expect(kinds(board.entries, "error")).toEqual(["Uncaught Error: Can't read property 'now' of undefined"]);
    const places = board.entries.flatMap(({ place }) => (place ? [place] : []));
    expect(
      places.map(({ file, line, column, functionName }) => [basename(file), line, column, functionName]),
    ).toEqual([
      ["own.ts", 4, 20, "brightness"],
      ["own.ts", 13, 5, undefined],
    ]);
    const [first = "", second = ""] = kinds(board.entries, "trace").filter((text) => text.includes("own.ts"));
    expect(first).toMatch(/^ {4}at brightness \(\S*own\.ts:4:20, lamp\.a:1:\d+\)$/);
    expect(second).toMatch(/^ {4}at \S*own\.ts:13:5, lamp\.a:1:\d+$/);
    // The board's own lines stay.
    expect(kinds(board.entries, "trace").filter((text) => /^ *\^$/.test(text))).toHaveLength(2);
  });

  test("while the lamp is being started waits until the board has said what it runs", async () => {
    const own = await built(
      `function start(): void {\n  const nothing: unknown = undefined;\n  (nothing as { go(): void }).go();\n}\nstart();\nprint("on");\n`,
    );
    const board = await watch(own.program, { findMap: own.findMap });
    await board.pass(2000);
    const told = board.told();
    expect(told.findIndex((line) => line.startsWith("error"))).toBeLessThan(
      told.findIndex((line) => line.includes("own.ts:3")),
    );
    expect(told.filter((line) => line.includes("own.ts:3:"))).toHaveLength(1);
  });

  test("of a bundle that is not among the kept builds: places stay the board's, its hash is named once", async () => {
    const own = await built(failing);
    const board = await watch(own.program, { findMap: () => undefined });
    await board.pass(3500);
    expect(kinds(board.entries, "error")).toHaveLength(3);
    expect(board.entries.every(({ place }) => place === undefined)).toBe(true);
    const notes = kinds(board.entries, "note");
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(
      /not among the builds kept here \(lamp\.a, \d+ bytes, hash [0-9a-f]{64}\).*wick flash/,
    );
  });

  test("of a board that does not answer stays as the board tells it, and that is said once", async () => {
    const own = await built(failing);
    const board = await watch(own.program, { findMap: own.findMap, port: { toBoard: () => "" } });
    await board.pass(6500);
    expect(kinds(board.entries, "error").length).toBeGreaterThan(3);
    expect(kinds(board.entries, "trace")).toContainEqual(
      expect.stringMatching(/^ {4}at \w+ \(lamp\.a:1:\d+\)$/),
    );
    expect(kinds(board.entries, "note")).toEqual([
      "the board does not say which bundle it runs: its errors show places in the bundle",
    ]);
  });

  test("in what was typed has no place in TypeScript, and none is made up", async () => {
    const own = await built(failing);
    const board = await watch(own.program, { findMap: own.findMap });
    await board.pass(500);
    board.type("nothing.at.all");
    await board.pass(300);
    expect(kinds(board.entries, "error")).toEqual(['Uncaught ReferenceError: "nothing" is not defined']);
    expect(board.entries.every(({ place }) => place === undefined)).toBe(true);
  });

  test("on a terminal long lines of source are cut around the place; the entry keeps all", async () => {
    // Older interpreters show the whole line, here what a program prints in their place.
    const source = `${"a=1;".repeat(500)}b.c.d;${"e=2;".repeat(500)}`;
    const program = `setTimeout(()=>{print("Uncaught Error: old");print(" at line 1 col 2004 in .bootcde");print(${JSON.stringify(source)});print(" ".repeat(2003)+"^")},300)`;
    const board = await watch(program);
    await board.pass(1500);
    const shown = board.entries.find(({ text }) => text === source);
    const mark = board.entries.find(({ text }) => /^ *\^$/.test(text));
    expect(shown?.short?.length).toBeLessThan(70);
    expect(shown?.short?.slice((mark?.short?.length ?? 0) - 1)).toMatch(/^\.d;/);
  });
});

describe("the board starts over", () => {
  test("it is marked, and the time since then stands with every line", async () => {
    const board = await watch('print("lamp");setTimeout(()=>print("later"),250)');
    await board.pass(1000);
    board.board.boot();
    await board.pass(1000);
    expect(kinds(board.entries, "restart")).toEqual(["the board started over", "the board started over"]);
    const later = board.entries.filter(({ text }) => text === "later");
    expect(later).toHaveLength(2);
    for (const { sinceStartMs = 0 } of later) {
      // The banner takes some 30 ms over the cable.
      expect(sinceStartMs).toBeGreaterThan(150);
      expect(sinceStartMs).toBeLessThan(300);
    }
  });

  test("with another bundle: its errors are told by its own map", async () => {
    const own = await built(failing);
    const other = await built(failing.replace("return it", 'print("asked");\n\n  return it'));
    const board = await watch(own.program, {
      findMap: (mark) => own.findMap(mark) ?? other.findMap(mark),
    });
    await board.pass(1500);
    board.board.storage.files.write("lamp.b", other.program);
    board.board.storage.files.write("lamp.now", "b");
    board.board.boot();
    await board.pass(1500);
    const lines = board.entries.flatMap(({ place }) =>
      place?.functionName === "brightness" ? [place.line] : [],
    );
    expect(lines).toEqual([4, 6]);
  });
});

describe("the cable", () => {
  test("goes and comes: that is said once each, however long it takes, and the console goes on", async () => {
    const board = await watch('let n=0;setInterval(()=>print("tick "+n++),1000)');
    await board.pass(2500);
    board.unplugged = true;
    board.port.pull("it was unplugged");
    await board.pass(120_000);
    expect(kinds(board.entries, "link")).toEqual([
      "connected to /dev/ttyUSB0; Ctrl-C ends",
      "/dev/ttyUSB0 is gone (it was unplugged); waiting for it to come back, Ctrl-C ends",
    ]);
    // The board may have lost its power with the cable: how long it has been running is not known any more.
    expect(board.entries.at(-1)?.sinceStartMs).toBeUndefined();
    // Not a busy loop, and not so seldom that one waits for it.
    expect(board.attempts).toBeGreaterThan(25);
    expect(board.attempts).toBeLessThan(60);
    board.unplugged = false;
    await board.pass(6000);
    expect(kinds(board.entries, "link")).toHaveLength(3);
    expect(kinds(board.entries, "link")[2]).toMatch(/^\/dev\/ttyUSB0 is back after 12\d\.\d s$/);
    expect(Number(kinds(board.entries, "text").at(-1)?.replace("tick ", ""))).toBeGreaterThan(124);
  });

  test("that cannot be opened the first time is a failure, in the words of whoever opened it", async () => {
    const board = await monitored("1", { connect: () => Promise.reject(new Error("no such port")) });
    await expect(board.end()).rejects.toThrow("no such port");
  });

  test("is free when the monitor has ended, also while it waits for it", async () => {
    const board = await watch('setInterval(()=>print("tick"),100)');
    await board.pass(500);
    await board.end();
    const told = board.entries.length;
    await expect(board.port.write(new Uint8Array([10]))).rejects.toThrow();
    await board.pass(1000);
    expect(board.entries).toHaveLength(told);
    const other = await watch("1");
    other.unplugged = true;
    other.port.pull();
    await other.pass(10_000);
    await other.end();
    expect(kinds(other.entries, "link")).toHaveLength(2);
  });

  test("that is open already is taken over, with the conversation on it", async () => {
    const { clock, board } = flashBoard({
      files: { ".boot0": loader, "lamp.a": 'setInterval(()=>print("tick"),100)' },
    });
    board.boot();
    const port = simulatedPort({ clock, board });
    const first = new BoardConsole(port, { clock });
    expect(await inBoardTime(clock, first.evaluate("1+1"))).toBe(2);
    const texts: string[] = [];
    await inBoardTime(
      clock,
      monitor({
        name: "simulated",
        connect: () => Promise.reject(new Error("not asked for")),
        first,
        tell: ({ text }) => texts.push(text),
        stop: new AbortController().signal,
        durationMs: 1000,
        clock,
      }),
    );
    expect(texts.filter((text) => text === "tick").length).toBeGreaterThan(7);
    await expect(port.write(new Uint8Array([10]))).rejects.toThrow();
  });

  test("ends by itself after the given time", async () => {
    const board = await watch('setInterval(()=>print("tick"),100)', { durationMs: 950 });
    await board.pass(5000);
    expect(kinds(board.entries, "text").filter((text) => text === "tick").length).toBeLessThan(10);
  });
});
