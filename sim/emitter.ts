/** `on`, `emit`, `removeListener` and `removeAllListeners`, which every object of the interpreter has. `emit` queues; there is no `once`. */
import { type IdleLoop, LISTENERS_PREFIX } from "./loop.ts";
import { eventVariables, LISTENER, listenersVariables } from "./memory/costs.ts";
import type { Members, Realm, Value } from "./realm.ts";

const MOST_ARGUMENTS = 4;

export function installEmitter(realm: Realm, loop: IdleLoop): void {
  const emitter = new Emitter(realm, loop);
  // At once, whether a program names them or not: every name that is looked up on an object may find them.
  for (const [name, run] of Object.entries(METHODS)) {
    const method = realm.method(name, (self, args) => run(emitter, args, self));
    realm.define(realm.global.Object.prototype, name, method);
  }
}

class Emitter {
  private readonly realm: Realm;
  private readonly loop: IdleLoop;

  constructor(realm: Realm, loop: IdleLoop) {
    this.realm = realm;
    this.loop = loop;
  }

  add(self: Value, args: ArrayLike<Value>, isFirstInLine: boolean): void {
    const { realm, loop } = this;
    const listener = args[1];
    const name = this.key(self, args[0]);
    if (typeof listener !== "function" && typeof listener !== "string") {
      throw realm.error("TypeError", "Second argument must be a function or a String");
    }
    const isFirst = self[name] === undefined;
    loop.memory?.allocates("listener", isFirst ? listenersVariables(name, 1) : LISTENER);
    // Always a new list: what is under way, or queued already, keeps the one it has.
    const others = isFirst ? [] : [self[name]].flat();
    self[name] = realm.array(isFirstInLine ? [listener, ...others] : [...others, listener]);
  }

  emit(self: Value, args: ArrayLike<Value>): void {
    const { realm, loop } = this;
    const name = this.key(self, args[0]);
    if (args.length - 1 > MOST_ARGUMENTS)
      throw realm.error("TypeError", `Too many arguments (>${MOST_ARGUMENTS})`);
    if (self[name] === undefined) return;
    loop.memory?.meter.require(eventVariables(args.length - 1));
    loop.queueCall(self, self[name], Array.prototype.slice.call(args, 1));
  }

  remove(self: Value, args: ArrayLike<Value>): void {
    const listeners = self[this.key(self, args[0])];
    if (!Array.isArray(listeners)) return;
    const index = listeners.indexOf(args[1]);
    if (index >= 0) listeners.splice(index, 1);
  }

  removeAll(self: Value, event: Value): void {
    if (event !== undefined) {
      delete self[this.key(self, event)];
      return;
    }
    for (const name of Object.keys(self)) if (name.startsWith(LISTENERS_PREFIX)) delete self[name];
  }

  private key(self: Value, event: Value): string {
    const { realm } = this;
    if ((typeof self !== "object" && typeof self !== "function") || self === null) {
      throw realm.error("TypeError", "Parent must be an object - not a String, Integer, etc");
    }
    if (typeof event !== "string") throw realm.error("TypeError", "First argument must be String");
    return LISTENERS_PREFIX + event;
  }
}

const METHODS: Members<Emitter> = {
  on: (emitter, args, self) => emitter.add(self, args, false),
  addListener: (emitter, args, self) => emitter.add(self, args, false),
  prependListener: (emitter, args, self) => emitter.add(self, args, true),
  emit: (emitter, args, self) => emitter.emit(self, args),
  removeListener: (emitter, args, self) => emitter.remove(self, args),
  removeAllListeners: (emitter, args, self) => emitter.removeAll(self, args[0]),
};

/** How many listeners `target` has. */
export function countListeners(target: Value): number {
  let count = 0;
  for (const name of Object.keys(target))
    if (name.startsWith(LISTENERS_PREFIX)) count += countOf(target[name]);
  return count;
}

/** Variables that the lists of listeners of `target` take; a callback of `connect` is no list. */
export function variablesOfListeners(target: Value): number {
  let variables = 0;
  for (const name of Object.keys(target)) {
    if (name.startsWith(LISTENERS_PREFIX)) {
      variables += Array.isArray(target[name]) ? listenersVariables(name, countOf(target[name])) : 0;
    }
  }
  return variables;
}

function countOf(listeners: Value): number {
  return Array.isArray(listeners) ? listeners.length : 1;
}
