/** What a board sees of the network: links it polls from its idle loop, the way the interpreter polls its sockets. */

/** The interpreter's codes of an `error` event that a network here may give (Espruino libs/network/socketerrors.h). */
export const LINK_ERRORS = {
  timeout: { code: -3, message: "timeout" },
  noRoute: { code: -4, message: "no route" },
  notFound: { code: -6, message: "not found" },
  unsentData: { code: -8, message: "unsent data" },
  reset: { code: -9, message: "connection reset" },
} as const;

export type LinkError = keyof typeof LINK_ERRORS;

/** Thrown by `Network.connect` where the failure is known at once. */
export class ConnectFailure extends Error {
  /** `unknown-host`: "Unable to locate host" on the board; `refused`: "Unable to create socket". */
  readonly reason: "unknown-host" | "refused";

  constructor(reason: "unknown-host" | "refused") {
    super(`connect failed: ${reason}`);
    this.reason = reason;
  }
}

/** One end of a TCP connection. All bytes travel as binary strings, one character a byte. */
export interface Link {
  /** `closed`: the other side is gone or the connection broke; what was received before can still be read. */
  readonly state: "connecting" | "open" | "closed";
  /**
   * Why it broke, where the board is told: the interpreter takes a reset of an open connection for an orderly end (its plain sockets know
   * only one kind of failure), so that is undefined too.
   */
  readonly error: LinkError | undefined;
  /** Takes up to `limit` received bytes; "" when there are none now. */
  receive(limit: number): string;
  /** Hands bytes over and returns how many of them were taken (0: not now; `changed` is called when it is worth another try). */
  send(bytes: string): number;
  /** Orderly end: what was sent is delivered first. */
  close(): void;
  /** As when the plug is pulled: the other side sees the connection break. */
  abort(): void;
}

export interface Network {
  /**
   * Opens a connection. `changed` is called, in board time, whenever the link has news (open, data, room, closed).
   * @throws ConnectFailure where it is known at once that it cannot be.
   */
  connect(host: string, port: number, changed: () => void): Link;
}
