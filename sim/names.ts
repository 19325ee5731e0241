/** Names in a program's text: what nobody names need not be made, which is most of what a board has. */

/** The names of a text, or all there are where a text may make up names of its own. */
export type Names = ReadonlySet<string> | "all";

/** With these a program reaches names that do not stand in its text. */
const REACH_ANY = ["eval", "Function", "global", "globalThis"];
const NAME = /[A-Za-z_$][\w$]*/g;
/** Boards with the same bundle share what was found in it. */
const found = new Map<string, Names>();
const MOST_REMEMBERED = 50;
const LONG = 500;

/** All words of `code`, those in strings included. */
export function namesIn(code: string): Names {
  const known = found.get(code);
  if (known) return known;
  const words = new Set(code.match(NAME));
  const names = REACH_ANY.some((name) => words.has(name)) ? "all" : words;
  if (code.length > LONG) {
    if (found.size >= MOST_REMEMBERED) found.clear();
    found.set(code, names);
  }
  return names;
}

export function isNamed(names: Names, name: string): boolean {
  return names === "all" || names.has(name);
}
