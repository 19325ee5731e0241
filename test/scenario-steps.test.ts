// What the steps of a scenario do, and what an expectation that is not met tells of what happened instead.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseScenario } from "../sim/scenario/parse.ts";
import { misfits, runScenario, type ScenarioResult } from "../sim/scenario/run.ts";
import { buildLamp } from "./fixtures/scenario-lamp.ts";

const folder = mkdtempSync(join(tmpdir(), "wick-"));
afterAll(() => rmSync(folder, { recursive: true }));

const online = "expect-link: { is: online, within: 5s }";

/** Plays steps, one a line; on the lamp, or on the same board with another program. */
async function play(steps: string[], { head = "", program }: { head?: string; program?: string } = {}) {
  const text = `name: In the hall\n${head}steps:\n${steps.map((step) => `  - ${step}\n`).join("")}`;
  const scenario = parseScenario(text, "hall.yaml");
  const lamp = await buildLamp(scenario);
  return runScenario(scenario, {
    lamp: program === undefined ? lamp : { ...lamp, bundle: program, sourceMap: undefined },
    folder: join(folder, "hall"),
  });
}

async function trace(): Promise<Record<string, unknown>[]> {
  const lines = readFileSync(join(folder, "hall/trace.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

const passed = { outcome: "passed", failure: undefined };

/** What a result says of the step that failed: place, expectation, and what happened instead. */
function told({ outcome, failure }: ScenarioResult): string {
  const {
    line,
    column,
    step,
    expected = "",
    instead,
  } = failure ?? { line: 0, column: 0, step: "", instead: [] };
  return [`${outcome} ${line}:${column} ${step}`, expected, ...instead].join("\n");
}

describe("an expectation that is not met tells what happened instead", () => {
  test("expect-pin: the level, since when, and what it was before", async () => {
    const steps = [
      online,
      "publish: on",
      "expect-pin: high",
      "wait: 2s",
      "expect-pin: { level: low, within: 3s }",
    ];
    expect(told(await play(steps))).toBe(`failed 7:5 expect-pin: { level: low, within: 3s }
D2 to be low within 3 s
D2 is high, since 2.006 s (before: low)
last messages:
  2.004 s home/office/lamp/status "online" (QoS 1, retained)
  2.007 s home/office/lamp/state "on" (QoS 1, retained)
  2.007 s home/office/lamp/json "{\\"state\\":\\"ON\\",\\"brightness\\":255,\\"color_mode\\":\\"brightness\\"}" (QoS 1, retained)
last on the console:
  2 s Wi-Fi: 192.168.4.23`);
  });

  test("expect-pin: a duty cycle", async () => {
    const steps = [online, "publish: { topic: ~/brightness/set, payload: 128 }", "expect-pin: { duty: 50% }"];
    expect(told(await play(steps))).toContain(
      "D2 to have a duty cycle of 50 % (± 0.5 %) within 1 s\nD2 is at a duty cycle of 22.73 %, since 2.006 s (before: low)\n",
    );
  });

  test("expect-lamp: what never changed, and what did not last", async () => {
    expect(told(await play(["expect-lamp: on"]))).toContain(
      "the lamp on D2 to be on within 1 s\nthe lamp on D2 is off, and never was anything else\nlast messages: none\n",
    );
    const blinking = "var on = 0; setInterval(() => analogWrite(D2, (on = 1 - on)), 3000)";
    expect(
      told(await play(["expect-lamp: { is: on, within: 5s, for: 1min }"], { program: blinking })),
    ).toContain(
      "the lamp on D2 to be on within 5 s, and for 1 min\nthe lamp on D2 was so for 3 s only, and is off, since 6 s (before: fully on)\n",
    );
  });

  test("expect-message: what was published to the topic, and elsewhere", async () => {
    const steps = [online, "publish: on", "expect-message: { topic: ~/state, payload: dim, within: 2s }"];
    expect(
      told(await play(steps)),
    ).toBe(`failed 5:5 expect-message: { topic: ~/state, payload: dim, within: 2s }
a message to home/office/lamp/state that is "dim" within 2 s
published to home/office/lamp/state since the last one expected:
  2.004 s home/office/lamp/state "off" (QoS 1, retained)
  2.007 s home/office/lamp/state "on" (QoS 1, retained)
last messages to other topics:
  2.004 s home/office/lamp/json "{\\"state\\":\\"OFF\\",\\"brightness\\":255,\\"color_mode\\":\\"brightness\\"}" (QoS 1, retained)
  2.004 s home/office/lamp/status "online" (QoS 1, retained)
  2.007 s home/office/lamp/json "{\\"state\\":\\"ON\\",\\"brightness\\":255,\\"color_mode\\":\\"brightness\\"}" (QoS 1, retained)
last on the console:
  2 s Wi-Fi: 192.168.4.23`);
  });

  test.each([
    ["matches: ^dim$", " that matches /^dim$/"],
    ["json: { state: DIM }", ' that holds {"state":"DIM"}'],
    ["json: [1, 2]", " that holds [1,2]"],
    ["retain: false", ", not retained"],
    ["payload: off, qos: 2", ' that is "off", QoS 2'],
  ])("expect-message: { topic: ~/json, %s } names what it wanted", async (wanted, words) => {
    expect(told(await play([online, `expect-message: { topic: ~/json, ${wanted} }`]))).toContain(
      `a message to home/office/lamp/json${words} within 1 s`,
    );
  });

  test("expect-message, never: the one that came", async () => {
    const steps = [online, "publish: on", "expect-message: { topic: ~/state, never: 5s }"];
    expect(told(await play(steps))).toContain(
      'no message to home/office/lamp/state for 5 s\nit came: 2.007 s home/office/lamp/state "on" (QoS 1, retained)',
    );
  });

  test("expect-console: the lines there were", async () => {
    const steps = [online, "expect-console: Wi-Fi", "publish: dim", "expect-console: fell off the wall"];
    expect(told(await play(steps))).toBe(`failed 6:5 expect-console: fell off the wall
a console line with "fell off the wall" within 1 s
on the console since the last line expected:
  2.006 s lamp: home/office/lamp "dim": unknown`);
    expect(
      told(await play([online, "expect-console: { matches: ^Wi-Fi, within: 5s }", "expect-console: Wi-Fi"])),
    ).toContain("on the console since the last line expected: none");
    expect(
      told(await play([online, "publish: dim", "expect-console: { contains: dim, never: 1s }"])),
    ).toContain('no console line with "dim" for 1 s\nit came: 2.006 s lamp: home/office/lamp "dim": unknown');
  });

  test("expect-wifi and expect-link: the state, since when", async () => {
    expect(told(await play([online, "expect-wifi: disconnected"]))).toContain(
      "the Wi-Fi to be disconnected within 1 s\nthe Wi-Fi is connected, since 1.04 s (before: disconnected)\n",
    );
    expect(told(await play([online, "network: { half-open: true }", "expect-link: offline"]))).toContain(
      "the MQTT connection to be offline within 1 s\nthe MQTT connection is online, since 2.005 s (before: connected)\n",
    );
  });

  test("and leaves a trace with all of it", async () => {
    await play([online, "publish: on", "note: now", "wait: 1s", "expect-lamp: off"], {
      head: "set: { mqtt.password: hush-hush, mqtt.username: me }\n",
    });
    const lines = await trace();
    expect(lines[0]).toEqual({ t: 0, type: "boot" });
    expect(lines).toContainEqual({ t: 2006, type: "pin", pin: "D2", value: 1 });
    expect(lines).toContainEqual({ t: 2005, type: "note", text: "now" });
    expect(lines).toContainEqual({ t: 3005, type: "step", line: 8, step: "expect-lamp: off" });
    expect(lines.at(-1)).toMatchObject({
      t: 4005,
      type: "failure",
      expected: "the lamp on D2 to be off within 1 s",
    });
    const sent = lines.filter(({ type }) => type === "from-board").map(({ bytes }) => String(bytes));
    expect(Buffer.from(sent[0] ?? "", "hex").toString("latin1")).toContain("home/office/lamp/status");
    const files = ["trace.jsonl", "pins.vcd", "traffic.pcap"].map((name) =>
      readFileSync(join(folder, "hall", name), "latin1"),
    );
    for (const file of files) {
      expect(file).not.toContain("hush-hush");
      expect(file).not.toContain(Buffer.from("hush-hush").toString("hex"));
    }
    await play([online]);
    expect(existsSync(join(folder, "hall/trace.jsonl"))).toBe(false);
  });
});

describe("nothing is missed between two steps", () => {
  test("messages and lines of the past satisfy an expectation, in any order of topics, each only once", async () => {
    const result = await play([
      online,
      "publish: on",
      "wait: 1min",
      "publish: off",
      "wait: 1min",
      "expect-message: { topic: ~/json, json: { state: ON }, within: 0s }",
      "expect-message: { topic: ~/state, payload: on, within: 0s }",
      "expect-message: { topic: ~/state, payload: off, within: 0s }",
      "expect-message: { topic: ~/json, json: { state: OFF }, within: 0s }",
      "expect-message: { topic: ~/state, never: 1min }",
    ]);
    expect(result).toMatchObject(passed);
    expect(
      told(
        await play([
          online,
          "publish: on",
          "expect-message: { topic: ~/state, payload: on }",
          "expect-message: { topic: ~/state, payload: on }",
        ]),
      ),
    ).toContain("since the last one expected: none");
  });

  test("the will counts; what others publish does not", async () => {
    const steps = [
      online,
      "publish: { topic: ~/status, payload: nonsense, retain: true }",
      "power-cut: ever",
      "expect-message: { topic: ~/status, payload: offline }",
      "power-on: now",
      "expect-message: { topic: ~/status, payload: online, within: 5s }",
    ];
    expect(await play(steps)).toMatchObject(passed);
    expect(
      told(await play([...steps.slice(0, 2), "expect-message: { topic: ~/status, payload: nonsense }"])),
    ).toMatch(/^failed/);
  });
});

describe("what is done to the board", () => {
  /** Prints what it sees of a pin. */
  const watcher = (pin: string, mode: string) =>
    `pinMode(${pin}, "${mode}"); setWatch((e) => print("${pin} " + e.state + " at " + Math.round(getTime() * 1000)), ${pin}, { repeat: true, edge: "both" })`;

  test("press: the button is down for the time, and the next step follows then", async () => {
    const steps = [
      "wait: 1s",
      "press: 200ms",
      "expect-pin: { pin: D0, level: high, within: 0s }",
      "press: hold",
      "wait: 5s",
      "expect-pin: { pin: D0, level: low, within: 0s }",
      "press: release",
      "expect-console: D0 false at 1000",
      "expect-console: D0 true at 1200",
      "expect-console: D0 false at 1200",
      "expect-console: D0 true at 6200",
    ];
    expect(await play(steps, { program: watcher("D0", "input_pullup") })).toMatchObject(passed);
  });

  test("press: another pin is connected to ground", async () => {
    const steps = [
      "press: { pin: D4, for: 1s }",
      "expect-console: D4 false at 0",
      "expect-console: D4 true at 1000",
    ];
    expect(await play(steps, { program: watcher("D4", "input_pullup") })).toMatchObject(passed);
  });

  test("set-pin drives a pin until it is released", async () => {
    const steps = [
      "set-pin: { pin: D4, level: high }",
      "expect-pin: { pin: D4, level: 1, for: 1min }",
      "expect-console: D4 true",
      "set-pin: { pin: D4, level: release }",
      "expect-pin: { pin: D4, level: low, within: 0s }",
    ];
    expect(await play(steps, { program: watcher("D4", "input_pulldown") })).toMatchObject(passed);
  });

  test("power-cut, at-byte: it goes in the middle of a write, and is back after the time", async () => {
    const program = `var S = require("Storage"); print("booted with " + S.read("state"));
setTimeout(() => { S.write("state", "0123456789"); print("written") }, 1000)`;
    const steps = [
      "power-cut: { for: 3s, at-byte: 20B }",
      "expect-console: booted with undefined",
      "wait: 999ms",
      "expect-console: { contains: written, never: 3s }",
      "expect-console: booted with undefined",
      "expect-console: { contains: written, within: 2s }",
      "power-cut: 1s",
      'expect-console: { contains: "booted with 0123456789", within: 2s }',
    ];
    expect(await play(steps, { program })).toMatchObject(passed);
  });

  test("clock: the time of day jumps, and time runs fast", async () => {
    const program = 'setTime(1000); setInterval(() => print("it is " + getTime().toFixed(2)), 10000)';
    const steps = [
      "expect-console: { contains: it is 1010.00, within: 10s }",
      "clock: { jump: 1h }",
      "expect-console: { contains: it is 4620.00, within: 10s }",
      "clock: { drift: 10% }",
      "wait: 9s",
      "expect-console: { contains: it is 4630.00, within: 100ms }",
    ];
    expect(await play(steps, { program })).toMatchObject(passed);
  });

  test("network, wifi and broker: with for, they come back by themselves while the steps go on", async () => {
    const steps = [
      online,
      "network: { latency: 300ms, for: 10s }",
      "publish: on",
      "expect-lamp: { is: off, within: 0s, for: 250ms }",
      "expect-lamp: on",
      "wait: 10s",
      "publish: off",
      "expect-lamp: { is: off, within: 20ms }",
      "wifi: { state: down, for: 5s, reason: 8 }",
      "expect-wifi: { is: disconnected, within: 0s, for: 4s }",
      "expect-link: { is: online, within: 20s }",
      "broker: { do: stop, for: 5s, remembers: retained }",
      "expect-link: { is: offline, for: 4s }",
      "expect-link: { is: online, within: 10s }",
    ];
    expect(await play(steps)).toMatchObject(passed);
  });

  test("each is told as a fault, so that a trace shows cause and effect", async () => {
    await play([
      "wifi: { state: silent, rssi: -85dBm, connect: 2s }",
      "network: { drain: 0B, dns: fails }",
      "network: { cut: reset }",
      "network: off",
      "broker: { do: stop, how: reset }",
      "broker: start",
      "power-cut: 1s",
      "clock: { jump: -1h, drift: 50ppm }",
      "expect-lamp: on",
    ]);
    const faults = (await trace()).filter(({ type }) => type === "fault").map(({ what }) => what);
    expect(faults).toEqual([
      "wifi: -85 dBm",
      "wifi: takes 2000 ms to connect",
      "wifi: silent",
      "network: drainBytes 0, unknownHost true",
      "network: cut, reset",
      "network: no faults",
      "broker: stopped",
      "broker: started",
      "power cut",
      "clock: drift 50 ppm",
      "clock: jump -3600000 ms",
    ]);
  });

  test("screenshot: the board as it is at that moment, beside the other results", async () => {
    const result = await play([
      online,
      "screenshot: off.svg",
      "publish: on",
      "expect-lamp: on",
      "screenshot: { file: on.svg }",
      "note: bright",
    ]);
    expect(result).toMatchObject({ ...passed, folder: join(folder, "hall") });
    expect(result.notes).toEqual([
      { t: 2005, text: "screenshot off.svg" },
      { t: 2006, text: "screenshot on.svg" },
      { t: 2006, text: "bright" },
    ]);
    const drawn = (name: string) => readFileSync(join(folder, "hall", name), "utf8");
    expect(drawn("off.svg")).toContain("the lamp on D2 is off");
    expect(drawn("on.svg")).toContain("the lamp on D2 glows at 100 %");
  });
});

describe("what cannot be done", () => {
  test("without a broker, or while it is stopped, nothing is published", async () => {
    expect(told(await play(["publish: on"], { head: "broker: none\n" }))).toBe(
      "failed 4:5 publish: on\n\npublish needs the broker that Wick brings along, and this simulation runs without it",
    );
    expect(told(await play(["broker: stop", "publish: on"]))).toContain(
      "nothing can be published while the broker is stopped; start it first: broker: start",
    );
    expect(told(await play(["broker: restart"], { head: "broker: none\n" }))).toContain("without the broker");
  });

  test("what this board does not have is named before anything runs", async () => {
    const text = `name: x
board: linux
steps:
  - set-pin: { pin: D99, level: high }
  - expect-pin: { pin: d4, level: high }
  - wifi: down
  - expect-wifi: connected
  - press: 1s
`;
    const scenario = parseScenario(text, "hall.yaml");
    expect(
      misfits(scenario, await buildLamp(scenario)).map((line) => line.replace(/; its pins are .*/, "")),
    ).toEqual([
      "hall.yaml:4:5: set-pin: linux has no pin D99 (did you mean D9?)",
      "hall.yaml:5:5: expect-pin: linux has no pin d4 (did you mean D4?)",
      "hall.yaml:6:5: wifi: linux has no Wi-Fi",
      "hall.yaml:7:5: expect-wifi: linux has no Wi-Fi",
      "hall.yaml:8:5: press: the lamp on linux has no button; name a pin, such as press: { pin: D4, for: 200ms }",
    ]);
  });
});
