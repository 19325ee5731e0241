/** Every pair of flags of every command: both have an effect, or one of them is refused or said. Whoever adds a flag decides in test/fixtures/flag-pairs.ts. */
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { UsageError } from "../tools/cli/errors.ts";
import { twiceOn } from "../tools/cli/twice.ts";
import { COMMANDS, type CommandUnderTest } from "./fixtures/flag-pairs.ts";
import { runHere } from "./fixtures/in-process.ts";

type Verdict = "taken" | "refused" | "said";

/** What becomes of a command line, without anything being started. */
function verdict(under: CommandUnderTest, name: string, words: readonly string[]): Verdict {
  try {
    return sentences(under, name, words).length > 0 ? "said" : "taken";
  } catch (error) {
    if (error instanceof UsageError) return "refused";
    throw error;
  }
}

/** What is said of it. @throws UsageError where it is refused */
function sentences({ register, check }: CommandUnderTest, name: string, words: readonly string[]): string[] {
  const command = new Command(name).exitOverride().configureOutput({ outputError: () => {} });
  register(command);
  command.action(() => {});
  const twice = twiceOn(command);
  command.parse(words, { from: "user" });
  return [...check(command.opts() as never, command.args[0]), ...twice()];
}

const flagOf = (sample: string): string => sample.split(" ")[0] ?? "";
const isBoth = (pair: readonly string[], list: CommandUnderTest["refused"] = []): boolean =>
  list.some(
    ([one, others]) => pair.includes(one) && others.some((other) => pair.includes(other) && other !== one),
  );

describe.each(Object.entries(COMMANDS))("wick %s", (name, command) => {
  const { flags, needs = {}, needless, refused, said } = command;

  test("every flag is looked at", () => {
    const registered = new Command(name);
    command.register(registered);
    const all = registered.options.map(({ long }) => long ?? "");
    expect([...new Set(flags.map(flagOf))].filter((flag) => flag.startsWith("--")).sort()).toEqual(
      all.sort(),
    );
  });

  /** A flag with what it needs, but for what the other one gives. */
  const withNeeds = (sample: string, other: string): string[] => {
    if (needless?.some(([one, others]) => one === sample && others.includes(other))) return [sample];
    const more = (needs[sample] ?? "")
      .split(/ (?=--)/)
      .filter((one) => one !== "" && flagOf(one) !== flagOf(other));
    return [sample, ...more];
  };

  test("each is taken alone, with what it needs", () => {
    const odd = flags.filter(
      (sample) => verdict(command, name, withNeeds(sample, "").join(" ").split(" ")) === "refused",
    );
    expect(odd).toEqual([]);
  });

  test("beside each other flag it has an effect, or is refused or said", () => {
    const wrong: string[] = [];
    for (const [index, one] of flags.entries())
      for (const other of flags.slice(index + 1)) {
        const pair = [one, other];
        // The same flag twice has a test of its own.
        if (flagOf(one) === flagOf(other)) continue;
        const words = [...new Set([...withNeeds(one, other), ...withNeeds(other, one)])].join(" ").split(" ");
        const wanted: Verdict = isBoth(pair, refused) ? "refused" : isBoth(pair, said) ? "said" : "taken";
        const found = verdict(command, name, words);
        if (found !== wanted) wrong.push(`${words.join(" ")}: ${found}, not ${wanted}`);
      }
    expect(wrong).toEqual([]);
  });

  test("given twice it is said", () => {
    for (const sample of flags) {
      if (sample === "--scenario s" || !sample.startsWith("--")) continue;
      const words = [...withNeeds(sample, ""), sample].join(" ").split(" ");
      expect(verdict(command, name, words), words.join(" ")).toBe("said");
    }
  });
});

describe("what is refused is one line", () => {
  test.each([
    [
      "sim --replay x --speed real",
      "--replay is played as fast as it goes, so --speed real has no effect; leave it out",
    ],
    [
      "sim --headless --port 1",
      "--port is of the board's page, and --headless is without; leave one of them out",
    ],
    ["sim --vcd a --pcap ./a", "--vcd and --pcap name the same file, ./a; each needs its own"],
    [
      "sim --bundle b.js --set lamp.pin=D2",
      "--set lamp.pin has no effect on a bundle, which was built already",
    ],
    ["flash --yes", "--yes answers the question that --erase asks, so it has no effect alone; leave it out"],
    ["flash --port tcp://h --baud 9600", "--baud is of a serial port and has no effect on tcp://h"],
    ["monitor --port ble:E --baud 9600", "--baud is of a serial port and has no effect on ble:E"],
  ])("%s", async (line, sentence) => {
    const extra = line.startsWith("flash") ? ["--board", "linux", "--set", "mqtt.host=b"] : [];
    const { code, out, error } = await runHere(...line.split(" "), ...extra);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error.startsWith(sentence), error).toBe(true);
    expect(error.trim().split("\n")).toHaveLength(1);
  });
});

describe("what is said is a sentence", () => {
  test.each([
    [
      "sim --headless --scenario s",
      "--headless changes nothing beside --scenario, which has no page and no drawing",
    ],
    [
      "sim --speed max --replay r",
      "--speed max changes nothing beside --replay, which is played as fast as it goes",
    ],
    [
      "sim --set mqtt.host=h",
      "--set mqtt.host changes nothing beside the built-in broker; name yours with --broker mqtt://HOST:PORT",
    ],
    ["sim --seed 1 --seed 2", "--seed is given twice, and the last one counts"],
    ["sim --board linux --set board=nodemcu", "--set board has no effect beside --board, which wins"],
    ["flash --wait 5s --no-wait", "--wait has no effect beside --no-wait, which comes later"],
    [
      "build --set mqtt.password=hush --set mqtt.password=hush2",
      "--set mqtt.password is given twice, and the last one counts",
    ],
  ])("%s", (line, sentence) => {
    const [name = "", ...words] = line.split(" ");
    expect(sentences(COMMANDS[name] as CommandUnderTest, name, words)).toEqual([sentence]);
  });

  test("on stderr, and nowhere with --quiet", async () => {
    const twice = ["boards", "linux", "--json", "--json"];
    const { out, error } = await runHere(...twice);
    expect(error).toBe("note: --json is given twice, and the last one counts\n");
    expect(JSON.parse(out).name).toBe("linux");
    expect((await runHere(...twice, "--quiet")).error).toBe("");
  });
});
