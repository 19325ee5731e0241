/** print, console.log and their kin: values the way the board's console shows them. */
import type { Members, Realm, Value } from "../realm.ts";
import { formatted, PRINTED } from "./format.ts";

/** Installs the functions; `printText` takes what one call prints, without the line break at its end. */
export function installPrint(realm: Realm, printText: (text: string) => void): void {
  const printer = { realm, printText };
  realm.members(realm.global, printer, FUNCTIONS);
  const console = realm.constructorNamed("console");
  realm.define(realm.global, "console", console);
  realm.members(console, printer, METHODS);
}

interface Printer {
  readonly realm: Realm;
  readonly printText: (text: string) => void;
}

function print({ realm, printText }: Printer, args: ArrayLike<Value>): void {
  printText(Array.from(args, (value) => shown(realm, value)).join(" "));
}

const FUNCTIONS: Members<Printer> = { print, trace: () => undefined };
const METHODS: Members<Printer> = {
  log: print,
  debug: print,
  info: print,
  warn: print,
  error: print,
  trace: print,
};

/** A value as `print` shows it: a string as it is. */
function shown(realm: Realm, value: Value): string {
  return typeof value === "string" ? value : formatted(realm, value, PRINTED);
}
