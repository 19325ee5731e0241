/** The interpreter's own behaviour of built-ins where it is not V8's; each difference is measured (test/differential/, docs/differences.md). */
import type { IdleLoop } from "../loop.ts";
import type { Realm, Value } from "../realm.ts";
import { installArrays } from "./arrays.ts";
import { installDate } from "./date.ts";
import { installJson } from "./json-text.ts";
import { installNumbers } from "./numbers.ts";
import { installObjects } from "./objects.ts";
import { installPromise } from "./promise.ts";
import { installStrings } from "./strings.ts";
import { installTypedArrays } from "./typed-arrays.ts";

/** Puts a method of the host in place of one of the realm. */
export type Define = (
  target: Value,
  name: string,
  run: (self: Value, args: ArrayLike<Value>) => unknown,
) => void;

export function installBuiltins(realm: Realm, loop: IdleLoop): void {
  const define: Define = (target, name, run) => realm.define(target, name, realm.method(name, run));
  installNumbers(realm, define);
  installStrings(realm, define);
  installArrays(realm, define);
  installTypedArrays(realm, define);
  installObjects(realm, define);
  installDate(realm, define);
  installJson(realm, define);
  installPromise(realm, loop);
}
