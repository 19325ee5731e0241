/** The command line: exit codes, the words of mistakes, --json and --quiet. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseDuration } from "../tools/cli/duration.ts";
import { profileNames } from "../tools/config/profile.ts";
import { version } from "../tools/version.ts";
import { type Ended, startWick } from "./fixtures/wick-process.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `wick` in an empty folder. */
function run(...commandLine: string[]): Promise<Ended> {
  return startWick(commandLine, { folder }).ended;
}

const buildForLinux = ["build", "--board", "linux", "--set", "mqtt.host=b"];

describe("a wrong command line is one line and exit code 2", () => {
  test.each([
    [
      ["buidl"],
      /^unknown command "buidl" \(did you mean "build"\?\); commands: init, build, sim, flash, monitor, web, boards, doctor; see: npx wick --help\n$/,
    ],
    [
      ["build", "--sett", "a=b"],
      /^wick build: unknown option '--sett' .*--set.*; see: npx wick build --help\n$/,
    ],
    [
      ["build", "--out"],
      /^wick build: option '--out <file>' argument missing; see: npx wick build --help\n$/,
    ],
    [["sim", "--port", "99999"], /A port is a number from 0 to 65535; see: npx wick sim --help\n$/],
    [["--nonsense"], /^wick: unknown option '--nonsense'/],
    [["boards", "linus"], /^wick boards: .*did you mean "linux"/],
    [
      ["build", "--board", "linux"],
      /^flash\.config\.json: mqtt\.host is missing .*--set mqtt\.host=VALUE\n$/,
    ],
    [
      ["build", "--board", "linux", "--set", "mqtt.hots=b", "--set", "mqtt.host=b"],
      /^--set: unknown key mqtt\.hots \(did you mean "mqtt\.host"\?\)[^\n]*\n$/,
    ],
    [[...buildForLinux, "--entry", "src/x.ts"], /^--entry src\/x\.ts: there is no such file\n$/],
    [[...buildForLinux, "--entry", "."], /^--entry \.: it is a folder\n$/],
    [
      [...buildForLinux, "--entry", `${"x".repeat(300)}.ts`],
      /^--entry x+\.ts: it cannot be read \(ENAMETOOLONG\)\n$/,
    ],
  ])("%j", async (commandLine, expected) => {
    const { code, out, error } = await run(...commandLine);
    expect(error).toMatch(expected);
    expect(code).toBe(2);
    expect(out).toBe("");
  });
});

describe("help and version", () => {
  test("wick alone and --help list the commands", async () => {
    for (const commandLine of [[], ["--help"]]) {
      const { code, out } = await run(...commandLine);
      expect(code).toBe(0);
      expect(out).toMatch(/build[\s\S]*sim[\s\S]*boards/);
    }
  });

  test("every command has its own", async () => {
    for (const command of ["build", "sim", "boards"]) {
      const { code, out } = await run(command, "--help");
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`^Usage: wick ${command}`));
    }
  });

  test("--version", async () => {
    expect((await run("--version")).out).toBe(`${version}\n`);
  });
});

describe("wick boards", () => {
  test("lists one a line", async () => {
    const { out } = await run("boards");
    expect(out.trimEnd().split("\n")).toHaveLength(profileNames().length);
    expect(out).toMatch(/^esp32-devkitc +/m);
  });

  test("NAME shows pins, limits and warnings", async () => {
    const { out } = await run("boards", "esp32-devkitc");
    expect(out).toMatch(/D6 .*flash chip/);
    expect(out).toMatch(/D12 .*Strapping pin/);
    expect(out).toMatch(/16383 variables of 14 bytes/);
    expect(out).toMatch(/warnings\n/);
  });

  test("--json is one object a line", async () => {
    const { out } = await run("boards", "--json");
    const profiles = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(profiles.map(({ name }) => name)).toContain("linux");
  });
});

describe("wick build", () => {
  const program = "print(MQTT_HOST);\nexport {};\n";
  const entry = () => {
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ files: ["program.ts"], compilerOptions: { noCheck: true, noEmit: true } }),
    );
    writeFileSync(join(folder, "program.ts"), program);
    return ["--entry", "program.ts", "--board", "linux", "--set", "mqtt.host=127.0.0.1"];
  };

  test("writes the bundle and its map, and says what it weighs", async () => {
    const { code, out, error } = await run("build", ...entry(), "--out", "out/lamp.js");
    expect(error).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/^ +\d+ {2}.*program\.ts$/m);
    expect(out).toMatch(/^ +\d+ {2}total, budget \d+$/m);
    expect(readFileSync(join(folder, "out/lamp.js"), "utf8")).toContain('print("127.0.0.1")');
    expect(JSON.parse(readFileSync(join(folder, "out/lamp.js.map"), "utf8")).version).toBe(3);
  });

  test("--pretokenise writes fewer bytes, and no map that would not fit them", async () => {
    await run("build", ...entry(), "--out", "tokens.js");
    const { code, out } = await run("build", ...entry(), "--out", "tokens.js", "--pretokenise");
    expect(code).toBe(0);
    const bytes = readFileSync(join(folder, "tokens.js"));
    expect(out).toContain(`tokens.js, ${bytes.length} bytes`);
    expect(bytes.toString("latin1")).toContain("print(\u00d1\u0009127.0.0.1)");
    expect(existsSync(join(folder, "tokens.js.map"))).toBe(false);
  });

  test("--json keeps stdout for the program that reads it", async () => {
    const { out, error } = await run(
      "build",
      ...entry(),
      "--json",
      "--set",
      "mqtt.username=u",
      "--set",
      "mqtt.password=hidden-word",
    );
    expect(JSON.parse(out)).toMatchObject({
      type: "build",
      file: "dist/lamp.js",
      board: "linux",
      overBudget: 0,
    });
    expect(error).toMatch(/total, budget/);
    expect(out + error).not.toContain("hidden-word");
  });

  test("--quiet says nothing", async () => {
    const { code, out, error } = await run("build", ...entry(), "--quiet");
    expect([code, out, error]).toEqual([0, "", ""]);
  });

  test("fails with exit code 1 and the line in the source when the board could not run it", async () => {
    const commandLine = entry();
    writeFileSync(join(folder, "program.ts"), "export const a: number[] = [];\nprint(a.at(-1));\n");
    const { code, error } = await run("build", ...commandLine, "--out", "refused.js");
    expect(error).toMatch(/^program\.ts:2:9: the built-in \.at is not known to the board/);
    expect(code).toBe(1);
    expect(existsSync(join(folder, "refused.js"))).toBe(false);
  });

  test("fails with exit code 1 above the budget, and says by how much", async () => {
    const commandLine = entry();
    writeFileSync(join(folder, "program.ts"), `print("${"x".repeat(30_000)}");\nexport {};\n`);
    const { code, error } = await run("build", ...commandLine, "--out", "large.js");
    expect(error).toMatch(/^the bundle has \d+ bytes, \d+ above the budget of linux/);
    expect(code).toBe(1);
  });
});

test.each([
  ["500ms", 500],
  ["10s", 10_000],
  ["1.5 s", 1500],
  ["5min", 300_000],
  ["2h", 7_200_000],
  ["10", undefined],
  ["s", undefined],
  ["-1s", undefined],
])("a time with its unit: %s", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});
