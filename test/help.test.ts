/** What the command line says of itself. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../tools/version.ts";
import { runHere } from "./fixtures/in-process.ts";

const COMMANDS = ["init", "build", "sim", "flash", "monitor", "web", "boards", "doctor"];
/** README.md: "On each". */
const ON_EACH = ["--config", "--set", "--board", "--json", "--quiet", "--help"];

test.each([[[]], [["--help"]], [["help"]], [["help", "help"]], [["help", "--help"]]])(
  "wick %j lists the commands, each with a line, and says how to learn more",
  async (commandLine) => {
    const { code, out, error } = await runHere(...commandLine);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    for (const name of COMMANDS) expect(out).toMatch(new RegExp(`^  ${name} +\\w`, "m"));
    expect(out).toContain("npx wick help COMMAND");
  },
);

test("README.md says what is on each", () => {
  const [, said = ""] = /^On each: (.*)$/m.exec(readFileSync(`${projectRoot}README.md`, "utf8")) ?? [];
  expect(said.match(/--\w+/g)).toEqual(ON_EACH);
});

describe.each(COMMANDS)("wick %s", (name) => {
  test("help and --help say the same", async () => {
    const asked = await runHere("help", name);
    expect(asked).toEqual(await runHere(name, "--help"));
    expect(asked).toMatchObject({ code: 0, error: "" });
    expect(asked.out).toMatch(new RegExp(`^Usage: wick ${name} `));
  });

  test("has the flags that each has", async () => {
    const { out } = await runHere("help", name);
    for (const flag of ON_EACH) expect(out).toMatch(new RegExp(`^  (?:-h, )?${flag}\\b`, "m"));
  });

  test("names a default only where there is one, and once", async () => {
    const { out } = await runHere("help", name);
    expect(out).not.toMatch(/default:\s+(?:none|false|undefined|")/);
    for (const option of out.split(/\n(?= {2}-)/)) {
      const defaults = option.match(/\(default: /g) ?? [];
      expect(defaults.length, option).toBeLessThanOrEqual(1);
    }
  });

  test("fits a terminal of 80 columns", async () => {
    const { out } = await runHere("help", name);
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(82);
  });
});

test("a command that is unknown is one line and exit code 2", async () => {
  const { code, out, error } = await runHere("help", "bild");
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(error).toContain('unknown command "bild" (did you mean "build"?)');
  expect(error.trim().split("\n")).toHaveLength(1);
});

test("what wick sim does by default comes first: a broker of its own", async () => {
  const { out } = await runHere("help", "sim");
  expect(out.replace(/\s+/g, " ")).toMatch(
    /^Usage: wick sim \[options\] run the lamp, or a program of yours, on a simulated board, with a broker of its own/,
  );
  expect((await runHere("help")).out).not.toContain("real broker");
});
