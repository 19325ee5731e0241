/** The clock of a board whose crystal runs faster or slower than the world's: what the board's timers, `getTime` and watchdog go by. */
import type { Alarm, Clock } from "./clock.ts";

/** An alarm of the board, and the alarm of the world that stands for it. */
class LocalAlarm implements Alarm {
  cancelled = false;
  world: Alarm | undefined;

  readonly at: number;
  readonly run: () => void;

  constructor(at: number, run: () => void) {
    this.at = at;
    this.run = run;
  }
}

export class DriftingClock implements Clock {
  private readonly pending = new Set<LocalAlarm>();
  /** The same moment on both clocks, since when `rate` holds. */
  private worldBase = 0;
  private localBase = 0;
  /** Milliseconds of the board in a millisecond of the world. */
  private rate = 1;
  private ppm = 0;
  /** The latest alarm that ran: rounding must not put the time before it. */
  private reached = 0;

  private readonly world: Clock;

  constructor(world: Clock, ppm = 0) {
    this.world = world;
    this.drift = ppm;
  }

  /** In millionths; above 0 the board's clock runs fast. A crystal has up to some 50, an RC oscillator thousands. */
  get drift(): number {
    return this.ppm;
  }

  /** @throws RangeError when it is no number above -1,000,000, at which the clock would stand still. */
  set drift(ppm: number) {
    if (!Number.isFinite(ppm) || ppm <= -1e6) {
      throw new RangeError(`drift is ${ppm} ppm: it must be a number above -1000000, such as 50 or -200`);
    }
    this.localBase = this.now();
    this.worldBase = this.world.now();
    this.ppm = ppm;
    this.rate = 1 + ppm / 1e6;
    // The sort is stable: alarms of the same moment stay first in, first out.
    for (const alarm of [...this.pending].sort((one, other) => one.at - other.at)) {
      if (alarm.world) this.world.cancel(alarm.world);
      this.plan(alarm);
    }
  }

  now(): number {
    const local = this.localBase + (this.world.now() - this.worldBase) * this.rate;
    return Math.max(local, this.reached);
  }

  schedule(at: number, run: () => void): Alarm {
    const now = this.now();
    // As in the world's clock: what is no time is now.
    const alarm = new LocalAlarm(at > now ? at : now, run);
    this.pending.add(alarm);
    this.plan(alarm);
    return alarm;
  }

  cancel(alarm: Alarm): void {
    alarm.cancelled = true;
    if (!(alarm instanceof LocalAlarm) || !alarm.world) return;
    this.world.cancel(alarm.world);
    this.pending.delete(alarm);
  }

  fromOutside(run: () => void): Alarm {
    return this.world.fromOutside(run);
  }

  attachOutside(): () => void {
    return this.world.attachOutside();
  }

  stirOutside(): void {
    this.world.stirOutside();
  }

  private plan(alarm: LocalAlarm): void {
    alarm.world = this.world.schedule(this.worldBase + (alarm.at - this.localBase) / this.rate, () => {
      this.pending.delete(alarm);
      this.reached = Math.max(this.reached, alarm.at);
      if (!alarm.cancelled) alarm.run();
    });
  }
}
