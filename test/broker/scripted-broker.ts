// A broker that does what a script tells it: speaks MQTT 3.1.1 byte by byte, keeps what it was sent, and misbehaves on demand.
import { createServer, type Server, type Socket } from "node:net";

/** One packet as it came over the wire; `body` is what follows the remaining length. */
export interface ReceivedPacket {
  type: number;
  flags: number;
  body: Buffer;
}

/** A PUBLISH taken apart. */
export interface ReceivedPublish {
  topic: string;
  payload: Buffer;
  qos: number;
  retain: boolean;
  dup: boolean;
  packetId: number | undefined;
}

export const packetType = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
} as const;

/** The far end of a connection: a TCP socket, or a board attached in the same process. */
export interface Transport {
  write(bytes: Buffer): void;
  close(): void;
}

/** A fixed header, its remaining length (MQTT 3.1.1 section 2.2.3) and the body. */
export function packet(firstByte: number, body: Buffer): Buffer {
  const header = [firstByte];
  let length = body.length;
  do {
    header.push((length & 127) | (length > 127 ? 128 : 0));
    length >>= 7;
  } while (length > 0);
  return Buffer.concat([Buffer.from(header), body]);
}

export function twoBytes(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

export function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([twoBytes(bytes.length), bytes]);
}

/** A PUBLISH; `packetId` is needed at QoS 1 and 2 (MQTT 3.1.1 section 3.3). */
export function publishPacket(
  topic: string,
  payload: string | Buffer,
  options: { qos?: number; retain?: boolean; dup?: boolean; packetId?: number } = {},
): Buffer {
  const { qos = 0, retain = false, dup = false, packetId = 1 } = options;
  const first = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  const id = qos > 0 ? [twoBytes(packetId)] : [];
  return packet(first, Buffer.concat([lengthPrefixed(topic), ...id, Buffer.from(payload)]));
}

/** PUBACK, PUBREC, PUBREL (flags 2) and PUBCOMP carry only a packet id (sections 3.4 to 3.7). */
export function acknowledgement(type: number, packetId: number): Buffer {
  return Buffer.from([(type << 4) | (type === packetType.pubrel ? 2 : 0), 2, packetId >> 8, packetId & 255]);
}

/** Cuts a stream of bytes into packets, however it was split. */
export class PacketSplitter {
  private rest: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): ReceivedPacket[] {
    const all = this.rest.length > 0 ? Buffer.concat([this.rest, bytes]) : bytes;
    const packets: ReceivedPacket[] = [];
    let at = 0;
    for (;;) {
      let length = 0;
      let cursor = at + 1;
      let shift = 0;
      let byte = 128;
      while (byte & 128 && cursor < all.length) {
        byte = all[cursor] as number;
        length |= (byte & 127) << shift;
        shift += 7;
        cursor += 1;
      }
      if (byte & 128 || cursor + length > all.length) break;
      const first = all[at] as number;
      packets.push({ type: first >> 4, flags: first & 15, body: all.subarray(cursor, cursor + length) });
      at = cursor + length;
    }
    this.rest = all.subarray(at);
    return packets;
  }
}

export function readPublish(received: ReceivedPacket): ReceivedPublish {
  const { body, flags } = received;
  const topicEnd = 2 + body.readUInt16BE(0);
  const qos = (flags >> 1) & 3;
  return {
    topic: body.toString("utf8", 2, topicEnd),
    payload: body.subarray(topicEnd + (qos > 0 ? 2 : 0)),
    qos,
    retain: (flags & 1) === 1,
    dup: (flags & 8) === 8,
    packetId: qos > 0 ? body.readUInt16BE(topicEnd) : undefined,
  };
}

/** The filters and the QoS asked for in a SUBSCRIBE (section 3.8.3). */
export function readSubscribe(received: ReceivedPacket): {
  packetId: number;
  filters: { filter: string; qos: number }[];
} {
  const { body } = received;
  const filters: { filter: string; qos: number }[] = [];
  let at = 2;
  while (at < body.length) {
    const end = at + 2 + body.readUInt16BE(at);
    filters.push({ filter: body.toString("utf8", at + 2, end), qos: body[end] as number });
    at = end + 1;
  }
  return { packetId: body.readUInt16BE(0), filters };
}

/** One client's connection, seen from the broker. */
export class Connection {
  readonly received: ReceivedPacket[] = [];
  readonly published: ReceivedPublish[] = [];
  readonly subscriptions: { filter: string; qos: number }[] = [];
  /** Chunks of bytes that arrived, as the transport cut them. */
  chunksReceived = 0;
  bytesReceived = 0;
  closed = false;
  private readonly splitter = new PacketSplitter();

  private readonly broker: ScriptedBroker;
  private readonly transport: Transport;

  constructor(broker: ScriptedBroker, transport: Transport) {
    this.broker = broker;
    this.transport = transport;
  }

  send(...parts: Buffer[]): void {
    if (!this.closed) this.transport.write(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts));
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.transport.close();
  }

  /** To be called by the transport with each chunk. */
  receive(bytes: Buffer): void {
    this.chunksReceived += 1;
    this.bytesReceived += bytes.length;
    const answers: Buffer[] = [];
    for (const received of this.splitter.push(bytes)) {
      if (this.broker.keepPackets) this.received.push(received);
      const scripted = this.broker.script.onPacket?.(this, received);
      if (scripted === "handled") continue;
      const answer = this.answer(received);
      if (answer) answers.push(answer);
      this.broker.script.afterPacket?.(this, received);
    }
    if (answers.length > 0) this.send(...answers);
    this.broker.script.afterChunk?.(this);
  }

  /** What any broker answers, unless the script took the packet. */
  private answer(received: ReceivedPacket): Buffer | undefined {
    switch (received.type) {
      case packetType.connect:
        return Buffer.from([0x20, 2, 0, 0]);
      case packetType.subscribe: {
        const { packetId, filters } = readSubscribe(received);
        this.subscriptions.push(...filters);
        return packet(0x90, Buffer.concat([twoBytes(packetId), Buffer.from(filters.map((one) => one.qos))]));
      }
      case packetType.publish: {
        const publish = readPublish(received);
        if (this.broker.keepPackets) this.published.push(publish);
        this.broker.script.onPublish?.(this, publish);
        if (publish.packetId === undefined) return undefined;
        return acknowledgement(publish.qos === 1 ? packetType.puback : packetType.pubrec, publish.packetId);
      }
      case packetType.pubrec:
        return acknowledgement(packetType.pubrel, received.body.readUInt16BE(0));
      case packetType.pubrel:
        return acknowledgement(packetType.pubcomp, received.body.readUInt16BE(0));
      case packetType.unsubscribe:
        return packet(0xb0, received.body.subarray(0, 2));
      case packetType.pingreq:
        return Buffer.from([0xd0, 0]);
      case packetType.disconnect:
        this.close();
        return undefined;
      default:
        return undefined;
    }
  }
}

/** What a test wants otherwise; without it the broker accepts, grants what is asked and acknowledges. */
export interface Script {
  onConnection?(connection: Connection): void;
  /** Sees a packet first; "handled" suppresses the broker's own answer. */
  onPacket?(connection: Connection, received: ReceivedPacket): "handled" | undefined;
  afterPacket?(connection: Connection, received: ReceivedPacket): void;
  onPublish?(connection: Connection, publish: ReceivedPublish): void;
  /** After all packets of a chunk were taken and their answers written. */
  afterChunk?(connection: Connection): void;
  onClosed?(connection: Connection): void;
}

export class ScriptedBroker {
  readonly connections: Connection[] = [];
  /** Whether connections keep every packet; a benchmark switches it off. */
  keepPackets = true;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  script: Script;

  constructor(script: Script = {}) {
    this.script = script;
  }

  /** Attaches a transport; feed what it receives into the connection returned. */
  attach(transport: Transport): Connection {
    const connection = new Connection(this, transport);
    this.connections.push(connection);
    this.script.onConnection?.(connection);
    return connection;
  }

  /** The newest connection; throws when nobody has connected. */
  get current(): Connection {
    const connection = this.connections.at(-1);
    if (!connection) throw new Error("nobody has connected to the scripted broker");
    return connection;
  }

  /** Listens on loopback; port 0 takes a free one. Resolves to the port; rejects when the port is taken. */
  listen(port = 0): Promise<number> {
    const server = createServer((socket) => this.take(socket));
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
  }

  private take(socket: Socket): void {
    socket.setNoDelay(true);
    this.sockets.add(socket);
    const connection = this.attach({
      write: (bytes) => void socket.write(bytes),
      close: () => void socket.end(),
    });
    socket.on("data", (bytes) => connection.receive(bytes));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.sockets.delete(socket);
      connection.closed = true;
      this.script.onClosed?.(connection);
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const server = this.server;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
