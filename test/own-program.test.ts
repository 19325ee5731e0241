/** Programs other than the lamp on the simulated board: built from a file, or run as they are; in sessions, scenarios and replays. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ExitWith, Failure, UsageError } from "../tools/cli/errors.ts";
import { Output } from "../tools/cli/output.ts";
import { readBundle } from "../tools/cli/program-file.ts";
import { configureLamp } from "../tools/cli/simulate/lamp.ts";
import { checkTogether, type SimOptions } from "../tools/cli/simulate/options.ts";
import { makeProgram, type ProgramChoice, programName } from "../tools/cli/simulate/program.ts";
import { playScenarios } from "../tools/cli/simulate/scenarios.ts";
import { replayRecording } from "../tools/cli/simulate/traces.ts";
import { loadProfile } from "../tools/config/profile.ts";
import { projectRoot } from "../tools/version.ts";
import { startWick } from "./fixtures/wick-process.ts";

const quiet = new Output({ json: false, quiet: true });
let folder = "";
let before = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-own-"));
  before = process.cwd();
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const BLINK = `import { PERIOD_MS } from "./period.ts";
let isOn = false;
setInterval(() => {
  isOn = !isOn;
  digitalWrite(D4, isOn ? 1 : 0);
  print("now " + isOn);
}, PERIOD_MS);
`;

function writeBlink(): void {
  writeFileSync("blink.ts", BLINK);
  writeFileSync("period.ts", "export const PERIOD_MS = 1000;\n");
}

/** Runs `wick sim` to its end in the folder. */
const sim = (...options: string[]) => startWick(["sim", ...options], { folder }).ended;

describe("a session", () => {
  test("builds the entry and runs it; nothing that only a lamp has is shown", async () => {
    writeBlink();
    const { code, out, error } = await sim(..."--entry blink.ts --headless --duration 1500ms".split(" "));
    expect(error).toBe("");
    expect(code).toBe(0);
    expect(out).toContain("blink.ts runs on esp32-devkitc; the built-in broker is at mqtt://127.0.0.1:");
    expect(out).toContain("1.000 s  D4 = 1\n");
    expect(out).toContain("1.000 s  console: now true\n");
    expect(out).not.toMatch(/mosquitto_pub|mqtt pub|home\/office\/lamp/);
  });

  test("runs a bundle as it is, and what it does is recorded and replayed", async () => {
    writeFileSync("hand.js", "var n=0;setInterval(function(){digitalWrite(D4,++n&1)},500);");
    const run = await sim(
      ..."--bundle hand.js --speed max --duration 2s --json --record run.jsonl".split(" "),
    );
    expect(run).toMatchObject({ code: 0, error: "hand.js runs on esp32-devkitc\n" });
    const pins = run.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === "pin");
    expect(pins[0]).toEqual({ t: 500, type: "pin", pin: "D4", value: 1 });
    await replayRecording("run.jsonl", {}, quiet);
    writeFileSync("hand.js", "setInterval(function(){digitalWrite(D4,0)},500);");
    await expect(replayRecording("run.jsonl", {}, quiet)).rejects.toThrow(Failure);
  });
});

describe("what is built", () => {
  test("names all files that it was made of, wherever they lie", async () => {
    mkdirSync("parts");
    writeFileSync("parts/limit.json", '{"most": 5}');
    writeFileSync("main.ts", 'import limit from "./parts/limit.json";\nprint(limit.most + "");\n');
    const program = await makeProgram({ entry: "main.ts" }, configureLamp({ board: "linux" }));
    expect(program.lamp).toBeUndefined();
    expect([...program.sources].sort()).toEqual([join(folder, "main.ts"), join(folder, "parts/limit.json")]);
  });

  test("the lamp's own entry is the lamp", async () => {
    const entry = `${projectRoot}firmware/main.ts`;
    expect(programName({ entry })).toBeUndefined();
    const { lamp } = await makeProgram({ entry }, configureLamp({ board: "linux" }));
    expect(lamp).toMatchObject({ topic: "home/office/lamp" });
  });

  test("what the board could not run is said with its place", async () => {
    writeFileSync("main.ts", "print(Math.trunc(5));\nMath.hypot(3, 4);\n");
    await expect(makeProgram({ entry: "main.ts" }, configureLamp({ board: "linux" }))).rejects.toThrow(
      /^main\.ts:2:\d+: .*hypot/m,
    );
  });
});

describe("a file that cannot be taken is one line", () => {
  const profile = loadProfile("linux");
  const most = profile.flash.pageBytes * profile.flash.pages;

  test.each<[string, string | Buffer, RegExp]>([
    ["empty", "", /^it is empty; npx wick build writes dist\/lamp\.js$/],
    ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]), /^it is no text/],
    ["tokens of the interpreter", Buffer.from("var a\xa7\xd01;", "latin1"), /--pretokenise/],
    ["with a NUL", "print(1)\0", /^it is no text/],
    ["with an escape sequence", "\x1b[2Jprint(1)", /^it is no text/],
    [
      "too large",
      "x".repeat(most + 1),
      new RegExp(`^it has ${most + 1} bytes, and the Storage of linux holds ${most}`),
    ],
  ])("%s", (_what, content, sentence) => {
    writeFileSync("b.js", content);
    expect(() => readBundle("b.js", profile)).toThrow(sentence);
  });

  test("as large as the Storage, and in UTF-8, is taken byte by byte", () => {
    const text = `print("é");${" ".repeat(most - 12)}`;
    writeFileSync("b.js", text);
    expect(readBundle("b.js", profile)).toBe(Buffer.from(text).toString("latin1"));
  });

  test.each<[ProgramChoice, string]>([
    [{ entry: "nope.ts" }, "--entry nope.ts: there is no such file"],
    [{ entry: "." }, "--entry .: it is a folder"],
    [{ bundle: "nope.js" }, "--bundle nope.js: there is no such file"],
    [{ bundle: "." }, "--bundle .: it is a folder"],
    [{ bundle: "/dev/zero" }, "--bundle /dev/zero: it is no file"],
    [{ entry: "loop.ts" }, "--entry loop.ts: it cannot be read (ELOOP)"],
  ])("%j", async (choice, sentence) => {
    symlinkSync("loop.ts", "loop.ts");
    const config = configureLamp({ board: "linux" });
    const failure = await makeProgram(choice, config).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect((failure as Error).message).toBe(sentence);
  });

  test("at the command line it is exit code 2", async () => {
    for (const flag of ["--entry", "--bundle"])
      expect(await sim(flag, "nope.ts")).toEqual({
        code: 2,
        out: "",
        error: `${flag} nope.ts: there is no such file\n`,
      });
  });
});

describe("flags that do not go together", () => {
  const base: SimOptions = {
    ...{
      set: [],
      json: false,
      quiet: false,
      headless: false,
      watch: false,
      bare: false,
    },
  };
  const address = { host: "127.0.0.1", port: 1883, username: undefined, password: undefined };

  test.each<[Partial<SimOptions>, RegExp]>([
    [{ entry: "a.ts", bundle: "b.js" }, /^--entry and --bundle do not go together/],
    [{ entry: "a.ts", bare: true }, /^--bare and --entry do not go together/],
    [{ bundle: "b.js", bare: true }, /^--bare and --bundle do not go together/],
    [
      { entry: "a.ts", realLamp: { host: "127.0.0.1", port: 1 }, broker: address, record: "r" },
      /^--entry is of a simulated board/,
    ],
    [{ bundle: "b.js", broker: { ...address, username: "me" } }, /^a bundle has the user name and password/],
  ])("%j", (options, sentence) => {
    expect(() => checkTogether({ ...base, ...options })).toThrow(sentence);
  });

  test.each<Partial<SimOptions>>([
    { entry: "a.ts", watch: true },
    { bundle: "b.js", broker: address },
    { entry: "a.ts", scenario: ["s.yaml"] },
    { bundle: "b.js", replay: "r.jsonl" },
  ])("%j do", (options) => {
    expect(() => checkTogether({ ...base, ...options })).not.toThrow();
  });
});

describe("scenarios", () => {
  /** Writes it to a folder of its own and plays it; what was reported, or the error. */
  async function play(scenario: string, choice: ProgramChoice = {}): Promise<string> {
    mkdirSync("stories", { recursive: true });
    writeFileSync("stories/one.yaml", scenario);
    let report = "";
    try {
      await playScenarios({
        ...{ names: ["stories/one.yaml"], choice, set: [], seed: 1, reporter: "lines" },
        write: (text) => {
          report += text;
        },
      });
      return report;
    } catch (error) {
      if (error instanceof ExitWith) return `${error.code}: ${report}`;
      if (error instanceof UsageError) return `2: ${error.message}`;
      throw error;
    }
  }

  const steps =
    'steps:\n  - expect-pin: { pin: D4, level: high, within: 2s }\n  - expect-console: "now true"\n';

  test("name an entry, or a bundle, by its path from the scenario", async () => {
    writeBlink();
    expect(await play(`name: It blinks\nentry: ../blink.ts\n${steps}`)).toContain("1 scenario: 1 passed");
    writeFileSync("blink.js", 'setTimeout(function(){D4.set();print("now true")},900)');
    expect(await play(`name: It blinks\nbundle: ../blink.js\n${steps}`)).toContain("1 scenario: 1 passed");
    expect(await play(`name: It blinks\n${steps}`, { bundle: "blink.js" })).toContain("1 scenario: 1 passed");
  });

  test("an expectation that fails is exit code 42", async () => {
    writeFileSync("quiet.js", "");
    writeFileSync("quiet.js", "print(1)");
    expect(await play(`name: It blinks\nbundle: ../quiet.js\n${steps}`)).toMatch(/^42: FAILED It blinks/);
  });

  test("a program speaks to the broker, and topics are whole ones", async () => {
    writeFileSync(
      "sensor.js",
      'var s=require("net").connect({host:"broker",port:1883},function(){s.write("\\x10\\x0e\\0\\x04MQTT\\x04\\x02\\0\\x3c\\0\\x02me\\x30\\x07\\0\\x03a/b21")})',
    );
    expect(
      await play(
        'name: It tells\nboard: linux\nbundle: ../sensor.js\nsteps:\n  - expect-link: { is: connected, within: 5s }\n  - expect-message: { topic: a/b, payload: "21" }\n',
      ),
    ).toContain("1 scenario: 1 passed");
  });

  test.each([
    [
      "entry: a.ts\nbundle: b.js",
      "2: stories/one.yaml:1:1: a scenario has both entry and bundle; leave one of them out",
    ],
    ["entry: nope.ts", "2: stories/one.yaml:2:8: entry stories/nope.ts: there is no such file"],
    ["bundle: ../nope.js", "2: stories/one.yaml:2:9: bundle nope.js: there is no such file"],
    ["bundle: ..", "2: stories/one.yaml:2:9: bundle .: it is a folder"],
    ['entry: ""', '2: stories/one.yaml:2:1: entry is ""; allowed is the TypeScript file of a program'],
  ])("%s", async (head, told) => {
    expect(await play(`name: x\n${head}\n${steps}`)).toBe(told);
  });

  test("steps that need a lamp say before anything runs what to write instead", async () => {
    writeFileSync("b.js", "print(1)");
    const told = await play(
      "name: x\nbundle: ../b.js\nsteps:\n  - publish: on\n  - publish: { topic: ~/set, payload: x }\n  - expect-lamp: on\n" +
        "  - expect-pin: high\n  - expect-message: { topic: ~/state, payload: x }\n  - publish: { topic: a~/b, payload: x }\n",
    );
    const noLamp = "the program on this board is no lamp";
    expect(told.split("\n")).toEqual([
      `2: stories/one.yaml:4:5: publish: ${noLamp}; name a whole topic, such as topic: hall/sensor`,
      `stories/one.yaml:5:5: publish: ${noLamp}; name a whole topic, such as topic: hall/sensor`,
      `stories/one.yaml:6:5: expect-lamp: ${noLamp}; expect something of a pin, such as expect-pin: { pin: D2, level: high }`,
      `stories/one.yaml:7:5: expect-pin: ${noLamp}; name a pin, such as expect-pin: { pin: D2, level: high }`,
      `stories/one.yaml:8:5: expect-message: ${noLamp}; name a whole topic, such as topic: hall/sensor`,
    ]);
  });
});

describe("a recording of a program that is not here", () => {
  const record = (program: unknown): void =>
    writeFileSync(
      "run.jsonl",
      `${JSON.stringify({ type: "recording", version: 1, clock: "exact", board: "linux", program })}\n{"t":1,"type":"end"}\n`,
    );

  test.each([
    [{ entry: "gone.ts" }, "--entry"],
    [{ bundle: "gone.js" }, "--bundle"],
    [{ entry: "../outside.ts" }, "--entry"],
    [{ bundle: "/dev/zero" }, "--bundle"],
    [{ entry: 5 }, "--entry"],
    [{}, "--bundle"],
    [null, "--bundle"],
    ["\u001b[2J", "--bundle"],
  ])("%j is to be named", async (program, flag) => {
    record(program);
    const failure = await replayRecording("run.jsonl", {}, quiet).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect((failure as Error).message).toMatch(
      new RegExp(
        `^run\\.jsonl was recorded with the program[ -~]*; name it: --replay run\\.jsonl ${flag} FILE$`,
      ),
    );
  });
});
