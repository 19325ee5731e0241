/** dump(): the state of the interpreter as text that makes it again. */
import type { Realm, Value } from "../realm.ts";
import type { Evaluator } from "./evaluate.ts";
import { DUMPED, formatted } from "./format.ts";

export interface DumpedTimer {
  id: number;
  /** Milliseconds. */
  wait: number;
  repeats: boolean;
  callback: Value;
}

export interface DumpSource {
  readonly realm: Realm;
  /** Knows the names declared on the console, which need not be properties of the global object. */
  readonly evaluator: Evaluator;
  readonly timers: readonly DumpedTimer[];
  /** What boots. */
  readonly bootCode: string | undefined;
}

export function dumped({ realm, evaluator, timers, bootCode }: DumpSource): string {
  const values = new Map<string, Value>();
  for (const name of Object.keys(realm.global))
    if (!evaluator.builtIn.has(name)) values.set(name, realm.global[name]);
  for (const name of evaluator.declared) if (!values.has(name)) values.set(name, declaredValue(realm, name));
  /** What has a name of its own is called by it. */
  const named = (value: Value): string => {
    if (typeof value === "function") for (const [name, one] of values) if (one === value) return name;
    return formatted(realm, value, DUMPED);
  };
  let text = "";
  for (const [name, value] of values) {
    const written = formatted(realm, value, DUMPED);
    text +=
      typeof value === "function" ? `function ${name}${written.slice(9)}\n` : `var ${name} = ${written};\n`;
  }
  for (const { id, wait, repeats, callback } of timers) {
    const what = typeof callback === "string" ? JSON.stringify(callback) : named(callback);
    text += `set${repeats ? "Interval" : "Timeout"}(${what}, ${formatted(realm, wait, DUMPED)}); // ${id}\n`;
  }
  return bootCode ? `${text}// Code saved with E.setBootCode\n${bootCode}` : text;
}

/** A constant that is still being made has no value yet. */
function declaredValue(realm: Realm, name: string): Value {
  try {
    return realm.run(name, "dump");
  } catch {
    return undefined;
  }
}
