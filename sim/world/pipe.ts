/** One direction of an impaired connection: what is put in arrives later, in order, or is held back. */
import type { Alarm, Clock } from "../clock.ts";
import type { NetworkSettings } from "./conditions.ts";

/** Something under way. */
interface Parcel {
  readonly bytes: number;
  readonly arrive: () => void;
  alarm: Alarm;
}

export class Pipe {
  private readonly parcels: Parcel[] = [];
  /** Board time at which the bytes put in so far have left. */
  private busyUntil = 0;
  private lastArrival = 0;

  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly conditions: Readonly<NetworkSettings>;

  constructor(clock: Clock, random: () => number, conditions: Readonly<NetworkSettings>) {
    this.clock = clock;
    this.random = random;
    this.conditions = conditions;
  }

  get empty(): boolean {
    return this.parcels.length === 0;
  }

  /** True when what is put in now would arrive at once. */
  get open(): boolean {
    const { latencyMs, jitterMs, bandwidthBytesPerSecond, halfOpen } = this.conditions;
    return (
      this.parcels.length === 0 &&
      latencyMs === 0 &&
      jitterMs === 0 &&
      bandwidthBytesPerSecond === 0 &&
      !halfOpen
    );
  }

  /** Calls `arrive` when something of `bytes` bytes (0: a signal such as an end) has gone through. */
  put(bytes: number, arrive: () => void, extraMs = 0): void {
    const { latencyMs, jitterMs, bandwidthBytesPerSecond } = this.conditions;
    const now = this.clock.now();
    const sendingMs = bandwidthBytesPerSecond > 0 ? (bytes / bandwidthBytesPerSecond) * 1000 : 0;
    this.busyUntil = Math.max(now, this.busyUntil) + sendingMs;
    const delay = latencyMs + extraMs + (jitterMs > 0 ? this.random() * jitterMs : 0);
    this.lastArrival = Math.max(this.lastArrival, this.busyUntil + delay);
    const parcel: Parcel = {
      bytes,
      arrive,
      alarm: this.clock.schedule(this.lastArrival, () => {
        if (this.conditions.halfOpen) return;
        this.parcels.shift();
        arrive();
      }),
    };
    this.parcels.push(parcel);
  }

  /** The way is free again: what was held back is sent once more, from now on. */
  sendAgain(): void {
    for (const { bytes, arrive } of this.clear()) this.put(bytes, arrive);
  }

  /** What is under way is lost. */
  clear(): Parcel[] {
    const lost = this.parcels.splice(0);
    for (const { alarm } of lost) this.clock.cancel(alarm);
    this.busyUntil = 0;
    this.lastArrival = 0;
    return lost;
  }
}
