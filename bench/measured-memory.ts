// Variables in use on the real interpreter for each of several builds, recorded beside the bundle's hash: what the simulator counts from.
import { writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { shapeOf } from "../sim/memory/program-shape.ts";
import {
  bundleHash,
  type MeasuredMemory,
  type MemoryReadings,
  type MemoryRecord,
} from "../sim/memory/records.ts";
import { publishPacket, ScriptedBroker } from "../test/broker/scripted-broker.ts";
import { type EspruinoProcess, startEspruino } from "../test/drivers/espruino-process.ts";
import { build } from "../tools/build/build.ts";
import { loadConfig, type Settings } from "../tools/config/load.ts";

/** The file that holds the records; the simulator reads it. */
export const recordsFile = fileURLToPath(new URL("../board-profiles/measured-memory.json", import.meta.url));

/** The one port the measured bundles name, so that a bundle built again has the same hash. */
export const recordedPort = 18830;

/** One build that is measured; all are for the board `linux` and a broker at 127.0.0.1. */
export interface MeasuredBuild {
  readonly name: string;
  readonly settings: Settings;
  /** Program other than the lamp, relative to the project's root. */
  readonly entry?: string;
  /** What the flood consists of: a topic, and two payloads in turn. Default: the lamp's `on` and `off`. */
  readonly flood?: { readonly topic: string; readonly payloads: readonly [string, string] };
}

export const measuredBuilds: readonly MeasuredBuild[] = [
  { name: "default", settings: {} },
  { name: "QoS 0, clean session", settings: { "mqtt.qos": 0, "mqtt.cleanSession": true } },
  {
    name: "QoS 0, clean session, no brightness",
    settings: { "mqtt.qos": 0, "mqtt.cleanSession": true, "lamp.pwm": false },
  },
  { name: "buffers of 2,048 bytes", settings: { "mqtt.rxBuffer": 2048, "mqtt.txBuffer": 2048 } },
  { name: "QoS 2", settings: { "mqtt.qos": 2 } },
  { name: "no brightness", settings: { "lamp.pwm": false } },
  { name: "groups with wildcards", settings: { "lamp.groups": ["home/+/all", "garden/#"] } },
  {
    name: "example lamps-online",
    settings: {},
    entry: "examples/lamps-online.ts",
    flood: { topic: "home/office/lamp/status", payloads: ["online", "offline"] },
  },
];

/** What the flood of a build consists of. */
export function floodOf({ flood }: MeasuredBuild): NonNullable<MeasuredBuild["flood"]> {
  return flood ?? { topic: "home/office/lamp", payloads: ["on", "off"] };
}

/** The bundle of a measured build, the same at every run. */
export async function measuredBundle({ settings, entry }: MeasuredBuild): Promise<string> {
  const overrides = { "mqtt.host": "127.0.0.1", "mqtt.port": recordedPort, ...settings };
  const config = loadConfig({ file: null, board: "linux", overrides });
  const program =
    entry === undefined ? {} : { entry: fileURLToPath(new URL(`../${entry}`, import.meta.url)) };
  return (await build({ config, ...program })).code;
}

/** Prints what is in use from `.boot0` on. It names no built-in object but `process`: each takes variables from its first use on. */
const reporter = `setInterval(function(){print("\\x10holds",process.memory().usage)},10);`;
const report = /holds (\d+)/;
export const floodCommands = 1_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function readings(lines: readonly string[]): number[] {
  return lines.flatMap((line) => Number(report.exec(line)?.[1] ?? Number.NaN) || []);
}

/** The smallest of the next readings: while an event is under way a few variables more are in use. */
async function idleReading(board: EspruinoProcess): Promise<number> {
  const from = board.console.length;
  for (const start = performance.now(); ; ) {
    await pause(50);
    const found = readings(board.console.slice(from));
    if (found.length >= 20) return Math.min(...found);
    if (performance.now() - start > 10_000)
      throw new Error(`no report from the board: ${board.console.slice(-3).join(" | ")}`);
  }
}

/** What an interpreter without a program uses, and what the reporter adds to it. */
export async function measureIdle(interpreter: string): Promise<{ idle: number; reporter: number }> {
  const once = await startEspruino({
    interpreter,
    bootCode: 'print("holds",process.memory().usage)',
    prelude: " ",
  });
  let idle: number | undefined;
  try {
    for (const start = performance.now(); idle === undefined && performance.now() - start < 10_000; ) {
      await pause(20);
      [idle] = readings(once.console);
    }
  } finally {
    await once.stop();
  }
  if (idle === undefined) throw new Error("the interpreter did not say what it uses");
  const board = await startEspruino({ interpreter, bootCode: "", prelude: reporter });
  try {
    return { idle, reporter: (await idleReading(board)) - idle };
  } finally {
    await board.stop();
  }
}

/** Boots the bundle on the interpreter and reads what is in use in each phase; `reporterVariables` of it are the reporter's. */
export async function measureBuild(
  interpreter: string,
  made: MeasuredBuild,
  bundle: string,
  reporterVariables: number,
): Promise<MemoryReadings> {
  const { topic, payloads } = floodOf(made);
  let lastChange = performance.now();
  const broker = new ScriptedBroker({
    afterChunk() {
      lastChange = performance.now();
    },
  });
  broker.keepPackets = false;
  const port = await broker.listen();
  // A number takes as many variables as another: the port may differ from the recorded one without a difference in what is measured.
  const bootCode = bundle.replaceAll(String(recordedPort), String(port));
  const board = await startEspruino({ interpreter, bootCode, prelude: reporter });
  const quiet = async (ms: number) => {
    while (performance.now() - lastChange < ms) await pause(20);
  };
  try {
    const start = performance.now();
    let connectedAt: number | undefined;
    while ((broker.connections.at(-1)?.subscriptions.length ?? 0) === 0) {
      if (performance.now() - start > 15_000) throw new Error(`"${made.name}" did not subscribe within 15 s`);
      if (broker.connections.length > 0) connectedAt ??= board.console.length;
      await pause(2);
    }
    const boot = readings(board.console.slice(0, connectedAt));
    if (boot.length < 5) throw new Error(`"${made.name}" connected before it could be read`);
    await quiet(500);
    const online = await idleReading(board);
    const from = board.console.length;
    const qos = broker.current.subscriptions[0]?.qos ?? 0;
    const packets = Array.from({ length: floodCommands }, (_, index) =>
      publishPacket(topic, payloads[index % 2 ? 1 : 0], { qos, packetId: index + 1 }),
    );
    lastChange = performance.now();
    broker.current.send(Buffer.concat(packets));
    await quiet(1_000);
    const flood = Math.max(...readings(board.console.slice(from)));
    const afterCommands = await idleReading(board);
    const net = (reading: number) => reading - reporterVariables;
    return {
      boot: net(Math.min(...boot)),
      online: net(online),
      flood: net(flood),
      afterCommands: net(afterCommands),
    };
  } finally {
    await board.stop();
    await broker.stop();
  }
}

/** Measures every build, one after the other. */
export async function measureAll(interpreter: string, version: string): Promise<MeasuredMemory> {
  const { idle, reporter: ofReporter } = await measureIdle(interpreter);
  const builds: MemoryRecord[] = [];
  for (const made of measuredBuilds) {
    const bundle = await measuredBundle(made);
    builds.push({
      name: made.name,
      sha256: bundleHash(bundle),
      bytes: bundle.length,
      shape: shapeOf(bundle),
      bufferVariables: bufferVariablesOf(bundle),
      ...(await measureBuild(interpreter, made, bundle, ofReporter)),
    });
  }
  return { interpreter: version, blockSize: 14, idle, builds };
}

/** Variables of the buffers that the bundle makes at boot and keeps: counted by the simulator. */
function bufferVariablesOf(bundle: string): number {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const board = createBoard({ profile: { name: "linux", wifi: false }, bundle, clock, network });
  board.boot();
  const { bootBuffers } = board.memory;
  board.powerOff();
  return bootBuffers;
}

/** Puts the records where the simulator reads them. */
export function writeRecords(measured: MeasuredMemory): void {
  const comment =
    "Variables in use on the interpreter named here, booted from .bootcde, by bundle (board linux, broker 127.0.0.1). Read by the simulator. " +
    "Made by: ESPRUINO_BIN=... npm run bench -- --only memory --write";
  writeFileSync(recordsFile, `${JSON.stringify({ $comment: comment, ...measured }, undefined, 2)}\n`);
}
