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

/** Not numbers by the one rule, whether they come as the payload of a topic or in JSON. */
const noNumbers = [
  "",
  " ",
  "-1",
  "-0",
  "+5",
  "05",
  "1e2",
  "1E2",
  "1e-2",
  "0x10",
  "0X1F",
  "0b11",
  "0o17",
  "1_0",
  "1,5",
  "12a",
  "a12",
  "1 2",
  "1.2.3",
  "50%",
  "NaN",
  "Infinity",
  "on",
  "null",
  "true",
  "[3]",
];

describe("a brightness", () => {
  test("is every whole number of 0 to 255, with blanks around it", () => {
    for (let value = 0; value < 256; value++) expect(brightnessCommand(` ${value}\n`)).toBe(value);
  });

  test.each([
    ["1.0", 1],
    ["128.00", 128],
    ["127.5", 128],
    ["127.4", 127],
    ["0.4", 0],
    ["254.99999999999997", 255],
    [" 12.7\r\n", 13],
  ])("%j may have a fraction and is rounded: %i", (payload, expected) => {
    expect(brightnessCommand(payload)).toBe(expected);
  });

  test.each([...noNumbers, "256", "255.5", "1000", "99999999999999999999"])("%j is none", (payload) => {
    expect(brightnessCommand(payload)).toBe(UNKNOWN);
  });
});

describe("a JSON command", () => {
  const isGood = (payload: string) => !lightCommand(payload).error;
  /** What is left of a command that is refused, whatever it said. */
  const expectRefused = (payload: string) =>
    expect({ payload, ...lightCommand(payload), error: "" }).toEqual({
      payload,
      error: "",
      state: UNKNOWN,
      brightness: UNKNOWN,
    });

  test.each([
    ["ON", ON],
    ["OFF", OFF],
    ["TOGGLE", TOGGLE],
    ["on", ON],
    ["oFf", OFF],
    ["1", ON],
    [0, OFF],
    [true, ON],
    [false, OFF],
  ])("state %j", (state, expected) => {
    expect(lightCommand(JSON.stringify({ state }))).toEqual({
      error: "",
      state: expected,
      brightness: UNKNOWN,
    });
  });

  test.each([
    ["0", 0],
    ["128", 128],
    ["255", 255],
    ['"128"', 128],
    ['" 128 "', 128],
    ["1.0", 1],
    ["127.5", 128],
    ['"127.5"', 128],
  ])("brightness %s", (written, expected) => {
    for (const payload of [`{"brightness":${written}}`, ` { "brightness" : ${written} } `])
      expect(lightCommand(payload)).toEqual({ error: "", state: UNKNOWN, brightness: expected });
  });

  test("all keys at once, in any order, with blanks around it", () => {
    for (const payload of [
      ' { "state" : "ON" , "brightness" : 7 , "transition" : 1.5 }\n',
      '{"transition":0,"brightness":7,"state":"on"}',
      '{"transition":"0.5","brightness":"7","state":"ON"}',
    ])
      expect(lightCommand(payload)).toEqual({ error: "", state: ON, brightness: 7 });
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
    ["a key without a value", '{"state"}'],
    ["a bare word", '{"state":ON}'],
    ["a bare key", '{state:"ON"}'],
    ["something before it", 'xyz{"state":"ON"}'],
    ["an empty object", "{}"],
    ["single quotes", "{'state':'ON'}"],
  ])("%s is an error: %s", (_what, payload) => {
    expect(lightCommand(payload).error).toBeTruthy();
    expectRefused(payload);
  });

  test.each([
    "]",
    "}",
    "]}",
    ",",
    ",0]",
    "xyz",
    "\0",
    " xyz }",
    '{"state":"DIM"}',
    '{"state":"OFF"}',
    ",{}",
    "/**/",
    "// }",
    '"',
    '"}',
    "''}",
    "}\n}",
    "[]",
    "5",
    '"\\u0041',
    '"\\x41',
    "'\\u0041}",
  ])("text behind it is an error: %j", (behind) => {
    for (const payload of [`{"state":"OFF"}${behind}`, `{"state":"OFF"} ${behind}\n`]) {
      expect(lightCommand(payload).error).toBe("bad JSON");
      expectRefused(payload);
    }
  });

  test.each([
    ['{"state":"DIM"}', "state"],
    ['{"state":null}', "state"],
    ['{"state":""}', "state"],
    ['{"state":["ON"]}', "state"],
    ['{"state":{"state":"ON"}}', "state"],
    ['{"state":2}', "state"],
    ['{"brightness":256}', "brightness"],
    ['{"brightness":"256"}', "brightness"],
    ['{"brightness":255.5}', "brightness"],
    ['{"brightness":-1}', "brightness"],
    ['{"brightness":null}', "brightness"],
    ['{"brightness":true}', "brightness"],
    ['{"brightness":[3]}', "brightness"],
    ['{"brightness":{}}', "brightness"],
    ['{"brightness":1e2}', "brightness"],
    ['{"brightness":1e99}', "brightness"],
    ['{"transition":-1}', "transition"],
    ['{"transition":null}', "transition"],
    ['{"transition":[]}', "transition"],
    ['{"transition":"soon"}', "transition"],
    ['{"transition":1e3}', "transition"],
    ['{"state":"ON","brightness":300}', "brightness"],
    ['{"state":"ON","transition":""}', "transition"],
    ['{"effect":"rainbow","state":"DIM"}', "state"],
  ])("%s is an error that names %s, and nothing of it is obeyed", (payload, key) => {
    expect(lightCommand(payload).error).toBe(`bad ${key}`);
    expectRefused(payload);
  });

  test.each(noNumbers)("%j is no number in JSON either, of a text or bare", (written) => {
    for (const key of ["brightness", "transition"]) {
      expectRefused(`{"state":"ON",${JSON.stringify(key)}:${JSON.stringify(written)}}`);
      expectRefused(`{"state":"ON",${JSON.stringify(key)}:${written}}`);
    }
  });

  test.each([
    ['{"state":"OFF","color_temp":300}', '"color_temp"'],
    ['{"effect":"colorloop","state":"OFF"}', '"effect"'],
    ['{"state":"OFF","flash":10}', '"flash"'],
    ['{"state":"OFF","linkquality":120,"last_seen":"2026-01-02T03:04:05Z"}', '"linkquality", "last_seen"'],
    ['{"state":"OFF","color":{"r":1,"g":[1e-3,5],"b":null}}', '"color"'],
    ['{"state":"OFF","voltage":-3.2e-05}', '"voltage"'],
    ['{"state":"OFF","effect":"a: 5, b: {\\"c\\"} true"}', '"effect"'],
    ['{"state":"OFF","constructor":{"state":"ON"}}', '"constructor"'],
    ['{"state":"OFF","toString":1,"hasOwnProperty":2}', '"toString", "hasOwnProperty"'],
    ['{"state":"OFF","":1}', '""'],
    ['{"state":"OFF","State":"ON"}', '"State"'],
    ['{"state":"OFF","sta\\nte":"ON"}', '"sta\\nte"'],
  ])("what is known is obeyed, what is not is named: %s", (payload, named) => {
    expect(lightCommand(payload)).toEqual({
      error: `unknown key ${named}`,
      state: OFF,
      brightness: UNKNOWN,
    });
  });

  test("where nothing is known nothing is obeyed", () => {
    expect(lightCommand('{"stat":"OFF"}').error).toBe('unknown key "stat"');
    expectRefused('{"stat":"OFF"}');
  });

  test("what the lamp itself tells as JSON is a command to be like that", () => {
    const told = '{"state":"ON","brightness":128,"color_mode":"brightness"}';
    expect(lightCommand(told)).toMatchObject({ state: ON, brightness: 128 });
  });

  test.each([
    '{"__proto__":{"state":"OFF"}}',
    '{"__proto__":{"brightness":9},"constructor":{"state":"OFF"}}',
    '{"__proto__":1}',
    '{"__proto__":null}',
  ])("what an object inherits is not looked at: %s", (payload) => {
    expectRefused(payload);
  });

  test.each(["1", "null", '"x"', '{"state":"ON","brightness":9}', "[]"])(
    "with __proto__ %s its own keys count",
    (inherited) => {
      for (const payload of [
        `{"state":"OFF","__proto__":${inherited}}`,
        `{"__proto__":${inherited},"state":"OFF"}`,
      ])
        expect(lightCommand(payload)).toMatchObject({ state: OFF, brightness: UNKNOWN });
    },
  );

  test("what is nested too deep for the board's stack is not parsed", () => {
    for (const opening of ["[", '{"a":', '[{"a":']) {
      const payload = `{"state":"OFF","x":${opening.repeat(60)}`;
      const closing = opening.repeat(60).replace(/[^[{]/g, "").replace(/\[/g, "]").replace(/{/g, "}");
      const whole = `${payload}1${[...closing].reverse().join("")}}`;
      expect(lightCommand(payload).error).toBe("bad JSON");
      expect(lightCommand(whole).error).toBe("bad JSON");
    }
    expect(lightCommand('{"state":"OFF","x":[[{"y":[{}]}]],"color":{"x":1,"y":2}}')).toMatchObject({
      state: OFF,
    });
  });

  test("one bad key spoils the whole command, wherever it stands", () => {
    expect(isGood('{"state":"ON","brightness":12}')).toBe(true);
    expect(isGood('{"brightness":12,"state":"DIM"}')).toBe(false);
    expect(isGood('{"state":"DIM","brightness":12}')).toBe(false);
  });
});
