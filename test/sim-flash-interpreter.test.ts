/** The same programs on the simulator and on the interpreter leave the same flash, byte for byte; without the interpreter its recorded results hold the simulator. */
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createBoard, LINUX_FLASH, LoopbackNetwork, MemoryStorage, VirtualClock } from "../sim/index.ts";
import { freshFolder, startEspruino } from "./drivers/espruino-process.ts";
import { flashPrograms } from "./vectors/flash-programs.ts";

interface Result {
  image: Uint8Array;
  printed: string[];
}

function onSimulator(program: string, image?: Uint8Array): Result {
  const clock = new VirtualClock();
  const storage = new MemoryStorage(LINUX_FLASH, image);
  const profile = { name: "linux", wifi: false };
  const network = new LoopbackNetwork(clock);
  const board = createBoard({ profile, bundle: program, clock, network, storage });
  board.boot();
  return { image: storage.flash.image(), printed: [...board.console] };
}

async function onInterpreter(program: string, flash?: Uint8Array): Promise<Result> {
  const script = `print("begin");\n${program}print("done");`;
  const folder = freshFolder();
  if (flash) writeFileSync(join(folder, "espruino.flash"), flash);
  const running = await startEspruino({ interpreter: process.env.ESPRUINO_BIN ?? "", folder, script });
  await new Promise<void>((resolve) => {
    if (running.console.includes("done")) resolve();
    running.onLine((line) => line === "done" && resolve());
  });
  await running.stop({ keepFolder: true });
  const image = readFileSync(join(folder, "espruino.flash"));
  rmSync(folder, { recursive: true });
  const lines = running.console.slice(0, running.console.indexOf("done"));
  const ofProgram = lines.slice(lines.indexOf("begin") + 1);
  return { image, printed: [...lines.filter((line) => complaints.has(line)), ...ofProgram] };
}

/** What is printed before the program runs. */
const complaints = new Set(["Storage is corrupt.", "Erasing Storage Area...", "Erase complete."]);

const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

interface CutOperation {
  title: string;
  everySteps: number;
  before(files: MemoryStorage["files"]): void;
  operation(files: MemoryStorage["files"]): void;
}

function someFiles(files: MemoryStorage["files"]): void {
  files.write("code", "1;".repeat(700));
  files.write("state", "old state");
  files.write("name", "desk lamp");
}

function replacedOften(files: MemoryStorage["files"]): void {
  someFiles(files);
  for (let time = 0; time < 12; time++) files.write("state", `state ${time}`.padEnd(40 + time));
}

const cutOperations: CutOperation[] = [
  {
    title: "a file replaced",
    everySteps: 4,
    before: someFiles,
    operation: (files) => files.write("state", "new state, longer"),
  },
  {
    title: "a header in the last page",
    everySteps: 1,
    before: (files) => {
      someFiles(files);
      for (let part = 0; part < 8; part++) files.write(`part ${part}`, "f".repeat(32_000));
      files.write("rest", "f".repeat(files.stats().freeBytes - 600));
    },
    operation: (files) => files.create("fresh".padEnd(28, "\0"), 17, 0),
  },
  {
    title: "a compaction",
    everySteps: 211,
    before: (files) => {
      replacedOften(files);
      files.write("large", "B".repeat(3000));
      replacedOften(files);
    },
    operation: (files) => files.compact(),
  },
  {
    title: "everything erased",
    everySteps: 301,
    before: replacedOften,
    operation: (files) => files.eraseAll(),
  },
];

/** Shows what is there, writes, compacts, and shows it again. */
const lookAndWrite = `var s=require("Storage");
function look(){print(JSON.stringify(s.list()));s.list().forEach(function(n){print(JSON.stringify(n),JSON.stringify(s.read(n,0,99)),!s.read(n)||s.read(n).length)});print(JSON.stringify(s.getStats()))}
function t(f){try{print(JSON.stringify(f()))}catch(e){print("! "+e)}}
look();
t(function(){return s.write("probe","p".repeat(77))});t(function(){return s.write("second","q".repeat(20))});t(function(){return s.write("state","again")});
look();s.compact();look();t(function(){return s.write("last","l".repeat(30))});look();
`;

function firstDifference(one: Uint8Array, other: Uint8Array): string | undefined {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  if (at < 0) return one.length === other.length ? undefined : `lengths ${one.length} and ${other.length}`;
  return `at ${at}: ${Buffer.from(one).toString("hex", at, at + 40)} and ${Buffer.from(other).toString("hex", at, at + 40)}`;
}

describe("the simulator", () => {
  test.each(flashPrograms)("$title", ({ program, image, printed }) => {
    const result = onSimulator(program);
    expect(sha256(result.printed.join("\n"))).toBe(printed);
    expect(sha256(result.image)).toBe(image);
  });
});

describe.skipIf(!process.env.ESPRUINO_BIN)("the interpreter itself", { timeout: 120_000 }, () => {
  test.each(flashPrograms)("$title", async ({ program, image, printed }) => {
    const real = await onInterpreter(program);
    const simulated = onSimulator(program);
    expect(simulated.printed).toEqual(real.printed);
    expect(firstDifference(simulated.image, real.image)).toBeUndefined();
    expect({ image: sha256(real.image), printed: sha256(real.printed.join("\n")) }).toEqual({
      image,
      printed,
    });
  });

  test.each(cutOperations)("$title, cut here and there", async ({ before, operation, everySteps }) => {
    const storage = new MemoryStorage(LINUX_FLASH);
    before(storage.files);
    const image = storage.flash.image();
    for (let step = 1; ; step += everySteps) {
      const cut = new MemoryStorage(LINUX_FLASH, image);
      cut.flash.cutAfterBytes(step);
      try {
        operation(cut.files);
        break;
      } catch (error) {
        expect(String(error)).toBe("PowerCut: power cut");
      }
      const left = cut.flash.image();
      const real = await onInterpreter(lookAndWrite, left);
      const simulated = onSimulator(lookAndWrite, left);
      expect(simulated.printed, `after ${step} steps`).toEqual(real.printed);
      expect(firstDifference(simulated.image, real.image), `after ${step} steps`).toBeUndefined();
    }
  });
});
