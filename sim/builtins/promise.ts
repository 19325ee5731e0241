/** Promise, whose callbacks come from the idle loop's queue, among the events (jswrap_promise.c). */
import { textOf } from "../errors.ts";
import { itemsOf } from "../items.ts";
import type { IdleLoop } from "../loop.ts";
import type { Realm, Value } from "../realm.ts";
import { kindOf } from "./kinds.ts";

interface Reaction {
  callback: Value;
  /** What the callback gives decides about the next promise. */
  next: Box;
}

interface State {
  state: "pending" | "fulfilled" | "rejected";
  value: Value;
  /** Undefined until somebody waits for it. */
  fulfilled: Reaction[] | undefined;
  rejected: Reaction[] | undefined;
}

/** The right to decide about a promise, once. */
interface Box {
  readonly promise: Value;
  used: boolean;
}

export function installPromise(realm: Realm, loop: IdleLoop): void {
  new Promises(realm, loop);
}

class Promises {
  private readonly states = new WeakMap<object, State>();
  private readonly prototype: Value;

  private readonly realm: Realm;
  private readonly loop: IdleLoop;

  constructor(realm: Realm, loop: IdleLoop) {
    this.realm = realm;
    this.loop = loop;
    const make = realm.run("(run => function Promise(executor) { run(this, executor); })", "promise") as (
      run: (self: Value, executor: Value) => void,
    ) => Value;
    const Constructor = make(realm.guarded((self, executor) => this.construct(self, executor)));
    this.prototype = Constructor.prototype;
    const method = (target: Value, name: string, run: (self: Value, args: ArrayLike<Value>) => Value): void =>
      realm.define(target, name, realm.method(name, run));
    method(this.prototype, "then", (self, args) => this.follow(this.stateOf(self), args[0], args[1]));
    method(this.prototype, "catch", (self, args) => this.follow(this.stateOf(self), undefined, args[0]));
    method(Constructor, "resolve", (_self, args) => this.resolve(args[0]));
    method(Constructor, "reject", (_self, args) => this.decided(args[0], false));
    method(Constructor, "all", (_self, args) => this.all(args[0]));
    realm.define(realm.global, "Promise", Constructor);
  }

  private construct(self: Value, executor: Value): void {
    if (executor === undefined) throw this.realm.error("Error", "Function required in promise constructor");
    this.begin(self);
    const box: Box = { promise: self, used: false };
    try {
      if (typeof executor !== "function")
        throw this.realm.error("Error", `Expecting function, got ${kindOf(executor)}`);
      executor.call(self, this.decider(box, true), this.decider(box, false));
    } catch (thrown) {
      rethrowOwnFault(thrown);
      this.queue(box, thrown, false);
    }
  }

  private begin(promise: Value): State {
    const state: State = { state: "pending", value: undefined, fulfilled: undefined, rejected: undefined };
    this.states.set(promise, state);
    return state;
  }

  private stateOf(promise: Value): State {
    return this.states.get(promise) ?? this.begin(promise);
  }

  private fresh(): Box {
    const promise = this.realm.create(this.prototype);
    this.begin(promise);
    return { promise, used: false };
  }

  /** The function that a program calls to decide; it takes effect from the queue. */
  private decider(box: Box, fulfil: boolean): Value {
    return this.realm.method("", (_self, args) => this.queue(box, args[0], fulfil));
  }

  private queue(box: Box, value: Value, fulfil: boolean): void {
    this.loop.queueCall(box.promise, () => this.decide(box, value, fulfil), []);
  }

  private decided(value: Value, fulfil: boolean): Value {
    const box = this.fresh();
    this.queue(box, value, fulfil);
    return box.promise;
  }

  private resolve(value: Value): Value {
    if (this.isPromise(value)) return value;
    if (isThenable(value)) return new this.realm.global.Promise(value.then);
    return this.decided(value, true);
  }

  private decide(box: Box, value: Value, fulfil: boolean): void {
    if (box.used) return;
    box.used = true;
    if (value === box.promise) throw this.realm.error("Error", "Illegal resolving to self");
    const follows = fulfil && typeof value === "object" && value !== null;
    const inner: Box = { promise: box.promise, used: false };
    const now = (fulfilled: boolean): Value =>
      this.realm.method("", (_self, args) => this.decide(inner, args[0], fulfilled));
    if (follows && Object.hasOwn(value, "then") && isThenable(value)) {
      try {
        value.then(now(true), now(false));
      } catch (thrown) {
        rethrowOwnFault(thrown);
        this.decide(inner, thrown, false);
      }
    } else if (follows && this.isPromise(value)) this.follow(this.stateOf(value), now(true), now(false));
    else this.seal(box.promise, value, fulfil);
  }

  private seal(promise: Value, value: Value, fulfil: boolean): void {
    const state = this.stateOf(promise);
    state.state = fulfil ? "fulfilled" : "rejected";
    state.value = value;
    const reactions = fulfil ? state.fulfilled : state.rejected;
    if (reactions === undefined && !fulfil)
      throw withStackOf(this.realm.error("Error", `Unhandled promise rejection: ${textOf(value)}`), value);
    for (const reaction of reactions ?? []) this.react(promise, reaction, value, fulfil);
  }

  /** Without a callback of its own the next promise is decided alike. */
  private react(promise: Value, { callback, next }: Reaction, value: Value, passes: boolean): void {
    this.loop.queueCall(
      promise,
      () => this.decide(next, ...this.outcome(promise, callback, value, passes)),
      [],
    );
  }

  /** What the next promise is decided with, and whether it is fulfilled. */
  private outcome(
    promise: Value,
    callback: Value,
    value: Value,
    passes: boolean,
  ): [value: Value, fulfil: boolean] {
    if (callback === undefined) return [value, passes];
    try {
      return [callback.call(promise, value), true];
    } catch (thrown) {
      rethrowOwnFault(thrown);
      return [thrown, false];
    }
  }

  private follow(state: State, onFulfilled: Value, onRejected: Value): Value {
    const next = this.fresh();
    const asCallback = (value: Value): Value => (typeof value === "function" ? value : undefined);
    const fulfilled: Reaction = { callback: asCallback(onFulfilled), next };
    const rejected: Reaction = { callback: asCallback(onRejected), next };
    if (state.state === "pending") {
      state.fulfilled = [...(state.fulfilled ?? []), fulfilled];
      state.rejected = [...(state.rejected ?? []), rejected];
    } else {
      // Decided already: what has no callback for it is passed on as rejected, whichever it was.
      this.react(next.promise, state.state === "fulfilled" ? fulfilled : rejected, state.value, false);
    }
    return next.promise;
  }

  private all(promises: Value): Value {
    if (!Array.isArray(promises)) {
      throw this.realm.error("TypeError", `Expecting something iterable, got ${kindOf(promises)}`);
    }
    const box = this.fresh();
    const results = this.realm.array([]);
    const given = itemsOf<Value>(promises);
    let waiting = given.filter((one) => this.isPromise(one)).length;
    let rejected = false;
    if (waiting === 0) return this.resolve(this.realm.array(promises));
    // The board's arrays have no `entries`.
    for (const [index, one] of given.entries()) {
      if (!this.isPromise(one)) {
        results[index] = one;
        continue;
      }
      const resolved = this.realm.method("", (_self, args) => {
        if (rejected) return;
        results[index] = args[0];
        if (--waiting === 0) this.queue(box, results, true);
      });
      const failed = this.realm.method("", (_self, args) => {
        if (!rejected) this.queue(box, args[0], false);
        rejected = true;
      });
      this.follow(this.stateOf(one), resolved, failed);
    }
    return box.promise;
  }

  private isPromise(value: Value): boolean {
    return typeof value === "object" && value !== null && this.states.has(value);
  }
}

function isThenable(value: Value): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.hasOwn(value, "then") &&
    typeof value.then === "function"
  );
}

/** An Error of the host's own is a fault of the simulator, or power is gone; neither is the program's affair. */
function rethrowOwnFault(thrown: Value): void {
  if (thrown instanceof Error && !(thrown instanceof RangeError)) throw thrown;
}

/** The board tells where the error behind a rejection was (jswrap_promise.c); what is no error was nowhere. */
function withStackOf(error: Value, value: Value): Value {
  const stack = typeof value === "object" && value !== null ? value.stack : undefined;
  error.stack = typeof stack === "string" ? stack : "";
  return error;
}
