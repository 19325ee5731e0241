/** Recordings whose times cannot be met: a real lamp's, through a proxy, and one with the noise of real time. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createBoard, EmbeddedBroker, TcpNetwork, VirtualClock } from "../sim/index.ts";
import { seededRandom } from "../sim/random.ts";
import { recordTcp, type TcpRecording } from "../sim/trace/proxy.ts";
import { record } from "../sim/trace/recorder.ts";
import { asJsonLine, parseRecordings, type RecordedLine, type Recording } from "../sim/trace/recording.ts";
import { describeReplay, replay } from "../sim/trace/replay.ts";
import { build } from "../tools/build/build.ts";
import { loadConfig, type Settings } from "../tools/config/load.ts";
import { startEspruino } from "./drivers/espruino-process.ts";
import { freePort } from "./fixtures/free-port.ts";
import { lampBundle, seed, type TracedLamp, topic, tracedLamp } from "./fixtures/traced-lamp.ts";

const folder = mkdtempSync(join(tmpdir(), "wick-order-"));
afterAll(() => rmSync(folder, { recursive: true }));
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const only = (text: string): Recording => parseRecordings(text, "lamp.rec")[0] as Recording;

/** Commands, a cut, the button, the console, a restart of the broker and one of the board. */
async function plainRun({ simulation, broker }: TracedLamp): Promise<void> {
  const { board, conditions } = simulation;
  simulation.start();
  await simulation.advance(4000);
  await broker.publish(topic, "on", { qos: 1 });
  await simulation.advance(2500);
  board.pins.drive("D0", 0);
  await simulation.advance(80);
  board.pins.drive("D0", 1);
  await broker.publish(topic, "nonsense", { qos: 2 });
  await simulation.advance(2500);
  conditions.cut("end");
  await simulation.advance(9000);
  await broker.publish(`${topic}/set`, '{"brightness":40}');
  board.evaluate('print("typed")');
  await simulation.advance(40_000);
  await broker.stop("reset");
  await simulation.advance(4000);
  await broker.start();
  await simulation.advance(9000);
  simulation.powerCut(700);
  await simulation.advance(9000);
  await broker.publish(topic, "toggle", { qos: 1 });
  await simulation.advance(5000);
}

describe("a recording with the noise of real time", () => {
  let lamp: Awaited<ReturnType<typeof lampBundle>>;
  let exact: Recording;

  beforeAll(async () => {
    lamp = await lampBundle();
    const world = await tracedLamp(lamp);
    const pieces: string[] = [];
    const facts = { bundle: lamp.bundle, seed, secrets: [] };
    const stop = record(world.simulation, facts, (piece) => pieces.push(String(piece)));
    await plainRun(world);
    stop();
    await world.close();
    exact = only(pieces.join(""));
  });

  /** As a listener would have it that sees bytes, pins and console, some milliseconds late, in pieces of its own. */
  function noisy(noiseSeed: number): Recording {
    const random = seededRandom(noiseSeed);
    let late = 0;
    const lines = exact.lines
      .filter(({ type }) => type !== "blocked" && type !== "ended")
      .flatMap((line): RecordedLine[] => {
        // Later than it was, and never before the line above.
        late = Math.max(0, late + random() * 6 - 3);
        const t = line.t + late;
        if (line.type !== "from-board" || line.bytes.length < 2) return [{ ...line, t }];
        const cut = 1 + Math.floor(random() * (line.bytes.length - 1));
        return [line.bytes.slice(0, cut), line.bytes.slice(cut)].map((bytes) => ({ ...line, t, bytes }));
      });
    for (const [at, line] of lines.entries()) line.t = Math.max(line.t, lines[at - 1]?.t ?? 0);
    const header = {
      ...exact.header,
      clock: "order" as const,
      observed: ["traffic", "pin", "console"] as const,
    };
    return only([header, ...lines].map(asJsonLine).join(""));
  }

  const play = (recording: Recording) =>
    replay(recording, { profile: lamp.config.profile, bundle: lamp.bundle });

  test.each([1, 2, 3])("is replayed in its order with 0 differences (noise %i)", (noiseSeed) => {
    const result = play(noisy(noiseSeed));
    expect(describeReplay(result, "lamp.rec").join("\n")).toContain("0 differences");
  });

  test("a byte, a level and a line of the console that are others are found", () => {
    const recording = noisy(4);
    for (const [type, change] of [
      ["from-board", (line: { bytes: string }) => ({ bytes: `${line.bytes.slice(0, -1)}\0` })],
      ["pin", () => ({ value: 0.25 })],
      ["console", () => ({ text: "something else" })],
    ] as const) {
      const index = recording.lines.findLastIndex((line) => line.type === type);
      const line = recording.lines[index] as RecordedLine & { bytes: string };
      const lines = recording.lines.with(index, { ...line, ...change(line) } as RecordedLine);
      const { difference } = play({ ...recording, lines });
      expect(difference).toMatchObject({ place: recording.places[index], instead: { type } });
      expect(difference?.byte).toBe(type === "from-board" ? line.bytes.length - 1 : undefined);
    }
  });

  test("what the board does though nothing made it is found", () => {
    const recording = noisy(5);
    const command = recording.lines.findIndex(
      (line) => line.type === "to-board" && line.bytes.includes("toggle"),
    );
    const lines = recording.lines.toSpliced(command, 1);
    const places = recording.places.toSpliced(command, 1);
    const { difference } = play({ ...recording, lines, places });
    expect(difference?.recorded?.t).toBeGreaterThanOrEqual(recording.lines[command]?.t ?? 0);
  });
});

/** A lamp for the proxy at `port`, with secrets of its own. */
const settings = {
  "mqtt.clientId": "real-lamp",
  "mqtt.username": "desk lamp",
  "mqtt.password": "correct horse",
};
async function lampAt(port: number, more: Settings = {}) {
  const config = loadConfig({
    file: null,
    board: "linux",
    overrides: { "mqtt.host": "127.0.0.1", "mqtt.port": port, ...settings, ...more },
  });
  return { config, bundle: (await build({ config })).code };
}

/** A broker on TCP with the recording proxy before it. */
async function recordedBroker(): Promise<{ broker: EmbeddedBroker; proxy: TcpRecording; file: string }> {
  const broker = await EmbeddedBroker.create();
  closing.push(() => broker.close());
  const file = join(folder, "real.rec");
  const proxy = await recordTcp({
    listenPort: 0,
    broker: { host: "127.0.0.1", port: await broker.listen(0) },
    file,
  });
  closing.push(() => proxy.close());
  return { broker, proxy, file };
}

/** What a lamp says, seen by a broker. */
function heardBy(broker: EmbeddedBroker): (wanted: string) => Promise<void> {
  const said: string[] = [];
  let look = (): void => {};
  broker.onPublication(({ topic: to, payload }) => {
    said.push(`${to} ${payload}`);
    look();
  });
  return (wanted) =>
    new Promise((resolve) => {
      look = () => said.includes(wanted) && resolve();
      look();
    });
}

describe("a lamp on the network, recorded by a proxy before its broker", () => {
  test("a client's bytes pass unchanged, and are recorded without user name and password", async () => {
    const { broker, proxy, file } = await recordedBroker();
    const heard = heardBy(broker);
    const client = await connectAsync({
      port: proxy.port,
      clientId: "a-client",
      username: "desk lamp",
      password: "correct horse",
      protocolVersion: 4,
    });
    await client.publishAsync("a/b", "hello", { qos: 1 });
    await heard("a/b hello");
    await client.endAsync();
    await proxy.close();
    const text = readFileSync(file, "utf8");
    const { header, lines } = only(text);
    expect(header).toEqual({ type: "recording", version: 1, clock: "order", observed: ["traffic"] });
    expect(
      lines.map(({ type }) => type).filter((type) => type !== "from-board" && type !== "to-board"),
    ).toEqual(["connect", "open", "closed", "end"]);
    expect(text).not.toMatch(/desk lamp|correct horse/);
    expect(text).toContain("\\u0000\\ba-client\\u0000\\t*********\\u0000\\r*************");
  });

  test("a simulated lamp does the same as what was recorded of one over TCP", async () => {
    const { broker, proxy, file } = await recordedBroker();
    const { config, bundle } = await lampAt(proxy.port);
    const clock = new VirtualClock();
    const network = new TcpNetwork(clock);
    const board = createBoard({ profile: config.profile, bundle, clock, network });
    closing.push(() => board.powerOff());
    board.boot();
    let isOn = true;
    const time = (async () => {
      while (isOn) await clock.advance(10);
    })();
    const heard = heardBy(broker);
    await heard(`${topic}/status online`);
    await broker.publish(topic, "on", { qos: 1 });
    await heard(`${topic}/state on`);
    await broker.publish(`${topic}/set`, '{"brightness":40}');
    await heard(`${topic}/json {"state":"ON","brightness":40,"color_mode":"brightness"}`);
    isOn = false;
    await time;
    await proxy.close();
    const result = replay(only(readFileSync(file, "utf8")), { profile: config.profile, bundle });
    expect(describeReplay(result, "real.rec").join("\n")).toContain("0 differences");
  });

  test("where nobody answers the lamp is told at once", async () => {
    const news: string[] = [];
    const pieces: string[] = [];
    const port = await freePort();
    const proxy = await recordTcp({
      listenPort: 0,
      broker: { host: "127.0.0.1", port },
      file: (piece) => pieces.push(String(piece)),
      onNews: (text) => news.push(text),
    });
    closing.push(() => proxy.close());
    const socket = connectTcp(proxy.port, "127.0.0.1");
    socket.on("error", () => {});
    await new Promise((resolve) => socket.on("close", resolve));
    await proxy.close();
    expect(news[1]).toBe(`connection 1: no broker at 127.0.0.1:${port} (ECONNREFUSED)`);
    expect(only(pieces.join("")).lines.map(({ type }) => type)).toEqual(["connect", "open", "closed", "end"]);
  });
});

const interpreter = process.env.ESPRUINO_BIN;

describe.skipIf(!interpreter)("the real interpreter (ESPRUINO_BIN), recorded by a proxy", () => {
  test("does to the byte what the simulated board does with the same bundle", async () => {
    const { broker, proxy, file } = await recordedBroker();
    const { config, bundle } = await lampAt(proxy.port);
    const heard = heardBy(broker);
    const board = await startEspruino({ interpreter: interpreter ?? "", bootCode: bundle });
    closing.push(() => board.stop());
    await heard(`${topic}/status online`);
    await broker.publish(topic, "on", { qos: 1 });
    await heard(`${topic}/state on`);
    await broker.publish(topic, "nonsense", { qos: 1 });
    await broker.publish(`${topic}/set`, '{"brightness":40}', { qos: 2 });
    await heard(`${topic}/json {"state":"ON","brightness":40,"color_mode":"brightness"}`);
    // The broker goes; the lamp comes back by itself.
    await broker.stop("end");
    const again = heardBy(broker);
    await broker.start();
    await again(`${topic}/status online`);
    await broker.publish(topic, "off", { qos: 1 });
    await again(`${topic}/state off`);
    await proxy.close();
    const recording = only(readFileSync(file, "utf8"));
    const result = replay(recording, { profile: config.profile, bundle });
    expect(describeReplay(result, "real.rec").join("\n")).toContain("0 differences");
    expect(recording.lines.filter(({ type }) => type === "open").length).toBeGreaterThan(1);
    // And a lamp that would do something else is found out.
    const other = await lampAt(proxy.port, { "lamp.minLevel": 2, "mqtt.keepAlive": 20 });
    expect(replay(recording, { profile: config.profile, bundle: other.bundle }).difference?.byte).toBe(11);
  });
});
