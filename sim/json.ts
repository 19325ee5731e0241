/** JSON as the interpreter reads it: with its own lexer, so more is let through than the standard allows, and what follows is ignored. */
import { InvalidEscape, JsonLexer, type Token } from "./json-lexer.ts";
import type { Realm, Value } from "./realm.ts";

/** Characters of a token in an error message; of a string only so many are looked at. */
const LONGEST_TITLE = 29;

/** Thrown inside of a value where the interpreter gives up without an error: what it reads is undefined. */
class NoValue extends Error {}

/** The interpreter's words for a token that came instead of another. */
function described({ kind, text, title }: Token): string {
  const shown = /^[^\0]*/.exec(text)?.[0] ?? "";
  if (kind === "name") return `ID:${shown}`.slice(0, LONGEST_TITLE);
  return kind === "string" ? `String:'${shown}'`.slice(0, LONGEST_TITLE) : title;
}

/**
 * Parses the first JSON value of `text`; what follows it is not looked at (`JSON.parse('{"a":1}xyz')` is fine, as on the board), but for
 * the one token behind it. `relaxed` also takes bare words and integers as keys, as `Storage.readJSON` does.
 * @throws a SyntaxError of the realm with the interpreter's message.
 */
export function parseJson(text: Value, realm: Realm, relaxed = false): Value {
  const lexer = new JsonLexer(text === undefined ? "undefined" : String(text));
  const fail = (message: string): never => {
    throw realm.error("SyntaxError", message);
  };
  let token: Token;

  function isSign(sign: string): boolean {
    return token.kind === "sign" && token.text === sign;
  }

  function take(): Token {
    const taken = token;
    token = lexer.next();
    return taken;
  }

  function expect(sign: string): void {
    if (!isSign(sign)) fail(`Got ${described(token)} expected '${sign}'`);
    take();
  }

  function value(): Value {
    switch (token.kind) {
      case "string":
        return take().text;
      case "integer":
        return integerOf(take().text);
      case "fraction":
        return fractionOf(take().text);
      case "word":
        if (token.text !== "true" && token.text !== "false" && token.text !== "null") break;
        return { true: true, false: false, null: null }[take().text];
      case "sign":
        if (isSign("-")) return negative();
        if (isSign("[")) return list();
        if (isSign("{")) return record();
    }
    return fail(`Expecting valid value, got ${token.title}`);
  }

  function negative(): Value {
    take();
    if (token.kind !== "integer" && token.kind !== "fraction") throw new NoValue();
    return 0 - value();
  }

  function list(): Value {
    const items: Value[] = [];
    take();
    while (!isSign("]")) {
      items.push(value());
      if (!isSign("]")) expect(",");
    }
    take();
    return realm.array(items);
  }

  function record(): Value {
    const made = realm.object();
    take();
    while (["string", "integer", "name", "word"].includes(token.kind)) {
      if (token.kind !== "string" && !relaxed) fail(`Got ${described(token)} expected STRING`);
      const { kind, text } = take();
      expect(":");
      keep(made, kind === "integer" ? String(integerOf(text)) : text, value());
      if (!isSign("}")) expect(",");
    }
    expect("}");
    return made;
  }

  try {
    token = lexer.next();
    return value();
  } catch (error) {
    if (error instanceof NoValue) return undefined;
    if (error instanceof InvalidEscape) throw realm.error("Error", error.message);
    throw error;
  }
}

/** Of a key that comes twice the first is found. Some the interpreter has for itself: no list of keys has them. */
function keep(made: Value, key: string, value: Value): void {
  if (Object.hasOwn(made, key)) return;
  const isInternal = key === "__proto__" || key === "constructor" || key.startsWith("\xff");
  if (key === "__proto__" && typeof value === "object" && value !== null) Object.setPrototypeOf(made, value);
  Object.defineProperty(made, key, { value, writable: true, enumerable: !isInternal, configurable: true });
}

/** jsutils.c, stringToInt: 64 bits, which overflow. */
function integerOf(text: string): number {
  const isNegative = text.startsWith("-");
  const { digits, radix } = radixOf(isNegative ? text.slice(1) : text);
  let value = 0n;
  for (const character of digits) {
    const digit = Number.parseInt(character, 36);
    if (!(digit < radix)) break;
    value = BigInt.asIntN(64, value * BigInt(radix) + BigInt(digit));
  }
  return Number(isNegative ? -value : value);
}

/** jsutils.c, stringToFloat: digit by digit, so that the last place is the board's. Without an integer part it has one too: ".5". */
function fractionOf(text: string): number {
  if (text === "") return Number.NaN;
  const { digits, radix } = radixOf(text);
  const [, whole = "", places = "", exponent = "0"] =
    /^(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d*))?/.exec(digits) ?? [];
  let value = 0;
  for (const character of whole) {
    if (Number(character) >= radix) return value;
    value = value * radix + Number(character);
  }
  if (radix !== 10) return value;
  let worth = 0.1;
  for (const character of places) {
    value += worth * Number(character);
    worth /= 10;
  }
  let power = Number.parseInt(exponent, 10) || 0;
  for (; power > 0 && value !== 0 && Number.isFinite(value); power--) value *= 10;
  for (; power < 0 && value !== 0; power++) value /= 10;
  return value;
}

/** jsutils.c, getRadix. */
function radixOf(text: string): { digits: string; radix: number } {
  if (!text.startsWith("0")) return { digits: text, radix: 10 };
  const rest = text.slice(1);
  const marked = { o: 8, O: 8, x: 16, X: 16, b: 2, B: 2 }[rest.charAt(0)];
  if (marked !== undefined) return { digits: rest.slice(1), radix: marked };
  return { digits: rest, radix: /^\d*[.89]/.test(rest) ? 10 : 8 };
}
