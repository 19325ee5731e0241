/** Nothing is allocated after boot: each buffer, timer and listener made later is told with its place in the TypeScript sources. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { type Allocation, type Board, createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { build } from "../tools/build/build.ts";
import { loadConfig, type Settings } from "../tools/config/load.ts";
import { publishPacket, ScriptedBroker } from "./broker/scripted-broker.ts";

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const undo of cleanUp.splice(0)) undo();
});

/** A lamp that is online, with a scripted broker. */
async function onlineLamp(settings: Settings = {}, entry?: string) {
  const overrides = { "mqtt.host": "127.0.0.1", "mqtt.port": 1883, ...settings };
  const config = loadConfig({ file: null, board: "linux", overrides });
  const { code, map } = await build({ config, ...(entry === undefined ? {} : { entry }) });
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const broker = new ScriptedBroker();
  network.listen(1883, (peer) => {
    const connection = broker.attach({ write: (bytes) => peer.send(bytes), close: () => peer.end() });
    peer.onData = (bytes) => connection.receive(Buffer.from(bytes, "latin1"));
  });
  const board = createBoard({ profile: config.profile, bundle: code, sourceMap: map, clock, network });
  board.boot();
  cleanUp.push(() => board.powerOff());
  await clock.advance(5_000);
  expect(broker.current.subscriptions.length).toBeGreaterThan(0);
  return { board, clock, broker };
}

/** What is told from now on. */
function watch(board: Board): Allocation[] {
  const told: Allocation[] = [];
  cleanUp.push(board.memory.watchAllocations((allocation) => told.push(allocation)));
  return told;
}

function commands(count: number, qos: number): Buffer {
  const packets = Array.from({ length: count }, (_, index) =>
    publishPacket("home/office/lamp", index % 2 ? "off" : "on", { qos, packetId: index + 1 }),
  );
  return Buffer.concat(packets);
}

test.each([0, 1, 2])(
  "a lamp takes 1,000 commands at QoS %i, an hour passes, and nothing is allocated",
  async (qos) => {
    const { board, clock, broker } = await onlineLamp({ "mqtt.qos": qos });
    const told = watch(board);
    broker.current.send(commands(1_000, qos));
    await clock.advance(3_600_000);
    expect(board.pins.value("D2")).toBe(0);
    expect(told).toEqual([]);
  },
);

test("a reconnect allocates the listeners of the new socket and nothing else", async () => {
  const { board, clock, broker } = await onlineLamp();
  const before = board.memory.usage;
  const told = watch(board);
  broker.current.close();
  await clock.advance(60_000);
  expect(broker.connections).toHaveLength(2);
  broker.current.send(commands(1_000, 1));
  await clock.advance(60_000);
  // A socket is an object of its own: what listens to it is made anew with each, and goes with it.
  expect(told.map(({ kind }) => kind)).toEqual(["listener", "listener", "listener"]);
  for (const { at } of told) expect(at).toMatch(/^firmware\/mqtt\/client\.ts:\d+:\d+$/);
  expect(board.memory.usage).toBe(before);
});

test("a boot after the watchdog is a boot: what it allocates is not told", async () => {
  const { board, clock } = await onlineLamp();
  const told = watch(board);
  board.evaluate("E.reboot()");
  await clock.advance(100);
  expect(board.boots).toBe(2);
  expect(told).toEqual([]);
});

test("a program that allocates for each message is caught with file and line", async () => {
  // Inside of the project, so that it finds the firmware; the folder is not in git.
  const builds = fileURLToPath(new URL("fixtures/build/", import.meta.url));
  mkdirSync(builds, { recursive: true });
  const folder = mkdtempSync(join(builds, "wasteful-"));
  cleanUp.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "wasteful.ts");
  writeFileSync(
    file,
    `import { createClient, start, subscribe, tick } from "../../../../firmware/mqtt/client.ts";
import { connectPacket } from "../../../../firmware/mqtt/wire.ts";

const client = createClient(
  (onOpen) => require("net").connect({ host: MQTT_HOST, port: MQTT_PORT }, onOpen),
  connectPacket({ clientId: "wasteful", keepAlive: 30, cleanSession: true }),
);
let last: Uint8Array;

function keep(payload: string): void {
  last = new Uint8Array(payload.length * 10);
  last.set(payload);
}

subscribe(client, "home/office/lamp", 1, (_topic, payload) => {
  keep(payload);
  setTimeout(() => print("later"), 1000);
});
start(client);
setInterval(() => tick(client), 1000);
`,
  );
  const { board, clock, broker } = await onlineLamp({}, file);
  const told = watch(board);
  broker.current.send(commands(2, 1));
  await clock.advance(10);
  const where = /wasteful\.ts:(\d+):\d+$/;
  const short = told.map(({ at, ...rest }) => ({ ...rest, line: Number(where.exec(at)?.[1]) }));
  expect(short).toEqual([
    { kind: "buffer", bytes: 20, line: 11 },
    { kind: "timer", line: 17 },
    { kind: "buffer", bytes: 30, line: 11 },
    { kind: "timer", line: 17 },
  ]);
});
