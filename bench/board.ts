// What a simulated board costs: memory a running lamp, time to boot one, and real time for an hour of board time.
import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Board, createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { publishPacket, ScriptedBroker } from "../test/broker/scripted-broker.ts";
import { lampTopic, type Qos } from "./candidates.ts";
import { simulatedPort } from "./codec.ts";
import { median } from "./machine.ts";
import type { Section } from "./report.ts";

/** A network in the process with a scripted broker on it. */
function lampWorld(): { clock: VirtualClock; network: LoopbackNetwork; broker: ScriptedBroker } {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const broker = new ScriptedBroker();
  broker.keepPackets = false;
  network.listen(simulatedPort, (peer) => {
    const connection = broker.attach({ write: (bytes) => peer.send(bytes), close: () => peer.end() });
    peer.onData = (bytes) => connection.receive(Buffer.from(bytes, "latin1"));
  });
  return { clock, network, broker };
}

const profile = { name: "linux", wifi: false };
/** Boards booted before anything is measured: compilers and caches are warm then, whose code would count as the boards' (up to 2 KB each after 50). */
const warmUp = 300;

export interface BoardCost {
  heapKilobytes: number;
  residentKilobytes: number;
  bootMilliseconds: number;
}

/** Of one of `count` lamps that are online at the same time, their side of the network included. */
export async function boardCost(bundle: string, count: number): Promise<BoardCost> {
  const collect = garbageCollector();
  const { clock, network, broker } = lampWorld();
  const boards: Board[] = [];
  let counted = 0;
  const boot = (): void => {
    const board = createBoard({ profile, bundle, clock, network, seed: boards.length + 1 });
    board.boot();
    boards.push(board);
  };
  const online = async (): Promise<void> => {
    await clock.advance(10_000);
    const subscribed = broker.connections.filter(({ subscriptions }) => subscriptions.length > 0);
    if (subscribed.length !== boards.length - counted)
      throw new Error(`${subscribed.length} of ${boards.length - counted} lamps came online`);
    counted = boards.length;
    // What the broker holds of them is not theirs.
    broker.connections.length = 0;
    for (const peer of network.peers) peer.onData = undefined;
  };
  while (boards.length < warmUp) boot();
  await online();
  const before = usedAfter(collect);
  const start = performance.now();
  while (boards.length < warmUp + count) boot();
  const took = performance.now() - start;
  await online();
  const after = usedAfter(collect);
  for (const board of boards) board.powerOff();
  return {
    heapKilobytes: (after.heapUsed - before.heapUsed) / count / 1024,
    residentKilobytes: (after.rss - before.rss) / count / 1024,
    bootMilliseconds: took / count,
  };
}

/** Seconds of real time for an hour of board time in which the lamp gets a command a second. Throws when one is lost. */
export async function hourOfBoardTime(bundle: string, qos: Qos): Promise<number> {
  const { clock, network, broker } = lampWorld();
  let changes = 0;
  const board = createBoard({
    profile,
    bundle,
    clock,
    network,
    onEvent(event) {
      if (event.type === "pin") changes++;
    },
  });
  const start = performance.now();
  board.boot();
  await clock.advance(5_000);
  const seconds = 3_600;
  for (let second = 0; second < seconds; second++) {
    broker.current.send(publishPacket(lampTopic, second % 2 ? "off" : "on", { qos, packetId: second + 1 }));
    await clock.advance(1_000);
  }
  const took = (performance.now() - start) / 1_000;
  board.powerOff();
  if (changes !== seconds) throw new Error(`the pin changed ${changes} times for ${seconds} commands`);
  return took;
}

function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // Or every context made from now on would have it, a board's too.
  setFlagsFromString("--no-expose-gc");
  return collect;
}

function usedAfter(collect: () => void): NodeJS.MemoryUsage {
  collect();
  collect();
  return process.memoryUsage();
}

const boards = 200;

/** Of the lamp that `lamp` gives. */
export async function boardSection(lamp: (qos: Qos) => Promise<string>): Promise<Section> {
  const bundle = await lamp(1);
  const cost = await boardCost(bundle, boards);
  const hours: number[] = [];
  for (let run = 0; run < 3; run++) hours.push(await hourOfBoardTime(bundle, 1));
  const hour = median(hours);
  const [heap, resident] = [cost.heapKilobytes, cost.residentKilobytes].map(Math.round);
  return {
    title: `A simulated board: one of ${boards} lamps online in one process, QoS 1, its side of the network included`,
    rows: [
      { what: "heap a board", measured: `${heap} KB`, asked: "200 KB", met: cost.heapKilobytes < 200 },
      { what: "resident memory a board", measured: `${resident} KB` },
      { what: "to boot one", measured: `${cost.bootMilliseconds.toFixed(1)} ms` },
      {
        what: "an hour of board time, a command a second",
        measured: `${hour.toFixed(2)} s`,
        asked: "2 s",
        met: hour < 2,
      },
    ],
  };
}
