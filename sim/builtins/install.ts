/** The interpreter's own behaviour of built-ins where it is not V8's; each difference is measured (test/differential/, docs/differences.md). */
import type { IdleLoop } from "../loop.ts";
import type { Realm } from "../realm.ts";
import { installArrays } from "./arrays.ts";
import { installDate } from "./date.ts";
import { installJson } from "./json-text.ts";
import { installNumbers } from "./numbers.ts";
import { installObjects } from "./objects.ts";
import { installPromise } from "./promise.ts";
import { installStrings } from "./strings.ts";
import { installTypedArrays } from "./typed-arrays.ts";

export type { Define } from "../realm.ts";

const GROUPS = [
  installNumbers,
  installStrings,
  installArrays,
  installTypedArrays,
  installObjects,
  installDate,
  installJson,
];

/** What each of them puts in place: the same for every board. */
let namesOf: readonly (readonly string[])[] | undefined;

export function installBuiltins(realm: Realm, loop: IdleLoop): void {
  namesOf ??= GROUPS.map((install) => {
    const names = new Set<string>();
    install(realm, (_target, name) => names.add(name));
    return [...names];
  });
  for (const [index, install] of GROUPS.entries()) {
    // What becomes of a date when nobody names a method of it differs as well.
    const owner = install === installDate ? "Date" : undefined;
    realm.replace(namesOf[index] ?? [], (define) => install(realm, define), owner);
  }
  installPromise(realm, loop);
}
