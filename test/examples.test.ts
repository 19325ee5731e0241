/** The programs in examples/ do what they say: in Python, and in TypeScript on every board. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
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
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  broker = await EmbeddedBroker.create();
  published = [];
  broker.onPublication(({ clientId, topic, payload, qos }) => {
    published.push(`${clientId.replace(/-[0-9a-f-]*$/, "")} ${topic} ${payload} ${qos}`);
  });
  port = await broker.listen(0);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await broker.close();
});

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

/**
 * A way to the broker on which the command `off` waits until the door is opened. Of two commands that arrive together only the last would reach the
 * pin.
 */
async function holdOff(to: number): Promise<{ port: number; waiting: Promise<void>; open(): void }> {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let arrived = (): void => {};
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const door = createServer((client) => {
    const onward = connect(to, "127.0.0.1");
    onward.pipe(client);
    onward.on("error", () => client.destroy());
    client.on("error", () => onward.destroy());
    client.on("close", () => onward.end());
    client.on("data", (data) => {
      if (!data.toString("latin1").endsWith("off")) onward.write(data);
      else {
        arrived();
        void opened.then(() => onward.write(data));
      }
    });
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => door.close(resolve)));
  return { port: (door.address() as AddressInfo).port, waiting, open };
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
    const door = await holdOff(port);
    const clients = runPython("--port", String(door.port));
    await door.waiting;
    const state = (word: string) => `lamp home/office/lamp/state ${word} 1`;
    await lamp.until(() => published.includes(state("on")), 5_000, "it is on");
    door.open();
    expect((await clients).code).toBe(0);
    const isOff = () => published.lastIndexOf(state("off")) > published.indexOf(state("on"));
    await lamp.until(isOff, 5_000, "its state is off");
    expect(lamp.pins.map(({ value }) => value)).toEqual([1, 0]);
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
