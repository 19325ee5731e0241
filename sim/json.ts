/** JSON as the interpreter reads it: with its own lexer, so more is let through than the standard allows, and what follows is ignored. */
import type { Realm, Value } from "./realm.ts";

type Token = {
  kind: "string" | "number" | "word" | "sign" | "end" | "unfinished";
  text: string;
  value?: Value;
};

/** The interpreter's words for a token in an error message. */
function described(token: Token): string {
  if (token.kind === "end") return "EOF";
  if (token.kind === "word")
    return RESERVED.has(token.text) ? token.text : `ID:${token.text}`.slice(0, LONGEST_TOKEN);
  if (token.kind === "unfinished") return "UNFINISHED STRING";
  if (token.kind === "string") return `String:'${token.text}'`.slice(0, LONGEST_TOKEN);
  if (token.kind === "number") return /[.e]/i.test(token.text) ? "FLOAT" : "INT";
  return `'${token.text}'`;
}

/** Characters of a token in an error message. */
const LONGEST_TOKEN = 29;

/** Thrown inside of a value where the interpreter gives up without an error: what it reads is undefined. */
class NoValue extends Error {}

const RESERVED = new Set(["undefined", "true", "false", "null", "function", "if", "new", "this"]);

/**
 * Parses the first JSON value of `text`; what follows it is not looked at (`JSON.parse('{"a":1}xyz')` is fine, as on the board).
 * `relaxed` also takes bare words and integers as keys, as `Storage.readJSON` does.
 * @throws a SyntaxError of the realm with the interpreter's message.
 */
export function parseJson(text: Value, realm: Realm, relaxed = false): Value {
  const fail = (message: string): never => {
    throw realm.error("SyntaxError", message);
  };
  const source = text === undefined ? "undefined" : String(text);
  let position = 0;
  let token = next();

  function next(): Token {
    const blank = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
    blank.lastIndex = position;
    blank.exec(source);
    position = blank.lastIndex;
    if (position >= source.length) return { kind: "end", text: "" };
    const match = (pattern: RegExp): string | undefined => {
      pattern.lastIndex = position;
      const found = pattern.exec(source)?.[0];
      if (found !== undefined) position += found.length;
      return found;
    };
    const number = match(
      /0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|\d+(?:\.\d*)?(?:[eE][+-]?\d*)?|\.\d+(?:[eE][+-]?\d*)?/y,
    );
    if (number !== undefined) {
      const isOctal = /^0[0-7]+$/.test(number);
      // An exponent may be without digits.
      const value = /^[\d.]+e[+-]?$/i.test(number) ? Number.parseFloat(number) : Number(number);
      return { kind: "number", text: number, value: isOctal ? Number.parseInt(number, 8) : value };
    }
    const word = match(/[A-Za-z_$][\w$]*/y);
    if (word !== undefined) return { kind: "word", text: word };
    const quote = source.charAt(position);
    if (quote === '"' || quote === "'") return quoted(quote);
    position++;
    return { kind: "sign", text: quote };
  }

  function quoted(quote: string): Token {
    let value = "";
    for (position++; ; position++) {
      const character = source[position];
      if (character === undefined || character === "\n") return { kind: "unfinished", text: "" };
      if (character === quote) break;
      value += character === "\\" ? escaped() : character;
    }
    position++;
    return { kind: "string", text: value, value };
  }

  function escaped(): string {
    const character = source[++position] ?? "";
    const simple = { n: "\n", b: "\b", f: "\f", r: "\r", t: "\t", v: "\v" }[character];
    if (simple !== undefined) return simple;
    const octal = /^[0-7]{1,3}/.exec(source.slice(position, position + 3))?.[0];
    if (octal !== undefined) {
      position += octal.length - 1;
      return String.fromCharCode(Number.parseInt(octal, 8) & 255);
    }
    const digits = { u: 4, x: 2 }[character];
    if (digits === undefined) return character;
    const code = source.substr(position + 1, digits);
    position += digits;
    return String.fromCharCode(Number.parseInt(code, 16));
  }

  function take(): Token {
    const taken = token;
    token = next();
    return taken;
  }

  /** After the last token of the whole value nothing more is read, as an error there must not show. */
  function value(depth: number): Value {
    const taken = token;
    const done = (result: Value): Value => {
      if (depth > 0) take();
      return result;
    };
    if (taken.kind === "string" || taken.kind === "number") return done(taken.value);
    if (taken.kind === "word") {
      if (taken.text === "true") return done(true);
      if (taken.text === "false") return done(false);
      if (taken.text === "null") return done(null);
      return fail(`Expecting valid value, got ${taken.text === "undefined" ? "undefined" : "ID"}`);
    }
    if (taken.text === "-") {
      take();
      if (token.kind !== "number") throw new NoValue();
      return done(-token.value);
    }
    if (taken.text === "[") return list(depth);
    if (taken.text === "{") return record(depth);
    return fail(`Expecting valid value, got ${described(taken)}`);
  }

  function separator(close: string): void {
    if (token.text === close && token.kind === "sign") return;
    if (token.kind !== "sign" || token.text !== ",") fail(`Got ${described(token)} expected ','`);
    take();
  }

  function list(depth: number): Value {
    const items: Value[] = [];
    take();
    while (!(token.kind === "sign" && token.text === "]")) {
      items.push(value(depth + 1));
      separator("]");
    }
    if (depth > 0) take();
    return realm.array(items);
  }

  function record(depth: number): Value {
    const made = realm.object();
    take();
    while (!(token.kind === "sign" && token.text === "}")) {
      const integer = token.kind === "number" && described(token) === "INT";
      if (token.kind !== "string" && token.kind !== "word" && !integer)
        fail(`Got ${described(token)} expected '}'`);
      if (token.kind !== "string" && !relaxed) fail(`Got ${described(token)} expected STRING`);
      const { text, value: number } = take();
      const key = integer ? String(number) : text;
      if (token.kind !== "sign" || token.text !== ":") fail(`Got ${described(token)} expected ':'`);
      take();
      made[key] = value(depth + 1);
      separator("}");
    }
    if (depth > 0) take();
    return made;
  }

  try {
    return value(0);
  } catch (error) {
    if (error instanceof NoValue) return undefined;
    throw error;
  }
}
