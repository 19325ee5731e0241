/** The source map of a pretokenised program, made from that of its text. */
import remapping from "@jridgewell/remapping";
import type { SourceMapSegment } from "@jridgewell/trace-mapping";
import { type BoardMap, lineCounter } from "./board-map.ts";
import { pretokeniseWithPlaces } from "./pretokenise.ts";

/**
 * `text` belongs to `code`. Lines and columns are counted as the interpreter counts them (src/jsvar.c, jsvGetLineAndCol): by bytes, and a byte 10
 * ends a line wherever it stands, in a raw text or a binary number too.
 */
export function tokenMap(code: string, text: BoardMap): BoardMap {
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
  const made = remapping(tokens, (file) => (file === "text" ? text.map : null));
  const offsets = new Map(places.map(([programOffset, textOffset]) => [textOffset, programOffset]));
  const functions = text.functions.map(({ start, end, name }) => {
    // What follows it, or the end.
    const after = places.find(([, textOffset]) => textOffset >= end);
    return { start: offsets.get(start) ?? 0, end: after?.[0] ?? program.length, name };
  });
  return { map: made.toString(), functions };
}
