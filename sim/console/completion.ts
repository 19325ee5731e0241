/** What the tab key completes on the console: the names of an object's members. */
import type { Realm, Value } from "../realm.ts";

export interface Completion {
  /** What all candidates go on with after what is typed. */
  missing: string;
  /** The names that begin with what is typed. */
  candidates: string[];
}

const NOTHING: Completion = { missing: "", candidates: [] };

/** Completes the name before `cursor` in `line`: of a global, or of a member after a chain of names and dots. */
export function completion(realm: Realm, line: string, cursor: number): Completion {
  const typed = /(?:^|[^\w$.)\]"'`])((?:[A-Za-z_$][\w$]*\s*\.\s*)*)([A-Za-z_$][\w$]*)?$/.exec(
    line.slice(0, cursor),
  );
  const isBlank = line.slice(0, cursor).trim() === "";
  if (!typed || (!isBlank && !typed[1] && !typed[2])) return NOTHING;
  // What nobody has named yet is a candidate too.
  realm.nameAll();
  let object: Value = realm.global;
  for (const name of (typed[1] ?? "").split(".").slice(0, -1)) {
    // A getter is not asked: looking must not change anything.
    object = descriptor(object, name.trim())?.value;
    if (object === undefined || object === null) return NOTHING;
  }
  const partial = typed[2] ?? "";
  const candidates = namesOf(object).filter((name) => name.startsWith(partial) && name !== partial);
  const [first = ""] = candidates;
  let end = first.length;
  for (const name of candidates) while (!name.startsWith(first.slice(0, end))) end--;
  return { missing: first.slice(partial.length, end), candidates };
}

function chain(object: Value): Value[] {
  const objects: Value[] = [];
  const start = typeof object === "object" || typeof object === "function" ? object : Object(object);
  for (let one = start; one; one = Object.getPrototypeOf(one)) objects.push(one);
  return objects;
}

function descriptor(object: Value, name: string): PropertyDescriptor | undefined {
  for (const one of chain(object)) {
    const found = Object.getOwnPropertyDescriptor(one, name);
    if (found) return found;
  }
  return undefined;
}

function namesOf(object: Value): string[] {
  const names = new Set(chain(object).flatMap((one) => Object.getOwnPropertyNames(one)));
  return [...names].filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && !name.startsWith("__")).sort();
}
