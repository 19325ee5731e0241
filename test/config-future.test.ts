/** Settings of features that this version does not have: refused in one line wherever they are set, and offered nowhere. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { futureSettings, settings } from "../firmware/settings.ts";
import { ScenarioMistakes } from "../sim/scenario/index.ts";
import { lampFacts } from "../tools/cli/simulate/lamp.ts";
import { playScenarios } from "../tools/cli/simulate/scenarios.ts";
import { settingsTable } from "../tools/config/document.ts";
import { ConfigError } from "../tools/config/error.ts";
import { type LoadOptions, loadConfig } from "../tools/config/load.ts";
import { loadProfile } from "../tools/config/profile.ts";
import { configSchema } from "../tools/config/schema.ts";
import { checks } from "../tools/doctor/checks.ts";
import { diagnose, only } from "./fixtures/doctor-broker.ts";
import { startWick } from "./fixtures/wick-process.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-future-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Each key with a value that a version which knows it would take, as JSON. */
const written: readonly (readonly [string, string])[] = [
  ["lamp.powerOn", '"off"'],
  ["lamp.transition", "1"],
  ["lamp.button", '"D5"'],
  ["lamp.button", "false"],
  ["lamp.button", '{ "pin": "D5", "debounce": 0.1, "longPress": 1 }'],
  ["lamp.homeAssistant", "false"],
  ["lamp.telemetry", "0"],
  ["lamp.telemetry", '"${SECONDS}"'],
  ["lamp.telemetry", "null"],
  ["lamp.channels", "[]"],
  ["mqtt.version", "4"],
  ["mqtt.version", "5"],
];

const inFile = (key: string, value: string): string => {
  const [section = "", name = ""] = key.split(".");
  return `{ "${section}": { "${name}": ${value} } }`;
};
const refusal = (key: string) =>
  expect.stringMatching(
    new RegExp(`${key.replaceAll(".", "\\.")}: this version has no such feature yet \\(.+\\); remove it$`),
  );

function mistakes(options: LoadOptions): string[] {
  try {
    loadConfig({ folder, board: "linux", environment: {}, defaults: { "mqtt.host": "b" }, ...options });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

describe("refused in one line", () => {
  test.each(written)("in the file: %s %s", (key, value) => {
    writeFileSync(join(folder, "flash.config.json"), inFile(key, value));
    expect(mistakes({})).toEqual([refusal(key)]);
    expect(mistakes({})[0]).toMatch(/^flash\.config\.json:1:13: /);
  });

  test.each(written)("in the local file: %s %s", (key, value) => {
    writeFileSync(join(folder, "flash.config.local.json"), inFile(key, value));
    expect(mistakes({})).toEqual([refusal(key)]);
    expect(mistakes({})[0]).toMatch(/^flash\.config\.local\.json:1:13: /);
  });

  test.each([...written.map(([key]) => key), "lamp.button.pin", "lamp.button.debounce"])(
    "behind --set: %s",
    (key) => {
      expect(mistakes({ set: [`${key}=1`] })).toEqual([refusal(key)]);
      expect(mistakes({ set: [`${key}=1`] })[0]).toMatch(/^--set: /);
    },
  );

  test("in a scenario, at its place", async () => {
    const file = join(folder, "fade.yaml");
    writeFileSync(file, "name: fade\nset:\n  lamp.transition: 1\nsteps:\n  - wait: 1s\n");
    const played = play({ names: [file] });
    await expect(played).rejects.toMatchObject({ name: "UsageError" });
    await expect(played).rejects.toThrow(/^\S*fade\.yaml:3:3: set: lamp\.transition: this version [^\n]*$/);
  });

  test("behind --set with scenarios, once and as a mistake of the command line", async () => {
    const names = ["one", "two"].map((name) => join(folder, `${name}.yaml`));
    for (const name of names) writeFileSync(name, "name: n\nsteps:\n  - wait: 1s\n");
    const played = play({ names, set: ["lamp.transition=1"] });
    await expect(played).rejects.toThrow(/^--set: lamp\.transition: this version [^\n]*$/);
    await expect(played).rejects.not.toBeInstanceOf(ScenarioMistakes);
  });

  test("by the command, exit code 2", async () => {
    const set = ["mqtt.host=b", "lamp.telemetry=60"].flatMap((one) => ["--set", one]);
    const { code, out, error } = await startWick(["build", "--board", "linux", ...set], { folder }).ended;
    expect([code, out]).toEqual([2, ""]);
    expect(error).toMatch(/^--set: lamp\.telemetry: this version has no such feature yet [^\n]*\n$/);
  });

  test("by the doctor", async () => {
    const diagnosis = await diagnose({ set: ["mqtt.host=b", "lamp.powerOn=on"], about: ["config"] });
    expect(only(diagnosis, "config")).toMatchObject({ status: "failure", mend: "remove it" });
  });

  function play(more: { names: string[]; set?: string[] }): Promise<void> {
    return playScenarios({
      choice: {},
      set: [],
      board: "linux",
      seed: 1,
      reporter: "lines",
      write: () => {},
      ...more,
    });
  }
});

describe("offered nowhere", () => {
  const keys = futureSettings.map(({ key }) => key);

  test("neither in the table nor as a guess at what was meant", () => {
    for (const { key } of settings) expect(keys.filter((future) => key.startsWith(future))).toEqual([]);
    const guessed = mistakes({ set: ["lamp.telemetri=1", "lamp.homeassistant=1", "powerOn=on"] });
    expect(guessed).toHaveLength(3);
    for (const line of guessed)
      expect(line).not.toMatch(/telemetry|homeAssistant|lamp\.powerOn|transition|button/);
  });

  test.each(written)("not in the JSON Schema: %s %s", (key, value) => {
    expect(new Ajv().validate(configSchema(), JSON.parse(inFile(key, value)))).toBe(false);
  });

  test("not in the table of docs/configuration.md, which names them all as refused", () => {
    const page = readFileSync(new URL("../docs/configuration.md", import.meta.url), "utf8");
    for (const key of keys) {
      expect(settingsTable()).not.toContain(`\`${key}`);
      expect(page).toContain(`\`${key}\``);
    }
  });

  test("not among the doctor's checks", () => {
    expect(checks.map(({ name }) => name)).not.toContain("button");
    expect(checks.map(({ name }) => name)).not.toContain("discovery");
  });

  test("not on the page: a lamp without a button offers none, though the board has one", () => {
    const config = loadConfig({ file: null, set: ["mqtt.host=b", "wifi.ssid=s"], board: "esp32-devkitc" });
    expect(loadProfile("esp32-devkitc").button).toBeDefined();
    expect(lampFacts(config).button).toBeUndefined();
  });
});
