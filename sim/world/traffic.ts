/** Listens in on a board's connections: every byte that passes, and when. */
import type { Clock } from "../clock.ts";
import { ConnectFailure, LINK_ERRORS, type Link, type LinkError, type Network } from "./network.ts";

/**
 * One thing that happened on a connection of the board; `t` is board time in ms, connections count from 1. Bytes are binary strings, one
 * character a byte, and are told of when the board's socket takes them in or hands them out.
 */
export type Traffic = { t: number; connection: number } & (
  | { type: "connect"; host: string; port: number }
  | { type: "refused"; reason: string }
  | { type: "open" }
  | { type: "to-board" | "from-board"; bytes: string }
  /** The board has so many bytes more to send than are taken now; told once, until some are taken. */
  | { type: "blocked"; bytes: number }
  /** The other side closed it, or it broke; the board has yet to notice (`closed` or `refused` follows). `error`: what it will be told. */
  | { type: "ended"; error?: LinkError }
  /** `reset`: the connection broke; `power`: the board lost its power. */
  | { type: "closed"; by: "board" | "other" | "reset" | "power" }
);

/** `network` with ears: connections behave the same. */
export function tapTraffic(network: Network, clock: Clock, heard: (traffic: Traffic) => void): Network {
  let connections = 0;
  return {
    connect(host, port, changed) {
      connections++;
      const connection = connections;
      const tell = (what: TrafficBody): void =>
        heard({ t: Math.round(clock.now() * 1000) / 1000, connection, ...what });
      tell({ type: "connect", host, port });
      try {
        return tapLink((news) => network.connect(host, port, news), changed, tell);
      } catch (error) {
        if (error instanceof ConnectFailure) tell({ type: "refused", reason: error.reason });
        throw error;
      }
    },
  };
}

type TrafficBody = Traffic extends infer Each
  ? Each extends Traffic
    ? Omit<Each, "t" | "connection">
    : never
  : never;

function tapLink(
  connect: (changed: () => void) => Link,
  changed: () => void,
  tell: (what: TrafficBody) => void,
): Link {
  let opened = false;
  let over = false;
  let ended = false;
  let blocked = false;
  const look = (): void => {
    if (over) return;
    const { state, error } = link;
    if (!opened && state === "open") {
      opened = true;
      tell({ type: "open" });
    }
    if (!ended && state === "closed") {
      ended = true;
      tell(error ? { type: "ended", error } : { type: "ended" });
    }
  };
  const closed = (by: "board" | "other" | "reset" | "power"): void => {
    if (over) return;
    over = true;
    if (opened || by === "board" || by === "power") tell({ type: "closed", by });
    else tell({ type: "refused", reason: link.error ? LINK_ERRORS[link.error].message : "closed" });
  };
  const link: Link = connect(() => {
    look();
    changed();
  });
  return {
    get state() {
      look();
      return link.state;
    },
    get error() {
      return link.error;
    },
    receive(limit) {
      look();
      const bytes = link.receive(limit);
      if (bytes !== "") tell({ type: "to-board", bytes });
      return bytes;
    },
    send(bytes) {
      const taken = link.send(bytes);
      if (taken > 0) tell({ type: "from-board", bytes: bytes.slice(0, taken) });
      if (taken < bytes.length && (taken > 0 || !blocked))
        tell({ type: "blocked", bytes: bytes.length - taken });
      blocked = taken < bytes.length;
      return taken;
    },
    close() {
      look();
      // The socket closes its end too when the other side was first.
      closed(link.state === "closed" ? (link.error ? "reset" : "other") : "board");
      link.close();
    },
    abort() {
      closed("power");
      link.abort();
    },
  };
}
