/** print, console.log and their kin: values the way the board's console shows them. */
import type { Realm, Value } from "../realm.ts";
import { formatted, PRINTED } from "./format.ts";

/** Installs the functions; `printText` takes what one call prints, without the line break at its end. */
export function installPrint(realm: Realm, printText: (text: string) => void): void {
  const print = realm.method("print", (_self, args) => {
    printText(Array.from(args, (value) => shown(realm, value)).join(" "));
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

/** A value as `print` shows it: a string as it is. */
function shown(realm: Realm, value: Value): string {
  return typeof value === "string" ? value : formatted(realm, value, PRINTED);
}
