/** The host's real network: TCP by node:net. What happens there enters board time at the moment it happens. */
import { connect, isIPv4, type Socket } from "node:net";
import type { Clock } from "../clock.ts";
import type { Link, LinkError, Network } from "./network.ts";

/** lwIP on the ESP32 takes 5,744 bytes to be sent and holds as many received; a board cannot have more under way. */
const WINDOW_BYTES = 5744;

const ERRORS: Record<string, LinkError> = {
  ENOTFOUND: "notFound",
  EAI_AGAIN: "notFound",
  ETIMEDOUT: "timeout",
  EHOSTUNREACH: "noRoute",
  ENETUNREACH: "noRoute",
};

/**
 * A board's `connect` blocks until it is decided, and throws when it fails. No other program's answer can be waited for here without stopping
 * the process, so the socket opens later, and a failure arrives as `error` {code, message}, `end` and `close(true)` instead of as an exception.
 */
export class TcpNetwork implements Network {
  private readonly sockets = new Set<Socket>();

  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  connect(host: string, port: number, changed: () => void): Link {
    const socket = connect({ host, port, noDelay: true, ...(isIPv4(host) ? {} : { family: 4 }) });
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    return new TcpLink(socket, this.clock, changed);
  }

  /** Drops every connection at once. */
  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

class TcpLink implements Link {
  state: Link["state"] = "connecting";
  error: LinkError | undefined;
  private received = "";
  private readonly detach: () => void;

  private readonly socket: Socket;

  constructor(socket: Socket, clock: Clock, changed: () => void) {
    this.socket = socket;
    this.detach = clock.attachOutside();
    const news = (what: () => void): void => {
      clock.fromOutside(() => {
        what();
        changed();
      });
    };
    const closed = (): void => {
      this.state = "closed";
      this.detach();
    };
    socket.on("connect", () =>
      news(() => {
        if (this.state === "connecting") this.state = "open";
      }),
    );
    socket.on("data", (bytes) => {
      if (this.received.length + bytes.length > WINDOW_BYTES) socket.pause();
      news(() => {
        this.received += bytes.toString("latin1");
      });
    });
    socket.on("drain", () => news(() => {}));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      news(() => {
        if (this.state === "connecting") this.error = ERRORS[error.code ?? ""] ?? "reset";
        closed();
      }),
    );
    socket.on("end", () => news(closed));
    socket.on("close", () => news(closed));
  }

  receive(limit: number): string {
    const taken = this.received.slice(0, limit);
    this.received = this.received.slice(taken.length);
    if (this.socket.isPaused() && this.received.length < WINDOW_BYTES) this.socket.resume();
    return taken;
  }

  send(bytes: string): number {
    if (this.state !== "open" || this.socket.writableLength >= WINDOW_BYTES) return 0;
    this.socket.write(bytes, "latin1");
    return bytes.length;
  }

  close(): void {
    this.detach();
    this.socket.end();
  }

  abort(): void {
    this.detach();
    this.socket.destroy();
  }
}
