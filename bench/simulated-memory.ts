// The phases of bench/measured-memory.ts on the simulator: what its memory says where the interpreter's was read.
import { type BoardMemory, createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import type { MemoryReadings } from "../sim/memory/records.ts";
import { publishPacket, ScriptedBroker } from "../test/broker/scripted-broker.ts";
import { floodCommands, floodOf, type MeasuredBuild, recordedPort } from "./measured-memory.ts";

/** Boots the bundle of a measured build on a simulated board and takes it through the same phases. */
export async function simulatedReadings(
  made: MeasuredBuild,
  bundle: string,
): Promise<MemoryReadings & { baseIs: BoardMemory["baseIs"] }> {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const broker = new ScriptedBroker();
  broker.keepPackets = false;
  network.listen(recordedPort, (peer) => {
    const connection = broker.attach({ write: (bytes) => peer.send(bytes), close: () => peer.end() });
    peer.onData = (bytes) => connection.receive(Buffer.from(bytes, "latin1"));
  });
  const board = createBoard({ profile: { name: "linux", wifi: false }, bundle, clock, network });
  const { memory } = board;
  board.boot();
  const boot = memory.usage;
  while ((broker.connections.at(-1)?.subscriptions.length ?? 0) === 0) {
    if (clock.now() > 15_000) throw new Error(`"${made.name}" did not subscribe within 15 s of board time`);
    await clock.advance(10);
  }
  await clock.advance(500);
  const online = memory.usage;
  const { topic, payloads } = floodOf(made);
  const qos = broker.current.subscriptions[0]?.qos ?? 0;
  const packets = Array.from({ length: floodCommands }, (_, index) =>
    publishPacket(topic, payloads[index % 2 ? 1 : 0], { qos, packetId: index + 1 }),
  );
  broker.current.send(Buffer.concat(packets));
  await clock.advance(1_000);
  const readings = { boot, online, flood: memory.peak, afterCommands: memory.usage, baseIs: memory.baseIs };
  board.powerOff();
  return readings;
}
