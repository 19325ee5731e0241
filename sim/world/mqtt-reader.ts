/** The MQTT packets in a board's traffic, whatever broker is at the other end. */
import { type Packet, parser } from "mqtt-packet";
import type { Traffic } from "./traffic.ts";

export type Direction = "to-board" | "from-board";

/** A packet that passed whole; `t` is board time in ms at its last byte. */
export interface PassingPacket {
  t: number;
  connection: number;
  direction: Direction;
  packet: Packet;
  /** On the wire, header included. */
  bytes: number;
}

/** A stream that is no MQTT (any more); nothing further is told of that direction of that connection. */
export interface MalformedStream {
  t: number;
  connection: number;
  direction: Direction;
  error: string;
}

/** A message (PUBLISH) seen on the wire, its payload as text. */
export interface PassingMessage {
  direction: Direction;
  topic: string;
  payload: string;
  qos: number;
  retain: boolean;
}

type Parser = ReturnType<typeof parser>;

/** Feed it what `Simulation.onTraffic` tells. Streams may be cut anywhere. */
export class MqttReader {
  private readonly streams = new Map<string, Parser>();
  private readonly found: (packet: PassingPacket) => void;
  private readonly malformed: (stream: MalformedStream) => void;

  constructor(
    found: (packet: PassingPacket) => void,
    malformed: (stream: MalformedStream) => void = () => {},
  ) {
    this.found = found;
    this.malformed = malformed;
  }

  take(traffic: Traffic): void {
    if (traffic.type === "to-board" || traffic.type === "from-board") this.bytes(traffic);
    else if (traffic.type === "closed" || traffic.type === "refused") this.forget(traffic.connection);
  }

  private bytes(traffic: Traffic & { type: Direction }): void {
    const { t, connection, type: direction } = traffic;
    const key = `${connection} ${direction}`;
    let stream = this.streams.get(key);
    if (!stream) {
      stream = parser({ protocolVersion: 4 });
      stream.on("packet", (packet) =>
        this.found({ t: this.now, connection, direction, packet, bytes: wireBytes(packet) }),
      );
      stream.on("error", (error: Error) =>
        this.malformed({ t: this.now, connection, direction, error: error.message }),
      );
      this.streams.set(key, stream);
    }
    this.now = t;
    stream.parse(Buffer.from(traffic.bytes, "latin1"));
  }

  private now = 0;

  private forget(connection: number): void {
    for (const direction of ["to-board", "from-board"]) this.streams.delete(`${connection} ${direction}`);
  }
}

/** The message in a packet, if it is a PUBLISH. */
export function messageOf({ direction, packet }: PassingPacket): PassingMessage | undefined {
  if (packet.cmd !== "publish") return undefined;
  const { topic, payload, qos, retain } = packet;
  return { direction, topic, payload: payload.toString(), qos, retain };
}

/** MQTT 3.1.1 section 2.2.3: one byte, the remaining length in groups of seven bits, and that many bytes. */
function wireBytes({ length = 0 }: Packet): number {
  let header = 2;
  for (let rest = length >> 7; rest > 0; rest >>= 7) header++;
  return header + length;
}
