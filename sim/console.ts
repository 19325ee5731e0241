/** print and console.log, collected line by line, with values shown the way the board's console shows them. */
import type { Realm, Value } from "./realm.ts";

export function installConsole(realm: Realm, printLine: (line: string) => void): void {
  const print = realm.method("print", (_self, args) => {
    const text = Array.from(args, (value) => shown(realm, value)).join(" ");
    for (const line of text.split("\n")) printLine(line);
  });
  const console = realm.constructorNamed("console");
  for (const name of ["log", "debug", "info", "warn", "error"]) realm.define(console, name, print);
  realm.define(console, "trace", print);
  realm.define(realm.global, "console", console);
  realm.define(realm.global, "print", print);
  realm.define(
    realm.global,
    "trace",
    realm.method("trace", () => undefined),
  );
}

/** A value as the console prints it. Objects stand on one line; the board breaks long ones. */
export function shown(realm: Realm, value: Value, nested = false): string {
  if (typeof value === "string") return nested ? realm.global.JSON.stringify(value) : value;
  if (typeof value === "function")
    return nested ? "function () {...}" : Function.prototype.toString.call(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (realm.isError(value)) return String(value);
  if (realm.isView(value))
    return `new ${value.constructor.name}([${Array.prototype.join.call(value, ", ")}])`;
  if (Array.isArray(value))
    return value.length ? `[ ${value.map((item) => shown(realm, item, true)).join(", ")} ]` : "[  ]";
  if (value.constructor?.name === "Date" || typeof value.getMode === "function") return String(value);
  const fields = Object.keys(value).map(
    (key) => `${realm.global.JSON.stringify(key)}: ${shown(realm, value[key], true)}`,
  );
  return fields.length ? `{ ${fields.join(", ")} }` : "{  }";
}
