/** A network inside of the process, wholly under the board's clock: scripted peers listen on ports, and faults can be asked for. */
import type { Clock } from "../clock.ts";
import { ConnectFailure, type Link, type LinkError, type Network } from "./network.ts";

/** The far end of a connection. Bytes travel as binary strings, one character a byte. */
export interface LoopbackPeer {
  /** Sends to the board. */
  send(bytes: string | Uint8Array): void;
  /** Set these to hear of the board. `onClose` comes once; `orderly` is false when the connection broke. */
  onData: ((bytes: string) => void) | undefined;
  onClose: ((orderly: boolean) => void) | undefined;
  /** Ends the connection; what was sent before still arrives. */
  end(): void;
  /** Breaks it, as a reset does: for the board that looks like an end. With `error` its socket gets that. */
  fail(error?: LinkError): void;
  /** While true nothing is delivered any more, either way, and nobody is told: a half-open connection. */
  halfOpen: boolean;
  /** How many bytes the board may send a delivery; 0 stops the drain altogether. Default: no limit. */
  drainBytes: number;
  readonly closed: boolean;
}

export interface LoopbackOptions {
  /** From one end to the other, in ms of board time. Default 1. */
  latencyMs?: number;
}

export class LoopbackNetwork implements Network {
  /** Connections open now. */
  readonly peers = new Set<LoopbackPeer>();
  private readonly listeners = new Map<number, (peer: LoopbackPeer) => void>();
  private readonly latencyMs: number;
  /** Every connect is refused, as when the broker is down. */
  refuse = false;
  /** Names that cannot be looked up. All others lead here. */
  readonly unknownHosts = new Set<string>();

  private readonly clock: Clock;

  constructor(clock: Clock, options: LoopbackOptions = {}) {
    this.clock = clock;
    this.latencyMs = options.latencyMs ?? 1;
  }

  /** Attaches a peer: `accept` is called for every connection to `port`. Returns how to stop listening (open connections stay). */
  listen(port: number, accept: (peer: LoopbackPeer) => void): () => void {
    if (this.listeners.has(port)) throw new Error(`port ${port} of this network has a listener already`);
    this.listeners.set(port, accept);
    return () => this.listeners.delete(port);
  }

  connect(host: string, port: number, changed: () => void): Link {
    if (this.unknownHosts.has(host)) throw new ConnectFailure("unknown-host");
    const accept = this.listeners.get(port);
    if (!accept || this.refuse) throw new ConnectFailure("refused");
    const connection = new LoopbackConnection(this.clock, this.latencyMs, changed, () =>
      this.peers.delete(connection.peer),
    );
    this.peers.add(connection.peer);
    this.clock.schedule(this.clock.now() + this.latencyMs, () => {
      if (connection.state === "closed") return;
      connection.state = "open";
      accept(connection.peer);
      changed();
    });
    return connection;
  }
}

class LoopbackConnection implements Link {
  state: Link["state"] = "connecting";
  error: LinkError | undefined;
  readonly peer: LoopbackPeer;
  private received: string[] = [];
  /** Sent by the board and still under way. */
  private underway = 0;
  private over = false;
  private readonly setDrain: () => void;

  private readonly clock: Clock;
  private readonly latencyMs: number;
  private readonly changed: () => void;
  private readonly forget: () => void;

  constructor(clock: Clock, latencyMs: number, changed: () => void, forget: () => void) {
    this.clock = clock;
    this.latencyMs = latencyMs;
    this.changed = changed;
    this.forget = forget;
    let drainBytes = Number.POSITIVE_INFINITY;
    const connection = this;
    this.setDrain = () => this.later(() => changed());
    this.peer = {
      onData: undefined,
      onClose: undefined,
      halfOpen: false,
      get drainBytes() {
        return drainBytes;
      },
      set drainBytes(bytes) {
        drainBytes = bytes;
        connection.setDrain();
      },
      get closed() {
        return connection.over;
      },
      send(bytes) {
        const text = typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("latin1");
        connection.later(() => connection.deliver(text));
      },
      end() {
        connection.later(() => connection.ended(undefined, true));
      },
      fail(error) {
        connection.later(() => connection.ended(error, false));
      },
    };
  }

  receive(limit: number): string {
    const first = this.received[0];
    if (first === undefined) return "";
    if (first.length <= limit) {
      this.received.shift();
      return first;
    }
    this.received[0] = first.slice(limit);
    return first.slice(0, limit);
  }

  send(bytes: string): number {
    if (this.state !== "open") return 0;
    const room = Math.max(0, this.peer.drainBytes - this.underway);
    const taken = bytes.slice(0, room);
    if (taken === "") return 0;
    this.underway += taken.length;
    this.later(() => {
      this.underway -= taken.length;
      this.peer.onData?.(taken);
      if (Number.isFinite(this.peer.drainBytes)) this.changed();
    });
    return taken.length;
  }

  close(): void {
    this.finish(true);
  }

  abort(): void {
    this.finish(false);
  }

  /** The board's end is gone; the peer hears of it after what was sent. */
  private finish(orderly: boolean): void {
    if (this.over) return;
    this.over = true;
    const wasOpen = this.state !== "closed";
    this.state = "closed";
    this.forget();
    if (wasOpen) this.later(() => this.peer.onClose?.(orderly));
  }

  private deliver(text: string): void {
    if (this.state !== "open" || text === "") return;
    const last = this.received.length - 1;
    // Like a stream: what arrives before it is read runs together.
    if (last >= 0) this.received[last] += text;
    else this.received.push(text);
    this.changed();
  }

  private ended(error: LinkError | undefined, orderly: boolean): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.error = error;
    this.forget();
    this.over = true;
    this.peer.onClose?.(orderly);
    this.changed();
  }

  /** One clock step later; lost when the connection is half-open by then. */
  private later(run: () => void): void {
    this.clock.schedule(this.clock.now() + this.latencyMs, () => {
      if (!this.peer.halfOpen) run();
    });
  }
}
