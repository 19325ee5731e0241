// How long one command takes on the real interpreter: 1,000 of them back to back from a scripted broker over loopback TCP.
import { performance } from "node:perf_hooks";
import {
  acknowledgement,
  type Connection,
  packetType,
  publishPacket,
  readPublish,
  ScriptedBroker,
} from "../test/broker/scripted-broker.ts";
import { startEspruino } from "../test/drivers/espruino-process.ts";
import { type Candidate, lampTopic, type Qos, stateTopic } from "./candidates.ts";

/** One run of one candidate; times are microseconds per command. */
export interface CommandTimeRun {
  processorMicroseconds: number | undefined;
  wallMicroseconds: number;
  statesAnswered: number;
  lastState: string | undefined;
  /** Commands acknowledged exactly once (at QoS 2: PUBREC once and PUBCOMP once); undefined at QoS 0. */
  acknowledgedOnce: number | undefined;
  bytesSent: number;
  chunksSeen: number;
}

const quietMs = 250;
const giveUpMs = 30_000;

/** Resolves when `isDone` holds, or when nothing has changed for `quietMs`; rejects after `giveUpMs`. */
async function settled(lastChange: () => number, isDone: () => boolean, giveUp = giveUpMs): Promise<void> {
  const start = performance.now();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = performance.now();
    if (isDone() && now - lastChange() > quietMs) return;
    if (now - lastChange() > 2_000 && now - start > 2_000) return;
    if (now - start > giveUp) return;
  }
}

/** Waits until the lamp has subscribed and has been silent for a while; gives the QoS it asked for its command topic. */
export async function waitUntilOnline(
  broker: ScriptedBroker,
  lastChange: () => number,
  name: string,
): Promise<Qos> {
  const start = performance.now();
  const asked = () => broker.connections.at(-1)?.subscriptions.find((one) => one.filter === lampTopic)?.qos;
  while (asked() === undefined || performance.now() - lastChange() < quietMs) {
    if (performance.now() - start > 10_000)
      throw new Error(`${name} did not subscribe to ${lampTopic} within 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return asked() as Qos;
}

/** The commands of one run, `on` and `off` in turn, in one buffer: sent back to back. */
export function commandsBackToBack(count: number, qos: Qos): Buffer {
  const packets: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    packets.push(
      publishPacket(lampTopic, index % 2 === 0 ? "on" : "off", { qos, packetId: (index % 60_000) + 1 }),
    );
  }
  return Buffer.concat(packets);
}

/** Counts what a lamp answers to a run of commands. */
export class AnswerCount {
  states = 0;
  lastState: string | undefined;
  lastChange = performance.now();
  private readonly first = new Map<number, number>();
  private readonly second = new Map<number, number>();

  take(received: { type: number; flags: number; body: Buffer }): void {
    if (received.type === packetType.publish) {
      const publish = readPublish(received);
      if (publish.topic !== stateTopic) return;
      this.states += 1;
      this.lastState = publish.payload.toString("latin1");
    } else if (received.type === packetType.puback || received.type === packetType.pubrec) {
      const id = received.body.readUInt16BE(0);
      this.first.set(id, (this.first.get(id) ?? 0) + 1);
    } else if (received.type === packetType.pubcomp) {
      const id = received.body.readUInt16BE(0);
      this.second.set(id, (this.second.get(id) ?? 0) + 1);
    }
  }

  acknowledgedOnce(count: number, qos: Qos): number | undefined {
    if (qos === 0) return undefined;
    let once = 0;
    for (let id = 1; id <= count; id += 1) {
      if (this.first.get(id) === 1 && (qos === 1 || this.second.get(id) === 1)) once += 1;
    }
    return once;
  }
}

/** Runs a candidate once; `port` is the one its code connects to. */
export async function measureCommandTime(options: {
  interpreter: string;
  candidate: Candidate;
  qos: Qos;
  port: number;
  commands?: number;
  /** Where the code stands: RAM (default) or Storage, whose reads cost a file opened each on Linux. */
  codeIn?: "memory" | "flash";
}): Promise<CommandTimeRun> {
  const { candidate, qos, commands = 1_000 } = options;
  const answers = new AnswerCount();
  let counting = false;
  let lastProcessor: number | undefined;
  let lastWall = 0;
  const broker = new ScriptedBroker({
    onPacket(connection, received) {
      if (received.type === packetType.pubrec) {
        connection.send(acknowledgement(packetType.pubrel, received.body.readUInt16BE(0)));
      }
      if (counting) answers.take(received);
      return received.type === packetType.pubrec ? "handled" : undefined;
    },
    afterChunk() {
      answers.lastChange = performance.now();
      lastWall = answers.lastChange;
      lastProcessor = board.processorNanoseconds();
    },
  });
  broker.keepPackets = false;
  await broker.listen(options.port);
  const board = await startEspruino({
    interpreter: options.interpreter,
    ...(options.codeIn === "flash" ? { bootCode: candidate.code } : { script: candidate.code }),
  });
  try {
    const asked = await waitUntilOnline(broker, () => answers.lastChange, candidate.name);
    if (asked < qos)
      throw new Error(`${candidate.name} subscribes at QoS ${asked}, it cannot be measured at QoS ${qos}`);
    const bytes = commandsBackToBack(commands, qos);
    const connection: Connection = broker.current;
    connection.chunksReceived = 0;
    connection.bytesReceived = 0;
    counting = true;
    const processorStart = board.processorNanoseconds();
    const wallStart = performance.now();
    answers.lastChange = wallStart;
    connection.send(bytes);
    await settled(
      () => answers.lastChange,
      () => answers.states >= commands && (answers.acknowledgedOnce(commands, qos) ?? commands) >= commands,
    );
    const processor =
      processorStart !== undefined && lastProcessor !== undefined
        ? (lastProcessor - processorStart) / 1_000
        : undefined;
    return {
      processorMicroseconds: processor === undefined ? undefined : processor / commands,
      wallMicroseconds: ((lastWall - wallStart) * 1_000) / commands,
      statesAnswered: answers.states,
      lastState: answers.lastState,
      acknowledgedOnce: answers.acknowledgedOnce(commands, qos),
      bytesSent: bytes.length,
      chunksSeen: connection.chunksReceived,
    };
  } finally {
    await board.stop();
    await broker.stop();
  }
}
