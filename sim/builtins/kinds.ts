/** The interpreter's names for kinds of values, as its messages have them. */
import type { Value } from "../realm.ts";

/** `Number`, `String`, `undefined` … of a value that is no object. */
export function kindOf(value: Value): string {
  const name = value === null ? "null" : typeof value;
  return name === "undefined" || name === "null" ? name : name.charAt(0).toUpperCase() + name.slice(1);
}
