/** Analog inputs and the chip's temperature: what a program reads, on boards that have them and on those that do not. */
import { afterEach, describe, expect, test } from "vitest";
import { type BoardEvent, createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { LiveSteps, parseStepText, StepFailure, StepMistake } from "../sim/scenario/index.ts";
import { Simulation } from "../sim/simulation.ts";
import { record } from "../sim/trace/recorder.ts";
import { parseRecordings } from "../sim/trace/recording.ts";
import { replay } from "../sim/trace/replay.ts";
import { recordVcd } from "../sim/trace/vcd.ts";
import { loadProfile, profileNames } from "../tools/config/profile.ts";
import type { BoardDriver } from "./drivers/driver.ts";
import { interpreter } from "./drivers/interpreter.ts";

const READ = 'function read(){return [analogRead(D34),digitalRead(D34),D34.analog(),D34.read()].join(" ")}';

function boardOf(name: string, bundle = "") {
  const clock = new VirtualClock();
  const events: BoardEvent[] = [];
  const board = createBoard({
    ...{ profile: loadProfile(name), bundle, clock, network: new LoopbackNetwork(clock) },
    onEvent: (event) => events.push(event),
  });
  board.boot();
  return { board, clock, events };
}

describe("a pin with a converter", () => {
  test.each([
    [0, "0 0 0 false"],
    [0.42, "0.42 0 0.42 false"],
    [0.5, "0.5 1 0.5 true"],
    [0.999, "0.999 1 0.999 true"],
    [1, "1 1 1 true"],
  ])("at %d reads as that, and as a level from half of the supply on", (voltage, read) => {
    const { board } = boardOf("esp32-devkitc", READ);
    board.pins.drive("D34", voltage);
    expect(board.evaluate("read()")).toBe(read);
    board.pins.release("D34");
    expect(board.evaluate("read()")).toBe("0 0 0 false");
  });

  test("setWatch hears of levels, not of voltages", async () => {
    const { board, clock } = boardOf(
      "esp32-devkitc",
      "setWatch(function(e){print(e.state)},D34,{repeat:true,edge:'both'})",
    );
    for (const voltage of [0.1, 0.49, 0.5, 0.9, 0.6, 0.3]) {
      board.pins.drive("D34", voltage);
      await clock.advance(5);
    }
    expect(board.console).toEqual(["true", "false"]);
  });

  test("every change is an event, and a power cut leaves the world around the board as it is", () => {
    const { board, events } = boardOf("esp32-devkitc", READ);
    board.pins.drive("D34", 0.25);
    board.pins.drive("D34", 0.25);
    board.powerOff();
    board.boot();
    expect(events.filter(({ type }) => type === "pin")).toEqual([
      { t: 0, type: "pin", pin: "D34", value: 0.25 },
    ]);
    expect(board.evaluate("read()")).toBe("0.25 0 0.25 false");
  });

  test.each([-0.01, 1.01, Number.NaN, "0.5", undefined])("is not driven to %s", (voltage) => {
    const { board } = boardOf("esp32-devkitc");
    expect(() => board.pins.drive("D34", voltage as number)).toThrow(/allowed is a number from 0 to 1/);
  });
});

/** What Espruino 2v29 for Linux prints. */
const ON_LINUX = {
  program:
    "print('begin');print(analogRead(D4));print(D4.analog());print(E.getTemperature());print(E.getErrorFlags().length)",
  lines: [
    "begin",
    "ERROR: Analog is not supported on this device.",
    "0",
    "ERROR: Analog is not supported on this device.",
    "0",
    "NaN",
    "0",
  ],
};

describe("a board without", () => {
  test("Linux has neither converter nor thermometer", () => {
    const { board } = boardOf("linux", ON_LINUX.program);
    expect(board.console).toEqual(ON_LINUX.lines);
  });

  let driver: BoardDriver | undefined;
  afterEach(() => driver?.close());
  const missing = interpreter.missing === undefined ? "" : `: ${interpreter.missing}`;
  test.skipIf(interpreter.missing !== undefined)(`so it is on the interpreter${missing}`, async () => {
    driver = interpreter.create();
    const board = await driver.start({ bundle: ON_LINUX.program });
    await board.until(() => board.console.includes("NaN"), 20_000, "all is printed");
    await board.until(() => board.console.at(-1) === "0", 20_000, "all is printed");
    expect(board.console.slice(board.console.indexOf("begin"))).toEqual(ON_LINUX.lines);
  });

  test("pins of an ESP32 that have no converter read as NaN, whatever drives them", () => {
    const { board } = boardOf("esp32-devkitc");
    board.pins.drive("D4", 1);
    expect(board.evaluate("''+analogRead(D4)+D4.analog()+digitalRead(D4)")).toBe("NaNNaN1");
  });

  test("the interpreter reads a temperature on ESP32 and STM32F4 only", () => {
    const readings = profileNames().map((name) => {
      const { board } = boardOf(name);
      return [name, board.evaluate("E.getTemperature()"), ...board.console] as const;
    });
    const complaint = "ERROR: >> jshReadTemperature Not implemented";
    for (const [name, reading, ...lines] of readings) {
      const { chip } = loadProfile(name);
      expect([name, reading], name).toEqual([name, /^(ESP32|STM32F411)$/.test(chip) ? 25 : Number.NaN]);
      expect(lines, name).toEqual(/^ESP32-/.test(chip) ? [complaint] : []);
    }
  });
});

describe("steps", () => {
  const simulate = (board = "esp32-devkitc", bundle = READ) => {
    const simulation = new Simulation({
      ...{ profile: loadProfile(board), bundle, lamp: undefined },
      network: { kind: "in-process", port: 1883 },
    });
    return { simulation, steps: new LiveSteps(simulation) };
  };

  test("set the voltage of a pin and the temperature of the chip, typed or from the page", async () => {
    const { simulation, steps } = simulate();
    simulation.start();
    await steps.performText("set-pin: { pin: D34, voltage: 0.42 }");
    await steps.perform({ temperature: 21.5 });
    expect(simulation.board.evaluate("read()+' '+E.getTemperature()")).toBe("0.42 0 0.42 false 21.5");
    await steps.performText("set-pin: { pin: D34, level: high }");
    await steps.performText("temperature: -7");
    expect(simulation.board.evaluate("read()+' '+E.getTemperature()")).toBe("1 1 1 true -7");
    await steps.performText("set-pin: { pin: D34, level: release }");
    expect(simulation.board.evaluate("read()")).toBe("0 0 0 false");
    simulation.close();
  });

  test.each([
    ["set-pin: { pin: D34, voltage: 1.5 }", "voltage is 1.5; allowed is a number from 0 to 1"],
    ["set-pin: { pin: D34, voltage: -0.1 }", "voltage is -0.1; allowed is a number from 0 to 1"],
    ["set-pin: { pin: D34, voltage: 1.1V }", 'voltage is "1.1V"; allowed is a number from 0 to 1'],
    [
      "set-pin: { pin: D34 }",
      "set-pin needs level: high, low, 1, 0 or release, or voltage: a number from 0 to 1",
    ],
    [
      "set-pin: { pin: D34, level: low, voltage: 0 }",
      "set-pin has both level and voltage; leave one of them out",
    ],
    ["temperature: 126", "temperature is 126; allowed is a number from -40 to 125"],
    ["temperature: warm", 'temperature is "warm"; allowed is a number from -40 to 125'],
    ["temperature:", "temperature is empty; allowed is a number from -40 to 125"],
  ])("%s is wrong", (text, sentence) => {
    expect(() => parseStepText(text)).toThrow(new StepMistake(sentence));
  });

  test.each([
    [
      "esp32-devkitc",
      "set-pin: { pin: D4, voltage: 0.4 }",
      "D4 is no analog input of esp32-devkitc; those are D32, D33, D34, D35, D36 or D39",
    ],
    ["nodemcu", "set-pin: { pin: D4, voltage: 0.4 }", "D4 is no analog input of nodemcu; its only one is A0"],
    [
      "linux",
      "set-pin: { pin: D4, voltage: 0.4 }",
      "linux has no analog inputs; set a level, such as level: high",
    ],
    [
      "esp32-c3-supermini",
      "temperature: 20",
      "the interpreter on esp32-c3-supermini reads no temperature: E.getTemperature() is NaN there",
    ],
  ])("on %s %s is refused", async (board, text, sentence) => {
    const { simulation, steps } = simulate(board);
    await expect(steps.performText(text)).rejects.toThrow(new StepFailure(undefined, [sentence]));
    simulation.close();
  });

  test("are recorded and replayed, and drawn as waveforms", async () => {
    const bundle = "setInterval(function(){print(analogRead(D34),digitalRead(D34),E.getTemperature())},100)";
    const { simulation, steps } = simulate("esp32-devkitc", bundle);
    let recording = "";
    let dump = "";
    const stops = [
      record(simulation, { bundle, seed: 1, secrets: [] }, (piece) => {
        recording += piece;
      }),
      recordVcd(simulation, (piece) => {
        dump += piece;
      }),
    ];
    simulation.start();
    await simulation.advance(150);
    await steps.performText("set-pin: { pin: D34, voltage: 0.42 }");
    await steps.performText("temperature: 21.5");
    await simulation.advance(100);
    await steps.performText("set-pin: { pin: D34, voltage: 0.75 }");
    await simulation.advance(100);
    expect(simulation.board.console).toEqual(["0 0 25", "0.42 0 21.5", "0.75 1 21.5"]);
    for (const stop of stops) stop();
    simulation.close();

    const [parsed] = parseRecordings(recording, "run.jsonl");
    if (!parsed) throw new Error("nothing was recorded");
    const printed: string[] = [];
    const result = replay(parsed, {
      ...{ profile: loadProfile("esp32-devkitc"), bundle },
      onEvent: (event) => {
        if (event.type === "console") printed.push(event.text);
      },
    });
    expect(result.difference).toBeUndefined();
    expect(printed).toEqual(["0 0 25", "0.42 0 21.5", "0.75 1 21.5"]);

    const [, level] = /\$var wire 1 (\S+) D34 \$end/.exec(dump) ?? [];
    const [, voltage] = /\$var real 64 (\S+) D34_voltage \$end/.exec(dump) ?? [];
    const of = (code: string | undefined) =>
      dump
        .split("\n")
        .filter((line) => line === `0${code}` || line === `1${code}` || line.endsWith(` ${code}`));
    expect(of(level)).toEqual([`0${level}`, `1${level}`]);
    expect(of(voltage)).toEqual([`r0 ${voltage}`, `r0.42 ${voltage}`, `r0.75 ${voltage}`]);
  });
});
