/** Functions as text, and what Object's functions make of things that are no objects. */
import type { Realm, Value } from "../realm.ts";
import type { Define } from "./install.ts";
import { kindOf } from "./kinds.ts";

export function installObjects(realm: Realm, define: Define): void {
  const { builtins } = realm;
  const { keys: hostKeys, assign: hostAssign } = builtins.Object;
  define(builtins.Object, "keys", (_self, args) =>
    args[0] === null || args[0] === undefined
      ? realm.array([])
      : withConstructor(realm, args[0], Reflect.apply(hostKeys, undefined, [args[0]])),
  );
  define(builtins.Object, "assign", (_self, args) => {
    for (const source of Array.from<Value>(args)) {
      if (
        source === undefined ||
        source === null ||
        typeof source === "object" ||
        typeof source === "function"
      )
        continue;
      throw realm.error("TypeError", `Expecting Object, got ${kindOf(source)}`);
    }
    return Reflect.apply(hostAssign, undefined, Array.from(args));
  });
  define(builtins.Function.prototype, "toString", (self) => functionText(self));
}

/** A key "constructor" from JSON, which loops and JSON.stringify leave out, is one of the keys. */
function withConstructor(realm: Realm, value: Value, keys: Value): Value {
  const made = Object.getOwnPropertyDescriptor(Object(value), "constructor");
  if (!made || made.enumerable || typeof made.value === "function" || "get" in made) return keys;
  const shown = new Set<Value>([...keys, "constructor"]);
  return realm.array(Object.getOwnPropertyNames(value).filter((key) => shown.has(key)));
}

/** The parameters without blanks, and the code as it was written; of the board's own functions there is none. */
function functionText(self: Value): string {
  const source = Function.prototype.toString.call(self);
  const native = "function () { [native code] }";
  if (
    /\[native code\]|\/\* native \*\/|\brun\(this\b|\bif \(run\) return run\(\)|\bHost(Date|Number|String)\b/.test(
      source,
    )
  )
    return native;
  if (source.startsWith("class")) return "function () {}";
  const arrow = /^\s*(?:\(([^)]*)\)|(\w+))\s*=>\s*([\s\S]*)$/.exec(source);
  const plain = /^[^(]*\(([^)]*)\)\s*\{([\s\S]*)\}\s*$/.exec(source);
  const parameters = (arrow ? (arrow[1] ?? arrow[2] ?? "") : (plain?.[1] ?? "")).replace(/\s/g, "");
  const body = arrow ? arrowBody(arrow[3] ?? "") : (plain?.[2] ?? "").replace(/^\s+/, "");
  return `function (${parameters}) {${body}}`;
}

function arrowBody(text: string): string {
  const block = /^\{([\s\S]*)\}\s*$/.exec(text);
  return block ? (block[1] ?? "").replace(/^\s+/, "") : `return ${text.trim()}`;
}
