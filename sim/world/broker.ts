/** The embedded broker: aedes in this process, on TCP for everybody and attachable to an in-process network. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { Aedes } from "aedes";
import type { Clock } from "../clock.ts";
import type { LoopbackNetwork, LoopbackPeer } from "./loopback.ts";

/** How many ports after the wanted one are tried. */
const PORT_TRIES = 100;

/** A message the broker took from a client. */
export interface BrokerPublication {
  clientId: string;
  topic: string;
  payload: string;
  qos: number;
  retain: boolean;
}

export class EmbeddedBroker {
  /** Called for every message that a client published. */
  onPublication: ((publication: BrokerPublication) => void) | undefined;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly aedes: Aedes;

  private constructor(aedes: Aedes) {
    this.aedes = aedes;
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.setNoDelay(true);
      aedes.handle(socket);
    });
    aedes.on("publish", (packet, client) => {
      if (!client) return;
      const { topic, payload, qos, retain } = packet;
      this.onPublication?.({ clientId: client.id, topic, payload: payload.toString(), qos, retain });
    });
  }

  static async create(): Promise<EmbeddedBroker> {
    return new EmbeddedBroker(await Aedes.createBroker());
  }

  /**
   * Listens on 127.0.0.1, on `port` or, where that is taken, on the next that is free (0: any). Returns the port.
   * @throws Error when a hundred ports in a row are taken, or the port may not be used.
   */
  async listen(port: number): Promise<number> {
    for (let candidate = port; ; candidate++) {
      const error = await this.tryPort(candidate);
      if (!error) return (this.server.address() as AddressInfo).port;
      if (error.code !== "EADDRINUSE" || candidate >= port + PORT_TRIES || candidate >= 65535) throw error;
    }
  }

  /** Answers connections of an in-process network to `port`. The broker's own timers (keep-alive) still run in real time. */
  attach(network: LoopbackNetwork, port: number, clock: Clock): () => void {
    const leave = clock.attachOutside();
    const stop = network.listen(port, (peer) => this.aedes.handle(streamOf(peer, clock)));
    return () => {
      stop();
      leave();
    };
  }

  publish(
    topic: string,
    payload: string,
    options: { qos?: 0 | 1 | 2; retain?: boolean } = {},
  ): Promise<void> {
    const { qos = 0, retain = false } = options;
    return new Promise((resolve, reject) => {
      this.aedes.publish({ cmd: "publish", topic, payload, qos, retain, dup: false }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.aedes.close(() => resolve()));
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

/** The far end of an in-process connection as a Node stream. */
function streamOf(peer: LoopbackPeer, clock: Clock): Duplex {
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      clock.fromOutside(() => peer.send(chunk));
      done();
    },
    final(done) {
      clock.fromOutside(() => peer.end());
      done();
    },
    destroy(error, done) {
      if (!peer.closed) clock.fromOutside(() => peer.end());
      done(error);
    },
  });
  peer.onData = (bytes) => stream.push(Buffer.from(bytes, "latin1"));
  peer.onClose = (orderly) => {
    stream.push(null);
    if (!orderly) stream.destroy();
  };
  return stream;
}
