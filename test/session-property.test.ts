// Any order of messages, acknowledgements and losses of the link: QoS 1 arrives at least once, QoS 2 exactly once, both ways.
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { Client } from "../firmware/mqtt/connection.ts";
import {
  acknowledgement,
  PacketSplitter,
  packet,
  packetType,
  publishPacket,
  type ReceivedPacket,
  readPublish,
} from "./broker/scripted-broker.ts";
import { type Desk, desksFor } from "./fixtures/client-desk.ts";

const { puback, pubrec, pubrel, pubcomp } = packetType;
const seed = 311;
const inflight = 3;
/** What a broker has under way at most; Mosquitto's default. */
const brokerInflight = 20;
type Qos = 0 | 1 | 2;

/** One thing that happens. `up` and `down` let packets pass to the broker and to the client. */
type Step =
  | { kind: "publish"; qos: Qos }
  | { kind: "send"; qos: Qos }
  | { kind: "up"; packets: number }
  | { kind: "down"; packets: number; cut: number }
  | { kind: "lose"; isSilent: boolean };

const qos = fc.constantFrom<Qos>(2, 1, 0);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("publish" as const), qos }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("send" as const), qos }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("up" as const), packets: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("down" as const),
      packets: fc.integer({ min: 1, max: 4 }),
      cut: fc.integer({ min: 0, max: 9 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("lose" as const), isSilent: fc.boolean() }) },
);

const anyOrder = fc.array(step, { maxLength: 60, size: "max" });

/** A broker by the book that keeps the session: MQTT 3.1.1 section 4.3, both roles. */
class ModelBroker {
  readonly took: string[] = [];
  /** Identifiers of QoS 2 messages taken and not released. */
  private readonly held = new Set<number>();
  private readonly waiting: { qos: Qos; payload: string }[] = [];
  private readonly underway: { id: number; qos: Qos; payload: string; isReleased: boolean }[] = [];
  private hasSession = false;
  down: Buffer[] = [];

  send(level: Qos, payload: string): void {
    this.waiting.push({ qos: level, payload });
    this.pump();
  }

  private pump(): void {
    while (this.waiting.length > 0 && this.underway.length < brokerInflight) {
      const { qos: level, payload } = this.waiting.shift() as { qos: Qos; payload: string };
      let id = 0;
      if (level > 0) {
        // The lowest that is free: identifiers come again soon.
        id = 1;
        while (this.underway.some((one) => one.id === id)) id += 1;
        this.underway.push({ id, qos: level, payload, isReleased: false });
      }
      this.down.push(publishPacket("t", payload, { qos: level, packetId: id }));
    }
  }

  linkLost(): void {
    this.down = [];
  }

  receive(received: ReceivedPacket): void {
    const id = received.body.length >= 2 ? received.body.readUInt16BE(0) : 0;
    const find = () => this.underway.findIndex((one) => one.id === id);
    switch (received.type) {
      case packetType.connect:
        this.down = [Buffer.from([0x20, 2, this.hasSession ? 1 : 0, 0])];
        this.hasSession = true;
        for (const { id: packetId, qos: level, payload, isReleased } of this.underway) {
          this.down.push(
            isReleased
              ? acknowledgement(pubrel, packetId)
              : publishPacket("t", payload, { qos: level, packetId, dup: true }),
          );
        }
        this.pump();
        return;
      case packetType.publish: {
        const { qos: level, packetId = 0, payload } = readPublish(received);
        if (level < 2 || !this.held.has(packetId)) this.took.push(payload.toString());
        if (level === 1) this.down.push(acknowledgement(puback, packetId));
        if (level === 2) {
          this.held.add(packetId);
          this.down.push(acknowledgement(pubrec, packetId));
        }
        return;
      }
      case pubrel:
        this.held.delete(id);
        this.down.push(acknowledgement(pubcomp, id));
        return;
      case pubrec: {
        const message = this.underway[find()];
        if (message) message.isReleased = true;
        this.down.push(acknowledgement(pubrel, id));
        return;
      }
      case puback:
      case pubcomp: {
        const index = find();
        if (index >= 0) this.underway.splice(index, 1);
        this.pump();
        return;
      }
      case packetType.subscribe:
        this.down.push(packet(0x90, Buffer.concat([received.body.subarray(0, 2), Buffer.from([2])])));
        return;
      case packetType.pingreq:
        this.down.push(Buffer.from([0xd0, 0]));
        return;
      default:
    }
  }
}

/** A client, the broker, and what is under way between them. */
class World {
  readonly broker = new ModelBroker();
  readonly client: Client;
  readonly heard: string[] = [];
  readonly accepted: { qos: Qos; payload: string }[] = [];
  readonly sent: { qos: Qos; payload: string }[] = [];
  readonly reported: number[] = [];
  /** What the client sent and must not; thrown from here the client would take it for a broken socket. */
  readonly violations: string[] = [];
  private up: ReceivedPacket[] = [];
  private splitter = new PacketSplitter();
  private socket: { emit(event: string, data?: string): void } | undefined;
  /** Messages of the client under way, by identifier. */
  private readonly underway = new Map<number, { payload: string; isReleased: boolean }>();

  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
    const greeting = desk.api.connectPacket({ clientId: "desk", keepAlive: 30, cleanSession: false });
    this.client = desk.api.createClient((onOpen) => this.open(onOpen), greeting);
    desk.api.subscribe(this.client, "t", 2, (_topic, payload) => this.heard.push(payload));
    this.client.onPublish = (id) => {
      this.reported.push(id);
      this.underway.delete(id);
    };
    desk.api.start(this.client);
    this.connect();
    // The first connection stands, so that publishing from here on is publishing in a session.
    this.settle();
  }

  private open(onOpen: () => void): Socket {
    const listeners = new Map<string, (data?: string) => void>();
    this.up = [];
    this.splitter = new PacketSplitter();
    const socket = {
      on: (event: string, listener: (data?: string) => void) => void listeners.set(event, listener),
      removeAllListeners: () => listeners.clear(),
      emit: (event: string, data?: string) => listeners.get(event)?.(data),
      write: (data: string) => {
        const packets = this.splitter.push(Buffer.from(data, "latin1"));
        for (const one of packets) this.check(one);
        this.up.push(...packets);
        return false;
      },
      end: () => this.linkLost(),
    };
    this.socket = socket;
    this.desk.post(onOpen);
    return socket as unknown as Socket;
  }

  /** What must hold of every packet at the moment it is sent. */
  private check(sent: ReceivedPacket): void {
    const fail = (what: string) =>
      void this.violations.push(
        `${what}: type ${sent.type}, flags ${sent.flags}, ${sent.body.toString("hex")}`,
      );
    if (sent.type === packetType.subscribe && this.underway.has(sent.body.readUInt16BE(0))) fail("id in use");
    if (sent.type === pubrel) {
      const message = this.underway.get(sent.body.readUInt16BE(0));
      if (message) message.isReleased = true;
    }
    if (sent.type !== packetType.publish) return;
    const { qos: level, packetId, dup, payload } = readPublish(sent);
    if (packetId === undefined) {
      if (dup) fail("DUP at QoS 0");
      return;
    }
    if (packetId === 0) fail("id 0");
    const before = this.underway.get(packetId);
    if (before && (!dup || before.payload !== payload.toString())) fail("id used twice");
    if (!before && dup) fail("DUP at the first time");
    if (before?.isReleased && level === 2) fail("PUBLISH after PUBREL");
    if (!before) this.underway.set(packetId, { payload: payload.toString(), isReleased: false });
    if (this.underway.size > inflight) fail("more under way than mqtt.inflight");
  }

  private linkLost(): void {
    this.socket = undefined;
    this.up = [];
    this.broker.linkLost();
  }

  private connect(): void {
    for (let second = 0; second < 100 && !this.socket; second++) this.desk.api.tick(this.client);
    this.desk.settle();
  }

  private passUp(): boolean {
    const next = this.up.shift();
    if (next) this.broker.receive(next);
    return next !== undefined;
  }

  private passDown(cut: number): boolean {
    const bytes = this.broker.down.shift()?.toString("latin1");
    if (bytes === undefined) return false;
    this.socket?.emit("data", bytes.slice(0, cut));
    this.socket?.emit("data", bytes.slice(cut));
    return true;
  }

  run(one: Step): void {
    switch (one.kind) {
      case "publish": {
        const payload = `c${one.qos}-${this.accepted.length}`;
        this.accepted.push({ qos: one.qos, payload });
        this.desk.api.publish(this.client, "t", payload, one.qos, false);
        break;
      }
      case "send": {
        const payload = `b${one.qos}-${this.sent.length}`;
        this.sent.push({ qos: one.qos, payload });
        this.broker.send(one.qos, payload);
        break;
      }
      case "lose": {
        const { socket } = this;
        if (!one.isSilent) socket?.emit("close");
        // Nobody tells the client: it notices by the silence.
        for (let second = 0; second < 60 && this.socket === socket; second++) {
          this.linkSilent();
          this.desk.api.tick(this.client);
        }
        break;
      }
      default:
        if (!this.socket) this.connect();
        for (let count = 0; count < one.packets; count++) {
          if (one.kind === "up") this.passUp();
          else this.passDown(one.cut);
        }
    }
    this.desk.settle();
  }

  private linkSilent(): void {
    this.up = [];
    this.broker.linkLost();
  }

  /** Reconnects where needed and lets everything pass until nobody has anything to say. */
  settle(): void {
    if (!this.socket) this.connect();
    for (let turn = 0; turn < 10_000; turn++) {
      const isUp = this.passUp();
      if (!this.passDown(0) && !isUp) return;
      this.desk.settle();
    }
    throw new Error("client and broker never fall silent");
  }
}

function count(list: readonly string[], payload: string): number {
  return list.filter((one) => one === payload).length;
}

function arrived(list: readonly string[], messages: readonly { qos: Qos; payload: string }[]): void {
  for (const { qos: level, payload } of messages) {
    const times = count(list, payload);
    const isRight = level === 0 ? times <= 1 : level === 1 ? times >= 1 : times === 1;
    if (!isRight) throw new Error(`${payload} at QoS ${level} arrived ${times} times`);
  }
  const ordered = messages.filter((one) => one.qos === 2).map((one) => one.payload);
  expect(list.filter((payload) => ordered.includes(payload))).toEqual(ordered);
}

let newDesk: () => Desk;
let newSmallDesk: () => Desk;
beforeAll(async () => {
  newDesk = await desksFor({ "mqtt.inflight": inflight, "mqtt.queue": 64 });
  newSmallDesk = await desksFor({ "mqtt.inflight": inflight, "mqtt.queue": 4 });
});

test(`QoS 1 at least once, QoS 2 exactly once and in order, both ways (seed ${seed})`, () => {
  fc.assert(
    fc.property(anyOrder, (steps) => {
      const desk = newDesk();
      const world = new World(desk);
      for (const one of steps) world.run(one);
      world.settle();
      arrived(world.broker.took, world.accepted);
      arrived(world.heard, world.sent);
      const acknowledged = world.reported.filter((id) => id > 0).length;
      expect(acknowledged).toBe(world.accepted.filter((one) => one.qos > 0).length);
      expect(world.client.dropped).toBe(0);
      expect([...world.violations, ...desk.errors]).toEqual([]);
    }),
    { seed, numRuns: 300 },
  );
});

test(`a queue that overflows drops and counts, the rest keeps its promises (seed ${seed})`, () => {
  fc.assert(
    fc.property(anyOrder, (steps) => {
      const desk = newSmallDesk();
      const world = new World(desk);
      for (const one of steps) world.run(one);
      world.settle();
      const certain = world.accepted.filter((one) => one.qos > 0);
      const missing = certain.filter((one) => count(world.broker.took, one.payload) === 0);
      expect(missing.length).toBeLessThanOrEqual(world.client.dropped);
      expect(world.reported.filter((id) => id > 0)).toHaveLength(certain.length - missing.length);
      arrived(
        world.broker.took,
        certain.filter((one) => !missing.includes(one)),
      );
      arrived(world.heard, world.sent);
      expect([...world.violations, ...desk.errors]).toEqual([]);
    }),
    { seed, numRuns: 150 },
  );
});
