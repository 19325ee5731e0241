/** setWatch and clearWatch: callbacks on the edges of a pin, debounced as the interpreter does it. */
import type { Clock } from "./clock.ts";
import type { IdleLoop, LoopPart } from "./loop.ts";
import { watchVariables } from "./memory/costs.ts";
import { isHigh, type PinFunctions, type PinState } from "./pins.ts";
import type { Members, Realm, Value } from "./realm.ts";

interface Watch {
  id: number;
  pin: PinState;
  callback: Value;
  repeat: boolean;
  edge: "rising" | "falling" | "both";
  debounceMs: number;
  /** The level last settled on. */
  state: boolean;
  lastTime: number | undefined;
  /** Set while the level is not yet stable: when it will be, and what it is. */
  pending: { at: number; state: boolean } | undefined;
}

export class Watches implements LoopPart {
  private readonly installed: Watch[] = [];
  private readonly edges: { pin: PinState; high: boolean; at: number }[] = [];

  private readonly clock: Clock;
  private readonly realm: Realm;
  private readonly loop: IdleLoop;
  private readonly pins: PinFunctions;

  constructor(clock: Clock, realm: Realm, loop: IdleLoop, pins: PinFunctions) {
    this.clock = clock;
    this.realm = realm;
    this.loop = loop;
    this.pins = pins;
    realm.members(realm.global, this, Watches.FUNCTIONS);
  }

  private static readonly FUNCTIONS: Members<Watches> = {
    setWatch: (watches, args) => watches.set(args),
    clearWatch: (watches, args) => watches.clear(args),
  };

  get count(): number {
    return this.installed.length;
  }

  /** Variables that the watches take. */
  get variables(): number {
    return this.installed.reduce((sum, { debounceMs }) => sum + watchVariables(debounceMs), 0);
  }

  /** The level of a pin changed from outside. */
  edge(pin: PinState): void {
    if (!this.installed.some((watch) => watch.pin === pin)) return;
    this.edges.push({ pin, high: isHigh(pin), at: this.clock.now() });
    this.loop.wake();
  }

  wakeAt(): number | undefined {
    let next: number | undefined;
    for (const { pending } of this.installed)
      if (pending && (next === undefined || pending.at < next)) next = pending.at;
    return next;
  }

  idle(): boolean {
    let busy = false;
    for (let edge = this.edges.shift(); edge; edge = this.edges.shift()) {
      busy = true;
      for (const watch of [...this.installed]) {
        if (watch.pin !== edge.pin) continue;
        if (watch.debounceMs <= 0) this.settle(watch, edge.high, edge.at);
        // Every further edge starts the wait anew; the level at its end counts.
        else if (watch.pending || edge.high !== watch.state)
          watch.pending = { at: edge.at + watch.debounceMs, state: edge.high };
      }
    }
    for (const watch of [...this.installed]) {
      if (!watch.pending || watch.pending.at > this.clock.now()) continue;
      busy = true;
      const { at, state } = watch.pending;
      watch.pending = undefined;
      if (state !== watch.state) this.settle(watch, state, at - watch.debounceMs);
    }
    return busy;
  }

  private settle(watch: Watch, high: boolean, at: number): void {
    watch.state = high;
    const time = at / 1000;
    const { lastTime } = watch;
    watch.lastTime = time;
    if (watch.edge !== "both" && (watch.edge === "rising") !== high) return;
    if (!watch.repeat) this.remove(watch);
    const details = Object.assign(this.realm.object(), {
      state: high,
      lastTime,
      time,
      pin: this.pins.object(watch.pin),
    });
    this.loop.call(undefined, watch.callback, [details]);
  }

  private set(args: ArrayLike<Value>): number {
    const [callback, target, options] = [args[0], args[1], args[2]];
    if (typeof callback !== "function" && typeof callback !== "string") {
      throw this.realm.error("Error", "Function or String not supplied!");
    }
    const pin = this.pins.pin(target);
    const {
      repeat = options === true,
      edge = "both",
      debounce = 0,
    } = typeof options === "object" && options ? options : {};
    if (edge !== "rising" && edge !== "falling" && edge !== "both") {
      throw this.realm.error(
        "TypeError",
        "'edge' in setWatch should be a string - either 'rising', 'falling' or 'both'",
      );
    }
    const debounceMs = Number(debounce) || 0;
    this.loop.memory?.allocates("listener", watchVariables(debounceMs));
    const id = (this.installed.at(-1)?.id ?? 0) + 1;
    this.installed.push({
      id,
      pin,
      callback,
      repeat: Boolean(repeat),
      edge,
      debounceMs,
      state: isHigh(pin),
      lastTime: undefined,
      pending: undefined,
    });
    return id;
  }

  private clear(args: ArrayLike<Value>): void {
    if (args.length === 0) {
      this.installed.length = 0;
      return;
    }
    if (args[0] === undefined)
      throw this.realm.error("Error", "clearWatch(undefined) not allowed. Use clearWatch() instead");
    const watch = this.installed.find(({ id }) => id === args[0]);
    if (!watch) throw this.realm.error("Error", `Unknown Watch ${args[0]}`);
    this.remove(watch);
  }

  private remove(watch: Watch): void {
    const index = this.installed.indexOf(watch);
    if (index >= 0) this.installed.splice(index, 1);
  }
}
