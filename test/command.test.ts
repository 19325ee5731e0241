// Payloads and what they ask the lamp to do; brightness is on in the constants of these tests.
import { describe, expect, test } from "vitest";
import {
  brightnessCommand,
  lightCommand,
  OFF,
  ON,
  switchCommand,
  TOGGLE,
  UNKNOWN,
} from "../firmware/lamp/command.ts";

describe("a switch command", () => {
  test.each([
    ["on", ON],
    ["off", OFF],
    ["toggle", TOGGLE],
    ["1", ON],
    ["0", OFF],
    ["true", ON],
    ["false", OFF],
  ])("%s, in any case and with blanks around it", (word, expected) => {
    const upper = word.toUpperCase();
    const mixed = word.slice(0, 1).toUpperCase() + word.slice(1);
    for (const form of [word, upper, mixed, ` ${word}`, `${word}\n`, `\t ${upper} \r\n`])
      expect({ form, command: switchCommand(form) }).toEqual({ form, command: expected });
  });

  test.each([
    "",
    " ",
    "onn",
    "no",
    "o n",
    "on off",
    "office",
    "offon",
    "turn on",
    "2",
    "01",
    "-1",
    "1.0",
    "yes",
    "tru",
    "null",
    "undefined",
    "toString",
    "\0",
    "on\0",
    "{}",
    '{"state":"ON"}',
    "öff",
  ])("%j is none", (payload) => {
    expect(switchCommand(payload)).toBe(UNKNOWN);
  });

  test("no word that holds 'off' switches on [WThermostatBeca 174]", () => {
    for (const payload of ["off", "OFF ", "off!", "xoff", "off on", "0ff"])
      expect(switchCommand(payload)).not.toBe(ON);
  });
});

describe("a brightness", () => {
  test("is every whole number of 0 to 255, with blanks around it", () => {
    for (let value = 0; value < 256; value++) expect(brightnessCommand(` ${value}\n`)).toBe(value);
  });

  test.each([
    "",
    " ",
    "256",
    "1000",
    "-1",
    "-0",
    "+5",
    "05",
    "1.5",
    "1e2",
    "0x10",
    "12a",
    "a12",
    "1 2",
    "50%",
    "NaN",
    "Infinity",
    "99999999999999999999",
    "on",
    "null",
  ])("%j is none", (payload) => {
    expect(brightnessCommand(payload)).toBe(UNKNOWN);
  });
});

describe("a JSON command", () => {
  const isGood = (payload: string) => !lightCommand(payload).error;

  test.each([
    ["ON", ON],
    ["OFF", OFF],
    ["TOGGLE", TOGGLE],
    ["on", ON],
    ["oFf", OFF],
  ])("state %s", (state, expected) => {
    const command = lightCommand(JSON.stringify({ state }));
    expect(command.error).toBeFalsy();
    expect(command.state).toBe(expected);
  });

  test.each([0, 1, 128, 255])("brightness %i", (brightness) => {
    const command = lightCommand(JSON.stringify({ brightness }));
    expect(command.error).toBeFalsy();
    expect(command.brightness).toBe(brightness);
  });

  test("all keys at once, in any order, with blanks around it", () => {
    for (const payload of [
      ' { "state" : "ON" , "brightness" : 7 , "transition" : 1.5 }\n',
      '{"transition":0,"brightness":7,"state":"on"}',
    ]) {
      const command = lightCommand(payload);
      expect(command.error).toBeFalsy();
      expect([command.state, command.brightness]).toEqual([ON, 7]);
    }
  });

  test.each([
    ["nothing", ""],
    ["a word", "on"],
    ["a number", "5"],
    ["null", "null"],
    ["a list", '["ON"]'],
    ["a text", '"ON"'],
    ["no object at all", "true"],
    ["an object that breaks off", '{"state":"ON"'],
    ["a text that breaks off", '{"state":"ON'],
    ["something behind it", '{"state":"ON"}xyz'],
    ["something before it", 'xyz{"state":"ON"}'],
    ["an empty object", "{}"],
    ["single quotes", "{'state':'ON'}"],
  ])("%s is an error: %s", (_what, payload) => {
    expect(lightCommand(payload).error).toBeTruthy();
  });

  test.each([
    ['{"state":"DIM"}', "state"],
    ['{"state":null}', "state"],
    ['{"state":""}', "state"],
    ['{"brightness":256}', "brightness"],
    ['{"brightness":-1}', "brightness"],
    ['{"brightness":1.5}', "brightness"],
    ['{"brightness":"128"}', "brightness"],
    ['{"brightness":null}', "brightness"],
    ['{"brightness":[1]}', "brightness"],
    ['{"brightness":1e99}', "brightness"],
    ['{"transition":-1}', "transition"],
    ['{"colour":"red"}', "colour"],
    ['{"state":"ON","flash":1}', "flash"],
    ['{"state":"ON","brightness":300}', "brightness"],
  ])("%s is an error that names %s", (payload, key) => {
    expect(lightCommand(payload).error).toContain(key);
  });

  test("one bad key spoils the whole command, wherever it stands", () => {
    expect(isGood('{"state":"ON","brightness":12}')).toBe(true);
    expect(isGood('{"brightness":12,"state":"DIM"}')).toBe(false);
    expect(isGood('{"state":"DIM","brightness":12}')).toBe(false);
  });
});
