/** ArrayBuffer and the typed arrays of a board, which tell of what they take before it is taken. */
import type { Realm, Value } from "../realm.ts";

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

const SCRIPT = `(function (meter, elementBytes, construct) {
  const HostBuffer = ArrayBuffer;
  const TypedArray = Object.getPrototypeOf(Uint8Array);
  const replace = (name, Host, replacement) => {
    const define = (target, key, value) =>
      Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable: false });
    Object.defineProperty(replacement, "name", { value: name, configurable: true });
    replacement.prototype = Host.prototype;
    define(Host.prototype, "constructor", replacement);
    // What slice and map make is asked for there as well.
    Object.setPrototypeOf(replacement, Object.getPrototypeOf(Host));
    for (const key of Object.getOwnPropertyNames(Host)) if (!(key in replacement)) define(replacement, key, Host[key]);
    define(globalThis, name, replacement);
  };
  replace("ArrayBuffer", HostBuffer, function (length) {
    if (!new.target) return HostBuffer(length);
    const bytes = Number(length) || 0;
    meter.before(bytes, 0);
    const made = construct(HostBuffer, arguments, new.target);
    meter.made(made, bytes, 0);
    return made;
  });
  for (const name in elementBytes) {
    const Host = globalThis[name];
    if (!Host) continue;
    const size = elementBytes[name];
    replace(name, Host, function (first) {
      if (!new.target) return Host(first);
      if (first instanceof HostBuffer) {
        const view = construct(Host, arguments, new.target);
        meter.view(view);
        return view;
      }
      const bytes = size * ((first !== null && typeof first === "object" ? first.length : Number(first)) || 0);
      meter.before(bytes, 1);
      const made = construct(Host, arguments, new.target);
      meter.made(made.buffer, bytes, 1);
      return made;
    });
  }
  return Uint8Array;
})`;

/** Puts metered constructors in the place of the board's. */
export function meterBuffers(realm: Realm, meter: BufferMeter): void {
  const install = realm.run(SCRIPT, "realm") as (...args: unknown[]) => Value;
  const metered = install(meter, ELEMENT_BYTES, Reflect.construct);
  // What the board's own functions make counts as well.
  Object.assign(realm, { Uint8Array: metered });
}
