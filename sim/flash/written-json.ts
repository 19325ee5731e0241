/** JSON as Storage.writeJSON writes it: the shortest escapes, and no quotes around keys that are names or numbers (jswrap_json.c). */
import { itemsOf } from "../items.ts";
import type { Realm, Value } from "../realm.ts";

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\t": "\\t",
  "\b": "\\b",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\\": "\\\\",
  '"': '\\"',
};

/** Keys of more characters keep their quotes. */
const LONGEST_BARE_KEY = 62;

export function writtenJson(realm: Realm, value: Value): string {
  if (value === undefined || value === null) return "null";
  if (typeof value === "function") return "undefined";
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "null";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value) || realm.isView(value)) {
    const items = itemsOf<Value>(value).map((item) => writtenJson(realm, item));
    return `[${items.join(",")}]`;
  }
  if (typeof value.toJSON === "function") return writtenJson(realm, value.toJSON());
  // A pin is its name.
  if (typeof value.getMode === "function") return quoted(String(value));
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined && typeof value[key] !== "function")
    .map((key) => `${keyOf(key)}:${writtenJson(realm, value[key])}`);
  return `{${fields.join(",")}}`;
}

function keyOf(key: string): string {
  const bare = /^(?:[A-Za-z_]\w*|0|[1-9]\d*)$/.test(key) && key.length <= LONGEST_BARE_KEY;
  return bare ? key : quoted(key);
}

function quoted(text: string): string {
  let result = '"';
  for (let index = 0; index < text.length; index++) result += escaped(text, index);
  return `${result}"`;
}

function escaped(text: string, index: number): string {
  const character = text.charAt(index);
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  const code = character.charCodeAt(0);
  if (code >= 32 && code < 127) return character;
  // One octal digit, unless what follows would be read as a second one.
  if (code < 8 && !/[0-7]/.test(text.charAt(index + 1))) return `\\${code}`;
  const hex = code.toString(16).toUpperCase();
  return code > 255 ? `\\u${hex.padStart(4, "0")}` : `\\x${hex.padStart(2, "0")}`;
}
