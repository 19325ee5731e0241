/** Does to every connection of a board what the conditions say, whatever network is below; all times are board time. */
import type { Clock } from "../clock.ts";
import type { ConditionsChange, NetworkConditions } from "./conditions.ts";
import { ConnectFailure, type Link, type LinkError, type Network } from "./network.ts";
import { Pipe } from "./pipe.ts";

/** lwIP on the ESP32 holds 5,744 bytes a direction (TCP_WND, TCP_SND_BUF); no more is under way on an impaired connection. */
const WINDOW_BYTES = 5744;
/** Bytes travel in pieces of this size, so that a slow link delivers them bit by bit. */
const SEGMENT_BYTES = 536;
/** An acknowledgement takes at least this long, so that a small `drainBytes` is slow on a network without latency too. */
const LEAST_ACKNOWLEDGE_MS = 1;

/**
 * `network` as `conditions` have it. Without faults nothing is added: the same bytes at the same times, and no alarms.
 *
 * @param random From 0 up to 1, for the jitter: seeded, so that a run can be repeated.
 * @param conditions Of all connections, or a function that gives those of each, by where it leads.
 */
export function impair(
  network: Network,
  clock: Clock,
  random: () => number,
  conditions: NetworkConditions | ((host: string, port: number) => NetworkConditions),
): Network {
  return {
    connect(host, port, changed) {
      const own = typeof conditions === "function" ? conditions(host, port) : conditions;
      if (own.unknownHost) throw new ConnectFailure("unknown-host");
      return new ImpairedLink(clock, random, own, changed, (news) => {
        if (own.refuse) throw new ConnectFailure("refused");
        return network.connect(host, port, news);
      });
    },
  };
}

class ImpairedLink implements Link {
  state: Link["state"] = "connecting";
  error: LinkError | undefined;
  /** The connection below; there is none yet while the attempt does not get through. */
  private inner: Link | undefined;
  /** Arrived and not yet taken by the board. */
  private arrived = "";
  /** Taken from the connection below and not yet by the board. */
  private inbound = 0;
  /** Arrived from the board and not yet taken by the connection below. */
  private backlog = "";
  /** Taken from the board and not yet acknowledged. */
  private underway = 0;
  /** The far end's end, or a cut, is on its way to the board. */
  private ending = false;
  private opening = false;
  /** The end of the connection below: asked for; what it will be once the backlog is gone; done. */
  private parting = false;
  private farewell: "close" | "abort" | undefined;
  private parted = false;
  private readonly toBoard: Pipe;
  private readonly fromBoard: Pipe;
  private readonly unwatch: () => void;

  private readonly conditions: NetworkConditions;
  private readonly changed: () => void;
  private readonly dial: (news: () => void) => Link;

  constructor(
    clock: Clock,
    random: () => number,
    conditions: NetworkConditions,
    changed: () => void,
    dial: (news: () => void) => Link,
  ) {
    this.conditions = conditions;
    this.changed = changed;
    this.dial = dial;
    this.toBoard = new Pipe(clock, random, conditions);
    this.fromBoard = new Pipe(clock, random, conditions);
    if (!conditions.halfOpen) this.inner = dial(() => this.news());
    this.unwatch = conditions.watch((change) => this.conditionsChanged(change));
  }

  receive(limit: number): string {
    const most = Math.min(limit, this.conditions.chunkBytes || limit);
    if (this.arrived === "")
      return this.toBoard.open && !this.ending ? (this.inner?.receive(most) ?? "") : "";
    const taken = this.arrived.slice(0, most);
    this.arrived = this.arrived.slice(most);
    this.inbound -= taken.length;
    this.pull();
    return taken;
  }

  send(bytes: string): number {
    if (this.state !== "open" || !this.inner) return 0;
    const { drainBytes } = this.conditions;
    if (this.fromBoard.open && this.underway === 0 && drainBytes === Number.POSITIVE_INFINITY) {
      return this.inner.send(bytes);
    }
    const room = Math.max(0, Math.min(drainBytes, WINDOW_BYTES) - this.underway);
    const taken = bytes.slice(0, room);
    this.underway += taken.length;
    for (let start = 0; start < taken.length; start += SEGMENT_BYTES) {
      const segment = taken.slice(start, start + SEGMENT_BYTES);
      this.fromBoard.put(segment.length, () => {
        this.backlog += segment;
        this.flush();
      });
    }
    return taken.length;
  }

  close(): void {
    this.leave(this.state === "connecting" ? "abort" : "close");
  }

  abort(): void {
    this.leave("abort");
  }

  /** The board has nothing more to do with it. */
  private leave(farewell: "close" | "abort"): void {
    this.state = "closed";
    this.ending = true;
    this.toBoard.clear();
    this.arrived = "";
    if (!this.inner) {
      this.unwatch();
      return;
    }
    // Without power nothing is sent again.
    if (farewell === "abort" && this.conditions.halfOpen) this.loseOutbound();
    this.part(farewell);
  }

  /** Ends the connection below, after what is under way to it. */
  private part(farewell: "close" | "abort"): void {
    if (this.parting) {
      if (this.parted) this.unwatch();
      return;
    }
    this.parting = true;
    const end = (): void => {
      this.farewell = farewell;
      this.flush();
    };
    if (this.fromBoard.open) end();
    else this.fromBoard.put(0, end);
  }

  /** Something happened below. */
  private news(): void {
    const { inner } = this;
    if (!inner) return;
    this.flush();
    if (this.ending) return;
    if (!this.toBoard.open || this.arrived !== "") {
      this.pull();
      return;
    }
    if (inner.state === "closed") {
      // Settings may change before the board has read all of it.
      this.ending = true;
      this.arrived = inner.receive(Number.POSITIVE_INFINITY);
    }
    this.state = inner.state;
    this.error = inner.error;
    this.changed();
  }

  /** Takes what came from below, as far as the window allows. */
  private pull(window = WINDOW_BYTES): void {
    const { inner } = this;
    if (!inner || this.ending) return;
    if (this.state === "connecting" && !this.opening && inner.state === "open") this.announceOpen();
    while (this.inbound < window) {
      const segment = inner.receive(Math.min(SEGMENT_BYTES, window - this.inbound));
      if (segment === "") {
        if (inner.state === "closed") this.announceEnd(inner.error);
        return;
      }
      this.inbound += segment.length;
      this.toBoard.put(segment.length, () => {
        this.arrived += segment;
        this.changed();
      });
    }
  }

  /** There and back: the attempt and its answer. */
  private announceOpen(): void {
    this.opening = true;
    this.toBoard.put(
      0,
      () => {
        this.state = "open";
        this.changed();
      },
      this.conditions.latencyMs,
    );
  }

  private announceEnd(error: LinkError | undefined): void {
    this.ending = true;
    this.toBoard.put(0, () => {
      this.state = "closed";
      this.error = error;
      this.changed();
    });
  }

  /** Hands on what arrived from the board, and the end behind it. */
  private flush(): void {
    const { inner } = this;
    if (!inner || this.parted) return;
    if (this.backlog !== "") {
      const sent = inner.state === "closed" ? this.backlog.length : inner.send(this.backlog);
      this.backlog = this.backlog.slice(sent);
      if (sent > 0) this.acknowledge(sent);
    }
    if (this.farewell === undefined || this.backlog !== "") return;
    this.parted = true;
    inner[this.farewell]();
    if (this.state === "closed") this.unwatch();
  }

  private acknowledge(bytes: number): void {
    const extraMs = this.conditions.latencyMs > 0 ? 0 : LEAST_ACKNOWLEDGE_MS;
    const arrived = (): void => {
      this.underway -= bytes;
      if (this.state !== "closed") this.changed();
    };
    if (this.state !== "closed") this.toBoard.put(0, arrived, extraMs);
  }

  private loseOutbound(): void {
    this.fromBoard.clear();
    this.backlog = "";
  }

  private conditionsChanged(change: ConditionsChange): void {
    if ("cut" in change) {
      this.cut(change.cut);
      return;
    }
    if (change.setting === "halfOpen" && !this.conditions.halfOpen) {
      if (!this.inner && this.state === "connecting") this.dialAgain();
      this.toBoard.sendAgain();
      this.fromBoard.sendAgain();
    }
    this.news();
    if (this.state === "open") this.changed();
  }

  private cut(how: "end" | "reset"): void {
    if (!this.inner || this.parting) return;
    const error = this.state === "connecting" ? "reset" : undefined;
    if (how === "reset") {
      this.toBoard.clear();
      this.loseOutbound();
      this.announceEnd(error);
    } else {
      this.pull(Number.POSITIVE_INFINITY);
      if (!this.ending) this.announceEnd(error);
    }
    this.part(how === "end" ? "close" : "abort");
  }

  /** An attempt that did not get through gets through now, or is turned down now. */
  private dialAgain(): void {
    try {
      this.inner = this.dial(() => this.news());
    } catch (error) {
      if (!(error instanceof ConnectFailure)) throw error;
      this.announceEnd("reset");
    }
  }
}
