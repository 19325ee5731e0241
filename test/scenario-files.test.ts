// What a scenario file may say: every mistake is named with its line, its column and the way out, and nothing is run.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { scenarioFiles } from "../sim/scenario/files.ts";
import { parseScenario, ScenarioMistakes } from "../sim/scenario/parse.ts";
import { scenarioSchemaText } from "../sim/scenario/schema.ts";
import { parseStep, parseStepText, StepMistake, stepKinds } from "../sim/scenario/steps.ts";

const root = new URL("../", import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), "utf8");
const folder = mkdtempSync(join(tmpdir(), "wick-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The mistakes in a file called hall.yaml; none when it can be run. */
function mistakesIn(scenario: string): readonly string[] {
  try {
    parseScenario(scenario, "hall.yaml");
    return [];
  } catch (error) {
    if (error instanceof ScenarioMistakes) return error.mistakes;
    throw error;
  }
}

function mistakeIn(step: string): string {
  try {
    parseStepText(step);
    return "none";
  } catch (error) {
    if (error instanceof StepMistake) return error.message;
    throw error;
  }
}

describe("a scenario file", () => {
  test("gives its name, what the build needs, and its steps with their places", () => {
    const scenario = parseScenario(
      `name: In the hall
version: 1
seed: 7
board: linux
set:
  lamp.topic: hall/lamp
broker: none
steps:
  - wait: 1.5 s

  - expect-message:
      topic: ~/state
      payload: on
`,
      "hall.yaml",
    );
    expect(scenario).toMatchObject({
      file: "hall.yaml",
      name: "In the hall",
      seed: 7,
      board: "linux",
      settings: { "lamp.topic": "hall/lamp" },
      settingsAt: { line: 6, column: 3 },
      broker: "none",
    });
    expect(scenario.steps.map(({ kind, text, at }) => ({ kind, text, at }))).toEqual([
      { kind: "wait", text: "wait: 1.5 s", at: { line: 9, column: 5 } },
      {
        kind: "expect-message",
        text: "expect-message: { topic: ~/state, payload: on }",
        at: { line: 11, column: 5 },
      },
    ]);
  });

  test("tells of all its mistakes at once, in the order of the lines", () => {
    expect(
      mistakesIn(`name: In the hall
sed: 7
steps:
  - publish: on
  - expect-pn: high
  - wait: 200
  - expect-message:
      topic: ~/state
      paylod: on
      within: 5
  - press:
  - expect-lamp: onn
  - wait: 5s
    note: hi
`),
    ).toEqual([
      'hall.yaml:2:1: unknown key "sed" in a scenario (did you mean "seed"?); allowed are name, steps, version, seed, board, set, broker, entry, bundle',
      'hall.yaml:5:5: unknown step "expect-pn" (did you mean "expect-pin"?)',
      "hall.yaml:6:11: wait is 200, which has no unit; write 200ms or 200s or 200min or 200h",
      'hall.yaml:9:7: unknown key "paylod" in expect-message (did you mean "payload"?); allowed are topic, payload, matches, json, retain, qos, within, never',
      "hall.yaml:10:15: within is 5, which has no unit; write 5ms or 5s or 5min or 5h",
      "hall.yaml:11:5: press is empty; allowed is hold, or release, or a time, a number and its unit (ms, s, min, h), such as 500ms, or a mapping with pin, for, hold or release",
      'hall.yaml:12:18: expect-lamp is "onn" (did you mean "on"?); allowed is on or off',
      "hall.yaml:13:5: a step has 2 keys (wait, note); allowed is one, each step with a dash of its own",
    ]);
  });

  test.each([
    ["", /^hall.yaml:1:1: a scenario is empty; allowed is a mapping with name, steps/],
    ["- wait: 1s", /^hall.yaml:1:1: a scenario is \[/],
    ["name: x", /^hall.yaml:1:1: a scenario needs steps: a list of steps, each with a dash$/],
    ["name: x\nsteps: []", /^hall.yaml:2:8: steps is \[\]; allowed is a list of steps/],
    ["name: x\nsteps: {wait: 1s}", /^hall.yaml:2:8: steps is .*; allowed is a list of steps/],
    ["name: x\nsteps: [wait]", /^hall.yaml:2:9: step wait lacks its value, such as "publish: on"$/],
    ["name: x\nsteps: [{}]", /^hall.yaml:2:9: a step is empty/],
    ["name: x\nsteps: [5]", /^hall.yaml:2:9: a step is 5; allowed is one KIND: VALUE/],
    ["name: x\nversion: 2\nsteps: [wait: 1s]", /^hall.yaml:2:10: version is 2; allowed is 1$/],
    ["name: x\nseed: -1\nsteps: [wait: 1s]", /^hall.yaml:2:7: seed is -1; allowed is a whole number from 0/],
    ["name: x\nbroker: mosquitto\nsteps: [wait: 1s]", /broker is "mosquitto"; allowed is embedded or none$/],
    ["name: x\nset: lamp.topic\nsteps: [wait: 1s]", /set is "lamp.topic"; allowed is a mapping of settings/],
    ["name: x\nname: y\nsteps: [wait: 1s]", /^hall.yaml:2:1: not YAML: Map keys must be unique$/],
    ["name: [x\nsteps:\n", /^hall.yaml:\d:\d+: not YAML: /],
    ["name: x\n\tsteps: []", /^hall.yaml:2:1: not YAML: Tabs/],
  ])("%j is refused in one line", (scenario, sentence) => {
    const mistakes = mistakesIn(scenario);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(sentence);
    expect(mistakes[0]).not.toContain("\n");
  });
});

describe("a step that is wrong", () => {
  test.each([
    ["pres: 2s", 'unknown step "pres" (did you mean "press"?)'],
    ["dance: now", `unknown step "dance"; allowed are ${stepKinds.map(({ name }) => name).join(", ")}`],
    ["wait: soon", 'wait is "soon"; allowed is a time, a number and its unit (ms, s, min, h), such as 500ms'],
    ["wait: -1s", 'wait is "-1s"; allowed is a time, a number and its unit (ms, s, min, h), such as 500ms'],
    ['wait: "12"', "wait is 12, which has no unit; write 12ms or 12s or 12min or 12h"],
    ["press: {pin: D0}", "press needs one of for, hold and release, such as for: 200ms"],
    ["press: {hold: true, for: 1s}", "press needs one of for, hold and release, such as for: 200ms"],
    ["press: {hold: false}", "hold is false; allowed is true"],
    ["set-pin: D4", 'set-pin is "D4"; allowed is a mapping with pin, level or voltage'],
    [
      "set-pin: {pin: D4}",
      "set-pin needs level: high, low, 1, 0 or release, or voltage: a number from 0 to 1",
    ],
    ["set-pin: {pin: D4, level: 2}", "level is 2; allowed is high, low, 1, 0 or release"],
    [
      "publish: {topic: home/#, payload: on}",
      'topic is "home/#"; allowed is a topic without wildcards, "~" standing for the lamp\'s',
    ],
    ["publish: {payload: on, json: {}}", "publish has both payload and json; leave one of them out"],
    ["publish: {payload: on, qos: 3}", "qos is 3; allowed is 0, 1 or 2"],
    ["publish: {payload: on, retain: maybe}", 'retain is "maybe"; allowed is true or false'],
    ["publish: [on]", 'publish is ["on"]; allowed is a text'],
    [
      "wifi: dwn",
      'wifi is "dwn" (did you mean "down"?); allowed is up, down, silent, weak, wrong-password, no-dhcp, dhcp-timeout or no-callback',
    ],
    ["wifi: {for: 5s}", "wifi changes nothing; write what, such as state: down"],
    ["wifi: {state: up, for: 5s}", "wifi has for, which belongs to a state other than up"],
    ["wifi: {state: weak, reason: 8}", "wifi has a reason, which belongs to state: down"],
    ["wifi: {rssi: -85}", "rssi is -85, which has no unit; write -85dBm"],
    ["network: {}", "network changes nothing; write what, such as latency: 200ms"],
    ["network: {cut: end, for: 5s}", "network has for, but a cut does not last; leave for out"],
    [
      "network: {bandwidth: 0B/s}",
      'bandwidth is "0B/s"; allowed is unlimited, or a rate, a number and its unit (B/s, kB/s, MB/s), such as 2kB/s, more than 0',
    ],
    ["network: {chunk: 7}", "chunk is 7, which has no unit; write 7B or 7kB or 7MB"],
    [
      "network: {latency: 200ms, lateny: 1s}",
      'unknown key "lateny" in network (did you mean "latency"?); allowed are latency, jitter, bandwidth, chunk, drain, refuse, dns, half-open, cut, for',
    ],
    ["network: {dns: broken}", 'dns is "broken"; allowed is works or fails'],
    [
      "broker: {do: start, for: 5s}",
      "broker with do: start takes neither for nor how; they belong to stop and restart",
    ],
    [
      "broker: {do: stop, remembers: nothing}",
      "broker with do: stop takes remembers only together with for; else write it where it starts",
    ],
    ["broker: kill", 'broker is "kill"; allowed is stop, start or restart'],
    [
      "power-cut: {at-byte: 7B}",
      "power-cut needs for: ever, or a time, a number and its unit (ms, s, min, h), such as 500ms",
    ],
    ["power-on: later", 'power-on is "later"; allowed is now'],
    ["clock: {}", "clock changes nothing; write what, such as jump: 1h"],
    ["clock: {drift: 50}", "drift is 50, which has no unit; write 50ppm or 50%"],
    ["expect-pin: {pin: D2}", "expect-pin needs either level or duty, such as level: high"],
    ["expect-pin: {level: high, duty: 5%}", "expect-pin needs either level or duty, such as level: high"],
    ["expect-pin: {level: high, tolerance: 5%}", "expect-pin has a tolerance, which belongs to duty"],
    [
      "expect-pin: {duty: 101%}",
      'duty is "101%"; allowed is a share, a number and its unit (%), such as 22%, at most 100%',
    ],
    ["expect-lamp: {within: 5s}", "expect-lamp needs either is or duty, such as is: on"],
    ["expect-lamp: {is: off, tolerance: 1%}", "expect-lamp has a tolerance, which belongs to duty"],
    ["expect-wifi: up", 'expect-wifi is "up"; allowed is connected or disconnected'],
    ["expect-link: {is: online, for: 5}", "for is 5, which has no unit; write 5ms or 5s or 5min or 5h"],
    [
      "expect-message: on",
      'expect-message is "on"; allowed is a mapping with topic, payload, matches, json, retain, qos, within or never',
    ],
    [
      "expect-message: {payload: on}",
      'expect-message needs topic: a topic, "~" standing for the lamp\'s, such as ~/state',
    ],
    [
      "expect-message: {topic: ~/state, payload: on, matches: on}",
      "expect-message has more than one of payload, matches and json; leave one",
    ],
    [
      "expect-message: {topic: ~/state, within: 1s, never: 1s}",
      "expect-message has both within and never; leave one of them out",
    ],
    [
      "expect-message: {topic: ~/state, matches: '('}",
      "matches is no regular expression: Invalid regular expression: /(/u: Unterminated group",
    ],
    ["expect-console: {within: 1s}", "expect-console needs either contains or matches"],
    [
      "screenshot: ../lamp.svg",
      'screenshot is "../lamp.svg"; allowed is the name of a file without folders that ends in .svg, such as lamp-on.svg',
    ],
    [
      "screenshot: lamp.png",
      'screenshot is "lamp.png"; allowed is the name of a file without folders that ends in .svg, such as lamp-on.svg',
    ],
    ["note: [x]", 'note is ["x"]; allowed is a text'],
    ["{", "not YAML: Flow map must end with a }"],
    ["", 'a step is empty; allowed is one KIND: VALUE, such as "publish: on"'],
  ])("%s", (step, sentence) => {
    expect(mistakeIn(step)).toBe(sentence);
  });
});

describe("a step that is right", () => {
  test("is the same from a file, from the page and from the keyboard", () => {
    const typed = parseStepText("network: {latency: 200ms,chunk: 7B}");
    const sent = parseStep({ network: { latency: "200ms", chunk: "7B" } });
    const written = parseScenario(
      "name: x\nsteps:\n  - network:\n      latency: 200ms\n      chunk: 7B\n",
      "x.yaml",
    ).steps[0];
    expect(typed.text).toBe("network: { latency: 200ms, chunk: 7B }");
    expect([sent.text, written?.text]).toEqual([typed.text, typed.text]);
    expect(parseStepText("- publish: on").text).toBe("publish: on");
  });
});

describe("scenario.schema.json", () => {
  const validate = new Ajv({ allowUnionTypes: true, strict: false, validateFormats: false }).compile(
    JSON.parse(text("scenario.schema.json")),
  );

  test("is what `npm run schema` writes", () => {
    expect(text("scenario.schema.json")).toBe(scenarioSchemaText());
  });

  test.each(readdirSync(new URL("scenarios/", import.meta.url)))("admits test/scenarios/%s", (file) => {
    expect(validate(parse(text(`test/scenarios/${file}`)))).toBe(true);
    expect(text(`test/scenarios/${file}`)).toMatch(
      /^# yaml-language-server: \$schema=..\/..\/scenario.schema.json\n/,
    );
  });

  test.each([
    "- wait: 200",
    "- expect-pn: high",
    "- network: { latency: 5 }",
    "- broker: kill",
    "- wait: 1s\n    note: x",
  ])("refuses %s", (step) => {
    expect(validate(parse(`name: x\nsteps:\n  ${step}\n`))).toBe(false);
  });
});

describe("docs/scenarios.md", () => {
  const page = text("docs/scenarios.md");
  const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, example = ""]) => example);

  test("has every step kind, each with an example, and no other", () => {
    const headings = [...page.matchAll(/^### `([\w-]+)`/gm)].map(([, name]) => name);
    expect(headings).toEqual(stepKinds.map(({ name }) => name));
    const sections = page.split(/^### /m).slice(1);
    for (const section of sections) expect(section).toContain("```yaml\n");
  });

  test("shows nothing that would be refused", () => {
    expect(examples.length).toBeGreaterThan(stepKinds.length);
    for (const example of examples) {
      const [document] = parseAllDocuments(example);
      const found: unknown = document && "toJS" in document ? document.toJS() : undefined;
      if (Array.isArray(found))
        expect(mistakesIn(`name: x\nsteps:\n${example.replace(/^/gm, "  ")}`)).toEqual([]);
      else expect(mistakesIn(example)).toEqual([]);
    }
  });
});

describe("names of files", () => {
  mkdirSync(join(folder, "lamps/deep"), { recursive: true });
  for (const file of ["b.yaml", "a.yml", "c.txt", "lamps/d.yaml", "lamps/deep/e.yaml", ".hidden.yaml"])
    writeFileSync(join(folder, file), "");

  test.each([
    [
      ["b.yaml", "a.yml"],
      ["b.yaml", "a.yml"],
    ],
    [["*.yaml"], ["b.yaml"]],
    [["*.y*ml"], ["a.yml", "b.yaml"]],
    [
      ["?.yml", "b.yaml", "*.yml"],
      ["a.yml", "b.yaml"],
    ],
    [["lamps"], ["lamps/d.yaml"]],
    [["lamps/**/*.yaml"], ["lamps/d.yaml", "lamps/deep/e.yaml"]],
    [["**/e.yaml"], ["lamps/deep/e.yaml"]],
    [["*/d.yaml"], ["lamps/d.yaml"]],
    [[join(folder, "*.yaml")], [join(folder, "b.yaml")]],
  ])("%j means %j", (names, files) => {
    const mistakes: string[] = [];
    expect(scenarioFiles(names, folder, mistakes)).toEqual(files);
    expect(mistakes).toEqual([]);
  });

  test.each([
    [
      "hall.yaml",
      "hall.yaml: there is no such file and no folder with scenarios (.yaml) in it; see docs/scenarios.md",
    ],
    ["hall-*.yaml", "no file matches hall-*.yaml; name scenario files (.yaml), or a folder of them"],
  ])("%s leads nowhere", (name, sentence) => {
    const mistakes: string[] = [];
    expect(scenarioFiles([name], folder, mistakes)).toEqual([]);
    expect(mistakes).toEqual([sentence]);
  });
});
