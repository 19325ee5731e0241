// What the steps of a scenario do to a board and the world around it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseScenario } from "../sim/scenario/parse.ts";
import { misfits } from "../sim/scenario/run.ts";
import { buildLamp } from "./fixtures/scenario-lamp.ts";
import { online, passed, play, resultsFolder, told, trace } from "./fixtures/scenario-play.ts";

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
      // The interpreter of the ESP32 turns D0 round: pressed is true (boards/ESP32.py, "NEGATED").
      "expect-console: D0 true at 1000",
      "expect-console: D0 false at 1200",
      "expect-console: D0 true at 1200",
      "expect-console: D0 false at 6200",
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
      "power-cut: { for: 3s, at-byte: 20B }",
      "power-cut: 1s",
      'expect-console: { contains: "booted with 0123456789", within: 2s }',
      "expect-console: { contains: written, within: 2s }",
      "expect-console: { contains: booted, never: 10s }",
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
    const faults = trace()
      .filter(({ type }) => type === "fault")
      .map(({ what }) => what);
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
    expect(result).toMatchObject({ ...passed, folder: resultsFolder });
    expect(result.notes).toEqual([
      { t: 2005, text: "screenshot off.svg" },
      { t: 2006, text: "screenshot on.svg" },
      { t: 2006, text: "bright" },
    ]);
    const drawn = (name: string) => readFileSync(join(resultsFolder, name), "utf8");
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
      'hall.yaml:4:5: set-pin: linux has no pin D99 (did you mean "D9"?)',
      'hall.yaml:5:5: expect-pin: linux has no pin d4 (did you mean "D4"?)',
      "hall.yaml:6:5: wifi: linux has no Wi-Fi",
      "hall.yaml:7:5: expect-wifi: linux has no Wi-Fi",
      "hall.yaml:8:5: press: linux has no button; name a pin, such as press: { pin: D4, for: 200ms }",
    ]);
  });
});
