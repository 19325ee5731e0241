// How fast the bundle takes commands on Node, and how fast a simulated board is online; neither needs the real interpreter.
import { performance } from "node:perf_hooks";
import { createBoard, LoopbackNetwork, type LoopbackPeer, VirtualClock } from "../sim/index.ts";
import { ScriptedBroker } from "../test/broker/scripted-broker.ts";
import type { Qos } from "./candidates.ts";
import { AnswerCount, commandsBackToBack } from "./command-time.ts";

/** Port of the bundle; the network is inside of the process. */
export const simulatedPort = 1883;
/** Turns of the virtual clock after which a lamp that is not online never will be. */
const longestBootMs = 10_000;

interface SimulatedLamp {
  broker: ScriptedBroker;
  clock: VirtualClock;
  /** How often a pin has changed: once a command, because `on` and `off` take turns. */
  pinChanges(): number;
  powerOff(): void;
}

/** Boots `bundle` and lets board time pass until its subscription is there. Throws when it does not come. */
async function bootUntilOnline(bundle: string, broker: ScriptedBroker): Promise<SimulatedLamp> {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  network.listen(simulatedPort, (peer: LoopbackPeer) => {
    const connection = broker.attach({ write: (bytes) => peer.send(bytes), close: () => peer.end() });
    peer.onData = (bytes) => connection.receive(Buffer.from(bytes, "latin1"));
  });
  let changes = 0;
  const board = createBoard({
    profile: { name: "linux", wifi: false },
    bundle,
    clock,
    network,
    onEvent(event) {
      if (event.type === "pin") changes += 1;
    },
  });
  board.boot();
  while ((broker.connections.at(-1)?.subscriptions.length ?? 0) === 0) {
    if (clock.now() > longestBootMs) throw new Error("the lamp did not subscribe within 10 s of board time");
    await clock.advance(10);
  }
  return { broker, clock, pinChanges: () => changes, powerOff: () => board.powerOff() };
}

/** Milliseconds of real time from switching a simulated board on to its subscription. */
export async function bootToOnline(bundle: string): Promise<number> {
  const start = performance.now();
  const lamp = await bootUntilOnline(bundle, new ScriptedBroker());
  const took = performance.now() - start;
  lamp.powerOff();
  return took;
}

/** Commands a second that the bundle takes, acts on and acknowledges in the simulator. Throws when one is lost. */
export async function commandsPerSecond(bundle: string, qos: Qos, commands: number): Promise<number> {
  const answers = new AnswerCount();
  const broker = new ScriptedBroker({
    onPacket(_connection, received) {
      answers.take(received);
      return undefined;
    },
  });
  broker.keepPackets = false;
  const lamp = await bootUntilOnline(bundle, broker);
  await lamp.clock.advance(500);
  const bytes = commandsBackToBack(commands, qos);
  const start = performance.now();
  // In one piece, because the broker's own acknowledgements may not come between the bytes of a packet.
  broker.current.send(bytes);
  const done = () =>
    lamp.pinChanges() === commands && (qos === 0 || answers.acknowledgedOnce(commands, qos) === commands);
  for (let waited = 0; waited < longestBootMs && !done(); waited += 10) await lamp.clock.advance(10);
  const seconds = (performance.now() - start) / 1_000;
  await lamp.clock.advance(1_000);
  const changes = lamp.pinChanges();
  lamp.powerOff();
  if (changes !== commands) throw new Error(`the pin changed ${changes} times for ${commands} commands`);
  const once = answers.acknowledgedOnce(commands, qos);
  if (once !== undefined && once !== commands)
    throw new Error(`${once} of ${commands} commands were acknowledged once`);
  if (answers.states === 0 || answers.lastState !== "off")
    throw new Error(`the last state is ${answers.lastState}, not off`);
  return commands / seconds;
}
