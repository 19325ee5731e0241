// Variables in use on the real interpreter, booted from `.bootcde`: online and idle, after 10,000 commands, after 200 reconnects.
import { performance } from "node:perf_hooks";
import { ScriptedBroker } from "../test/broker/scripted-broker.ts";
import { type EspruinoProcess, startEspruino } from "../test/drivers/espruino-process.ts";
import type { Candidate } from "./candidates.ts";
import { AnswerCount, commandsBackToBack, waitUntilOnline } from "./command-time.ts";

/** What a board holds at one moment; it may not grow. */
export interface Holdings {
  /** Variables in use above an idle interpreter. */
  variables: number;
  timers: number;
  /** Listeners on sockets, `process` and `E`. */
  listeners: number;
  sockets: number;
}

export interface MemoryReport {
  idle: number;
  online: Holdings;
  afterCommands: Holdings | undefined;
  /** States answered to `commands` commands sent in bursts of 1,000. */
  statesAnswered: number;
  commands: number;
  afterReconnects: Holdings | undefined;
  reconnects: number;
}

/** Open client sockets as the interpreter keeps them, and all the listeners a firmware may have added. */
const sockets = `(global["\\xff"].HttpCC||[])`;
const listeners = `${sockets}.concat([process,E]).reduce(function(n,o){
for(var e of ["data","close","error","drain","connect","end","init","kill","uncaughtException"]){
var l=o["#on"+e];if(l)n+=l.length&&l.push?l.length:1}return n},0)`.replace(/\n/g, "");

/**
 * The smallest of some readings: while a packet or an event is under way a few variables more are in use. What is typed
 * takes variables too, so the line that reads them is short and the same for every candidate.
 */
async function take(board: EspruinoProcess, idle: number): Promise<Holdings> {
  const usage: number[] = [];
  for (let reading = 0; reading < 5; reading += 1) {
    usage.push(Number(await board.evaluate("process.memory().usage")));
    await pause(60);
  }
  return {
    variables: Math.min(...usage) - idle,
    timers: Number(await board.evaluate(`global["\\xff"].timers.length`)),
    listeners: Number(await board.evaluate(listeners)),
    sockets: Number(await board.evaluate(`${sockets}.length`)),
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Variables an interpreter without code uses. Throws when its variables are not of 14 bytes, as they are on an ESP32. */
export async function idleVariables(interpreter: string): Promise<number> {
  const board = await startEspruino({ interpreter });
  try {
    const size = Number(await board.evaluate("process.memory().blocksize"));
    if (size !== 14) {
      throw new Error(`memory cannot be measured: this interpreter's variables take ${size} bytes, on an ESP32 they take 14`);
    }
    return (await take(board, 0)).variables;
  } finally {
    await board.stop();
  }
}

/** Holds `candidate` online and counts; `port` is the one its code connects to. */
export async function measureMemory(options: {
  interpreter: string;
  candidate: Candidate;
  port: number;
  idle: number;
  commands: number;
  reconnects: number;
}): Promise<MemoryReport> {
  const { candidate, idle } = options;
  const answers = new AnswerCount();
  let counting = false;
  const broker = new ScriptedBroker({
    onPacket(_connection, received) {
      if (counting) answers.take(received);
      return undefined;
    },
    afterChunk() {
      answers.lastChange = performance.now();
    },
  });
  broker.keepPackets = false;
  await broker.listen(options.port);
  const board = await startEspruino({ interpreter: options.interpreter, bootCode: candidate.code });
  try {
    await waitUntilOnline(broker, () => answers.lastChange, candidate.name);
    await pause(2_000);
    const online = await take(board, idle);
    counting = true;
    for (let sent = 0; sent < options.commands; sent += 1_000) {
      answers.lastChange = performance.now();
      broker.current.send(commandsBackToBack(Math.min(1_000, options.commands - sent), candidate.qos));
      while (performance.now() - answers.lastChange < 400) await pause(50);
    }
    counting = false;
    if (options.commands > 0) await pause(1_000);
    const afterCommands = options.commands > 0 ? await take(board, idle) : undefined;
    for (let done = 0; done < options.reconnects; done += 1) await reconnect(board, broker, candidate.name);
    if (options.reconnects > 0) await pause(1_000);
    const afterReconnects = options.reconnects > 0 ? await take(board, idle) : undefined;
    return {
      idle,
      online,
      afterCommands,
      statesAnswered: answers.states,
      commands: options.commands,
      afterReconnects,
      reconnects: options.reconnects,
    };
  } finally {
    await board.stop();
    await broker.stop();
  }
}

/**
 * Closes the connection at the broker and waits for the next. The firmware's pause before it tries again would take
 * minutes 200 times over, so once the socket is gone its timers are made to fire at once.
 */
async function reconnect(board: EspruinoProcess, broker: ScriptedBroker, name: string): Promise<void> {
  const before = broker.connections.length;
  broker.current.close();
  const start = performance.now();
  const fireTimers = `(function(){var h=global["\\xff"];if(!(h.HttpCC&&h.HttpCC.length))h.timers.forEach(function(t){t.time=0})})()`;
  while (broker.connections.length === before || broker.current.subscriptions.length === 0) {
    if (broker.connections.length === before) await board.evaluate(fireTimers);
    else await pause(5);
    if (performance.now() - start > 10_000) throw new Error(`${name} did not come back within 10 s of its connection's end`);
  }
  await pause(20);
}
