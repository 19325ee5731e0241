// Variables in use on the real interpreter, booted from `.bootcde`: online and idle, after 10,000 commands, after 200 reconnects.
import { performance } from "node:perf_hooks";
import { ScriptedBroker } from "../test/broker/scripted-broker.ts";
import { type EspruinoProcess, startEspruino } from "../test/drivers/espruino-process.ts";
import type { Candidate } from "./candidates.ts";
import { AnswerCount, commandsBackToBack, waitUntilOnline } from "./command-time.ts";

/** What a board holds at one moment; it may not grow. */
export interface Holdings {
  variables: number;
  timers: number;
  /** Listeners on sockets, `process` and `E`. */
  listeners: number;
  sockets: number;
}

export interface GrowthReport {
  afterBoot: Holdings;
  commands: number;
  afterCommands: Holdings;
  reconnects: number;
  afterReconnects: Holdings;
}

/**
 * Runs from `.boot0` on the idle interpreter as under every candidate. It names no built-in object but `process`: each
 * takes variables from its first use on, as do prototypes, and they would be missing from the difference. (Asking over the
 * console instead would garble now and then, and a library for it would change what is counted.)
 */
const usageReporter = `setInterval(function(){print("\\x10holds",process.memory().usage,0,0,0)},100);`;

/**
 * Prints what the board holds while it has a socket. While it has none, all timers but this one (the first) fire at once and
 * often: the firmware's pause before it tries again would take an hour when the broker closes the connection 200 times.
 */
const growthReporter = `setInterval(function(){
var h=global["\\xff"],c=h.HttpCC||[],n=0,t=-1,o,e,l;
for(o of c.concat([process,E]))for(e of ["data","close","error","drain","connect","end","init","kill","uncaughtException"])
if(l=o["#on"+e])n+=l.push?l.length:1;
for(e in h.timers){t++;if(!c.length&&e>1)h.timers[e].time=0}
changeInterval(1,c.length?100:5);h=o=e=l=0;
if(c.length)print("\\x10holds",process.memory().usage,t,n,c.length)},100);`.replace(/\n/g, "");

const report = /holds (\d+) (\d+) (\d+) (\d+)/;

/** The smallest of the next reports: while a packet or an event is under way a few variables more are in use. */
async function take(board: EspruinoProcess): Promise<Holdings> {
  const before = board.console.length;
  const found: Holdings[] = [];
  for (const start = performance.now(); found.length < 8; ) {
    if (performance.now() - start > 5_000)
      throw new Error(`no report from the board: ${board.console.slice(-3).join(" | ")}`);
    await pause(50);
    found.length = 0;
    for (const line of board.console.slice(before)) {
      const [, variables, timers, listeners, sockets] = (report.exec(line) ?? []).map(Number);
      if (variables === undefined || timers === undefined || listeners === undefined || sockets === undefined)
        continue;
      found.push({ variables, timers, listeners, sockets });
    }
  }
  return found.reduce((least, one) => (one.variables < least.variables ? one : least));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Bytes a variable takes on this interpreter: 14 on an ESP32, and only then are counts comparable. */
export async function blockSize(interpreter: string): Promise<number> {
  const board = await startEspruino({ interpreter, bootCode: "" });
  try {
    return Number(await board.evaluate("process.memory().blocksize"));
  } finally {
    await board.stop();
  }
}

/** Variables in use on an interpreter without code. */
export async function idleVariables(interpreter: string): Promise<number> {
  const board = await startEspruino({ interpreter, bootCode: "", prelude: usageReporter });
  try {
    await pause(1_000);
    return (await take(board)).variables;
  } finally {
    await board.stop();
  }
}

interface Options {
  interpreter: string;
  candidate: Candidate;
  /** The one the candidate's code connects to. */
  port: number;
}

/** Boots `candidate`, waits until it is online, hands it to `during`, and ends it. */
async function online<Result>(
  { interpreter, candidate, port }: Options,
  prelude: string,
  during: (board: EspruinoProcess, broker: ScriptedBroker, answers: AnswerCount) => Promise<Result>,
): Promise<Result> {
  const answers = new AnswerCount();
  const broker = new ScriptedBroker({
    onPacket(_connection, received) {
      answers.take(received);
      return undefined;
    },
    afterChunk() {
      answers.lastChange = performance.now();
    },
  });
  broker.keepPackets = false;
  await broker.listen(port);
  const board = await startEspruino({ interpreter, bootCode: candidate.code, prelude });
  try {
    await waitUntilOnline(broker, () => answers.lastChange, candidate.name);
    await pause(2_000);
    return await during(board, broker, answers);
  } finally {
    await board.stop();
    await broker.stop();
  }
}

/** Variables in use online and idle, above `idle`. */
export async function variablesOnline(options: Options, idle: number): Promise<number> {
  return online(options, usageReporter, async (board) => (await take(board)).variables - idle);
}

/** What a board holds after boot, after `commands` commands in bursts of 1,000, and after `reconnects` reconnects. */
export async function measureGrowth(
  options: Options & { commands: number; reconnects: number },
): Promise<GrowthReport> {
  const { candidate, commands, reconnects } = options;
  return online(options, growthReporter, async (board, broker, answers) => {
    const afterBoot = await take(board);
    for (let sent = 0; sent < commands; sent += 1_000) {
      answers.lastChange = performance.now();
      broker.current.send(commandsBackToBack(Math.min(1_000, commands - sent), candidate.qos));
      while (performance.now() - answers.lastChange < 500) await pause(50);
    }
    await pause(1_000);
    const afterCommands = await take(board);
    for (let done = 0; done < reconnects; done += 1) await reconnect(broker, candidate.name);
    await pause(1_000);
    return { afterBoot, commands, afterCommands, reconnects, afterReconnects: await take(board) };
  });
}

/** Closes the connection at the broker and waits until the lamp has subscribed again. */
async function reconnect(broker: ScriptedBroker, name: string): Promise<void> {
  const before = broker.connections.length;
  broker.current.close();
  const start = performance.now();
  while (broker.connections.length === before || broker.current.subscriptions.length === 0) {
    await pause(5);
    if (performance.now() - start > 10_000)
      throw new Error(`${name} did not come back within 10 s of its connection's end`);
  }
  await pause(20);
}
