/** The source map of a pretokenised program, made from that of its text. */
import remapping from "@jridgewell/remapping";
import type { SourceMapSegment } from "@jridgewell/trace-mapping";
import { pretokeniseWithPlaces } from "./pretokenise.ts";

/**
 * `map` belongs to `code`. Lines and columns are counted as the interpreter counts them (src/jsvar.c, jsvGetLineAndCol): by bytes, and a byte 10
 * ends a line wherever it stands, in a raw text or a binary number too.
 */
export function tokenMap(code: string, map: string): object {
  const { program, places } = pretokeniseWithPlaces(code);
  const inProgram = lineCounter(program);
  const inText = lineCounter(code);
  const mappings: SourceMapSegment[][] = [];
  for (const [programOffset, textOffset] of places) {
    const generated = inProgram(programOffset);
    const original = inText(textOffset);
    while (mappings.length <= generated.line) mappings.push([]);
    mappings[generated.line]?.push([generated.column, 0, original.line, original.column]);
  }
  const tokens = { version: 3 as const, sources: ["text"], names: [], mappings };
  const made = remapping(tokens, (file) => (file === "text" ? map : null));
  return JSON.parse(made.toString());
}

/** For offsets in rising order: line and column, both from 0. */
function lineCounter(text: string): (offset: number) => { line: number; column: number } {
  let line = 0;
  let start = 0;
  return (offset) => {
    for (let end = text.indexOf("\n", start); end >= 0 && end < offset; end = text.indexOf("\n", start)) {
      line++;
      start = end + 1;
    }
    return { line, column: offset - start };
  };
}
