/** The power goes at every byte that an installation programs: whatever is left starts a lamp, the old one or the new one, and takes the next installation. */
import { beforeAll, describe, expect, test } from "vitest";
import { headerName } from "../sim/flash/header.ts";
import { type FlashLayout, MemoryStorage } from "../sim/index.ts";
import { seededRandom } from "../sim/random.ts";
import { BoardConsole } from "../tools/console/board-console.ts";
import { installBundle } from "../tools/flash/install.ts";
import {
  DirectConsole,
  type FlashBoard,
  flashBoard,
  lampNamed,
  lampsStarted,
} from "./fixtures/flash-board.ts";
import { cuts, type ProgrammedByte, programmedBy } from "./fixtures/power-cuts.ts";
import { noTime, QuickBoard } from "./fixtures/quick-board.ts";
import { inBoardTime, simulatedPort } from "./fixtures/simulated-port.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An ESP32's pages, and as many as six lamps take. */
const layout: FlashLayout = { pages: 12 };

/** Thousands of starts: on a busy machine that takes its time, in ms. */
const MANY_STARTS_MS = 600_000;

interface Scenario {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  /** Installed one after the other. */
  readonly lamps: readonly string[];
}

const scenarios: readonly Scenario[] = [
  {
    title: "a first installation over a lamp in .bootcde",
    files: { ".bootcde": lampNamed("old") },
    lamps: [],
  },
  {
    title: "a first installation over a lamp in .bootrst, of which a copy stays",
    files: { ".bootrst": lampNamed("old") },
    lamps: [],
  },
  { title: "an update from lamp.a to lamp.b", files: {}, lamps: ["old"] },
  { title: "an update from lamp.b to lamp.a", files: {}, lamps: ["older", "old"] },
];

/** A board on which these lamps were installed, one after the other; the last one runs. */
async function boardWith({ files, lamps }: Omit<Scenario, "title">): Promise<FlashBoard> {
  const board = switchedOn(flashBoard({ layout, files }));
  for (const name of lamps) await install(board, name);
  return board;
}

function switchedOn(board: FlashBoard): FlashBoard {
  board.board.boot();
  return board;
}

/** By a conversation without a cable. */
function install(board: FlashBoard, name: string, length?: number) {
  const { clock } = board;
  const bundle = bytes(lampNamed(name, length));
  return inBoardTime(clock, installBundle(new DirectConsole(board), bundle, { clock, watchMs: 0 }));
}

/** As `wick flash` does it, over a serial line. */
async function installOverCable(board: FlashBoard, name: string) {
  const { clock } = board;
  const console = new BoardConsole(simulatedPort(board), { clock });
  const work = installBundle(console, bytes(lampNamed(name)), { clock, watchMs: 0 });
  const installed = await inBoardTime(clock, work);
  await console.close();
  return installed;
}

/** Tells of an address whether it is inside of a large file, where one byte is as good as the other. */
function insideOfContent({ files }: MemoryStorage): (address: number) => boolean {
  const large = files
    .names()
    .map((name) => files.find(headerName(name)))
    .filter((file) => file !== undefined && file.size > 300);
  return (address) =>
    large.some(
      (file) => file && address > file.dataAddress + 8 && address < file.dataAddress + file.size - 8,
    );
}

describe.each(scenarios)("$title", { timeout: MANY_STARTS_MS }, (scenario) => {
  let image: Uint8Array;
  let steps: ProgrammedByte[];
  let complete: MemoryStorage;

  beforeAll(async () => {
    const board = await boardWith(scenario);
    image = board.board.storage.flash.image();
    steps = await programmedBy(board.board, () => installOverCable(board, "new"));
    complete = new MemoryStorage(layout, board.board.storage.flash.image());
    expect(lampsStarted(board).at(-1)).toBe("new");
  });

  test("programs the same bytes without a cable", async () => {
    const board = await boardWith(scenario);
    expect(await programmedBy(board.board, () => install(board, "new"))).toEqual(steps);
    expect(steps.length).toBeGreaterThan(lampNamed("new").length);
  });

  test("cut at any byte the board starts one lamp, the old one until nearly the end", () => {
    const board = new QuickBoard(layout);
    const seen = { old: 0, new: 0 };
    let last = "";
    for (const { done, storage } of cuts(layout, image, steps)) {
      board.storage = storage;
      const started = board.start();
      expect(started, `after ${done} of ${steps.length} bytes`).toHaveLength(1);
      last = started[0] ?? "";
      seen[last as "old" | "new"]++;
    }
    expect(last).toBe("new");
    expect(seen.old + seen.new).toBe(steps.length + 1);
    expect(seen.new).toBeLessThan(40);
  });

  test("cut at any byte of headers and choices, and here and there in the content, the next installation succeeds", async () => {
    const board = new QuickBoard(layout);
    const isInside = insideOfContent(complete);
    let tried = 0;
    for (const { done, storage } of cuts(layout, image, steps)) {
      if (isInside(steps[done]?.[0] ?? 0) && done % 97 > 0) continue;
      board.storage = new MemoryStorage(layout, storage.flash.image());
      board.start();
      // Of another length: what a cut leaves of a header heals by itself only under one like it.
      const bundle = bytes(lampNamed("next", 6500 + ((done * 37) % 1000)));
      const { slot } = await installBundle(board, bundle, { clock: noTime, watchMs: 0 });
      expect([...board.start(), await board.evaluate("WICK")], `after ${done} bytes`).toEqual(["next", slot]);
      tried++;
    }
    expect(tried).toBeGreaterThan(150);
  });

  test("a whole board does the same", async () => {
    const quick = new QuickBoard(layout);
    for (const { done, storage } of cuts(layout, image, steps)) {
      const isNearTheEnd = steps.length - done < 45 && done % 3 === 0;
      if (done % 701 > 0 && !isNearTheEnd) continue;
      quick.storage = new MemoryStorage(layout, storage.flash.image());
      const board = switchedOn(flashBoard({ layout, image: storage.flash.image() }));
      expect(lampsStarted(board), `after ${done} of ${steps.length} bytes`).toEqual(quick.start());
      await install(board, "next", 6999);
      const started = lampsStarted(board).slice(1);
      expect(started.at(-1), `after ${done} bytes`).toBe("next");
      // On trial it started before.
      expect(new Set(started).size, `after ${done} bytes: ${started}`).toBe(1);
      board.board.powerOff();
    }
  });
});

test("cut again and again, with bundles of all lengths, the board starts the lamp before or the new one", async () => {
  const random = seededRandom(11);
  const below = (limit: number): number => Math.floor(random() * limit);
  const board = new QuickBoard({ pages: 16 }, { ".bootcde": lampNamed("0") });
  let runs = board.start()[0] ?? "";
  const seen = { complete: 0, cut: 0, "cut, and new": 0 };
  for (let round = 1; round <= 400; round++) {
    const { flash, files } = board.storage;
    const name = String(round);
    const length = 600 + below(3000);
    if (files.stats().freeBytes < 2 * length + 10_000) files.compact();
    // Mostly where headers are: at the beginning, and behind the content.
    const at = [below(400), length + 310 + below(60), below(length + 800)][below(3)] ?? 0;
    flash.cutAfterBytes(at);
    const isComplete = await installBundle(board, bytes(lampNamed(name, length)), {
      clock: noTime,
      watchMs: 0,
    }).then(
      () => true,
      () => false,
    );
    flash.keepPower();
    const [is = "none", ...others] = board.start();
    expect(others).toEqual([]);
    expect(isComplete ? [name] : [runs, name], `round ${round}, cut after ${at}`).toContain(is);
    seen[isComplete ? "complete" : is === name ? "cut, and new" : "cut"]++;
    runs = is;
  }
  expect(seen.complete).toBeGreaterThan(50);
  expect(seen.cut).toBeGreaterThan(100);
  expect(seen["cut, and new"]).toBeGreaterThan(0);
});

const failures: readonly Scenario[] = [
  {
    title: "in place of a lamp in .bootcde",
    files: { ".bootcde": lampNamed("old") },
    lamps: [],
  },
  {
    title: "in place of a lamp in .bootcde and what save() left of it",
    files: { ".varimg": "state", ".bootcde": lampNamed("old") },
    lamps: [],
  },
  {
    title: "in place of boot code that somebody saved over lamps",
    files: { ".bootcde": lampNamed("old") },
    lamps: ["first", "second"],
  },
];

describe.each(failures)("a lamp that throws, $title", { timeout: MANY_STARTS_MS }, (scenario) => {
  test("cut at any byte, going back included, the board starts what it started before", async () => {
    // What was saved with other means comes last.
    const board = await boardWith({ ...scenario, files: {} });
    for (const [name, text] of Object.entries(scenario.files)) board.board.storage.files.write(name, text);
    board.board.powerOff();
    board.board.boot();
    const image = board.board.storage.flash.image();
    const lamp = `${lampNamed("new")};nothing.there()`;
    const installing = (): Promise<unknown> => {
      const { clock } = board;
      const options = { clock, watchMs: 0 };
      return inBoardTime(clock, installBundle(new DirectConsole(board), bytes(lamp), options));
    };
    const steps = await programmedBy(board.board, () =>
      expect(installing()).rejects.toMatchObject({ code: "threw", lamp: "unchanged" }),
    );
    expect(steps.length).toBeGreaterThan(lamp.length);
    const quick = new QuickBoard(layout);
    for (const { done, storage } of cuts(layout, image, steps)) {
      quick.storage = storage;
      expect(quick.start(), `after ${done} of ${steps.length} bytes`).toEqual(["old"]);
    }
    // Nothing of the new lamp waits for the boot code to go.
    quick.storage.files.erase(".bootcde");
    expect(quick.start()).not.toContain("new");
  });
});
