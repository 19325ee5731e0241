/** The power goes at every byte of every kind of write, and in the middle of every erasure: what the files read afterwards, as docs/flash-model.md tells it. */
import { describe, expect, test } from "vitest";
import { type FlashLayout, MemoryStorage } from "../sim/index.ts";

type Files = MemoryStorage["files"];

interface Cut {
  title: string;
  layout: FlashLayout;
  /** What the flash holds before. */
  before(files: Files): void;
  operation(files: Files): void;
  /** Done again after the cut, it gives what it should have given, wherever the cut was. */
  heals?: boolean;
  /** How many of the cuts end how. */
  outcomes: Record<string, number>;
}

const smallPages: FlashLayout = { pageBytes: 512, pages: 6 };

function someFiles(files: Files): void {
  files.write(".bootcde", "print('lamp');".repeat(20));
  files.write("state", "old state");
  files.write("name", "desk lamp");
  files.write("piece", "Hello", 0, 14);
}

/** Only 4 bytes are left in front of the last page. */
function filledUpToTheLastPage(files: Files): void {
  someFiles(files);
  const { freeBytes } = files.stats();
  files.write("rest", "r".repeat(freeBytes - 512 + 100 - 32));
}

function replacedOften(files: Files): void {
  someFiles(files);
  for (let time = 0; time < 15; time++) files.write("state", `state ${time}`.padEnd(20 + time));
}

const cuts: Cut[] = [
  {
    title: "a new file",
    layout: { pages: 2 },
    before: someFiles,
    operation: (files) => files.write("fresh", "17 bytes of text."),
    heals: true,
    outcomes: {
      "all old": 24,
      // The first two bytes of the header tell of a file that is larger than the flash.
      "all old; the next write of another length is lost": 2,
      "all old; leftover": 6,
      torn: 17,
    },
  },
  {
    title: "a file replaced by a longer one",
    layout: { pages: 2 },
    before: someFiles,
    operation: (files) => files.write("state", "new state, longer"),
    heals: true,
    outcomes: {
      "all old": 1,
      // First the old file loses its name, then the new one gets its header, then its content.
      missing: 24,
      "missing; leftover": 9,
      "missing; the next write of another length is lost": 2,
      torn: 17,
    },
  },
  {
    title: "a file replaced by one of the same length",
    layout: { pages: 2 },
    before: someFiles,
    operation: (files) => files.write("state", "new STATE"),
    heals: true,
    outcomes: {
      "all old": 1,
      missing: 24,
      "missing; leftover": 9,
      "missing; the next write of another length is lost": 2,
      torn: 9,
    },
  },
  {
    title: "a piece of a file",
    layout: { pages: 2 },
    before: someFiles,
    operation: (files) => files.write("piece", " World!!!", 5),
    outcomes: { "all old": 1, torn: 8 },
  },
  {
    title: "a part of a file that grows",
    layout: { pages: 2 },
    before: (files) => {
      someFiles(files);
      files.write("log\x01", "one\n", 0, 100, 64);
    },
    operation: (files) =>
      files.program((files.find("log\x01".padEnd(28, "\0"))?.dataAddress ?? 0) + 4, "two\n"),
    outcomes: { "all old": 1, torn: 3 },
  },
  {
    title: "an erased file",
    layout: { pages: 2 },
    before: someFiles,
    operation: (files) => files.erase("name"),
    outcomes: { "all old": 1, "all new; leftover": 3 },
  },
  {
    title: "boot code replaced",
    layout: { pages: 2 },
    before: someFiles,
    operation: (files) => {
      files.erase(".bootcde");
      files.write(".bootcde", "print(2)");
    },
    heals: true,
    outcomes: {
      "all old": 1,
      missing: 21,
      "missing; leftover": 12,
      "missing; the next write of another length is lost": 2,
      torn: 8,
    },
  },
  {
    title: "a new file whose header lies in the last page",
    layout: smallPages,
    before: filledUpToTheLastPage,
    operation: (files) => files.write("fresh", "17 bytes of text."),
    outcomes: {
      "all old": 24,
      // No page follows that the interpreter could go on from.
      "all erased at boot": 2,
      "all old; leftover": 6,
      torn: 17,
    },
  },
  {
    title: "everything erased",
    layout: smallPages,
    before: replacedOften,
    operation: (files) => files.eraseAll(),
    outcomes: { "all old": 1, "all erased at boot": 23, "all new": 24 },
  },
  {
    title: "a compaction",
    layout: smallPages,
    before: replacedOften,
    operation: (files) => files.compact(),
    outcomes: {
      // Before it begins, and once the page behind the last file is blank.
      "all old": 9,
      "all erased at boot": 487,
    },
  },
  {
    title: "a compaction that a write without room begins",
    layout: { pageBytes: 512, pages: 3 },
    before: replacedOften,
    operation: (files) => files.write("big", "b".repeat(400)),
    outcomes: {
      "all old": 35,
      "all erased at boot": 487,
      "all old; leftover": 4,
      "all old; the next write of another length is lost": 2,
      torn: 400,
    },
  },
  {
    title: "a compaction of files in several pages, with little to gain",
    layout: smallPages,
    before: (files) => {
      files.write("gone", "g".repeat(60));
      for (const name of ["one", "two", "three", "four"]) files.write(name, name.repeat(80));
      files.erase("gone");
    },
    operation: (files) => files.compact(),
    outcomes: {
      "all old": 1,
      "all erased at boot": 994,
      // The last page, blank behind what was written of it, looks like the end of the files.
      "another torn": 304,
      "another mixed; nothing new can be written": 24,
      "another missing; nothing new can be written": 24,
      "another missing; leftover; nothing new can be written": 5,
    },
  },
];

describe.each(cuts)("$title", ({ layout, before, operation, outcomes, heals }) => {
  const storage = new MemoryStorage(layout);
  before(storage.files);
  const image = storage.flash.image();
  const old = contents(storage.files);
  operation(storage.files);
  const complete = contents(storage.files);

  test("leaves, cut at any byte, what the format can keep", () => {
    const seen: Record<string, number> = {};
    for (let step = 0; ; step++) {
      const left = afterCut(layout, image, step, operation);
      if (!left) break;
      const outcome = [changes(left, old, complete), ...damage(left, layout, old, complete)].join("; ");
      seen[outcome] = (seen[outcome] ?? 0) + 1;
    }
    expect(seen).toEqual(outcomes);
  });

  if (!heals) return;
  test("is complete when it is done again after the cut", () => {
    for (let step = 0; ; step++) {
      const left = afterCut(layout, image, step, operation);
      if (!left) break;
      operation(left.files);
      for (const [name, content] of complete) expect(left.files.read(name)).toBe(content);
    }
  });
});

/** What the flash holds after the cut, and what the board found when it started again; undefined when the operation ended before. */
interface Left {
  image: Uint8Array;
  files: Files;
  erasedAtBoot: boolean;
}

function afterCut(
  layout: FlashLayout,
  image: Uint8Array,
  step: number,
  operation: (files: Files) => void,
): Left | undefined {
  const storage = new MemoryStorage(layout, image);
  storage.flash.cutAfterBytes(step);
  try {
    operation(storage.files);
    return undefined;
  } catch (error) {
    expect(String(error)).toBe("PowerCut: power cut");
  }
  const again = new MemoryStorage(layout, storage.flash.image());
  const erasedAtBoot = again.files.powerOn();
  return { image: again.flash.image(), files: again.files, erasedAtBoot };
}

function contents(files: Files): Map<string, string> {
  return new Map(files.names().map((name) => [name, files.read(name) ?? ""]));
}

/** How the files read that the operation changes; "another" is one that it should have left alone. */
function changes(left: Left, old: Map<string, string>, complete: Map<string, string>): string {
  if (left.erasedAtBoot) {
    expect(left.files.names()).toEqual([]);
    return "all erased at boot";
  }
  const found = new Set<string>();
  for (const name of new Set([...old.keys(), ...complete.keys()])) {
    const is = left.files.read(name);
    const [was, becomes] = [old.get(name), complete.get(name)];
    if (was === becomes && is !== was) found.add(`another ${partly(is, was)}`);
    if (was !== becomes) found.add(is === was ? "all old" : is === becomes ? "all new" : partly(is, becomes));
  }
  return found.size === 0 ? "all old" : [...found].sort().join(", ");
}

/** Torn: what was written, and 0xFF for the rest. Mixed: bytes that belong to other files, or to nothing. */
function partly(is: string | undefined, meant: string | undefined): string {
  if (is === undefined) return "missing";
  const torn = is.length === meant?.length && [...is].every((c, at) => c === meant[at] || c === "\xff");
  return torn ? "torn" : "mixed";
}

function damage(
  left: Left,
  layout: FlashLayout,
  old: Map<string, string>,
  complete: Map<string, string>,
): string[] {
  const found: string[] = [];
  // A file under a name nobody gave, which takes its room until everything is erased.
  if (left.files.names().some((name) => !old.has(name) && !complete.has(name))) found.push("leftover");
  const { files } = new MemoryStorage(layout, left.image);
  const text = "of a length that no file has";
  try {
    files.write("probe", text);
    if (files.read("probe") !== text) found.push("the next write of another length is lost");
  } catch (error) {
    expect((error as Error).message).toBe("File already written with different data");
    found.push("nothing new can be written");
  }
  // Whatever happened, erasing everything makes the flash good again.
  files.eraseAll();
  files.write("probe", "x");
  expect(files.read("probe")).toBe("x");
  return found;
}
