/** The interpreter's idle loop: pins, timers, sockets, then queued events, then errors; again until there is nothing to do, then asleep. */
import type { Alarm, Clock } from "./clock.ts";
import { eventVariables } from "./memory/costs.ts";
import { OutOfMemory, type SessionMemory } from "./memory/session-memory.ts";
import type { Realm, Value } from "./realm.ts";

/** A part of the board that the idle loop looks after. */
export interface LoopPart {
  /** Does what is due; true when there was something to do. */
  idle(): boolean;
  /** Board time (ms) at which it wants the loop to run again. */
  wakeAt?(): number | undefined;
}

/** A property of this name holds the listeners of an event, as on the board. */
export const LISTENERS_PREFIX = "#on";

export class IdleLoop {
  /** In the order in which the interpreter looks at them. */
  readonly parts: LoopPart[] = [];
  /** What `load()`, `reset()` and `E.reboot()` ask for; done at the end of the pass. */
  restart: (() => void) | undefined;
  /** Done last in every pass: the console puts its prompt back. */
  endOfPass: (() => void) | undefined;
  /** Set once all parts are there. */
  memory: SessionMemory | undefined;
  /** How often the program was called: timers, listeners, callbacks. */
  calls = 0;
  private readonly queue: { self: Value; callback: Value; args: Value[] }[] = [];
  /** Thrown by a callback and not reported yet; a later one takes its place. */
  private exception: { thrown: Value } | undefined;
  private alarm: Alarm | undefined;
  private running = false;
  private halted = false;

  private readonly clock: Clock;
  private readonly realm: Realm;
  private readonly report: (thrown: Value) => void;

  constructor(clock: Clock, realm: Realm, report: (thrown: Value) => void) {
    this.clock = clock;
    this.realm = realm;
    this.report = report;
  }

  /** Makes the loop run at the clock's present moment, after what is due already. */
  wake(): void {
    if (!this.running && !this.halted) this.sleepUntil(this.clock.now());
  }

  /** No more passes: power is off. */
  halt(): void {
    this.halted = true;
    this.restart = undefined;
    this.queue.length = 0;
    this.exception = undefined;
    if (this.alarm) this.clock.cancel(this.alarm);
  }

  /** Variables of the events that wait. */
  get queuedVariables(): number {
    return this.queue.reduce((sum, { args }) => sum + eventVariables(args.length), 0);
  }

  /** Queues the listeners of `event` on `target` for the end of the pass. */
  queueEvent(target: Value, event: string, args: Value[]): void {
    const callback = target[LISTENERS_PREFIX + event];
    if (callback !== undefined) this.queueCall(target, callback, args);
  }

  /** Queues a function, a program text, or a list of them. */
  queueCall(self: Value, callback: Value, args: Value[]): void {
    this.queue.push({ self, callback, args });
    this.wake();
  }

  /** Calls now. An exception is kept until the end of the pass; what called goes on. */
  call(self: Value, callback: Value, args: ArrayLike<Value>): void {
    if (this.halted) return;
    if (Array.isArray(callback)) {
      this.callAll(self, callback, args);
      return;
    }
    this.calls++;
    try {
      if (typeof callback === "string") this.realm.run(callback, "event");
      else if (typeof callback === "function") Reflect.apply(callback, self, args);
    } catch (thrown) {
      this.failed(thrown);
    }
    this.realm.returned();
    this.memory?.returned();
  }

  /**
   * The list itself, not a copy, and which comes next is settled before one is called, as on the board: a listener that its predecessor
   * removes is called once more, as the last.
   */
  private callAll(self: Value, listeners: Value[], args: ArrayLike<Value>): void {
    let at = 0;
    let current = listeners[0];
    while (current !== undefined && !this.halted) {
      if (listeners[at] !== current) at = listeners.indexOf(current);
      const next = at < 0 ? undefined : listeners[at + 1];
      this.call(self, current, args);
      current = next;
      at++;
    }
  }

  /** An exception to be reported at the end of the pass; of several the last. */
  failed(thrown: Value): void {
    // Power went while it ran: nobody is there to report to. That memory ran out is told at the end of the pass.
    if (this.halted || thrown instanceof OutOfMemory || this.realm.isCut(thrown)) return;
    // An Error of the host's own making is a fault of the simulator, not of the bundle (a stack overflow may be of either).
    if (thrown instanceof Error && !(thrown instanceof RangeError)) throw thrown;
    this.exception = { thrown };
    this.wake();
  }

  /** Runs passes until nothing is left to do, and plans the next. */
  run(): void {
    if (this.running || this.halted) return;
    this.running = true;
    try {
      while (this.pass() && !this.halted) {}
    } finally {
      this.running = false;
    }
    if (this.halted) return;
    let next: number | undefined;
    for (const part of this.parts) {
      const at = part.wakeAt?.();
      if (at !== undefined && (next === undefined || at < next)) next = at;
    }
    if (next !== undefined) this.sleepUntil(next);
  }

  private pass(): boolean {
    let busy = false;
    for (const part of this.parts) {
      if (this.halted) return false;
      if (part.idle()) busy = true;
    }
    for (let event = this.queue.shift(); event && !this.halted; event = this.queue.shift()) {
      busy = true;
      this.call(event.self, event.callback, event.args);
    }
    const failure = this.exception;
    this.exception = undefined;
    if (failure) this.report(failure.thrown);
    if (busy && !this.halted) this.memory?.passed();
    const restart = this.restart;
    this.restart = undefined;
    restart?.();
    if (!this.halted) this.endOfPass?.();
    return busy;
  }

  private sleepUntil(at: number): void {
    if (this.alarm && !this.alarm.cancelled && this.alarm.at <= at) return;
    if (this.alarm) this.clock.cancel(this.alarm);
    this.alarm = this.clock.schedule(at, () => {
      this.alarm = undefined;
      this.run();
    });
  }
}
