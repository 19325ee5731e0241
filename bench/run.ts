// The benchmarks' command line: measures what it can, says what it could not run and why, and prints one table a topic.
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { boardSection } from "./board.ts";
import { type Candidate, espruinoModuleLamp, floorLamp, type Qos } from "./candidates.ts";
import { simulatedPort } from "./codec.ts";
import { codecSection } from "./codec-section.ts";
import { type CommandTimeRun, measureCommandTime } from "./command-time.ts";
import { flashSection } from "./flash.ts";
import { freePort, interpreterVersion, machine, median } from "./machine.ts";
import { blockSize, type Holdings, idleVariables, measureGrowth, variablesOnline } from "./memory.ts";
import { memoryRecords } from "./memory-section.ts";
import { measurePage } from "./page.ts";
import { reloadSection } from "./reload.ts";
import { markdown, mergedWith, type Row, type Section, writeBetweenMarkers } from "./report.ts";
import { countSocketWrites } from "./socket-writes.ts";
import { updateSection } from "./update.ts";
import { builtBundle, builtBundleWithQuickStates, bundleFromFile } from "./wick-bundle.ts";

const usage = `npm run bench -- [options]; the interpreter is named by ESPRUINO_BIN, Espruino's MQTT module by ESPRUINO_MQTT_MODULE
  --bundle FILE   measure this bundle instead of building; {qos} in the name stands for 0, 1 and 2
  --port N        port the bundle of --bundle connects to (1883)
  --only TOPIC    time, memory, reconnect, size, codec, board, reload, page, update or flash
  --qos N         time: only this one
  --runs N        time: runs of which the median is taken (5)
  --commands N    time: commands a run (1000)
  --flash         time: boot the code from Storage instead of loading it into RAM
  --write         put the tables into docs/performance.md, and what memory builds use into board-profiles/measured-memory.json`;

const { values } = parseArgs({
  options: {
    bundle: { type: "string" },
    port: { type: "string", default: "1883" },
    only: { type: "string" },
    qos: { type: "string" },
    runs: { type: "string", default: "5" },
    commands: { type: "string", default: "1000" },
    flash: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const interpreter = process.env.ESPRUINO_BIN;
const modulePath = process.env.ESPRUINO_MQTT_MODULE;
const sections: Section[] = [];
const notRun: string[] = [];

const wants = (topic: string) => values.only === undefined || values.only === topic;
const progress = (text: string) => process.stderr.write(`${text}\n`);

/** Runs one measurement; what fails is listed, the others go on. */
async function attempt<Result>(what: string, measure: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await measure();
  } catch (error) {
    notRun.push(`${what}: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
}

/** The lamp as the contract has it, or the file of --bundle. */
async function wick(port: number, qos: Qos): Promise<Candidate> {
  return values.bundle ? bundleFromFile(values.bundle, qos) : builtBundle(port, qos);
}

const portOf = (candidate: Candidate, port: number) =>
  candidate.name === "wick" && values.bundle ? Number(values.port) : port;

async function commandTime(bin: string): Promise<void> {
  const port = await freePort();
  const runs = Number(values.runs);
  const commands = Number(values.commands);
  const rows: Row[] = [];
  for (const qos of values.qos === undefined ? ([0, 1, 2] as Qos[]) : [Number(values.qos) as Qos]) {
    const candidates = [
      await attempt(`command time of wick at QoS ${qos}`, () => wick(port, qos)),
      qos > 0 && !values.bundle
        ? await attempt(`command time of wick, states at QoS 0`, () => builtBundleWithQuickStates(port, qos))
        : undefined,
      modulePath
        ? await attempt("command time of the module", () => espruinoModuleLamp(modulePath, port, qos))
        : undefined,
      await floorLamp(port, qos),
    ].filter((candidate) => candidate !== undefined);
    const results = await interleaved(bin, candidates, { qos, port, runs, commands });
    const time = (name: string) =>
      median((results.get(name) ?? []).map((run) => run.processorMicroseconds ?? run.wallMicroseconds));
    for (const [name, all] of results) {
      const [own, module, floor] = [time(name), time("module"), time("floor")];
      const fewest = (pick: (run: CommandTimeRun) => number) => Math.min(...all.map(pick));
      const wall = median(all.map((run) => run.wallMicroseconds));
      const answers = [
        `${fewest((run) => run.statesAnswered)} states`,
        `last ${[...new Set(all.map((run) => run.lastState))].join(" or ")}`,
        ...(qos > 0 ? [`${fewest((run) => run.acknowledgedOnce ?? 0)} acknowledged once`] : []),
      ];
      rows.push({
        what: `QoS ${qos}, ${name}`,
        measured: `${own.toFixed(0)} us (wall ${wall.toFixed(0)}); ${answers.join(", ")}`,
      });
      if (!name.startsWith("wick")) continue;
      rows.push(
        ...ratios(qos, name, { own, module, floor }, fewest((run) => run.statesAnswered) >= commands),
      );
    }
  }
  rows.push(...(await socketWrites(bin, port)));
  const where = values.flash ? "booted from Storage" : "loaded into RAM";
  const title = `Time per command: ${commands} back to back, code ${where}, processor time of the interpreter, median of ${runs} interleaved runs`;
  sections.push({ title, rows });
}

/**
 * How a lamp compares. The asked ratio is for commands that are each answered by a state: where states were joined less
 * was done, so that the ratio is told without a verdict.
 */
function ratios(
  qos: Qos,
  name: string,
  time: { own: number; module: number; floor: number },
  isEachAnswered: boolean,
): Row[] {
  const row = (to: string, ratio: number, asked: number): Row => ({
    what: `QoS ${qos}, ${name} to ${to}`,
    measured: `${ratio.toFixed(2)}${isEachAnswered ? "" : ", states joined"}`,
    ...(isEachAnswered ? { asked: `${asked}`, met: ratio <= asked } : {}),
  });
  return [
    ...(time.module > 0 ? [row("module", time.own / time.module, 0.35)] : []),
    ...(qos === 0 ? [row("floor", time.own / time.floor, 2.5)] : []),
  ];
}

async function socketWrites(bin: string, port: number): Promise<Row[]> {
  const counts = await attempt("socket writes of wick", async () => {
    const lamp = await wick(port, 1);
    return countSocketWrites({
      interpreter: bin,
      candidate: lamp,
      port: portOf(lamp, port),
      commands: 1_000,
    });
  });
  if (!counts) return [];
  const perChunk = counts.writes / counts.chunks;
  return [
    {
      what: "QoS 1, wick: socket writes a received chunk",
      measured: `${perChunk.toFixed(2)} (${counts.writes} for ${counts.chunks})`,
      asked: "1",
      // A queue that drains may add a write now and then; one a packet would be twenty.
      met: perChunk <= 1.1,
    },
  ];
}

async function interleaved(
  bin: string,
  candidates: readonly Candidate[],
  options: { qos: Qos; port: number; runs: number; commands: number },
): Promise<Map<string, CommandTimeRun[]>> {
  const { qos, port, runs, commands } = options;
  const codeIn = values.flash ? "flash" : "memory";
  const results = new Map<string, CommandTimeRun[]>();
  const failed = new Set<string>();
  for (let run = 0; run < runs; run += 1) {
    for (const candidate of candidates) {
      if (failed.has(candidate.name)) continue;
      const what = `command time of ${candidate.name} at QoS ${qos}`;
      progress(`${what}, run ${run + 1} of ${runs}`);
      const result = await attempt(what, () =>
        measureCommandTime({
          interpreter: bin,
          candidate,
          qos,
          port: portOf(candidate, port),
          commands,
          codeIn,
        }),
      );
      if (result) results.set(candidate.name, [...(results.get(candidate.name) ?? []), result]);
      else failed.add(candidate.name);
    }
  }
  return results;
}

async function memory(bin: string): Promise<void> {
  const port = await freePort();
  const idle = await idleVariables(bin);
  const rows: Row[] = [];
  const lamp = await attempt("memory of wick", () => wick(port, 1));
  if (lamp) {
    progress("variables of wick, online and idle");
    const used = await attempt("memory of wick", () =>
      variablesOnline({ interpreter: bin, candidate: lamp, port: portOf(lamp, port) }, idle),
    );
    if (used !== undefined) {
      rows.push({
        what: "variables, online and idle, above an idle interpreter",
        measured: `${used}`,
        asked: "440",
        met: used <= 440,
      });
    }
  }
  if (modulePath) {
    const module = await espruinoModuleLamp(modulePath, port, 1);
    const used = await attempt("memory of the module", () =>
      variablesOnline({ interpreter: bin, candidate: module, port }, idle),
    );
    if (used !== undefined)
      rows.push({ what: "the same, Espruino's module with a ten-line lamp", measured: `${used}` });
  }
  sections.push({ title: "Memory: variables of 14 bytes, booted from .bootcde, QoS 1", rows });
  progress("variables of several builds, for the simulator");
  const records = await attempt("memory records", () =>
    memoryRecords(bin, `Espruino ${interpreterVersion(bin).split(",")[0]}`, values.write),
  );
  if (records) sections.push(records);
}

async function board(): Promise<void> {
  const section = await attempt("cost of a board", () =>
    boardSection(async (qos) => (await wick(simulatedPort, qos)).code),
  );
  if (section) sections.push(section);
}

async function growth(bin: string): Promise<void> {
  const port = await freePort();
  const lamp = await attempt("growth of wick", () => wick(port, 1));
  if (!lamp) return;
  progress("10,000 commands, then 200 reconnects: some minutes");
  const found = await attempt("growth of wick", () =>
    measureGrowth({
      interpreter: bin,
      candidate: lamp,
      port: portOf(lamp, port),
      commands: 10_000,
      reconnects: 200,
    }),
  );
  if (!found) return;
  const said = (holds: Holdings) =>
    `${holds.variables} variables, ${holds.timers} timers, ${holds.listeners} listeners, ${holds.sockets} socket`;
  const before = said(found.afterBoot);
  const row = (what: string, holds: Holdings): Row => ({
    what,
    measured: said(holds),
    asked: "the same",
    met: said(holds) === before,
  });
  sections.push({
    title: "Growth: booted from .bootcde, QoS 1 (the counting itself included)",
    rows: [
      { what: "online and idle", measured: before },
      row(`after ${found.commands} commands`, found.afterCommands),
      row(`after ${found.reconnects} reconnects more`, found.afterReconnects),
    ],
  });
}

async function size(): Promise<void> {
  if (values.bundle) return;
  const normal = await attempt("size of the default bundle", () => builtBundle(1883, 1));
  const board = "esp32-devkitc";
  const withWifi = await attempt("size of the default bundle with Wi-Fi", () =>
    builtBundle(1883, 1, { "wifi.ssid": "network" }, board),
  );
  const least = await attempt("size of the smallest bundle", () =>
    builtBundle(1883, 0, { "lamp.pwm": false, "mqtt.cleanSession": true }),
  );
  const row = (what: string, candidate: Candidate | undefined, asked: number): Row[] =>
    candidate
      ? [
          {
            what,
            measured: `${candidate.code.length} bytes`,
            asked: `${asked}`,
            met: candidate.code.length <= asked,
          },
        ]
      : [];
  const rows = [
    ...row("default, board linux", normal, 6_200),
    ...row(`default, board ${board}, with Wi-Fi`, withWifi, 6_200),
    ...row("QoS 0, no brightness, clean session, board linux", least, 3_000),
  ];
  sections.push({ title: "Size of the bundle", rows });
}

async function onInterpreter(): Promise<void> {
  const wanted = ["time", "memory", "reconnect"].some(wants);
  if (!wanted) return;
  if (!interpreter || !existsSync(interpreter)) {
    const found = interpreter ? `there is no file ${interpreter}` : "it is not set";
    notRun.push(`command time, memory and growth: ESPRUINO_BIN must name an Espruino for Linux; ${found}`);
    return;
  }
  if (!modulePath)
    notRun.push(
      "comparison with Espruino's MQTT module: ESPRUINO_MQTT_MODULE, the path of its MQTT.js, is not set",
    );
  if (wants("time")) await commandTime(interpreter);
  if (!wants("memory") && !wants("reconnect")) return;
  const bytes = await blockSize(interpreter);
  if (bytes !== 14) {
    notRun.push(
      `memory and growth: variables of this interpreter take ${bytes} bytes, on an ESP32 they take 14`,
    );
    return;
  }
  if (wants("memory")) await memory(interpreter);
  if (wants("reconnect")) await growth(interpreter);
}

if (values.help) {
  console.log(usage);
} else {
  if (wants("size")) await size();
  if (wants("codec"))
    sections.push(await codecSection(async (qos) => (await wick(simulatedPort, qos)).code, attempt));
  if (wants("board")) await board();
  for (const [topic, measure] of [
    ["reload", reloadSection],
    ["flash", flashSection],
    ["page", measurePage],
    ["update", () => updateSection(interpreter && existsSync(interpreter) ? interpreter : undefined)],
  ] as const) {
    const section = wants(topic) ? await attempt(topic, measure) : undefined;
    if (section) sections.push(section);
  }
  await onInterpreter();
  const made = `Made by \`npm run bench\` on: ${machine(interpreter && existsSync(interpreter) ? interpreter : undefined)}.`;
  const text = [made, "", markdown(sections), ...notRun.map((line) => `Not run: ${line}.`)].join("\n");
  console.log(text);
  const page = "docs/performance.md";
  if (values.write) writeBetweenMarkers(page, values.only === undefined ? text : mergedWith(page, sections));
}
