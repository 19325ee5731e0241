/** A client of the embedded broker inside of this process: its bytes, its keep-alive and its patience are on the board's clock. */
import { Duplex } from "node:stream";
import type { Client } from "aedes";
import type { Alarm, Clock } from "../clock.ts";
import type { LoopbackPeer } from "./loopback.ts";

/** MQTT 3.1.1 section 3.1.4: a server may close a connection on which no CONNECT arrives; aedes waits 30 s of real time. */
const CONNECT_WITHIN_MS = 30_000;
/** MQTT 3.1.1 section 3.1.2.10: one and a half times the keep-alive. */
const KEEP_ALIVE_FACTOR = 1.5;

/** What aedes keeps to itself and works in real time or at random (aedes 1.2 lib/client.js). */
export interface ClientInternals {
  _connectTimer: NodeJS.Timeout | null;
  _nextId: number;
}

/** The far end of an in-process connection as the Node stream that aedes wants. */
export class Attachment extends Duplex {
  private silence: Alarm | undefined;
  private patienceMs = CONNECT_WITHIN_MS;
  private aedesClient: Client | undefined;

  private readonly peer: LoopbackPeer;
  private readonly clock: Clock;

  constructor(peer: LoopbackPeer, clock: Clock) {
    super();
    this.peer = peer;
    this.clock = clock;
    peer.onData = (bytes) => {
      this.listen();
      this.push(Buffer.from(bytes, "latin1"));
      clock.stirOutside();
    };
    peer.onClose = (orderly) => {
      this.push(null);
      if (!orderly) this.destroy();
      clock.stirOutside();
    };
  }

  /** Takes over the timers of the client that aedes made for this stream. */
  serve(client: Client): void {
    this.aedesClient = client;
    const internals = client as unknown as ClientInternals;
    clearTimeout(internals._connectTimer ?? undefined);
    internals._connectTimer = null;
    this.listen();
  }

  /** From here on silence for one and a half times `seconds` of board time ends the connection; 0: never. */
  keepAlive(seconds: number): void {
    this.patienceMs = seconds * 1000 * KEEP_ALIVE_FACTOR;
    this.listen();
  }

  /** Breaks or ends the connection without a word to the client that aedes has for it. */
  cut(how: "end" | "reset"): void {
    if (how === "end") this.peer.end();
    else this.peer.fail();
  }

  private listen(): void {
    this.stopListening();
    if (this.patienceMs === 0 || this.destroyed) return;
    this.silence = this.clock.schedule(this.clock.now() + this.patienceMs, () => {
      this.aedesClient?.emit("error", new Error("keep alive timeout"));
      this.clock.stirOutside();
    });
  }

  private stopListening(): void {
    if (this.silence) this.clock.cancel(this.silence);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.clock.fromOutside(() => this.peer.send(chunk));
    done();
  }

  /** All that aedes wrote of a packet leaves in one piece. */
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "binary", done);
  }

  override _final(done: () => void): void {
    this.clock.fromOutside(() => this.peer.end());
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.stopListening();
    if (!this.peer.closed) this.clock.fromOutside(() => this.peer.end());
    done(error);
  }
}
