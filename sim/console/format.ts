/** Values as the interpreter writes them: after `=` on the console, by `print`, and by `E.toJS`. */
import type { Realm, Value } from "../realm.ts";
import { numberText } from "./numbers.ts";

export interface Style {
  /** Blanks after commas and colons, and line breaks around what is no plain number. */
  pretty: boolean;
  /** Long arrays, long strings and the code of functions are cut short. */
  limited: boolean;
  /** Keys that are identifiers stand without quotes. */
  bareKeys: boolean;
  /** The constructor's name before an object of a class. */
  classNames: boolean;
  /** `undefined` and typed arrays in the form JSON has for them. */
  likeJson: boolean;
}

/** After `=` on the console. */
export const RESULT: Style = {
  pretty: true,
  limited: true,
  bareKeys: true,
  classNames: true,
  likeJson: false,
};
/** By `print` and `console.log`. */
export const PRINTED: Style = {
  pretty: true,
  limited: false,
  bareKeys: false,
  classNames: true,
  likeJson: false,
};
/** By `dump`. */
export const DUMPED: Style = { ...PRINTED, classNames: false };
/** By `E.toJS`, and in the answer to a packet. */
export const TO_JS: Style = {
  pretty: false,
  limited: false,
  bareKeys: true,
  classNames: false,
  likeJson: true,
};

/** jswrap_json.c: from how many items or characters on something is cut short, and how much is left at both ends. */
const MOST_ITEMS = 15;
const ITEMS_LEFT = 5;
const MOST_CHARACTERS = 60;
const CHARACTERS_LEFT = 27;
const MOST_ON_A_LINE = 4;
const CUT = " ... ";

export function formatted(realm: Realm, value: Value, style: Style): string {
  return new Writer(realm, style).text(value, 0);
}

/** A string literal of bytes as the interpreter writes it. */
export function quoted(text: string): string {
  let result = "";
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    const code = character.charCodeAt(0);
    const named = NAMED_ESCAPES[character];
    if (named !== undefined) result += named;
    else if (code < 8) result += /[0-7]/.test(text.charAt(index + 1)) ? `\\x0${code}` : `\\${code}`;
    else if (code < 32 || code > 126) result += `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
    else result += character;
  }
  return `"${result}"`;
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

class Writer {
  /** What is being written: an object inside of itself is not written again. */
  private readonly open = new Set<Value>();
  private readonly realm: Realm;
  private readonly style: Style;

  constructor(realm: Realm, style: Style) {
    this.realm = realm;
    this.style = style;
  }

  text(value: Value, depth: number): string {
    if (typeof value === "number") return numberText(value);
    if (typeof value === "string") return this.string(value);
    if (value === undefined) return this.style.likeJson ? "null" : "undefined";
    if (typeof value === "function") return functionText(value, this.style.limited);
    if (typeof value !== "object" || value === null) return String(value);
    if (this.open.has(value)) return CUT;
    this.open.add(value);
    const text = this.object(value, depth);
    this.open.delete(value);
    return text;
  }

  private string(value: string): string {
    if (!this.style.limited || value.length <= MOST_CHARACTERS) return quoted(value);
    return quoted(value.slice(0, CHARACTERS_LEFT)) + CUT + quoted(value.slice(-CHARACTERS_LEFT));
  }

  private object(value: Value, depth: number): string {
    if (Array.isArray(value)) return this.array(value, depth);
    if (this.realm.isView(value)) return this.view(value);
    // A pin; everything else with a name of its own says it by its class.
    if (typeof value.getMode === "function") return String(value);
    const name = this.className(value);
    if (value instanceof this.realm.builtins.Date)
      return `${name === undefined ? "" : `${name}: `}${dateText(value)}`;
    if (name !== undefined && value.toString !== this.realm.builtins.Object.prototype.toString)
      return `${name}: ${value.toString()}`;
    const open = this.style.pretty ? "{ " : "{";
    const close = this.style.pretty ? " }" : "}";
    return (name === undefined ? "" : `${name}: `) + open + this.fields(value, depth) + close;
  }

  private className(value: Value): string | undefined {
    const prototype = Object.getPrototypeOf(value);
    if (!this.style.classNames || prototype === null || prototype === this.realm.builtins.Object.prototype)
      return undefined;
    const name = prototype.constructor?.name;
    return typeof name === "string" && name !== "" ? name : undefined;
  }

  private array(items: Value[], depth: number): string {
    const cut = this.style.limited && items.length > MOST_ITEMS;
    let text = this.style.pretty ? "[ " : "[";
    let breakBefore = false;
    for (let index = 0; index < items.length; index++) {
      if (cut && index === ITEMS_LEFT) index = items.length - ITEMS_LEFT;
      const breaks = this.breaksLine(items[index]);
      if (index > 0) text += this.comma;
      if (cut && index === items.length - ITEMS_LEFT) text += CUT;
      if (breakBefore || breaks) text += this.lineBreak(depth + 1);
      text += this.text(items[index], depth + 1);
      breakBefore = breaks;
    }
    if (breakBefore) text += this.lineBreak(depth);
    return text + (this.style.pretty ? " ]" : "]");
  }

  private view(value: Value): string {
    const name = value.constructor.name;
    const numbers: number[] = Array.from(value);
    if (this.style.likeJson) return `[${numbers.map(numberText).join(",")}]`;
    if (numbers.every((number) => number === 0)) return `new ${name}(${numbers.length})`;
    const shown = numbers.map(numberText);
    if (this.style.limited && shown.length > MOST_ITEMS) {
      const ends = [shown.slice(0, ITEMS_LEFT), shown.slice(-ITEMS_LEFT)].map((end) => end.join(this.comma));
      return `new ${name}([${ends.join(this.comma + CUT)}])`;
    }
    return `new ${name}([${shown.join(this.comma)}])`;
  }

  private fields(value: Value, depth: number): string {
    let text = "";
    let sinceBreak = 0;
    let breakBefore = false;
    for (const key of Object.keys(value)) {
      // Listeners are kept in properties of this kind, which the board hides; a getter is not asked.
      if (key.startsWith("#on") || Object.getOwnPropertyDescriptor(value, key)?.get) continue;
      const item = value[key];
      if (this.style.likeJson && item === undefined) continue;
      sinceBreak++;
      if (text !== "") text += this.comma;
      const breaks = this.breaksLine(item);
      if (breakBefore || breaks || (this.style.pretty && sinceBreak > MOST_ON_A_LINE)) {
        text += this.lineBreak(depth + 1);
        sinceBreak = 0;
      }
      const bare = this.style.bareKeys && /^(?:[A-Za-z_$][\w$]*|\d+)$/.test(key);
      text += (bare ? key : quoted(key)) + (this.style.pretty ? ": " : ":") + this.text(item, depth + 1);
      breakBefore = breaks;
    }
    return breakBefore ? text + this.lineBreak(depth) : text;
  }

  /** What is no number (a pin counts as one), boolean or nothing stands on lines of its own. */
  private breaksLine(item: Value): boolean {
    if (!this.style.pretty || item === undefined || item === null) return false;
    const isPin = typeof item === "object" && typeof item.getMode === "function";
    return typeof item !== "number" && typeof item !== "boolean" && !isPin;
  }

  private get comma(): string {
    return this.style.pretty ? ", " : ",";
  }

  private lineBreak(depth: number): string {
    return `\n${"  ".repeat(depth)}`;
  }
}

/** The board's clock knows no time zone. */
function dateText(date: Value): string {
  const [day, number, month, year, time] = new Date(Number(date)).toUTCString().replace(",", "").split(" ");
  return `${day} ${month} ${Number(number)} ${year} ${time} GMT+0000`;
}

/** `function (a,b) { ... }`: parameters, and the code where it is asked for. */
function functionText(value: Value, limited: boolean): string {
  const source: string = Function.prototype.toString.call(value);
  // Methods that a board's part made are the interpreter's own.
  if (
    /\{ \[native code\] \}$|\/\* native \*\//.test(source) ||
    /^(?:\[name\]|function \(\) \{ if \(run\))/.test(source)
  )
    return "function () { [native code] }";
  const { parameters, code } = partsOf(source);
  if (code === "") return `function (${parameters}) {}`;
  return `function (${parameters}) {${limited ? CUT : code}}`;
}

/** Parameters and body of a function's text. */
function partsOf(source: string): { parameters: string; code: string } {
  const arrow = /^(?:\(([^)]*)\)|([\w$]+))\s*=>\s*([\s\S]*)$/.exec(source);
  if (arrow) {
    const code = arrow[3] ?? "";
    const parameters = compact(arrow[1] ?? arrow[2] ?? "");
    return { parameters, code: code.startsWith("{") ? code.slice(1, -1).trim() : `return ${code}` };
  }
  if (source.startsWith("class")) {
    const made = /\bconstructor\s*\(([^)]*)\)\s*\{/.exec(source);
    return { parameters: compact(made?.[1] ?? ""), code: made ? " " : "" };
  }
  const plain = /^[^(]*\(([^)]*)\)\s*\{([\s\S]*)\}$/.exec(source);
  return { parameters: compact(plain?.[1] ?? ""), code: (plain?.[2] ?? "").trim() };
}

function compact(parameters: string): string {
  return parameters.replace(/\s+/g, "");
}
