/** Tells every open page what is new, at most once a frame, and no page more than it can take in. */
import type { WebSocket } from "ws";
import type { Observer } from "./observer.ts";
import type { ToPage } from "./protocol.ts";

/** Time between two batches: one frame of a usual screen. */
const FRAME_MS = 16;
/** How often gauges are read, and the clock is told while nothing happens. */
const MEASURE_MS = 500;
/** A page that has not taken in so many bytes gets no more; later it gets a snapshot. */
const BACKLOG_BYTES = 1024 * 1024;

interface Watcher {
  readonly socket: WebSocket;
  /** Whether it wants news; a hidden page does not. */
  watching: boolean;
  /** Whether it missed something. */
  behind: boolean;
}

/** Touches the host's clock: pages are outside of board time. */
export class Hub {
  private readonly watchers = new Map<WebSocket, Watcher>();
  private readonly observer: Observer;
  private frame: NodeJS.Timeout | undefined;
  private lastSent = 0;
  private readonly measuring: NodeJS.Timeout;

  constructor(observer: Observer) {
    this.observer = observer;
    this.measuring = setInterval(() => {
      if (this.watchers.size > 0) observer.measure();
    }, MEASURE_MS);
    this.measuring.unref();
  }

  close(): void {
    clearInterval(this.measuring);
    clearTimeout(this.frame);
    this.watchers.clear();
  }

  add(socket: WebSocket): void {
    this.watchers.set(socket, { socket, watching: false, behind: false });
    this.watch(socket, true);
  }

  remove(socket: WebSocket): void {
    this.watchers.delete(socket);
  }

  /** A page is shown or hidden. */
  watch(socket: WebSocket, on: boolean): void {
    const watcher = this.watchers.get(socket);
    if (!watcher || watcher.watching === on) return;
    // What is in the snapshot must not be told to it a second time.
    if (on) this.flush();
    watcher.watching = on;
    watcher.behind = on && socket.bufferedAmount > BACKLOG_BYTES;
    if (on && !watcher.behind) send(socket, this.observer.snapshot());
  }

  /** Something is new: at once if the last batch is a frame ago, else when it is. */
  news(): void {
    if (this.frame !== undefined || this.watchers.size === 0) return;
    const wait = Math.max(0, this.lastSent + FRAME_MS - performance.now());
    this.frame = setTimeout(() => this.flush(), wait);
    this.frame.unref();
  }

  private flush(): void {
    clearTimeout(this.frame);
    this.frame = undefined;
    this.lastSent = performance.now();
    const lampChanged = this.observer.takeLampChange();
    const batch = this.observer.batch();
    const text = batch && JSON.stringify(batch);
    for (const watcher of this.watchers.values()) {
      if (!watcher.watching) continue;
      if (watcher.socket.bufferedAmount > BACKLOG_BYTES) {
        watcher.behind = true;
      } else if (watcher.behind || lampChanged) {
        watcher.behind = false;
        send(watcher.socket, this.observer.snapshot());
      } else if (text !== undefined) {
        watcher.socket.send(text);
      }
    }
  }
}

export function send(socket: WebSocket, message: ToPage): void {
  socket.send(JSON.stringify(message));
}
