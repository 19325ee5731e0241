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
}

/** Member to what `typeof` gives on the board. */
type Members = Record<string, string>;

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
  const { members, statics } = JSON.parse(readFileSync(file, "utf8")) as {
    members?: Record<string, Members>;
    statics?: Record<string, Members>;
  };
  if (!members?.string || !members.global || !statics?.Math) {
    throw new Error(`${file}: expected the tables "members" (of string, global …) and "statics" (of Math …)`);
  }
  return {
    globals: [...LANGUAGE, ...existing(members.global)],
    statics: mapped(statics),
    members: mapped(members),
  };
}

function mapped(tables: Record<string, Members>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(tables).map(([owner, members]) => [owner, existing(members)]));
}

function existing(members: Members): string[] {
  return Object.keys(members).filter((name) => members[name] !== "undefined");
}
