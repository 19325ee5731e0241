/** Ties a virtual clock to real time, at any speed, with pause and single steps: the one place in sim/ where the host's timers are used. */
import type { VirtualClock } from "./clock.ts";

/** A host timer waits at most this long, so that a suspended computer is noticed. */
const LONGEST_WAIT_MS = 1000;

export const SLOWEST = 0.1;
export const FASTEST = 100;

/** The host's time, as much of it as a pacer needs. */
export interface HostTime {
  /** Milliseconds since any moment, never going back. */
  now(): number;
  /** Runs `run` once after `ms`; returns how to prevent it. */
  after(ms: number, run: () => void): () => void;
}

const HOST: HostTime = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Runs a clock in step with real time, from `start` to `stop`. What the embedded broker does in between takes no board time. */
export class Pacer {
  private startedAt = 0;
  private offset = 0;
  private factor = 1;
  private disarm: (() => void) | undefined;
  private wakesAt = Number.POSITIVE_INFINITY;
  private started = false;
  private isPaused = false;
  private ticking = false;
  private underway: Promise<void> = Promise.resolve();

  private readonly clock: VirtualClock;
  private readonly host: HostTime;

  constructor(clock: VirtualClock, host: HostTime = HOST) {
    this.clock = clock;
    this.host = host;
  }

  /** Between `start` and `stop`, paused or not. */
  get running(): boolean {
    return this.started;
  }

  get paused(): boolean {
    return this.isPaused;
  }

  /** Milliseconds of board time in a millisecond of real time: 1 is real time, 0.1 to 100. Takes effect at once. */
  get speed(): number {
    return this.factor;
  }

  /** @throws RangeError when it is no number from 0.1 to 100. */
  set speed(factor: number) {
    if (!(factor >= SLOWEST && factor <= FASTEST)) {
      throw new RangeError(
        `speed is ${factor}: it must be from ${SLOWEST} to ${FASTEST}, where 1 is real time`,
      );
    }
    const now = this.boardTime();
    this.factor = factor;
    this.rebase(now);
    if (this.started && !this.isPaused && !this.ticking) this.arm(this.clock.next());
  }

  start(): void {
    this.started = true;
    if (!this.isPaused) this.go();
  }

  /** Leaves the clock where it is; nothing of it keeps the process alive afterwards. */
  stop(): void {
    this.started = false;
    this.halt();
  }

  /** Time stands still until `resume`; also before `start`. What arrives from outside meanwhile waits. */
  pause(): void {
    this.isPaused = true;
    this.halt();
  }

  /** Time goes on where it stood. */
  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    if (this.started) this.go();
  }

  /**
   * Pauses, and goes on by `ms` of board time, or to the next moment at which something happens and through all that happens at it. Returns the
   * board time reached; it stays the same when nothing is planned.
   */
  async step(ms?: number): Promise<number> {
    this.pause();
    const before = this.underway;
    this.underway = before.then(async () => {
      const { clock } = this;
      const at = ms === undefined ? clock.next() : clock.now() + ms;
      if (at !== undefined) await clock.follow(at);
    });
    await this.underway;
    return this.clock.now();
  }

  private go(): void {
    this.rebase(this.clock.now());
    this.clock.outsideNow = () => this.boardTime();
    this.clock.onEarlier = (at) => {
      if (!this.ticking && at < this.wakesAt) this.arm(at);
    };
    if (!this.ticking) this.tick();
  }

  private halt(): void {
    this.disarm?.();
    this.wakesAt = Number.POSITIVE_INFINITY;
    this.clock.outsideNow = undefined;
    this.clock.onEarlier = undefined;
  }

  private rebase(boardTime: number): void {
    this.offset = boardTime;
    this.startedAt = this.host.now();
  }

  private boardTime(): number {
    if (!this.started || this.isPaused) return this.clock.now();
    return (this.host.now() - this.startedAt) * this.factor + this.offset;
  }

  private tick(): void {
    if (!this.started || this.isPaused) return;
    this.ticking = true;
    let settled: Promise<void> | undefined;
    try {
      settled = this.clock.follow(this.boardTime());
    } finally {
      if (!settled) this.ticked();
    }
    if (settled) this.underway = settled.finally(() => this.ticked());
  }

  private ticked(): void {
    this.ticking = false;
    if (this.started && !this.isPaused) this.arm(this.clock.next());
  }

  private arm(at = Number.POSITIVE_INFINITY): void {
    this.disarm?.();
    this.wakesAt = at;
    const wait = Math.ceil((at - this.boardTime()) / this.factor);
    this.disarm = this.host.after(Math.min(LONGEST_WAIT_MS, Math.max(0, wait)), () => this.tick());
  }
}
