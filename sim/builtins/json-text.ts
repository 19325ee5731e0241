/** JSON.stringify with the board's numbers, escapes and line breaks. */
import { numberText } from "../console/numbers.ts";
import { itemsOf } from "../items.ts";
import type { Realm, Value } from "../realm.ts";
import type { Define } from "./install.ts";

const MOST_BLANKS = 10;
const NAMED: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};
/** Stands for an object inside of itself. */
const RECURSION = " ... ";

export function installJson(realm: Realm, define: Define): void {
  define(realm.builtins.JSON, "stringify", (_self, args) =>
    new JsonText(realm, indentOf(args[2])).of(args[0], 0),
  );
}

function indentOf(space: Value): string {
  if (space === undefined || space === null) return "";
  const text =
    typeof space === "number" ? " ".repeat(Math.min(MOST_BLANKS, Math.max(0, space | 0))) : String(space);
  return text.slice(0, MOST_BLANKS);
}

class JsonText {
  private readonly open = new Set<Value>();
  private readonly realm: Realm;
  /** Before each level of what is nested; "" keeps all on one line. */
  private readonly indent: string;

  constructor(realm: Realm, indent: string) {
    this.realm = realm;
    this.indent = indent;
  }

  of(value: Value, depth: number): string {
    if (value === undefined || value === null) return "null";
    if (typeof value === "number") return Number.isFinite(value) ? numberText(value) : "null";
    if (typeof value === "string") return quoted(value);
    if (typeof value === "boolean") return String(value);
    if (typeof value === "function") return "undefined";
    if (typeof value.getMode === "function") return quoted(String(value));
    if (this.open.has(value)) return RECURSION;
    this.open.add(value);
    const text = this.object(value, depth);
    this.open.delete(value);
    return text;
  }

  private object(value: Value, depth: number): string {
    if (Array.isArray(value)) {
      const items = itemsOf<Value>(value).map((item) => this.of(item, depth + 1));
      return this.enclosed("[", items, "]", depth);
    }
    if (this.realm.isView(value)) return this.view(itemsOf<number>(value), depth);
    if (value instanceof this.realm.builtins.ArrayBuffer)
      return this.view(Array.from(new Uint8Array(value)), depth);
    if (typeof value.toJSON === "function") return this.of(value.toJSON(), depth);
    const fields: string[] = [];
    for (const key of this.keys(value)) {
      const item = value[key];
      if (item === undefined || typeof item === "function") continue;
      fields.push(`${quoted(key)}:${this.indent && " "}${this.of(item, depth + 1)}`);
    }
    return this.enclosed("{", fields, "}", depth);
  }

  private keys(value: Value): string[] {
    if (value instanceof this.realm.builtins.RegExp) return ["source", "lastIndex"];
    return this.realm.isError(value) ? ["message", "type", "stack"] : Object.keys(value);
  }

  private enclosed(start: string, items: string[], end: string, depth: number): string {
    if (this.indent === "") return start + items.join(",") + end;
    if (items.length === 0) return `${start}  ${end}`;
    const line = `\n${this.indent.repeat(depth + 1)}`;
    return `${start} ${line}${items.join(`, ${line}`)}\n${this.indent.repeat(depth)} ${end}`;
  }

  /** Of a typed array the first item stands behind two line breaks, and the end without a blank. */
  private view(numbers: number[], depth: number): string {
    const items = numbers.map((number) => (Number.isFinite(number) ? numberText(number) : "null"));
    if (this.indent === "") return `[${items.join(",")}]`;
    const line = `\n${this.indent.repeat(depth + 1)}`;
    return `[${line}${line}${items.join(`, ${line}`)}\n${this.indent.repeat(depth)}]`;
  }
}

function quoted(text: string): string {
  return `"${text.replace(/[^ !#-[\]-~]/g, (character) => NAMED[character] ?? escaped(character))}"`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}
