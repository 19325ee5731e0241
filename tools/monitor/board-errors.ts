/** How the interpreter tells an exception on its console: the head, places, and the line of source with a mark under it. Runs in browsers too. */

/** A place in a program on the board, as its console names it. */
export interface BoardPlace {
  /** The file in Storage, as `lamp.a`; undefined for code in RAM, such as what was typed. */
  readonly file: string | undefined;
  /** Both from 1, in bytes. */
  readonly line: number;
  readonly column: number;
}

/** What a line of the console is. */
export type LineKind =
  | "text"
  /** The head of an exception, or an error of the interpreter itself. */
  | "error"
  /** A place in the program, or what the board shows of it. */
  | "trace";

/** A place, and where in the line it stands. */
export interface ToldPlace extends BoardPlace {
  readonly from: number;
  readonly to: number;
}

export interface ToldLine {
  readonly kind: LineKind;
  readonly place?: ToldPlace | undefined;
  /** It shows source around a place; the mark follows. */
  readonly isSource?: boolean;
  /** It points at a character of the line before. */
  readonly isMark?: boolean;
}

/** src/jslex.c (jslPrintPosition, jslPrintStackTrace) of 2v29: `    at foo (lamp.a:1:25)`, `    at lamp.a:1:79`, `    at eval (:1:2)`. */
const PLACE = /^ +at (?:.* \()?((?:[^\s():]+)?):(\d+):(\d+)\)?$/;
/** Before: ` at line 1 col 25 in .bootcde`, `in function "foo" called from line 1 col 51`, `ERROR: Got EOF expected '}' at line 1 col 16`. */
const OLD_PLACE =
  /(?:^ *at|^in function (?:".*" )?called from|^(?:ERROR|Uncaught)\b.* at) (line (\d+) col (\d+)(?: in (\S+))?)$/;
const HEAD = /^(?:Uncaught\b|ERROR: |Execution Interrupted|New interpreter error: |WARNING: )/;
/** src/jslex.c (jslPrintTokenLineMarker): blanks up to the place. */
const MARK = /^ *\^$/;

/** Reads a console line by line, and knows which lines belong to an exception. */
export class ErrorReader {
  private after: "nothing" | "place" | "source" = "nothing";

  read(text: string): ToldLine {
    const { after } = this;
    this.after = "nothing";
    const place = placeIn(text);
    if (place) {
      this.after = "place";
      return { kind: HEAD.test(text) ? "error" : "trace", place };
    }
    if (HEAD.test(text)) return { kind: "error" };
    if (after === "place") {
      this.after = "source";
      return { kind: "trace", isSource: true };
    }
    return after === "source" && MARK.test(text) ? { kind: "trace", isMark: true } : { kind: "text" };
  }
}

function placeIn(text: string): ToldPlace | undefined {
  const now = PLACE.exec(text);
  if (now) {
    const [, file, line, column] = now;
    const named = `${file}:${line}:${column}`;
    const from = text.lastIndexOf(named);
    return {
      file: file || undefined,
      line: Number(line),
      column: Number(column),
      from,
      to: from + named.length,
    };
  }
  const old = OLD_PLACE.exec(text);
  if (!old) return undefined;
  const [, named = "", line, column, file] = old;
  const from = text.lastIndexOf(named);
  return { file, line: Number(line), column: Number(column), from, to: from + named.length };
}

/** So much of a long line of source is shown, on both sides of the place. */
const AROUND = 30;

/** A line of source and the mark under it, cut to what stands around the mark; `mark` is the line with the caret. */
export function shortened(source: string, mark: string): { source: string; mark: string } {
  const at = mark.indexOf("^");
  if (source.length <= 2 * AROUND + 6) return { source, mark };
  const from = Math.max(0, at - AROUND);
  const to = Math.min(source.length, at + AROUND);
  const before = from > 3 ? "..." : source.slice(0, from);
  const after = source.length - to > 3 ? "..." : source.slice(to);
  return {
    source: before + source.slice(from, to) + after,
    mark: `${" ".repeat(before.length + at - from)}^`,
  };
}
