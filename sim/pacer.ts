/** Ties a virtual clock to real time: the one place in sim/ where the host's timers are used. */
import type { VirtualClock } from "./clock.ts";

/** A host timer waits at most this long, so that a suspended computer is noticed. */
const LONGEST_WAIT_MS = 1000;

/** Runs a clock in step with real time, from `start` to `stop`. */
export class Pacer {
  private startedAt = 0;
  private offset = 0;
  private timer: NodeJS.Timeout | undefined;
  private wakesAt = Number.POSITIVE_INFINITY;
  private running = false;
  private ticking = false;

  private readonly clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  start(): void {
    this.startedAt = performance.now();
    this.offset = this.clock.now();
    this.running = true;
    this.clock.outsideNow = () => this.boardTime();
    this.clock.onEarlier = (at) => {
      if (!this.ticking && at < this.wakesAt) this.arm(at);
    };
    this.tick();
  }

  /** Leaves the clock where it is; nothing of it keeps the process alive afterwards. */
  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
    this.clock.outsideNow = undefined;
    this.clock.onEarlier = undefined;
  }

  private boardTime(): number {
    return performance.now() - this.startedAt + this.offset;
  }

  private tick(): void {
    if (!this.running) return;
    this.ticking = true;
    try {
      this.clock.runUntil(this.boardTime());
    } finally {
      this.ticking = false;
      if (this.running) this.arm(this.clock.next() ?? Number.POSITIVE_INFINITY);
    }
  }

  private arm(at: number): void {
    clearTimeout(this.timer);
    this.wakesAt = at;
    const wait = Math.min(LONGEST_WAIT_MS, Math.max(0, Math.ceil(at - this.boardTime())));
    this.timer = setTimeout(() => this.tick(), wait);
  }
}
