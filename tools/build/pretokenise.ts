/**
 * The same program with every reserved word and operator as the one byte the interpreter's own lexer makes of it, and
 * short integers in binary: less text, less to read while it runs. The result is no JavaScript for anyone else.
 */
import { type AnyNode, parse, type Token } from "acorn";
import { visit } from "./syntax-tree.ts";

/** The interpreter's numbers for what is longer than one character (src/jslex.h, LEX_TYPES: the order never changes). */
const firstOperator = 138;
const operators = "== === != !== <= << <<= >= >> >>> >>= >>>= += -= ++ -- *= /= %= &= && |= || ^= =>".split(
  " ",
);
const firstWord = firstOperator + operators.length;
/** The interpreter's reserved words, in its order. */
export const reservedWords: readonly string[] =
  "if else do while for break continue function return var let const this throw try catch finally true false null undefined new in instanceof switch case default delete typeof void debugger class extends super static of".split(
    " ",
  );
const nullish = 208;
const rawString8 = 209;
const rawInteger0 = 211;
const rawInteger8 = 212;
const rawInteger16 = 213;

const byteOf = new Map<string, string>([
  ...operators.map((text, index) => [text, String.fromCharCode(firstOperator + index)] as const),
  ...reservedWords.map((text, index) => [text, String.fromCharCode(firstWord + index)] as const),
  ["??", String.fromCharCode(nullish)],
]);

/** `code` is ASCII; the result has one character a byte (write it as latin1). */
export function pretokenise(code: string): string {
  return pretokeniseWithPlaces(code).program;
}

/** A token's offset in the pretokenised program, and in the text. */
export type TokenPlace = readonly [inProgram: number, inText: number];

/** The same, and where every token came to lie, in order. */
export function pretokeniseWithPlaces(code: string): { program: string; places: readonly TokenPlace[] } {
  const tokens: Token[] = [];
  const tree = parse(code, { ecmaVersion: "latest", sourceType: "script", onToken: tokens });
  const templates = templateRanges(tree);
  const places: TokenPlace[] = [];
  let result = "";
  let copiedTo = 0;
  for (const token of tokens) {
    if (token.start < copiedTo || token.type.label === "eof") continue;
    const templateEnd = templates.get(token.start);
    const piece =
      templateEnd === undefined
        ? encode(token, code.slice(token.start, token.end))
        : code.slice(token.start, templateEnd);
    copiedTo = templateEnd ?? token.end;
    // Names and numbers would run together; a byte above 127 ends what stands before it.
    if (/[\w$]$/.test(result) && /^[\w$]/.test(piece)) result += " ";
    if (/[+-]$/.test(result) && result.at(-1) === piece[0]) result += " ";
    places.push([result.length, token.start]);
    result += piece;
  }
  return { program: result, places };
}

function encode(token: Token & { readonly value?: unknown }, text: string): string {
  if (token.type.label === "num") return encodeNumber(text, Number(token.value));
  if (token.type.label === "string") return encodeText(text, String(token.value));
  return byteOf.get(text) ?? text;
}

function encodeNumber(text: string, value: number): string {
  if (!/^\d+$/.test(text)) return text;
  if (value === 0) return String.fromCharCode(rawInteger0);
  if (value < 128) return text.length > 2 ? String.fromCharCode(rawInteger8, value) : text;
  // A file given to the interpreter on Linux ends at a zero byte.
  if (value < 32768 && value % 256 !== 0)
    return text.length > 3 ? String.fromCharCode(rawInteger16, value & 255, value >> 8) : text;
  return text;
}

/** Raw texts hold every byte as it is; shorter where escapes were, and never longer. */
function encodeText(text: string, value: string): string {
  const isOneByteEach = Buffer.from(value, "latin1").toString("latin1") === value && !value.includes("\0");
  const fits = value.length > 0 && value.length < 256 && isOneByteEach;
  return fits ? String.fromCharCode(rawString8, value.length) + value : text;
}

/** Start to end of every outermost template literal: what stands in it is read as text when it runs. */
function templateRanges(tree: AnyNode): Map<number, number> {
  const ranges = new Map<number, number>();
  visit(tree, (node, path) => {
    if (node.type === "TemplateLiteral" && !path.some((outer) => outer.type === "TemplateLiteral")) {
      ranges.set(node.start, node.end);
    }
  });
  return ranges;
}
