/** The names that are looked for in the interpreter, by owner: those of V8, those it lists itself, and those that neither tells. */
import { runInNewContext } from "node:vm";

/** One kind of value or one object whose members are looked for. */
export interface Owner {
  /** What stands for it on the board; `socket` and `server` are made by the script that asks. */
  readonly expression: string;
  /** Names to try, in the order of the file. */
  readonly names: readonly string[];
}

/** Names that say nothing about what is built in: every constructor or every object has them. */
export const everywhere: ReadonlySet<string> = new Set(["constructor", "prototype", "arguments", "caller"]);

function namesOf(value: object): string[] {
  return Object.getOwnPropertyNames(value).filter((name) => !everywhere.has(name) && !name.startsWith("__"));
}

const words = (text: string): string[] => text.split(/\s+/);
const emitter = words("on once emit removeListener removeAllListeners prependListener addListener off");
const TypedArray = Object.getPrototypeOf(Uint8Array) as { prototype: object };

/** Kinds of values. What Espruino adds is not listed by the interpreter, so it is named here (its reference page). */
export const kinds: Readonly<Record<string, Owner>> = {
  string: { expression: `"text"`, names: [...namesOf(String.prototype), "fixed", "removeAccents"] },
  array: { expression: `[1]`, names: namesOf(Array.prototype) },
  typedarray: {
    expression: `new Uint8Array(4)`,
    names: [...namesOf(TypedArray.prototype), ...namesOf(Uint8Array.prototype), "sort"],
  },
  number: { expression: `(5)`, names: namesOf(Number.prototype) },
  boolean: { expression: `(true)`, names: namesOf(Boolean.prototype) },
  date: { expression: `new Date(0)`, names: [...namesOf(Date.prototype), "getIsDST"] },
  object: { expression: `({})`, names: [...namesOf(Object.prototype), ...emitter] },
  pin: {
    expression: `D2`,
    names: words("set reset write read mode getMode toggle analog pulse pwm writeAtTime getInfo"),
  },
  function: { expression: `(function(a){})`, names: [...namesOf(Function.prototype), "name", "replaceWith"] },
  regexp: { expression: `/a/`, names: [...namesOf(RegExp.prototype), "lastIndex"] },
  dataview: { expression: `new DataView(new ArrayBuffer(8))`, names: namesOf(DataView.prototype) },
  arraybuffer: { expression: `new ArrayBuffer(4)`, names: namesOf(ArrayBuffer.prototype) },
  error: {
    expression: `new Error("x")`,
    names: [...namesOf(Error.prototype), "name", "stack", "type", "msg", "cause"],
  },
  promise: { expression: `Promise.resolve(1)`, names: namesOf(Promise.prototype) },
  class: { expression: `(class {})`, names: ["constructor", "prototype"] },
  socket: {
    expression: `socket`,
    names: [
      ...words("write end pipe read available destroy setTimeout setKeepAlive setNoDelay pause resume"),
      ...emitter,
    ],
  },
  server: { expression: `server`, names: ["listen", "close", "address", ...emitter] },
  storagefile: {
    expression: `require("Storage").open("file","w")`,
    names: words("read readLine write erase getLength pipe"),
  },
  serial: {
    expression: `LoopbackA`,
    names: words("setup unsetup setConsole write print println read available inject pipe flush"),
  },
};

/** Globals that V8, Node or a browser has and people try; those the interpreter has it lists itself. */
export function globals(): string[] {
  const elsewhere = words(
    "self window queueMicrotask structuredClone setImmediate clearImmediate fetch crypto performance Buffer URL URLSearchParams " +
      "TextEncoder TextDecoder AbortController XMLHttpRequest alert document localStorage",
  );
  // A fresh context has the language's globals and none of this process.
  const language = runInNewContext("Object.getOwnPropertyNames(globalThis)") as string[];
  return [...new Set([...language, ...elsewhere])].sort();
}

/** Objects and constructors with members of their own: those that V8 has, and those of the board. */
export const owners: Readonly<Record<string, readonly string[]>> = {
  Math: namesOf(Math),
  Object: namesOf(Object),
  Array: namesOf(Array),
  String: namesOf(String),
  Number: namesOf(Number),
  JSON: namesOf(JSON),
  Promise: namesOf(Promise),
  Date: namesOf(Date),
  ArrayBuffer: namesOf(ArrayBuffer),
  Uint8Array: [...namesOf(TypedArray), ...namesOf(Uint8Array)],
  process: [
    ...emitter,
    ...words("env argv memory version nextTick exit hrtime uptime cwd stdout stdin platform"),
  ],
  console: words("log debug info warn error time timeEnd table trace assert dir group"),
  E: [
    ...emitter,
    ...words("compileC dumpFreeList dumpLockedVars dumpTimers exp flashRead getBattery getClockOptions"),
    ...words("getRTCPrescaler rebootToDFU sendUSBHID setRTCPrescaler setUSBHID showMessage toUTF8"),
  ],
  Pin: [],
  Modules: words("addCached getCached removeAllCached removeCached"),
};

/** Names a PC's interpreter has and an ESP32's has not, or has in another number: a program for a lamp does not count on them. And two of the script's own. */
export const onlyOnPc = /^(fact|\$list|quit|arguments|TFMicroInterpreter|(SPI|I2C|Serial)[2-9]|D\d+)$/;
export const modulesOnlyOnPc: ReadonlySet<string> = new Set(["NetworkJS", "TelnetServer", "tensorflow"]);
