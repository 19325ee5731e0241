/** ArrayBuffer and the typed arrays of a board, which tell of what they take before it is taken. */
import { isNamed } from "../names.ts";
import { OWN_FILE, type Realm, type Value } from "../realm.ts";

export interface BufferMeter {
  /** Before an ArrayBuffer of so many bytes is made, by itself or with a typed array (`views` 1). May throw. */
  before(bytes: number, views: number): void;
  /** `buffer` is the ArrayBuffer. */
  made(buffer: object, bytes: number, views: number): void;
  /** A view of a buffer that was there before. */
  view(view: object): void;
}

/** Bytes of an element. */
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  ArrayBuffer: 1,
  Uint8Array: 1,
  Uint8ClampedArray: 1,
  Int8Array: 1,
  Uint16Array: 2,
  Int16Array: 2,
  Uint32Array: 4,
  Int32Array: 4,
  Float32Array: 4,
  Float64Array: 8,
};

/** Gives a function that puts a metered constructor in the place of the one of that name, and returns it. */
const SCRIPT = `(function (meter, construct) {
  const HostBuffer = ArrayBuffer;
  const { defineProperty, getPrototypeOf, setPrototypeOf } = Object;
  const define = (target, key, value) =>
    defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false });
  return function (name, size) {
    const Host = globalThis[name];
    const views = Host === HostBuffer ? 0 : 1;
    const Metered = { [name]: function (first) { /* native */
      if (!new.target) return Host(first);
      if (views && first instanceof HostBuffer) {
        const view = construct(Host, arguments, new.target);
        meter("view", view);
        return view;
      }
      const bytes = size * ((first !== null && typeof first === "object" ? first.length : Number(first)) || 0);
      meter("before", bytes, views);
      const made = construct(Host, arguments, new.target);
      meter("made", views ? made.buffer : made, bytes, views);
      return made;
    } }[name];
    Metered.prototype = Host.prototype;
    define(Host.prototype, "constructor", Metered);
    // What subarray and map make is asked for there as well.
    setPrototypeOf(Metered, getPrototypeOf(Host));
    define(globalThis, name, Metered);
    return Metered;
  };
})`;

/** Puts metered constructors in the place of the board's, those that the program names. */
export function meterBuffers(realm: Realm, meter: BufferMeter): void {
  const replace: (name: string, size: number) => Value = (realm.run(SCRIPT, OWN_FILE) as Value)(
    realm.guarded((event: keyof BufferMeter, ...facts: Value[]) => Reflect.apply(meter[event], meter, facts)),
    realm.construct,
  );
  const replaced = new Set<string>();
  realm.onNames((names) => {
    for (const [name, size] of Object.entries(ELEMENT_BYTES)) {
      if (replaced.has(name) || !(isNamed(names, name) || isNamed(names, `to${name}`))) continue;
      replaced.add(name);
      const Metered = replace(name, size);
      // What the board's own functions make counts as well.
      if (name === "Uint8Array") Object.assign(realm, { Uint8Array: Metered });
    }
  });
}
