/** flash.config.json: what is taken, what is refused and in which words. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { firmwareConstants } from "../tools/build/constants.ts";
import { ConfigError } from "../tools/config/error.ts";
import { type LoadOptions, loadConfig } from "../tools/config/load.ts";
import { profileNames } from "../tools/config/profile.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

/** Loads from the test's folder, for the board without Wi-Fi, with an environment of its own. */
function load(options: LoadOptions = {}) {
  return loadConfig({ folder, board: "linux", environment: {}, ...options });
}

/** The lines of the error. */
function mistakes(options: LoadOptions = {}): string[] {
  try {
    load(options);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("a value comes from", () => {
  test("the table's default", () => {
    const { values } = load({ set: ["mqtt.host=broker"] });
    expect(values["mqtt.keepAlive"]).toBe(30);
    expect(values["mqtt.cleanSession"]).toBe(false);
    expect(values["lamp.topic"]).toBe("home/office/lamp");
    expect(values["mqtt.stateQos"]).toBe(1);
  });

  test("the file, then the local file, then --set", () => {
    write("flash.config.json", '{ // a comment\n "mqtt": { "host": "one", "port": 1, "keepAlive": 11 } }');
    write("flash.config.local.json", '{ "mqtt": { "host": "two", "port": 2 } }');
    const { values, files } = load({ set: ["mqtt.host=three"] });
    expect(values["mqtt.host"]).toBe("three");
    expect(values["mqtt.port"]).toBe(2);
    expect(values["mqtt.keepAlive"]).toBe(11);
    expect(files).toEqual([join(folder, "flash.config.json"), join(folder, "flash.config.local.json")]);
  });

  test("the environment, in texts and in place of numbers", () => {
    write("flash.config.json", '{ "mqtt": { "host": "${HOST}.lan", "port": "${PORT}" } }');
    const { values } = load({ environment: { HOST: "broker", PORT: "1884" } });
    expect(values["mqtt.host"]).toBe("broker.lan");
    expect(values["mqtt.port"]).toBe(1884);
  });

  test("the simulator, which may override all of it or stand in for what is missing", () => {
    write("flash.config.json", '{ "mqtt": { "host": "one" } }');
    const { values } = load({
      board: "esp32-devkitc",
      defaults: { "wifi.ssid": "simulated" },
      overrides: { "mqtt.host": "127.0.0.1" },
    });
    expect(values["mqtt.host"]).toBe("127.0.0.1");
    expect(values["wifi.ssid"]).toBe("simulated");
  });

  test("the board profile: pin, polarity and brightness of its LED", () => {
    const { values } = load({ board: "esp32-c3-supermini", set: ["mqtt.host=b", "wifi.ssid=s"] });
    expect([values["lamp.pin"], values["lamp.activeLow"], values["lamp.pwm"]]).toEqual(["D8", true, true]);
  });
});

describe("one clear line for", () => {
  const cases: readonly [string, string, RegExp][] = [
    [
      "an unknown key",
      '{"mqtt":{"hots":"b"}}',
      /^flash\.config\.json:1:10: unknown key mqtt\.hots \(did you mean "mqtt\.host"\?\), allowed in mqtt: host, port/,
    ],
    [
      "a key in the wrong section",
      '{"keepAlive":3}',
      /:1:2: unknown key keepAlive \(did you mean "mqtt\.keepAlive"\?\)/,
    ],
    [
      "a number out of range",
      '{"mqtt":\n  {"host":"b","port":70000}}',
      /:2:22: mqtt\.port is 70000, allowed is a whole number from 1 to 65535; .*--set mqtt\.port=1883$/,
    ],
    [
      "a fraction where none is",
      '{"mqtt":{"host":"b","keepAlive":1.5}}',
      /mqtt\.keepAlive is 1\.5, allowed is a whole number from 1 to 65535 s/,
    ],
    [
      "a wrong type",
      '{"mqtt":{"host":"b","cleanSession":"no"}}',
      /mqtt\.cleanSession is "no", allowed is true or false/,
    ],
    ["a QoS there is not", '{"mqtt":{"host":"b","qos":3}}', /mqtt\.qos is 3, allowed is 0, 1, 2; /],
    [
      "a wildcard in lamp.topic",
      '{"mqtt":{"host":"b"},"lamp":{"topic":"a/+"}}',
      /lamp\.topic is "a\/\+", allowed is a topic/,
    ],
    [
      "an empty topic",
      '{"mqtt":{"host":"b"},"lamp":{"topic":""}}',
      /lamp\.topic is "", allowed is a topic of 1 to 200 bytes/,
    ],
    ["U+0000 in a topic", '{"mqtt":{"host":"b"},"lamp":{"topic":"a\\u0000"}}', /lamp\.topic is "a\\u0000"/],
    ["half a character", '{"mqtt":{"host":"b"},"lamp":{"topic":"\\ud800"}}', /lamp\.topic is/],
    [
      "# before the end of a filter",
      '{"mqtt":{"host":"b"},"lamp":{"groups":["a/#/b"]}}',
      /lamp\.groups is \["a\/#\/b"\], allowed is .*# only as the last one/,
    ],
    ["+ beside other text", '{"mqtt":{"host":"b"},"lamp":{"groups":["a+/b"]}}', /lamp\.groups is/],
    [
      "a pin that does not exist",
      '{"mqtt":{"host":"b"},"lamp":{"pin":"D44"}}',
      /lamp\.pin is D44, .*does not exist.*--set lamp\.pin=D2$/,
    ],
    [
      "a password without a user name",
      '{"mqtt":{"host":"b","password":"x"}}',
      /mqtt\.password stands there without mqtt\.username/,
    ],
    [
      "a missing variable",
      '{"mqtt":{"host":"${NOWHERE}"}}',
      /:1:17: mqtt\.host needs the environment variable NOWHERE, .*export NOWHERE=VALUE$/,
    ],
    ["a missing host", "{}", /^flash\.config\.json: mqtt\.host is missing .*--set mqtt\.host=VALUE$/],
    [
      "a missing file",
      '{"mqtt":{"host":"b","tls":{"ca":"no.pem"}}}',
      /mqtt\.tls\.ca is "no\.pem", but there is no such file/,
    ],
    [
      "half a certificate",
      '{"mqtt":{"host":"b","tls":{"cert":"no.pem"}}}',
      /mqtt\.tls\.cert stands there without mqtt\.tls\.key/,
    ],
    ["text that is not JSON", '{"mqtt":{"host":"b",,}}', /^flash\.config\.json:1:21: not JSON: /],
    [
      "a key that stands there twice",
      '{"mqtt":{"host":"b","host":"c"}}',
      /:1:21: mqtt\.host stands there twice/,
    ],
    ["a value in place of a section", '{"mqtt":3}', /mqtt is 3, allowed is an object: host, port/],
    [
      "a first packet that cannot fit",
      '{"mqtt":{"host":"b","txBuffer":64}}',
      /mqtt\.txBuffer is 64 bytes, but the first packet .* takes \d+; add: --set mqtt\.txBuffer=128$/,
    ],
    [
      "a state message that cannot fit",
      '{"mqtt":{"host":"b","clientId":"a","txBuffer":64}}',
      /mqtt\.txBuffer is 64 bytes, but a state message takes 86; add: --set mqtt\.txBuffer=128$/,
    ],
  ];
  test.each(cases)("%s", (_, text, expected) => {
    write("flash.config.json", text);
    expect(mistakes().filter((line) => expected.test(line))).toHaveLength(1);
  });

  test("a board that does not exist", () => {
    expect(mistakes({ board: "linus", set: ["mqtt.host=b"] })).toEqual([
      `--board: board is "linus", but there is no such profile (did you mean "linux"?); allowed: ${profileNames().join(", ")}; see: npx wick boards`,
    ]);
  });

  test("a board with Wi-Fi and no network", () => {
    expect(mistakes({ board: "esp32-devkitc", set: ["mqtt.host=b"] })).toEqual([
      expect.stringMatching(/wifi\.ssid is missing, and esp32-devkitc has Wi-Fi/),
    ]);
  });

  test.each([
    ["esp32-devkitc", "D6", /Wired to the flash chip/],
    ["esp32-devkitc", "D34", /Input only/],
    ["esp32-devkitc", "D3", /Console/],
  ])("on %s the lamp on %s", (board, pin, why) => {
    const found = mistakes({ board, set: ["mqtt.host=b", "wifi.ssid=s", `lamp.pin=${pin}`] });
    expect(found).toEqual([expect.stringMatching(why)]);
  });

  test("brightness on a pin without PWM", () => {
    const set = ["mqtt.host=b", "wifi.ssid=s", "lamp.pin=D25"];
    expect(load({ board: "esp32-devkitc", set }).values["lamp.pwm"]).toBe(false);
    expect(mistakes({ board: "esp32-devkitc", set: [...set, "lamp.pwm=true"] })).toEqual([
      expect.stringMatching(/lamp\.pwm is true, but D25 .* has no PWM/),
    ]);
  });

  test("each of several mistakes, all at once", () => {
    write("flash.config.json", '{"mqtt":{"qos":3,"port":0},"lmap":{}}');
    expect(mistakes()).toHaveLength(4);
  });

  test("--set without a value, and --set of a section", () => {
    expect(mistakes({ set: ["mqtt.host"] })[0]).toMatch(/^--set mqtt\.host: allowed is key=value/);
    expect(mistakes({ set: ["mqtt=1"] })[0]).toMatch(/^--set: mqtt is a section; set one of: host/);
  });

  test("--config with a file that is not there", () => {
    expect(mistakes({ file: "other.json" })).toEqual([
      expect.stringMatching(/^--config: there is no file other\.json/),
    ]);
  });
});

describe("allowed, but said", () => {
  test.each([
    [
      "a client id over 23 bytes",
      ["mqtt.clientId=a-client-id-of-24-bytes-"],
      /24 bytes; some brokers refuse/,
    ],
    [
      "a group that hears the lamp itself",
      ["lamp.groups=home/#"],
      /"home\/#", which also matches the lamp's own topic/,
    ],
    ["a group with a wildcard level", ["lamp.groups=+/office/lamp"], /own topic home\/office\/lamp$/],
  ])("%s", (_, set, expected) => {
    expect(load({ set: ["mqtt.host=b", ...set] }).warnings).toEqual([expect.stringMatching(expected)]);
  });

  test("a topic on which another lamp may tell its state", () => {
    expect(load({ set: ["mqtt.host=b", "lamp.topic=home/lamp/state"] }).warnings).toEqual([
      expect.stringMatching(/lamp\.topic ends in "state": what a lamp on home\/lamp tells there/),
    ]);
  });

  test("a strapping pin", () => {
    const { warnings } = load({
      board: "esp32-devkitc",
      set: ["mqtt.host=b", "wifi.ssid=s", "lamp.pin=D12"],
    });
    expect(warnings).toEqual([expect.stringMatching(/lamp\.pin is D12: Strapping pin/)]);
  });
});

describe("short forms", () => {
  test("groups on the command line, with commas or as JSON", () => {
    expect(load({ set: ["mqtt.host=b", "lamp.groups=a,b/+"] }).values["lamp.groups"]).toEqual(["a", "b/+"]);
    expect(load({ set: ["mqtt.host=b", 'lamp.groups=["a"]'] }).values["lamp.groups"]).toEqual(["a"]);
  });

  test("TLS is a switch, and moves the port", () => {
    expect(load({ set: ["mqtt.host=b", "mqtt.tls=true"] })).toMatchObject({
      tls: {},
      values: { "mqtt.port": 8883 },
    });
    expect(load({ set: ["mqtt.host=b", "mqtt.tls=false"] }).tls).toBeUndefined();
    const own = load({ set: ["mqtt.host=b", "mqtt.tls=true", "mqtt.port=1883"] });
    expect(own.values["mqtt.port"]).toBe(1883);
  });

  test("PEM and DER give the same bytes, relative to the file that names them", () => {
    const der = Buffer.concat([Buffer.from([0x30, 0x82]), Buffer.alloc(200, 7)]);
    const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
    write("ca.pem", `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`);
    writeFileSync(join(folder, "ca.der"), der);
    for (const ca of ["ca.pem", "ca.der"]) {
      write("flash.config.json", JSON.stringify({ mqtt: { host: "b", tls: { ca } } }));
      expect(load({ folder: tmpdir(), file: join(folder, "flash.config.json") }).tls?.ca).toBe(
        der.toString("base64"),
      );
    }
  });
});

describe("a secret", () => {
  test("is in no message, not even when it is wrong", () => {
    const secret = "s3cret".repeat(60);
    const lines = mistakes({ set: ["mqtt.host=b", "mqtt.username=u", `mqtt.password=${secret}`] });
    expect(lines).toEqual([expect.stringMatching(/mqtt\.password is not usable \(its value is not shown\)/)]);
    expect(lines.join()).not.toContain("s3cret");
  });

  test("is listed for those who print", () => {
    expect(load({ set: ["mqtt.host=b", "mqtt.username=u", "mqtt.password=pw"] }).secrets).toEqual(["pw"]);
  });
});

describe("constants", () => {
  const constants = (...set: string[]) => firmwareConstants(load({ set: ["mqtt.host=b", ...set] }));

  test("carry text as UTF-8, one character a byte", () => {
    expect(constants("lamp.topic=küche").LAMP_TOPIC).toBe("k\u00c3\u00bcche");
  });

  test("have the units of the firmware", () => {
    expect(constants("lamp.minLevel=2").LAMP_MIN_LEVEL).toBe(0.02);
    expect(constants().LAMP_PWM_FREQUENCY).toBe(1000);
    expect(constants("lamp.retained=obey").LAMP_RETAINED).toBe(true);
  });

  test.each([
    [
      "mqtt.qos=0",
      "mqtt.cleanSession=true",
      { QOS1: false, QOS2_RECEIVE: false, QOS2_SEND: false, PERSISTENT: false },
    ],
    ["mqtt.qos=1", "mqtt.cleanSession=true", { QOS1: true, INBOUND_ACK: true, QOS2_RECEIVE: false }],
    [
      "mqtt.qos=0",
      "mqtt.cleanSession=false",
      { QOS1: true, QOS2_RECEIVE: true, QOS2_SEND: false, OUTBOUND_ACK: false },
    ],
    ["mqtt.qos=0", "mqtt.stateQos=2", { QOS2_SEND: true, OUTBOUND_ACK: true }],
  ])("switch features: %s %s", (one, other, expected) => {
    expect(constants(one, other)).toMatchObject(expected);
  });
});
