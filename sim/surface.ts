/** Which globals, methods and statics the interpreter has, so that the context of a board can be trimmed to them. */
import { readFileSync } from "node:fs";

/** What `board-profiles/interpreter.json` says of built-ins; each list is all there is. */
export interface Surface {
  /** Names of the global functions and objects. */
  globals: string[];
  /** Built-in constructor or name space to its own members. */
  statics: Record<string, string[]>;
  /** Kind of value (`string`, `array`, `typedarray` …) to its methods. */
  members: Record<string, string[]>;
  /** The same as it stands in the file: by owner, name to what `typeof` gives; with what `require` finds. */
  types: { members: Tables; statics: Tables; modules: Tables };
}

/** Member to what `typeof` gives on the board. */
type Members = Record<string, string>;
type Tables = Record<string, Members>;

/** Constructors and name spaces every interpreter has, whether the file lists them among the globals or not. */
const LANGUAGE = (
  "Array ArrayBuffer Boolean DataView Date Error Float32Array Float64Array Function Int16Array Int32Array Int8Array JSON Math Number " +
  "Object Promise ReferenceError RegExp String SyntaxError TypeError Uint16Array Uint32Array Uint8Array Uint8ClampedArray Infinity NaN " +
  "undefined globalThis"
).split(" ");

/** @throws Error naming the file when it does not hold these tables. */
export function loadSurface(
  file: URL = new URL("../board-profiles/interpreter.json", import.meta.url),
): Surface {
  const { members, statics, modules } = JSON.parse(readFileSync(file, "utf8")) as Partial<Surface["types"]>;
  if (!members?.string || !members.global || !statics?.Math || !modules?.net) {
    throw new Error(
      `${file}: expected the tables "members" (of string, global …), "statics" (of Math …) and "modules" (net …)`,
    );
  }
  return {
    globals: [...LANGUAGE, ...existing(members.global)],
    statics: mapped(statics),
    members: mapped(members),
    types: { members, statics, modules },
  };
}

function mapped(tables: Tables): Record<string, string[]> {
  return Object.fromEntries(Object.entries(tables).map(([owner, members]) => [owner, existing(members)]));
}

function existing(members: Members): string[] {
  return Object.keys(members).filter((name) => members[name] !== "undefined");
}
