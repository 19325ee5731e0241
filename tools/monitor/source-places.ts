/** From a place in a bundle to the place in TypeScript, by the bundle's source map. Runs in browsers too. */
import { GREATEST_LOWER_BOUND, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { ErrorReader, type ToldPlace } from "./board-errors.ts";

/** A place in TypeScript, line and column from 1. */
export interface SourcePlace {
  /** Relative to the project's root, as `firmware/lamp/lamp.ts`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export class SourcePlaces {
  private readonly map: TraceMap;

  /** @param map JSON text of a source map. @throws Error when it is none. */
  constructor(map: string) {
    this.map = new TraceMap(map);
  }

  /** Where in TypeScript a place of the bundle comes from, line and column from 1; undefined where the map knows none. */
  at(line: number, column: number): SourcePlace | undefined {
    if (line < 1 || column < 1) return undefined;
    const found = originalPositionFor(this.map, { line, column: column - 1, bias: GREATEST_LOWER_BOUND });
    if (found.source === null) return undefined;
    return { file: found.source.replace(/^(?:\.\.\/)+/, ""), line: found.line, column: found.column + 1 };
  }
}

export function placeText({ file, line, column }: SourcePlace): string {
  return `${file}:${line}:${column}`;
}

/** The line with the place in TypeScript put before that in the bundle: `    at foo (firmware/lamp/lamp.ts:12:7, lamp.a:1:25)`. */
export function withSourcePlace(text: string, told: ToldPlace, place: SourcePlace): string {
  return `${text.slice(0, told.from)}${placeText(place)}, ${text.slice(told.from)}`;
}

/** The files in which a board keeps its lamp. */
const LAMP_FILE = /^(?:lamp\.[ab]|\.bootcde|\.bootrst)$/;

/**
 * Takes a console's lines, and gives them back with TypeScript places in its errors. For pages that show a console:
 * `text.pipeThrough(translateErrors(map))`. Pieces may be cut anywhere; each comes out as soon as its line is complete.
 */
export function translateErrors(map: string): TransformStream<string, string> {
  const places = new SourcePlaces(map);
  const reader = new ErrorReader();
  let half = "";
  const translated = (line: string): string => {
    const [text = "", ending] = /\r+$/.test(line) ? [line.replace(/\r+$/, ""), "\r"] : [line, ""];
    const { place } = reader.read(text);
    const source =
      place?.file !== undefined && LAMP_FILE.test(place.file)
        ? places.at(place.line, place.column)
        : undefined;
    return (place && source ? withSourcePlace(text, place, source) : text) + ending;
  };
  return new TransformStream({
    transform(piece, controller) {
      const lines = (half + piece).split("\n");
      half = lines.pop() ?? "";
      for (const line of lines) controller.enqueue(`${translated(line)}\n`);
    },
    flush(controller) {
      if (half !== "") controller.enqueue(translated(half));
    },
  });
}
