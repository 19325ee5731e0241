/** The embedded broker: aedes in this process, on TCP for everybody and attachable to an in-process network, and to be stopped and started. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Aedes, type AedesPublishPacket, type Client } from "aedes";
import type { Clock } from "../clock.ts";
import { Attachment, type ClientInternals } from "./attachment.ts";
import type { LoopbackNetwork } from "./loopback.ts";

/** How many ports after the wanted one are tried. */
const PORT_TRIES = 100;
/** Between two heartbeats, which brokers of a cluster exchange in real time: never, as far as aedes' timers reach (it waits up to 4 of them). */
const HEARTBEAT_MS = Math.floor((2 ** 31 - 1) / 4);

/** A fixed name, so that what the broker tells of itself is the same in every run. */
const AEDES_OPTIONS = { id: "embedded", heartbeatInterval: HEARTBEAT_MS };

/** A message the broker took from a client, a will included. */
export interface BrokerPublication {
  clientId: string;
  topic: string;
  payload: string;
  qos: number;
  retain: boolean;
}

/** What a broker that starts again still knows. */
export type BrokerMemory = "everything" | "retained" | "nothing";

/** Where boards in this process reach the broker. */
interface Place {
  readonly network: LoopbackNetwork;
  readonly port: number;
  readonly clock: Clock;
  leave: (() => void) | undefined;
}

export class EmbeddedBroker {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly attachments = new Set<Attachment>();
  private readonly places = new Set<Place>();
  private readonly listeners = new Set<(publication: BrokerPublication) => void>();
  private aedes: Aedes;
  private port: number | undefined;
  private up = true;
  /** The last stop, until it is done. */
  private stopped: Promise<void> = Promise.resolve();
  private anonymous = 0;

  private constructor(aedes: Aedes) {
    this.aedes = this.adopt(aedes);
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.setNoDelay(true);
      this.aedes.handle(socket);
    });
  }

  static async create(): Promise<EmbeddedBroker> {
    return new EmbeddedBroker(await Aedes.createBroker(AEDES_OPTIONS));
  }

  get running(): boolean {
    return this.up;
  }

  /** Calls `listener` for every message that a client publishes, until the returned function is called. */
  onPublication(listener: (publication: BrokerPublication) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /**
   * Listens on 127.0.0.1, on `port` or, where that is taken, on the next that is free (0: any). Returns the port.
   * @throws Error when a hundred ports in a row are taken, or the port may not be used.
   */
  async listen(port: number): Promise<number> {
    for (let candidate = port; ; candidate++) {
      const error = await this.tryPort(candidate);
      if (!error) {
        this.port = (this.server.address() as AddressInfo).port;
        return this.port;
      }
      if (error.code !== "EADDRINUSE" || candidate >= port + PORT_TRIES || candidate >= 65535) throw error;
    }
  }

  /**
   * Answers connections of an in-process network to `port`, wholly under `clock`: the same run gives the same bytes at the same times.
   * Returns how to leave; open connections stay.
   */
  attach(network: LoopbackNetwork, port: number, clock: Clock): () => void {
    const place: Place = { network, port, clock, leave: undefined };
    this.places.add(place);
    if (this.up) this.open(place);
    return () => {
      place.leave?.();
      this.places.delete(place);
    };
  }

  /**
   * Publishes as the broker itself; resolves when it is on its way to all who subscribed.
   * @throws Error (the promise is rejected) while the broker is stopped.
   */
  publish(
    topic: string,
    payload: string,
    options: { qos?: 0 | 1 | 2; retain?: boolean } = {},
  ): Promise<void> {
    const { qos = 0, retain = false } = options;
    if (!this.up) return Promise.reject(new Error("the broker is stopped: start() it first"));
    this.stir();
    return new Promise((resolve, reject) => {
      this.aedes.publish({ cmd: "publish", topic, payload, qos, retain, dup: false }, (error) => {
        this.stir();
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** The retained messages whose topics match `filter`, as a new subscriber would get them. */
  async retained(filter = "#"): Promise<{ topic: string; payload: string; qos: number }[]> {
    const found = [];
    for await (const packet of internals(this.aedes).persistence.createRetainedStream(filter)) {
      const { topic, payload, qos } = packet;
      found.push({ topic, payload: payload.toString(), qos });
    }
    return found;
  }

  /**
   * Stops the broker as a crash or a stop of its service would: every connection ends (or breaks, with `reset`), nobody's will is published, and
   * connects are refused until `start`.
   */
  async stop(how: "end" | "reset" = "end"): Promise<void> {
    if (!this.up) return this.stopped;
    this.up = false;
    this.stir();
    this.stopped = this.breakAll(how);
    await this.stopped;
  }

  private async breakAll(how: "end" | "reset"): Promise<void> {
    for (const place of this.places) place.leave?.();
    for (const attachment of this.attachments) attachment.cut(how);
    for (const socket of this.sockets) {
      if (how === "end") socket.end();
      else socket.resetAndDestroy();
    }
    await this.retire();
    await this.stopServer();
  }

  /**
   * Starts it again, where it listened before.
   * @throws Error when its port was taken meanwhile.
   */
  async start(memory: BrokerMemory = "everything"): Promise<void> {
    this.stir();
    await this.stopped;
    if (this.up) return;
    const { persistence, counter } = internals(this.aedes);
    const retained = memory === "retained" ? await this.retained() : [];
    const next = await Aedes.createBroker({
      ...AEDES_OPTIONS,
      ...(memory === "everything" ? { persistence } : {}),
    });
    // Numbers the messages in the queues of persistent sessions: none may come twice.
    Object.assign(next, { counter });
    this.aedes = this.adopt(next);
    this.up = true;
    for (const { topic, payload, qos } of retained) {
      await this.publish(topic, payload, { qos: qos as 0 | 1 | 2, retain: true });
    }
    for (const place of this.places) this.open(place);
    if (this.port === undefined) return;
    const error = await this.tryPort(this.port);
    if (error) throw error;
  }

  async close(): Promise<void> {
    for (const place of this.places) place.leave?.();
    this.places.clear();
    for (const socket of this.sockets) socket.destroy();
    if (this.up) await new Promise<void>((resolve) => this.aedes.close(() => resolve()));
    this.up = false;
    await this.stopServer();
  }

  private open(place: Place): void {
    const { network, port, clock } = place;
    const stop = network.listen(port, (peer) => {
      const attachment = new Attachment(peer, clock);
      this.attachments.add(attachment);
      attachment.on("close", () => this.attachments.delete(attachment));
      attachment.serve(this.aedes.handle(attachment));
    });
    place.leave = () => {
      stop();
      place.leave = undefined;
    };
  }

  private adopt(aedes: Aedes): Aedes {
    aedes.preConnect = (client, packet, done) => {
      // Aedes begins anywhere, and names the nameless at random.
      (client as unknown as ClientInternals)._nextId = 1;
      if (packet.clientId === "" && packet.clean) packet.clientId = `anonymous-${++this.anonymous}`;
      if (client.conn instanceof Attachment) {
        client.conn.keepAlive(packet.keepalive ?? 0);
        packet.keepalive = 0;
      }
      done(null, true);
    };
    aedes.on("publish", (packet, client) => {
      if (!client) return;
      const { topic, payload, qos, retain } = packet;
      const publication = { clientId: client.id, topic, payload: payload.toString(), qos, retain };
      for (const listener of [...this.listeners]) listener(publication);
    });
    return aedes;
  }

  /** Lets go of this life's clients: a broker that is gone publishes no wills. */
  private async retire(): Promise<void> {
    const { aedes } = this;
    const { clients, persistence } = internals(aedes);
    for (const client of Object.values(clients)) {
      Object.assign(client, { will: null });
      void persistence.delWill(client);
    }
    for (const attachment of this.attachments) attachment.destroy();
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    this.stir();
  }

  private stir(): void {
    for (const { clock } of this.places) clock.stirOutside();
  }

  private async stopServer(): Promise<void> {
    if (this.server.listening) await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private tryPort(port: number): Promise<NodeJS.ErrnoException | undefined> {
    return new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException): void => resolve(error);
      this.server.once("error", failed);
      this.server.listen(port, "127.0.0.1", () => {
        this.server.removeListener("error", failed);
        resolve(undefined);
      });
    });
  }
}

/** What aedes 1.2 has and its types do not tell. */
interface AedesInternals {
  readonly clients: Record<string, Client>;
  /** Of messages, since the broker was made. */
  readonly counter: number;
  readonly persistence: {
    createRetainedStream(filter: string): AsyncIterable<AedesPublishPacket>;
    delWill(client: Client): Promise<unknown>;
  };
}

function internals(aedes: Aedes): AedesInternals {
  return aedes as unknown as AedesInternals;
}
