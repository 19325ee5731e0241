// The program that starts the lamp from one of two slots, whatever an update or a power cut has left: alike on every board.
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { chosenFile, loader, slotFiles, trialFile } from "../tools/flash/loader.ts";
import { onEveryBoard } from "./drivers/index.ts";

type Left = Readonly<Record<string, string>>;
const both: Left = { [slotFiles.a]: '"a ran"', [slotFiles.b]: '"b ran"' };

/** What is in the flash; what then runs, the letter it is told, and whether the slot to try is gone. */
const cases: readonly (readonly [what: string, files: Left, runs: string])[] = [
  ["a chosen", { ...both, [chosenFile]: "a" }, "a ran a"],
  ["b chosen", { ...both, [chosenFile]: "b" }, "b ran b"],
  ["none chosen", both, "a ran a"],
  ["a torn choice", { ...both, [chosenFile]: "\xff" }, "a ran a"],
  ["b to be tried", { ...both, [chosenFile]: "a", [trialFile]: "b" }, "b ran b watched, for 300 s"],
  ["a to be tried", { ...both, [chosenFile]: "b", [trialFile]: "a" }, "a ran a watched, for 300 s"],
  ["a torn trial", { ...both, [chosenFile]: "b", [trialFile]: "\xff" }, "a ran a watched, for 300 s"],
  ["the chosen slot is missing", { [slotFiles.a]: '"a ran"', [chosenFile]: "b" }, "a ran a"],
  [
    "the slot to try is missing",
    { [slotFiles.a]: '"a ran"', [trialFile]: "b" },
    "a ran a watched, for 300 s",
  ],
  ["nothing at all", {}, "undefined b"],
  ["boot code of somebody else", { ...both, ".bootcde": "0" }, "undefined undefined"],
];

onEveryBoard("the loader", (kind) => {
  test("starts the slot that is meant, tries another one once only, and tells which one runs", async () => {
    const driver = kind.create();
    try {
      const board = await driver.start({ bundle: "" });
      const seen: [string, Left, string][] = [];
      for (const [what, files] of cases) {
        // The board runs on: what its watchdog is told is only noted.
        const asked = `(function(f,s,w,e,r){${JSON.stringify([...Object.values(slotFiles), chosenFile, trialFile, ".bootcde"])}.forEach(function(n){s.erase(n)});for(var n in f)s.write(n,f[n]);delete global.WICK;
E.enableWatchdog=function(t,a){w+=" watched"};global.setTimeout=function(f,t){w+=", for "+t/1e3+" s"};r=""+${loader}+" "+global.WICK+w;
if(s.read("${trialFile}")!==undefined)r+=" again";delete global.setTimeout;return r})(${JSON.stringify(files)},require("Storage"),"")`;
        seen.push([what, files, await board.evaluate(asked.replaceAll("\n", ""))]);
      }
      expect(seen).toEqual(cases.map((one) => [...one]));
    } finally {
      await driver.close();
    }
  });
});

// On a chip what Storage.read gives lies in the flash (jsflash.c, jsvAddressToVar), on Linux and on the simulated board it is a copy: here it is the flash.
test.each(["a", "b"])(
  "a trial of %s outlives the file that asked for it, and its letter any compaction",
  (letter) => {
    const flash: Record<string, string> = { [slotFiles.a]: "a", [slotFiles.b]: "b", [chosenFile]: "a" };
    flash[trialFile] = letter;
    class InFlash {
      readonly name: string;
      constructor(name: string) {
        this.name = name;
      }
      toString(): string {
        return flash[this.name] ?? "\xff";
      }
    }
    const storage = {
      read: (name: string) => (flash[name] === undefined ? undefined : new InFlash(name)),
      erase: (name: string) => void delete flash[name],
    };
    const context: Record<string, unknown> = {
      require: () => storage,
      E: { enableWatchdog: () => {} },
      setTimeout: () => {},
    };
    context.global = context;
    // What is no text in the host's memory `eval` hands back.
    const started = runInNewContext(loader, context) as InFlash;
    expect(started.name).toBe(`lamp.${letter}`);
    expect(context.WICK).toBe(letter);
  },
);

test.each([
  ["chosen by then", "b", []],
  ["not chosen", "a", ["reboot"]],
  ["whose choice was torn", "\xff", ["reboot"]],
])("a slot on trial that is %s: what happens five minutes later", (_, chosen, happens) => {
  const flash: Record<string, string> = { [slotFiles.b]: "0", [chosenFile]: "a", [trialFile]: "b" };
  const storage = {
    read: (name: string) => flash[name],
    erase: (name: string) => void delete flash[name],
  };
  const seen: string[] = [];
  let end: (() => void) | undefined;
  const context: Record<string, unknown> = {
    require: () => storage,
    E: { enableWatchdog: () => {}, reboot: () => seen.push("reboot") },
    setTimeout: (callback: () => void, ms: number) => {
      expect(ms).toBe(300_000);
      end = callback;
    },
  };
  context.global = context;
  runInNewContext(loader, context);
  flash[chosenFile] = chosen;
  end?.();
  expect(seen).toEqual(happens);
});
