/** Every setting does something: it changes the bundle, or a tool reads it; where it can do neither, that is said. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SettingKey, settings } from "../firmware/settings.ts";
import { draft } from "../tools/build/build.ts";
import { type Config, loadConfig } from "../tools/config/load.ts";

/** Two values of each, both of them allowed whatever the others are. */
const values: Readonly<Record<SettingKey, readonly [string, string]>> = {
  board: ["esp32-devkitc", "esp32-c3-supermini"],
  "wifi.ssid": ["Home", "Office"],
  "wifi.password": ["first-word", "second-word"],
  "wifi.hostname": ["one", "two"],
  "mqtt.host": ["192.168.1.5", "192.168.1.6"],
  "mqtt.port": ["8883", "8884"],
  "mqtt.clientId": ["one", "two"],
  "mqtt.username": ["one", "two"],
  "mqtt.password": ["one", "two"],
  "mqtt.keepAlive": ["20", "60"],
  "mqtt.cleanSession": ["false", "true"],
  "mqtt.qos": ["1", "2"],
  "mqtt.stateQos": ["1", "2"],
  "mqtt.tls.ca": ["one.der", "two.der"],
  "mqtt.tls.cert": ["one.der", "two.der"],
  "mqtt.tls.key": ["one.der", "two.der"],
  "mqtt.rxBuffer": ["512", "600"],
  "mqtt.txBuffer": ["512", "600"],
  "mqtt.inflight": ["4", "5"],
  "mqtt.queue": ["8", "9"],
  "lamp.topic": ["hall/lamp", "attic/lamp"],
  "lamp.groups": ["all", "all,floor/+"],
  "lamp.pin": ["D4", "D5"],
  "lamp.activeLow": ["false", "true"],
  "lamp.pwm": ["true", "false"],
  "lamp.retained": ["ignore", "obey"],
  "lamp.gamma": ["2.2", "1"],
  "lamp.minLevel": ["1", "2"],
  "update.key": ["first-key-of-the-lamp", "second-key-of-the-lamp"],
  "update.version": ["7", "8"],
  "flash.port": ["/dev/ttyUSB0", "/dev/ttyUSB1"],
  "flash.baud": ["115200", "921600"],
};
const keys = settings.map(({ key }) => key);

/** What only tools read, and which of them. */
const readBy: Readonly<Partial<Record<SettingKey, readonly string[]>>> = {
  "flash.port": ["tools/cli/flash/find-port.ts", "tools/doctor/checks/config.ts"],
  "flash.baud": ["tools/cli/flash.ts", "tools/cli/monitor.ts"],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-effect-"));
  for (const [index, name] of ["one.der", "two.der"].entries())
    writeFileSync(join(folder, name), Buffer.concat([Buffer.from([0x30, 0x82]), Buffer.alloc(200, index)]));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Written = { [key: string]: string | undefined };

function load(written: Written): Config {
  const set = Object.entries(written).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value}`],
  );
  return loadConfig({ file: null, folder, set });
}

async function bundleOf(config: Config): Promise<string> {
  return (await draft({ config, minify: false })).result.code;
}

/** Each key with the first of its values. */
const first: Written = Object.fromEntries(keys.map((key) => [key, values[key][0]]));

/** Circumstances in which everything has an effect, and those in which as little as possible has. */
const circumstances: readonly (readonly [string, Written])[] = [
  ["with everything in use", {}],
  [
    "with as little in use as can be",
    {
      board: "linux",
      "lamp.pwm": "false",
      "mqtt.stateQos": "0",
      "mqtt.qos": "0",
      "mqtt.cleanSession": "true",
      "mqtt.tls": "false",
      "update.key": undefined,
      "flash.port": "tcp://10.0.0.2:23",
    },
  ],
];

describe.each(circumstances)("%s", (name, changed) => {
  const written: Written = { ...first, ...changed };
  let before: string;
  beforeAll(async () => {
    before = await bundleOf(load(written));
  });

  test.each(keys)("%s changes something, or is said to change nothing", async (key) => {
    const other = values[key].find((value) => value !== written[key]);
    const config = load({ ...written, [key]: other });
    const changes = (await bundleOf(config)) !== before;
    const isRead = readBy[key] !== undefined;
    const said = config.warnings.filter((sentence) => sentence.includes(`${key} has no effect`));
    if (name === "with everything in use") expect([key, changes || isRead]).toEqual([key, true]);
    if (isRead) expect(changes).toBe(false);
    else expect([key, said.length]).toEqual([key, changes ? 0 : 1]);
  });
});

test("what is for the tools alone is read by the tools that are named here", () => {
  const toolsOnly = settings.filter(({ toolsOnly }) => toolsOnly).map(({ key }) => key);
  expect(Object.keys(readBy)).toEqual(toolsOnly);
  for (const [key, files] of Object.entries(readBy))
    for (const file of files)
      expect(readFileSync(new URL(`../${file}`, import.meta.url), "utf8")).toContain(`values["${key}"]`);
});

describe("said", () => {
  test.each([
    [{ board: "linux" }, "wifi.ssid", "linux has no Wi-Fi of its own"],
    [{ board: "linux" }, "wifi.password", "linux has no Wi-Fi of its own"],
    [{ board: "linux" }, "wifi.hostname", "linux has no Wi-Fi of its own"],
    [{ "mqtt.tls": "false" }, "mqtt.tls.ca", "mqtt.tls is false"],
    [{ "mqtt.stateQos": "0" }, "mqtt.inflight", "nothing waits at mqtt.stateQos 0"],
    [{ "mqtt.stateQos": "0" }, "mqtt.queue", "nothing waits at mqtt.stateQos 0"],
    [{ "lamp.pwm": "false" }, "lamp.gamma", "the lamp has no brightness"],
    [{ "lamp.pwm": "false" }, "lamp.minLevel", "the lamp has no brightness"],
    // D25 of this board has no PWM.
    [{ "lamp.pin": "D25", "lamp.pwm": undefined }, "lamp.gamma", "the lamp has no brightness"],
    [{ "update.key": undefined }, "update.version", "there is no update.key"],
    [{ "flash.port": "ble:Lamp" }, "flash.baud", "flash.port is ble:Lamp, which is no serial port"],
  ] as [Written, SettingKey, string][])("%o: %s", (changed, key, why) => {
    const sentence = `--set: ${key} has no effect, as ${why}; leave it out`;
    expect(load({ ...first, ...changed }).warnings).toContain(sentence);
    expect(load(first).warnings.join()).not.toContain("no effect");
    // Of what nobody wrote nothing is said.
    const unwritten = load({
      ...first,
      ...changed,
      [key]: undefined,
      "mqtt.tls.key": undefined,
      "mqtt.tls.cert": undefined,
      "wifi.ssid": changed.board === "linux" ? undefined : first["wifi.ssid"],
    });
    expect(unwritten.warnings.join("\n")).not.toContain(`${key} has no effect`);
  });
});
