/** Strings: no limit for split, no patterns in a replacement but $1 to $9, functions only with regular expressions. */
import type { Realm, Value } from "../realm.ts";
import type { Define } from "./install.ts";

export function installStrings(realm: Realm, define: Define): void {
  const { prototype } = realm.global.String;
  const { replace: hostReplace, replaceAll: hostReplaceAll, repeat: hostRepeat } = prototype;
  const isPattern = (value: Value): boolean => value instanceof realm.global.RegExp;

  define(prototype, "split", (self, args) => {
    const text = String(self);
    if (args[0] === undefined) return realm.array([text]);
    return realm.array(isPattern(args[0]) ? splitBy(text, args[0]) : split(text, String(args[0])));
  });

  const replacing = (host: Value) => (self: Value, args: ArrayLike<Value>) => {
    const [search, replacement] = [args[0], args[1]];
    if (isPattern(search)) {
      if (typeof replacement === "function")
        return Reflect.apply(host, self, [
          search,
          (...found: Value[]) => Reflect.apply(replacement, undefined, found),
        ]);
      // What is no group stands for itself.
      return Reflect.apply(host, self, [search, String(replacement).replace(/\$(?![1-9])/g, "$$$$")]);
    }
    return Reflect.apply(host, self, [String(search), () => String(replacement)]);
  };
  define(prototype, "replace", replacing(hostReplace));
  define(prototype, "replaceAll", replacing(hostReplaceAll));

  define(prototype, "repeat", (self, args) => {
    if (Number(args[0]) < 0) throw realm.error("Error", "Invalid count value");
    return Reflect.apply(hostRepeat, self, [args[0]]);
  });
  define(prototype, "concat", (self, args) =>
    Array.from(args, (value) => (value === undefined ? "" : String(value))).reduce(
      (text, part) => text + part,
      String(self),
    ),
  );
}

/** A separator that is longer than the text by one character or more leaves an empty piece or none. */
function split(text: string, separator: string): string[] {
  if (separator === "") return [...text];
  if (separator.length > text.length + 1) return [];
  if (separator.length === text.length + 1) return [""];
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
