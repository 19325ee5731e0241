/** setTimeout, setInterval, clearTimeout, clearInterval and changeInterval with the interpreter's rules. */
import type { Clock } from "./clock.ts";
import type { IdleLoop, LoopPart } from "./loop.ts";
import { argumentVariables, INTERVAL, TIMEOUT } from "./memory/costs.ts";
import type { Members, Realm, Value } from "./realm.ts";

/** jsinteractive.h: TIMER_MIN_INTERVAL, TIMER_MAX_INTERVAL (milliseconds). */
const SHORTEST_MS = 0.1;
const LONGEST_MS = 31536000001000;

interface Timer {
  id: number;
  at: number;
  /** Set for an interval. */
  every: number | undefined;
  callback: Value;
  args: ArrayLike<Value>;
}

export class Timers implements LoopPart {
  /** In the order of installation, which is the order of execution among those due. */
  private readonly installed: Timer[] = [];
  private changed = false;

  private readonly clock: Clock;
  private readonly realm: Realm;
  private readonly loop: IdleLoop;

  constructor(clock: Clock, realm: Realm, loop: IdleLoop) {
    this.clock = clock;
    this.realm = realm;
    this.loop = loop;
    realm.members(realm.global, this, Timers.FUNCTIONS);
  }

  private static readonly FUNCTIONS: Members<Timers> = {
    setTimeout: (timers, args) => timers.install(args, false),
    setInterval: (timers, args) => timers.install(args, true),
    clearTimeout: (timers, args) => timers.clear(args, "Timeout"),
    clearInterval: (timers, args) => timers.clear(args, "Interval"),
    changeInterval: (timers, args) => timers.change(args),
  };

  get count(): number {
    return this.installed.length;
  }

  /** What is installed, in the order of installation; `wait` in milliseconds. */
  list(): { id: number; wait: number; repeats: boolean; callback: Value }[] {
    const now = this.clock.now();
    return this.installed.map(({ id, at, every, callback }) => ({
      id,
      wait: every ?? at - now,
      repeats: every !== undefined,
      callback,
    }));
  }

  /** Variables that the timers take. */
  get variables(): number {
    return this.installed.reduce(
      (sum, { every, args }) => sum + timerVariables(every !== undefined, args),
      0,
    );
  }

  wakeAt(): number | undefined {
    let next: number | undefined;
    for (const timer of this.installed) if (next === undefined || timer.at < next) next = timer.at;
    return next;
  }

  idle(): boolean {
    const now = this.clock.now();
    let busy = false;
    // Starts over whenever a callback changed the list, as the interpreter does.
    do {
      this.changed = false;
      for (let index = 0; index < this.installed.length && !this.changed; ) {
        const timer = this.installed[index];
        if (!timer || timer.at > now) {
          index++;
          continue;
        }
        busy = true;
        this.loop.call(undefined, timer.callback, timer.args);
        // Looked up only now: the callback may have changed or cleared its own timer.
        if (timer.every !== undefined) timer.at += timer.every;
        const place = this.installed.indexOf(timer);
        const isCut = timer.every !== undefined && this.loop.memory?.interrupted === true;
        if (isCut) this.loop.memory?.removesInterval();
        if ((timer.every === undefined || isCut) && place >= 0) this.installed.splice(place, 1);
        else if (place >= 0) index = place + 1;
      }
    } while (this.changed);
    return busy;
  }

  /** jsinteractive.c jsiIdle: a jump of the system time below the interpreter counts as time that passed. */
  systemTimeJumped(ms: number): void {
    for (const timer of this.installed) timer.at -= ms;
    this.hasChanged();
  }

  private install(args: ArrayLike<Value>, repeats: boolean): number {
    const callback = args[0];
    if (typeof callback !== "function" && typeof callback !== "string") {
      throw this.realm.error("Error", "Function or String not supplied!");
    }
    const wait = this.atLeast(Number(args[1]));
    if (wait > LONGEST_MS) throw this.realm.error("Error", "Interval is too long (>100 years)");
    const kept = Array.prototype.slice.call(args, 2);
    this.loop.memory?.allocates("timer", timerVariables(repeats, kept));
    // One more than the last of the list: an id comes back once its timer and all later ones are gone.
    const id = (this.installed.at(-1)?.id ?? 0) + 1;
    const at = this.clock.now() + wait;
    this.installed.push({
      id,
      at,
      every: repeats ? wait : undefined,
      callback,
      args: kept,
    });
    this.hasChanged();
    return id;
  }

  private clear(args: ArrayLike<Value>, name: "Timeout" | "Interval"): void {
    if (args.length === 0) {
      this.installed.length = 0;
    } else if (args[0] === undefined) {
      throw this.realm.error("Error", `clear${name}(undefined) not allowed. Use clear${name}() instead`);
    } else {
      const index = this.installed.findIndex((timer) => timer.id === args[0]);
      if (index >= 0) this.installed.splice(index, 1);
    }
    this.hasChanged();
  }

  private change(args: ArrayLike<Value>): void {
    const timer = this.installed.find(({ id }) => id === args[0]);
    if (!timer) throw this.realm.error("Error", "Unknown Interval");
    timer.every = this.atLeast(Number(args[1]));
    timer.at = this.clock.now() + timer.every;
    this.hasChanged();
  }

  private atLeast(ms: number): number {
    // What is no number counts as no wait at all.
    return Math.max(ms || 0, SHORTEST_MS);
  }

  private hasChanged(): void {
    this.changed = true;
    this.loop.wake();
  }
}

function timerVariables(repeats: boolean, args: ArrayLike<Value>): number {
  return (repeats ? INTERVAL : TIMEOUT) + argumentVariables(args.length);
}
