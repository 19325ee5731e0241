/** Strings: no limit for split, no patterns in a replacement but $1 to $9, functions only with regular expressions. */
import type { Realm, Value } from "../realm.ts";
import type { Define } from "./install.ts";

export function installStrings(realm: Realm, define: Define): void {
  const { prototype } = realm.builtins.String;
  const { replace: hostReplace, replaceAll: hostReplaceAll, repeat: hostRepeat } = prototype;

  define(prototype, "split", (self, args) => {
    const text = String(self);
    if (args[0] === undefined) return realm.array([text]);
    return realm.array(isPattern(realm, args[0]) ? splitBy(text, args[0]) : split(text, String(args[0])));
  });

  const replacing = (host: Value) => (self: Value, args: ArrayLike<Value>) => {
    const [search, replacement] = [args[0], args[1]];
    if (isPattern(realm, search)) {
      if (typeof replacement === "function")
        return Reflect.apply(host, self, [
          search,
          (...found: Value[]) => Reflect.apply(replacement, undefined, found),
        ]);
      // What is no group stands for itself.
      return Reflect.apply(host, self, [search, String(replacement).replace(/\$(?![1-9])/g, "$$$$")]);
    }
    return replaceText(String(self), String(search), String(replacement), host === hostReplaceAll);
  };
  define(prototype, "replace", replacing(hostReplace));
  define(prototype, "replaceAll", replacing(hostReplaceAll));
  define(prototype, "indexOf", (self, args) => indexOf(String(self), String(args[0]), Number(args[1]) || 0));
  define(
    prototype,
    "includes",
    (self, args) => indexOf(String(self), String(args[0]), Number(args[1]) || 0) >= 0,
  );

  define(prototype, "repeat", (self, args) => {
    if (Number(args[0]) < 0) throw realm.error("Error", "Invalid count value");
    return Reflect.apply(hostRepeat, self, [args[0]]);
  });
  define(prototype, "startsWith", (self, args) => {
    const at = Number(args[1] ?? 0) | 0;
    const text = String(self);
    return at >= 0 && at <= text.length && text.startsWith(String(args[0]), at);
  });
  define(prototype, "endsWith", (self, args) => {
    const text = String(self);
    const search = String(args[0]);
    const at = (typeof args[1] === "number" ? args[1] | 0 : text.length) - search.length;
    return at >= 0 && text.slice(at, at + search.length) === search && at + search.length <= text.length;
  });
  define(realm.global, "encodeURIComponent", (_self, args) =>
    String(args[0]).replace(/[^\w\-.!~*'()]/g, (character) => percent(character.charCodeAt(0))),
  );
  // Only letters of ASCII have another case.
  define(prototype, "toUpperCase", (self) =>
    String(self).replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
  );
  define(prototype, "toLowerCase", (self) =>
    String(self).replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  );
  define(prototype, "concat", (self, args) =>
    Array.from(args, (value) => (value === undefined ? "" : String(value))).reduce(
      (text, part) => text + part,
      String(self),
    ),
  );
}

/** Finds the beginning of `search` at the end of the text too: "abcX".indexOf("X5") is 3 (jswrap_string_indexOf of 2v29.277). */
function indexOf(text: string, search: string, from: number): number {
  if (search.length > text.length) return -1;
  const last = text.length - search.length;
  const start = Math.min(Math.max(from | 0, 0), last + 1);
  if (start >= text.length) return -1;
  const found = text.indexOf(search, start);
  if (found >= 0) return found;
  for (let index = Math.max(start, last + 1); index < text.length; index++)
    if (search.startsWith(text.slice(index))) return index;
  return -1;
}

function replaceText(text: string, search: string, replacement: string, all: boolean): string {
  let result = text;
  for (let at = indexOf(result, search, 0); at >= 0; at = indexOf(result, search, at + replacement.length)) {
    result = result.slice(0, at) + replacement + result.slice(at + search.length);
    // Nothing would be found again for ever.
    if (!all || search === "") break;
  }
  return result;
}

/** With a separator that is longer than the text by two characters or more there are no pieces. */
function split(text: string, separator: string): string[] {
  if (separator === "") return [...text];
  if (separator.length > text.length + 1) return [];
  return text.split(separator);
}

/** The pieces between the matches, without the groups. */
function splitBy(text: string, pattern: RegExp): string[] {
  const all = new RegExp(pattern.source, pattern.flags.includes("g") ? pattern.flags : `${pattern.flags}g`);
  const pieces: string[] = [];
  let last = 0;
  for (const match of text.matchAll(all)) {
    pieces.push(text.slice(last, match.index));
    last = match.index + match[0].length;
  }
  return [...pieces, text.slice(last)];
}

/** A byte above 127 gets a wrong first digit, as on the board. */
function percent(byte: number): string {
  const high = byte >> 4;
  const first =
    byte > 127 ? String.fromCharCode((0x37 + 0xf0 + high) & 255) : high.toString(16).toUpperCase();
  return `%${first}${(byte & 15).toString(16).toUpperCase()}`;
}

function isPattern(realm: Realm, value: Value): boolean {
  return value instanceof realm.builtins.RegExp;
}
