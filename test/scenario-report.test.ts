// Scenario files as somebody else's CI runs them: exit codes, traces, results in the order of the files, from any folder.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type BuildLamp, runScenarioCommand, type ScenarioCommand } from "../sim/scenario/command.ts";
import { ScenarioMistakes } from "../sim/scenario/parse.ts";
import { buildLamp } from "./fixtures/scenario-lamp.ts";

const passing = (name: string, wait = "2s") =>
  `name: ${name}\nsteps:\n  - wait: ${wait}\n  - expect-lamp: off\n`;
const failing = (name: string) => `name: ${name}\nsteps:\n  - wait: 2s\n  - expect-lamp: on\n`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

async function run(options: Partial<ScenarioCommand> & Pick<ScenarioCommand, "names">) {
  let text = "";
  const outcome = await runScenarioCommand({
    build: buildLamp,
    folder,
    write: (piece) => {
      text += piece;
    },
    ...options,
  });
  return { ...outcome, text };
}

describe("exit codes", () => {
  test("0 when all pass", async () => {
    write({ "tests/hall.yaml": passing("In the hall"), "tests/attic.yaml": passing("In the attic") });
    expect(await run({ names: ["tests"] })).toEqual({
      exitCode: 0,
      mistakes: [],
      text: `ok     In the attic  (tests/attic.yaml, 2 s of board time)
ok     In the hall  (tests/hall.yaml, 2 s of board time)
2 scenarios: 2 passed
`,
    });
    expect(readdirSync(folder)).toEqual(["tests"]);
  });

  test("42 when an expectation fails; the others run, and the failed one leaves a trace", async () => {
    write({ "hall.yaml": failing("In the hall"), "attic.yaml": passing("In the attic") });
    const { exitCode, text } = await run({ names: ["*.yaml"] });
    expect(exitCode).toBe(42);
    expect(text).toBe(`ok     In the attic  (attic.yaml, 2 s of board time)
FAILED In the hall  (hall.yaml, 3 s of board time)
       hall.yaml:4:5: expect-lamp: on
         expected the lamp on D2 to be on within 1 s
         instead the lamp on D2 is off, and never was anything else
           last messages:
             2.004 s home/office/lamp/state "off" (QoS 1, retained)
             2.004 s home/office/lamp/json "{\\"state\\":\\"OFF\\",\\"brightness\\":255,\\"color_mode\\":\\"brightness\\"}" (QoS 1, retained)
             2.004 s home/office/lamp/status "online" (QoS 1, retained)
           last on the console:
             2 s Wi-Fi: 192.168.4.23
         trace in ${join(folder, "dist/scenarios/hall")}
2 scenarios: 1 passed, 1 failed
`);
    expect(readdirSync(join(folder, "dist/scenarios/hall")).sort()).toEqual([
      "pins.vcd",
      "trace.jsonl",
      "traffic.pcap",
    ]);
  });

  test("2 when anything is wrong with any file: all of it is told, and nothing is run", async () => {
    write({
      "hall.yaml": "name: x\nsteps:\n  - wait: 200\n  - expect-pn: high\n",
      "attic.yaml": "name: [",
      "good.yaml": failing("In the garden"),
    });
    expect(await run({ names: ["hall.yaml", "good.yaml", "attic.yaml", "cellar.yaml"] })).toEqual({
      exitCode: 2,
      text: "",
      mistakes: [
        "cellar.yaml: there is no such file and no folder with scenarios (.yaml) in it; see docs/scenarios.md",
        "hall.yaml:3:11: wait is 200, which has no unit; write 200ms or 200s or 200min or 200h",
        'hall.yaml:4:5: unknown step "expect-pn" (did you mean "expect-pin"?)',
        expect.stringMatching(/^attic.yaml:1:\d: not YAML: /),
      ],
    });
    expect(existsSync(join(folder, "dist"))).toBe(false);
  });

  test("2 for settings the build does not know, and for pins the board does not have, with their places", async () => {
    write({
      "hall.yaml": "name: x\nset:\n  lamp.topc: hall\nsteps:\n  - wait: 1s\n",
      "attic.yaml": "name: x\nboard: esp23\nsteps:\n  - wait: 1s\n",
      "cellar.yaml": "name: x\nsteps:\n  - set-pin: { pin: D99, level: high }\n",
    });
    const { exitCode, mistakes, text } = await run({ names: ["hall.yaml", "attic.yaml", "cellar.yaml"] });
    expect({ exitCode, text }).toEqual({ exitCode: 2, text: "" });
    expect(mistakes.map((line) => line.slice(0, 70))).toEqual([
      expect.stringMatching(/^hall.yaml:3:3: .*unknown key lamp.topc/),
      expect.stringMatching(/^attic.yaml:2:8: .*esp23/),
      expect.stringMatching(/^cellar.yaml:3:5: set-pin: esp32-devkitc has no pin D99/),
    ]);
  });

  test("1 when the simulator itself is at fault, and the others run all the same", async () => {
    write({
      "attic.yaml": `set: { lamp.topic: attic }\n${passing("In the attic")}`,
      "hall.yaml": passing("In the hall"),
    });
    // A source map that is none cannot happen, and must not pass for a fault of the lamp.
    const build: BuildLamp = async (wanted) => {
      const lamp = await buildLamp(wanted);
      const isAttic = lamp.lamp?.topic === "attic";
      return isAttic ? { ...lamp, bundle: "setTimeout(() => nothing(), 1000)", sourceMap: "no map" } : lamp;
    };
    const { exitCode, text } = await run({ names: ["attic.yaml", "hall.yaml"], build });
    expect(exitCode).toBe(1);
    expect(text).toMatch(/^ERROR {2}In the attic .*\n.*attic.yaml:4:5: wait: 2s\n.*but SyntaxError: /);
    expect(text).toContain("ok     In the hall");
    expect(text).toContain("2 scenarios: 1 passed, 1 ended by a fault of the simulator\n");
  });

  test("a folder for the results that cannot be written to ends it with a sentence", async () => {
    write({ "hall.yaml": failing("In the hall"), results: "" });
    await expect(run({ names: ["hall.yaml"], results: join(folder, "results") })).rejects.toThrow(
      `cannot make the folder ${join(folder, "results/hall")} (ENOTDIR); name another one for the results: --results FOLDER`,
    );
  });

  test("what the build throws otherwise is passed on", async () => {
    write({ "hall.yaml": passing("In the hall") });
    const build: BuildLamp = () => Promise.reject(new TypeError("no compiler"));
    await expect(run({ names: ["hall.yaml"], build })).rejects.toThrow("no compiler");
  });
});

describe("many files", () => {
  test("are reported in their order, whichever is done first; lamps with the same settings are built once", async () => {
    write({
      "a.yaml": passing("long", "10min"),
      "b.yaml": failing("short"),
      "c.yaml": `set: { lamp.topic: hall }\n${passing("other")}`,
      "d/a.yaml": failing("the same name"),
    });
    const wanted: unknown[] = [];
    const build: BuildLamp = (settings) => {
      wanted.push(settings);
      return buildLamp(settings);
    };
    const names = ["d", "b.yaml", "c.yaml", "a.yaml"];
    const { text } = await run({ names, build, reporter: "tap", jobs: 1 });
    expect(text.match(/^(not )?ok.*$/gm)).toEqual([
      "not ok 1 - the same name",
      "not ok 2 - short",
      "ok 3 - other",
      "ok 4 - long",
    ]);
    expect(wanted).toEqual([
      { board: undefined, settings: {} },
      { board: undefined, settings: { "lamp.topic": "hall" } },
    ]);
    expect(readdirSync(join(folder, "dist/scenarios")).sort()).toEqual(["a", "b"]);

    const threads = await run({ names, reporter: "tap", jobs: 3 });
    expect(threads.text).toBe(text);
  });
});

test("mistakes are an error with one line each", () => {
  expect(new ScenarioMistakes(["a:1:1: x", "b:2:2: y"]).message).toBe("a:1:1: x\nb:2:2: y");
});

test("what is written can be read back where it was written", async () => {
  write({ "hall.yaml": "name: In the hall\nsteps:\n  - screenshot: dark.svg\n" });
  const { text } = await run({ names: ["hall.yaml"], results: join(folder, "shots"), reporter: "json" });
  const { folder: own } = JSON.parse(text);
  expect(own).toBe(join(folder, "shots/hall"));
  expect(readFileSync(join(own, "dark.svg"), "utf8")).toMatch(/^<svg /);
});
