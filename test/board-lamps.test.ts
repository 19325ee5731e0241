/** The lamp on every board there is a profile of: built for it, booted on the simulated board with its pins, memory and Storage, and switched. */
import { describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { BuildError, build } from "../tools/build/build.ts";
import { loadConfig } from "../tools/config/load.ts";
import { loadProfile, profileNames } from "../tools/config/profile.ts";
import { base, lampOnline } from "./fixtures/client-lamp.ts";

const all = profileNames().map((name) => loadProfile(name));
const able = all.filter(({ noLamp }) => noLamp === undefined);

/** A board of that profile with nothing on it but what is typed. */
function bareBoard(name: string) {
  const clock = new VirtualClock();
  const board = createBoard({
    profile: loadProfile(name),
    bundle: "",
    clock,
    network: new LoopbackNetwork(clock),
  });
  board.boot();
  return board;
}

describe.each(able.map(({ name }) => name))("%s", (name) => {
  const { led, pins, memory, flash, interpreter, budget } = loadProfile(name);
  const lit = led.activeLow ? 0 : 1;

  test("boots the lamp, which joins, is safe until told, and is switched", async () => {
    const lamp = await lampOnline({ board: name });
    expect(lamp.pin).toBe(led.pin);
    expect(lamp.isOnline).toBe(true);
    expect(lamp.level).toBe(1 - lit);
    lamp.say(base, "on");
    expect(lamp.level).toBe(lit);
    expect(lamp.last("/state")).toBe("on");
    lamp.say(base, "off");
    expect(lamp.level).toBe(1 - lit);
    expect(lamp.board.console.filter((line) => /Error|Uncaught/.test(line))).toEqual([]);
  });

  test("dims it where the pin has PWM, at a frequency that the board can", async () => {
    if (!pins[led.pin]?.can.includes("pwm")) return;
    const lamp = await lampOnline({ board: name });
    lamp.say(`${base}/brightness/set`, "100");
    expect(lamp.level).toBeGreaterThan(0);
    expect(lamp.level).toBeLessThan(1);
    expect(lamp.board.pins.frequency(led.pin)).toBeLessThanOrEqual(loadProfile(name).pwm.maxHz);
  });

  test("leaves most of its memory free, and keeps within the budget", async () => {
    const lamp = await lampOnline({ board: name });
    expect(lamp.board.memory.total).toBe(memory.variables);
    expect(lamp.board.memory.peak).toBeLessThan(memory.variables * 0.6);
    expect(lamp.bytes).toBeLessThanOrEqual(budget.bundleBytes);
  });

  test("says what it is as the interpreter does there", () => {
    const board = bareBoard(name);
    expect(board.evaluate("process.env.BOARD")).toBe(interpreter.boards[0]);
    expect(board.evaluate("process.env.STORAGE")).toBe(flash.pages * flash.pageBytes);
    expect(board.pins.names).toEqual(Object.keys(pins));
    for (const pin of board.pins.names) expect(board.evaluate(`${pin}.toString()`)).toBe(pin);
  });

  test("has no modules that its interpreter lacks", () => {
    const board = bareBoard(name);
    for (const lack of interpreter.lacks) {
      const [module = "", member] = lack.split(".");
      if (member === undefined)
        expect(() => board.evaluate(`require("${module}")`)).toThrow(`Module "${module}" not found`);
      else expect(board.evaluate(`typeof require("${module}").${member}`)).toBe("undefined");
    }
  });
});

test.each(all.filter(({ noLamp }) => noLamp !== undefined))(
  "$name cannot run the lamp, and the build says why and what to do",
  async ({ name, noLamp }) => {
    const config = loadConfig({
      file: null,
      overrides: { board: name, "mqtt.host": "b", "wifi.ssid": "s" },
    });
    const refusal = await build({ config }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(BuildError);
    expect((refusal as BuildError).mistakes).toEqual([
      `${name}: the lamp of this version cannot run on it: ${noLamp}; take another board (npx wick boards), or build a program of your own with --entry FILE`,
    ]);
  },
);

describe("pins as the interpreter numbers and turns them", () => {
  test("the ESP8266's analog input comes after its 17 digital pins", () => {
    const board = bareBoard("wemos-d1-mini");
    expect(board.evaluate("[D0.valueOf(), D16.valueOf(), A0.valueOf()].join()")).toBe("0,16,17");
    expect(board.evaluate("Pin(17).toString()")).toBe("A0");
  });

  test("ports of an STM32 do not share numbers", () => {
    const board = bareBoard("espruino-wifi");
    expect(board.evaluate("A0.valueOf() === B0.valueOf()")).toBe(false);
  });

  test("the button of an ESP32 reads true while it is pressed, and its pin is low", () => {
    const board = bareBoard("esp32-devkitc");
    expect([board.evaluate("D0.read()"), board.pins.value("D0")]).toEqual([false, 1]);
    board.pins.drive("D0", 0);
    expect([board.evaluate("D0.read()"), board.evaluate("digitalRead(D0)")]).toEqual([true, 1]);
    board.pins.release("D0");
    board.evaluate("digitalWrite(D0, 1)");
    expect([board.evaluate("D0.read()"), board.pins.value("D0")]).toEqual([true, 0]);
    board.evaluate("analogWrite(D0, 0.25)");
    expect(board.pins.value("D0")).toBe(0.75);
  });

  test("and that of an ESP32-C3 as it is", () => {
    const board = bareBoard("esp32-c3-supermini");
    board.pins.drive("D9", 0);
    expect(board.evaluate("D9.read()")).toBe(false);
  });

  test("analogWrite works on the ESP32's converters, without PWM", () => {
    const board = bareBoard("esp32-devkitc");
    board.evaluate("analogWrite(D25, 0.5)");
    expect(board.pins.value("D25")).toBe(0.5);
  });
});
