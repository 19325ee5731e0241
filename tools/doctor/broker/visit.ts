/**
 * A short visit to a broker: CONNECT as the lamp would, then ask and try, every step with a deadline.
 *
 * Packets are made and read by mqtt-packet, the connection is ours: a whole client answers by itself, hides what came before a CONNACK, and
 * acknowledges messages that are meant for the lamp.
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { generate, type IConnackPacket, type Packet, parser, type QoS } from "mqtt-packet";
import { type BrokerPlace, openSocket } from "./place.ts";
import { BrokerTrouble } from "./trouble.ts";

export interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

export interface VisitOptions {
  /** Default: one of our own, 18 characters. */
  readonly clientId?: string;
  /** Default true: the broker forgets us when we go. */
  readonly cleanSession?: boolean;
  /** 4 is MQTT 3.1.1, as the lamp speaks it (the default); 5 asks a broker for its limits. */
  readonly version?: 4 | 5;
  /** In seconds; default 30. */
  readonly keepAlive?: number;
  /** Of each step, in ms. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** MQTT 3.1.1 section 3.9.3: the filter was refused. */
export const REFUSED = 128;

const CONNACK_HEADER = 0x20;
/** First byte of a TLS alert (RFC 5246 section 6.2.1), which is how a TLS port answers to CONNECT. */
const TLS_ALERT = 0x15;

export class BrokerVisit {
  readonly clientId: string;
  readonly connack: IConnackPacket;
  /** Everything that came, in order. */
  readonly messages: Message[] = [];
  /** Resolves to why, when the connection is over. */
  readonly ended: Promise<"by-us" | "by-the-broker">;
  private readonly socket: Socket;
  private readonly version: 4 | 5;
  private readonly deadlineMs: number;
  private readonly waiting = new Set<(packet: Packet | undefined) => boolean>();
  private lastId = 0;
  private over = false;

  private constructor(
    socket: Socket,
    connack: IConnackPacket,
    options: Required<Pick<VisitOptions, "clientId" | "version" | "deadlineMs">>,
  ) {
    this.socket = socket;
    this.connack = connack;
    this.clientId = options.clientId;
    this.version = options.version;
    this.deadlineMs = options.deadlineMs;
    this.ended = new Promise((resolve) => {
      socket.once("close", () => {
        const byUs = this.over;
        this.over = true;
        for (const waiter of [...this.waiting]) waiter(undefined);
        resolve(byUs ? "by-us" : "by-the-broker");
      });
    });
  }

  /** Connects. @throws BrokerTrouble */
  static async open(place: BrokerPlace, options: VisitOptions): Promise<BrokerVisit> {
    const { version = 4, cleanSession = true, deadlineMs, signal } = options;
    const clientId = options.clientId ?? ownClientId();
    const socket = await openSocket(place, deadlineMs, signal);
    try {
      return await greet(socket);
    } catch (error) {
      socket.destroy();
      throw error;
    }

    function greet(socket: Socket): Promise<BrokerVisit> {
      return new Promise((resolve, reject) => {
        const reader = parser({ protocolVersion: version });
        let visit: BrokerVisit | undefined;
        let first: Buffer | undefined;
        const fail = (trouble: BrokerTrouble): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", stop);
          reject(trouble);
          socket.destroy();
        };
        const stop = (): void => fail(new BrokerTrouble("closed", { said: "stopped" }));
        const timer = setTimeout(() => fail(new BrokerTrouble("silent", {})), deadlineMs);
        signal?.addEventListener("abort", stop);
        const strange = (): BrokerTrouble =>
          first?.[0] === TLS_ALERT && place.tls === undefined
            ? new BrokerTrouble("tls-here", {})
            : new BrokerTrouble("not-mqtt", { said: first?.toString("latin1") ?? "" });
        socket.on("data", (bytes: Buffer) => {
          first ??= bytes;
          if (!visit && first[0] !== CONNACK_HEADER) fail(strange());
          else reader.parse(bytes);
        });
        socket.once("close", () => {
          if (!visit) fail(new BrokerTrouble("closed", {}));
          signal?.removeEventListener("abort", stop);
        });
        reader.on("error", () => (visit ? socket.destroy() : fail(strange())));
        reader.on("packet", (packet) => {
          if (visit) visit.take(packet);
          else if (packet.cmd !== "connack") fail(strange());
          else {
            const returnCode = (version === 5 ? packet.reasonCode : packet.returnCode) ?? 0;
            const said = packet.properties?.reasonString;
            if (returnCode !== 0) return fail(new BrokerTrouble("connack", { returnCode, said }));
            clearTimeout(timer);
            signal?.removeEventListener("abort", stop);
            visit = new BrokerVisit(socket, packet, { clientId, version, deadlineMs });
            signal?.addEventListener("abort", () => visit?.close(), { once: true });
            resolve(visit);
          }
        });
        socket.write(
          generate(
            {
              cmd: "connect",
              protocolId: "MQTT",
              protocolVersion: version,
              clientId,
              clean: cleanSession,
              keepalive: options.keepAlive ?? 30,
              ...(place.username === undefined ? {} : { username: place.username }),
              ...(place.password === undefined ? {} : { password: Buffer.from(place.password) }),
            },
            { protocolVersion: version },
          ),
        );
      });
    }
  }

  /** The granted QoS of each filter, or REFUSED; undefined when no SUBACK came. */
  async subscribe(filters: readonly string[], qos: QoS = 0): Promise<readonly number[] | undefined> {
    const messageId = this.nextId();
    this.send({ cmd: "subscribe", messageId, subscriptions: filters.map((topic) => ({ topic, qos })) });
    const packet = await this.packet((one) => one.cmd === "suback" && one.messageId === messageId);
    return packet?.cmd === "suback" ? (packet.granted as number[]) : undefined;
  }

  /** Whether the broker took it: at QoS 0 true as long as the connection stands, above that when it acknowledged. */
  async publish(
    topic: string,
    payload: string,
    { qos = 0, retain = false }: { qos?: 0 | 1; retain?: boolean } = {},
  ): Promise<boolean> {
    const messageId = this.nextId();
    this.send({
      cmd: "publish",
      topic,
      payload,
      qos,
      retain,
      dup: false,
      ...(qos === 0 ? {} : { messageId }),
    });
    if (qos === 0) return !this.over;
    const packet = await this.packet((one) => one.cmd === "puback" && one.messageId === messageId);
    return packet !== undefined;
  }

  /** A message that came already or comes within `withinMs` (default: the deadline of a step); undefined when none does. */
  async message(
    matches: (message: Message) => boolean,
    withinMs = this.deadlineMs,
  ): Promise<Message | undefined> {
    const earlier = this.messages.find(matches);
    if (earlier) return earlier;
    await this.packet((one) => one.cmd === "publish" && matches(messageOf(one)), withinMs);
    return this.messages.find(matches);
  }

  /** Resolves when all that was sent before has been dealt with by the broker: it answers a PINGREQ in turn. */
  async settled(): Promise<boolean> {
    this.send({ cmd: "pingreq" });
    return (await this.packet((one) => one.cmd === "pingresp")) !== undefined;
  }

  /** Says goodbye. */
  close(): void {
    if (this.over) return;
    this.send({ cmd: "disconnect" });
    this.over = true;
    this.socket.end();
    this.socket.destroySoon();
    // A broker that does not end its side must not hold us.
    this.socket.unref();
  }

  private take(packet: Packet): void {
    if (packet.cmd === "publish") this.messages.push(messageOf(packet));
    for (const waiter of [...this.waiting]) waiter(packet);
  }

  private packet(
    matches: (packet: Packet) => boolean,
    withinMs = this.deadlineMs,
  ): Promise<Packet | undefined> {
    if (this.over) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const finish = (packet: Packet | undefined): void => {
        clearTimeout(timer);
        this.waiting.delete(waiter);
        resolve(packet);
      };
      const waiter = (packet: Packet | undefined): boolean => {
        const mine = packet === undefined || matches(packet);
        if (mine) finish(packet);
        return mine;
      };
      const timer = setTimeout(() => finish(undefined), withinMs);
      this.waiting.add(waiter);
    });
  }

  private send(packet: Packet): void {
    if (!this.over) this.socket.write(generate(packet, { protocolVersion: this.version }));
  }

  private nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }
}

function messageOf(packet: Packet): Message {
  if (packet.cmd !== "publish") throw new Error(`${packet.cmd} is no message`);
  return { topic: packet.topic, payload: packet.payload.toString(), retain: packet.retain };
}

/** Short enough for every broker (MQTT 3.1.1 section 3.1.3.1), and no lamp's. */
export function ownClientId(): string {
  return `wick-doctor-${randomBytes(3).toString("hex")}`;
}
