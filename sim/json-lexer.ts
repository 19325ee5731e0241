/** Text as tokens, as the interpreter's own lexer makes them of JSON (jslex.c): with all that it takes from programs as well. */

/** What a token is to the parser of JSON; `other` is whatever only an error message names. */
export type TokenKind = "end" | "name" | "word" | "integer" | "fraction" | "string" | "sign" | "other";

export interface Token {
  readonly kind: TokenKind;
  /** The characters of a name, a word, a number or a string; a sign itself. */
  readonly text: string;
  /** In an error message. */
  readonly title: string;
}

/** Thrown for an escape that is none. */
export class InvalidEscape extends Error {}

/** Characters of a name or number that are kept. */
const LONGEST_TOKEN = 63;
/** Characters of a raw string that are copied; a longer one is a part of the text and ends with it. */
const COPIED = 10;
/** What the end of a text reads as. A NUL in it ends it as well. */
const END = "\0";

const OPERATORS = "== === != !== <= << <<= >= >> >>> >>= >>>= += -= ++ -- *= /= %= &= && |= || ^= =>".split(
  " ",
);
const WORDS =
  "if else do while for break continue function return var let const this throw try catch finally true false null undefined new in instanceof switch case default delete typeof void debugger class extends super static of".split(
    " ",
  );
const VALUES = ["true", "false", "null", "undefined"];
/** Of programs in tokens: bytes from 128 on that stand for one each. */
const FIRST_OPERATOR = 138;
const FIRST_WORD = FIRST_OPERATOR + OPERATORS.length;
const NULLISH = 208;
const RAW_STRING_8 = 209;
const RAW_STRING_16 = 210;
const RAW_0 = 211;
const RAW_8 = 212;
const RAW_16 = 213;

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", b: "\b", f: "\f", r: "\r", t: "\t", v: "\v" };

export class JsonLexer {
  private position = 0;
  private last: Token = end();
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  /** @throws InvalidEscape */
  next(): Token {
    this.last = this.read();
    return this.last;
  }

  private at(offset = 0): string {
    return this.source[this.position + offset] ?? END;
  }

  private take(): string {
    const character = this.at();
    this.position++;
    return character;
  }

  private match(pattern: RegExp): string {
    const sticky = new RegExp(pattern, "y");
    sticky.lastIndex = this.position;
    const found = sticky.exec(this.source)?.[0] ?? "";
    this.position += found.length;
    return found;
  }

  private read(): Token {
    if (!this.skipBlanks()) return other("UNFINISHED COMMENT");
    const first = this.at();
    if (first === END) return end();
    if (/[A-Za-z_$]/.test(first)) return this.name();
    if (/\d/.test(first) || (first === "." && /\d/.test(this.at(1)))) return this.number();
    if (first === '"' || first === "'" || first === "`") return this.quoted();
    if (first === "/" && this.isExpression()) return this.regularExpression();
    const code = first.charCodeAt(0);
    if (code > 127) return this.packed(code);
    const operator = this.match(/[=!]==?|<<?=?|>{1,3}=?|\+[+=]|--|-=|&[&=]|\|[|=]|[*/%^]=|=>|\?\?/);
    if (operator.length > 1) return other(operator);
    if (operator === "") this.position++;
    return { kind: "sign", text: first, title: code > 32 ? `'${first}'` : `?[${code}]` };
  }

  /** False within a comment that does not end. */
  private skipBlanks(): boolean {
    for (;;) {
      this.match(/[\t-\r ]*/);
      if (this.at() !== "/") return true;
      if (this.at(1) === "/") {
        this.match(/[^\n\0]*/);
        this.position++;
      } else if (this.at(1) === "*") {
        this.position += 2;
        while (this.at() !== END && !(this.at() === "*" && this.at(1) === "/")) this.position++;
        if (this.at() === END) return false;
        this.position += 2;
      } else return true;
    }
  }

  private name(): Token {
    const text = this.match(/[\w$]+/).slice(0, LONGEST_TOKEN);
    return WORDS.includes(text) ? word(text) : { kind: "name", text, title: "ID" };
  }

  private number(): Token {
    const whole = this.match(/0[xXbBoO][\da-fA-F_]*|[\d_]*/);
    const isPlain = !/^0[xXbBoO]/.test(whole);
    const rest = isPlain ? this.match(/\.[\d_]*/) + this.match(/[eE][+-]?[\d_]*/) : "";
    const text = (whole + rest).replaceAll("_", "").slice(0, LONGEST_TOKEN);
    return rest === "" ? { kind: "integer", text, title: "INT" } : { kind: "fraction", text, title: "FLOAT" };
  }

  private quoted(): Token {
    const quote = this.take();
    const isTemplate = quote === "`";
    let text = "";
    let previous = quote;
    let nesting = 0;
    let hasTemplate = false;
    while (this.at() !== END && (this.at() !== quote || nesting > 0)) {
      if (isTemplate && this.at() === "{" && (previous === "$" || nesting > 0)) {
        nesting++;
        hasTemplate = true;
      } else if (nesting > 0 && this.at() === "}") nesting--;
      const isEscape = nesting === 0 && this.at() === "\\";
      if (!isEscape && this.at() === "\n" && !isTemplate) break;
      const more = isEscape ? this.escape(quote) : this.take();
      previous = more.slice(-1);
      text += more;
    }
    const isUnfinished = this.at() !== quote;
    this.position++;
    const title = hasTemplate ? "TEMPLATE LITERAL" : "STRING";
    if (isUnfinished) return other(`UNFINISHED ${isTemplate ? "TEMPLATE LITERAL" : title}`);
    return hasTemplate ? other(title) : { kind: "string", text, title };
  }

  private escape(quote: string): string {
    this.position++;
    const octal = this.match(/[0-7]{1,3}/);
    if (octal !== "") return String.fromCharCode(Number.parseInt(octal, 8) & 255);
    const character = this.at();
    // A backslash before the end of the text stands for a NUL.
    if (character === END) return END;
    this.position++;
    if (character === "x") return String.fromCharCode(this.hexadecimal(2));
    if (character === "u") return this.character(quote);
    return ESCAPES[character] ?? character;
  }

  /** The UTF-8 of a `\u` escape, or of two that are one character. */
  private character(quote: string): string {
    const code = this.hexadecimal(4);
    let text = String.fromCharCode(code);
    if (code >> 10 === 0xd800 >> 10) {
      if (this.at() === quote) return "";
      if (this.at() === "\\" && this.at(1) === "u") {
        this.position += 2;
        text += String.fromCharCode(this.hexadecimal(4));
      }
    }
    if (/\p{Surrogate}/u.test(text)) throw new InvalidEscape("Unmatched Unicode surrogate");
    return Buffer.from(text).toString("latin1");
  }

  private hexadecimal(digits: number): number {
    const code = this.match(digits === 4 ? /[\da-fA-F]{1,4}/ : /[\da-fA-F]{1,2}/);
    if (code.length < digits) throw new InvalidEscape("Invalid escape sequence");
    return Number.parseInt(code, 16);
  }

  /** Whether a slash begins a regular expression here: behind what a value can follow. */
  private isExpression(): boolean {
    const { kind, text, title } = this.last;
    if (kind === "end") return true;
    if (kind === "word") return !VALUES.includes(text);
    if (kind === "other") return OPERATORS.includes(title) || title === "??";
    return kind === "sign" && "!%&*+-/<=>?[{}(,;:".includes(text);
  }

  private regularExpression(): Token {
    this.position++;
    for (;;) {
      const character = this.take();
      if (character === "/") break;
      if (character === "\\") this.position++;
      if (character === END || character === "\n") return other("UNFINISHED REGEX");
    }
    this.match(/[gimyu]*/);
    return other("REGEX");
  }

  /** A byte that stands for a token in programs that were pretokenised. */
  private packed(code: number): Token {
    this.position++;
    const byte = (): number => this.take().charCodeAt(0);
    const integer = (value: number): Token => ({ kind: "integer", text: String(value), title: "INT" });
    switch (code) {
      case 128:
        return { kind: "name", text: "", title: "ID" };
      case 129:
        return { kind: "integer", text: "", title: "INT" };
      case 130:
        return { kind: "fraction", text: "", title: "FLOAT" };
      case 131:
        return { kind: "string", text: "", title: "STRING" };
      case RAW_STRING_8:
        return this.raw(byte());
      case RAW_STRING_16:
        return this.raw(byte() + 256 * byte());
      case RAW_0:
        return integer(0);
      case RAW_8:
        return integer((byte() << 24) >> 24);
      case RAW_16:
        return integer(((byte() + 256 * byte()) << 16) >> 16);
      case NULLISH:
        return other("??");
      case 255:
        return other("[ERASED]");
    }
    const operator = OPERATORS[code - FIRST_OPERATOR];
    if (operator !== undefined) return other(operator);
    const reserved = WORDS[code - FIRST_WORD];
    if (reserved !== undefined) return word(reserved);
    return other(SPECIAL[code] ?? (code > FIRST_WORD && code < NULLISH ? "" : `?[${code}]`));
  }

  private raw(length: number): Token {
    const text = this.source.slice(this.position, this.position + length);
    this.position += length;
    return { kind: "string", text: length > COPIED ? text : text.padEnd(length, END), title: "STRING" };
  }
}

/** What the lexer itself makes of texts, as bytes. */
const SPECIAL: Readonly<Record<number, string>> = {
  132: "UNFINISHED STRING",
  133: "TEMPLATE LITERAL",
  134: "UNFINISHED TEMPLATE LITERAL",
  135: "REGEX",
  136: "UNFINISHED REGEX",
  137: "UNFINISHED COMMENT",
};

function end(): Token {
  return { kind: "end", text: "", title: "EOF" };
}

function word(text: string): Token {
  return { kind: "word", text, title: text };
}

function other(title: string): Token {
  return { kind: "other", text: "", title };
}
