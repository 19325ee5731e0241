/** The programs in examples/ do what they say: in Python, and in TypeScript on every board. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EmbeddedBroker } from "../sim/index.ts";
import { type BuildResult, build } from "../tools/build/build.ts";
import { firmwareConstants } from "../tools/build/constants.ts";
import { typecheck } from "../tools/build/typecheck.ts";
import { loadConfig } from "../tools/config/load.ts";
import { type BoardDriver, onEveryBoard } from "./drivers/index.ts";

const example = (name: string) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
const configFor = (port: number, ...set: string[]) =>
  loadConfig({ file: null, board: "linux", set: ["mqtt.host=127.0.0.1", `mqtt.port=${port}`, ...set] });

let broker: EmbeddedBroker;
/** What clients published, "client topic payload qos" each. */
let published: string[];
let port: number;

beforeEach(async () => {
  broker = await EmbeddedBroker.create();
  published = [];
  broker.onPublication(({ clientId, topic, payload, qos }) => {
    published.push(`${clientId.replace(/-[0-9a-f-]*$/, "")} ${topic} ${payload} ${qos}`);
  });
  port = await broker.listen(0);
});
afterEach(() => broker.close());

const python = process.env.PYTHON ?? "python3";
const hasPaho = spawnSync(python, ["-c", "import paho.mqtt.client"]).status === 0;
const suite = hasPaho ? describe : describe.skip;
const missing = hasPaho ? "" : `: ${python} has no paho-mqtt; set PYTHON to one that has`;

/** Runs the program in Python. */
function runPython(...options: string[]): Promise<{ code: number | null; out: string[]; error: string }> {
  const child = spawn(python, [example("two_clients.py"), ...options], {
    env: { ...process.env, PYTHONWARNINGS: "error", PYTHONDONTWRITEBYTECODE: "1" },
  });
  let out = "";
  let error = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    error += text;
  });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => done({ code, out: out.trimEnd().split("\n"), error }));
  });
}

suite(`two clients in Python${missing}`, () => {
  test("one subscribes, the other publishes on and off, and every callback is called", async () => {
    const { code, out, error } = await runPython("--host", "127.0.0.1", "--port", String(port));
    expect(error).toBe("");
    expect(code).toBe(0);
    expect(published).toEqual(["switcher home/office/lamp on 1", "switcher home/office/lamp off 1"]);
    for (const line of [
      /^listener: connected/,
      /^switcher: connected/,
      /^listener: subscribed, QoS 1$/,
      /^listener: home\/office\/lamp on, QoS 1$/,
      /^switcher: published, packet 1$/,
      /^listener: home\/office\/lamp off, QoS 1$/,
      /^switcher: published, packet 2$/,
    ]) {
      expect(out.filter((text) => line.test(text))).toHaveLength(1);
    }
    expect(out.at(-1)).toBe("both messages have arrived");
  });

  test("a broker that never answers, and none at all, are one line each and exit code 1", async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const silentPort = (silent.address() as AddressInfo).port;
    const unanswered = await runPython("--port", String(silentPort), "--timeout", "0.3");
    expect(unanswered.code).toBe(1);
    expect(unanswered.error).toMatch(
      /^two_clients\.py: waited in vain for: listener connected, switcher connected\n$/,
    );
    await new Promise((resolve) => silent.close(resolve));
    const alone = await runPython("--port", String(silentPort));
    expect(alone.code).toBe(1);
    expect(alone.error).toMatch(/^two_clients\.py: no broker at 127\.0\.0\.1:\d+ \([^\n]*\)\n$/);
  });
});

onEveryBoard(`a lamp and the clients in Python${missing}`, (kind) => {
  let driver: BoardDriver | undefined;
  afterEach(() => driver?.close());

  test.skipIf(!hasPaho)("it goes on and off with them", async () => {
    driver = kind.create({ realNetwork: true });
    const config = configFor(port, "lamp.pwm=false");
    const { code, map } = await build({ config });
    const lamp = await driver.start({ bundle: code, sourceMap: map });
    const isOnline = () => published.includes("lamp home/office/lamp/status online 1");
    await lamp.until(isOnline, 20_000, "the lamp is online");
    expect((await runPython("--port", String(port))).code).toBe(0);
    const answers = () => published.slice(published.indexOf("switcher home/office/lamp off 1"));
    await lamp.until(
      () => answers().includes("lamp home/office/lamp/state off 1"),
      5_000,
      "it has told its state after the last command",
    );
    // Where both commands arrived together the pin has nothing to do.
    expect(lamp.pins.map(({ value }) => value)).toEqual(lamp.pins.length === 0 ? [] : [1, 0]);
  });
});

onEveryBoard("two clients in TypeScript", (kind) => {
  let driver: BoardDriver;
  afterEach(() => driver.close());

  test("one subscribes, the other publishes on and off, and the pin follows", async () => {
    driver = kind.create({ realNetwork: true });
    const config = configFor(port);
    const { code, map } = await build({ config, entry: example("two-clients.ts") });
    const board = await driver.start({ bundle: code, sourceMap: map });
    const says = (line: RegExp) => board.console.some((text) => line.test(text));
    await board.until(() => says(/the last$/), 20_000, "both messages are acknowledged");
    const pin = String(config.values["lamp.pin"]);
    await board.until(() => board.pins.length >= 2, 5_000, "the pin went high and low");
    expect(board.pins).toEqual([
      { pin, value: 1 },
      { pin, value: 0 },
    ]);
    expect(published).toEqual(["switcher home/office/lamp on 1", "switcher home/office/lamp off 1"]);
    for (const line of [
      /^listener: connected$/,
      /^listener: subscribed to home\/office\/lamp, QoS 1$/,
      /^switcher: connected$/,
      /^switcher: published, packet \d+$/,
      /^switcher: published, packet \d+, the last$/,
      /^listener: home\/office\/lamp on, QoS 1$/,
      /^listener: home\/office\/lamp off, QoS 1$/,
    ]) {
      expect(board.console.filter((text) => line.test(text))).toHaveLength(1);
    }
  });

  test("lamps-online counts through a wildcard at QoS 2, although the lamp needs neither", async () => {
    driver = kind.create({ realNetwork: true });
    const config = configFor(port, "mqtt.qos=0", "mqtt.cleanSession=true");
    const { code, map } = await build({ config, entry: example("lamps-online.ts") });
    const board = await driver.start({ bundle: code, sourceMap: map });
    const counts = (count: number) =>
      board.until(
        () => published.at(-1) === `lamps-online home/lamps-online ${count} 1`,
        20_000,
        `${count} lamps are counted`,
      );
    await broker.publish("home/office/lamp/status", "online", { qos: 1, retain: true });
    await counts(1);
    await broker.publish("home/hall/lamp/status", "online", { qos: 2 });
    await counts(2);
    await broker.publish("home/office/lamp/status", "offline", { qos: 2 });
    await counts(1);
  });
});

describe("a program other than the lamp", () => {
  test("stands in docs/mqtt.md as it is built here", () => {
    const page = readFileSync(new URL("../docs/mqtt.md", import.meta.url), "utf8");
    expect(page).toContain(`\n\`\`\`ts\n${readFileSync(example("lamps-online.ts"), "utf8")}\`\`\`\n`);
  });

  test("is type-checked by the rules of the board", async () => {
    expect(await typecheck(example("two-clients.ts"))).toBe("");
  });

  test("has every feature of the MQTT client, whatever the lamp's settings are", () => {
    const config = configFor(1883, "mqtt.qos=0", "mqtt.cleanSession=true", "lamp.groups=[]");
    const features = [
      "PERSISTENT",
      "INBOUND_ACK",
      "OUTBOUND_ACK",
      "QOS1",
      "QOS2_RECEIVE",
      "QOS2_SEND",
      "WILDCARDS",
    ];
    const lamp = firmwareConstants(config);
    const own = firmwareConstants(config, "own");
    for (const feature of features) {
      expect([feature, lamp[feature], own[feature]]).toEqual([feature, false, true]);
    }
  });

  test("is not held to the lamp's budget of bytes, but to a share of the board's memory", async () => {
    const config = configFor(1883);
    const lamp: BuildResult = await build({ config });
    expect(lamp.sizes.budget).toBe(config.profile.budget.bundleBytes);
    const own = await build({ config, entry: example("two-clients.ts") });
    expect(own.sizes.budget).toBeGreaterThan(lamp.sizes.budget);
    expect(own.sizes.overBudget).toBe(0);
  });
});
