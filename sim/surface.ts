/** Which globals, methods and statics the interpreter has, so that the context of a board can be trimmed to them. */
import { readFileSync } from "node:fs";

/** Owner (string, array, global …) to member to what `typeof` gives on the board. */
export type Surface = Map<string, Map<string, string>>;

/**
 * Reads `board-profiles/interpreter.json`: `{ "string": { "at": "undefined", … }, … }` anywhere in the file, other keys ignored.
 * @throws Error naming the file when it holds no such table.
 */
export function loadSurface(
  file: string | URL = new URL("../board-profiles/interpreter.json", import.meta.url),
): Surface {
  const surface: Surface = new Map();
  collect(JSON.parse(readFileSync(file, "utf8")), surface);
  if (!surface.get("string")?.has("charCodeAt")) {
    throw new Error(`${file}: no table of built-in members (owner, member, typeof) found`);
  }
  return surface;
}

function collect(value: unknown, surface: Surface): void {
  if (typeof value !== "object" || value === null) return;
  for (const [owner, members] of Object.entries(value)) {
    if (isMembers(members)) {
      const known = surface.get(owner) ?? new Map<string, string>();
      for (const [member, type] of Object.entries(members)) known.set(member, type);
      surface.set(owner, known);
    } else {
      collect(members, surface);
    }
  }
}

const TYPES = new Set(["undefined", "function", "number", "object", "string", "boolean"]);

function isMembers(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const types = Object.values(value);
  return types.length > 0 && types.every((type) => typeof type === "string" && TYPES.has(type));
}

/** Constructors and name spaces the interpreter has besides its global functions (measured: `Object.getOwnPropertyNames(global)`). */
export const GLOBAL_OBJECTS = [
  "Array ArrayBuffer Boolean DataView Date Error Float32Array Float64Array Function Int16Array Int32Array Int8Array",
  "JSON Math Number Object Promise ReferenceError RegExp String SyntaxError TypeError Uint16Array Uint32Array Uint8Array",
  "Uint8ClampedArray Infinity NaN undefined globalThis global console process E Pin Socket",
]
  .join(" ")
  .split(" ");

/** Members of the built-in constructors and name spaces (measured the same way; the built-ins not named have none). */
export const STATICS: Record<string, string> = {
  Object:
    "assign create defineProperties defineProperty entries fromEntries getOwnPropertyDescriptor getOwnPropertyDescriptors " +
    "getOwnPropertyNames getPrototypeOf keys setPrototypeOf values",
  Math:
    "E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2 abs acos asin atan atan2 ceil clip cos exp floor log max min pow randInt random " +
    "round sign sin sqrt tan wrap",
  JSON: "parse stringify",
  Number: "MAX_VALUE MIN_VALUE NEGATIVE_INFINITY NaN POSITIVE_INFINITY",
  String: "fromCharCode",
  Array: "isArray",
  Date: "now parse",
  Promise: "all reject resolve",
  // V8 gathers no stack without it.
  Error: "stackTraceLimit",
  ArrayBuffer: "",
};
