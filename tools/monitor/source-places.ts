/** From a place in a bundle to the place in TypeScript, by the bundle's source map. Runs in browsers too. */
import { GREATEST_LOWER_BOUND, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { MapFile } from "../build/kept-builds.ts";
import { ErrorReader, type ToldPlace } from "./board-errors.ts";

/** A place in TypeScript, line and column from 1. */
export interface SourcePlace {
  /** Relative to the project's root, as `firmware/lamp/lamp.ts`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The function around it as TypeScript calls it; undefined for one without a name. */
  readonly functionName?: string | undefined;
}

export class SourcePlaces {
  private readonly map: TraceMap;
  private readonly functions: NonNullable<MapFile["x_wick"]>["functions"];
  private readonly fileName: (source: string) => string;

  /**
   * @param map JSON text of a source map, such as `keepBuild` keeps.
   * @param fileName What a source of the map is called; default: its path in the project.
   * @throws Error when it is none
   */
  constructor(
    map: string,
    fileName: (source: string) => string = (source) => source.replace(/^(?:\.\.\/)+/, ""),
  ) {
    this.map = new TraceMap(map);
    this.functions = (JSON.parse(map) as MapFile).x_wick?.functions ?? [];
    this.fileName = fileName;
  }

  /** Where in TypeScript a place of the bundle comes from, line and column from 1; undefined where the map knows none. */
  at(line: number, column: number): SourcePlace | undefined {
    if (line < 1 || column < 1) return undefined;
    const found = originalPositionFor(this.map, { line, column: column - 1, bias: GREATEST_LOWER_BOUND });
    if (found.source === null) return undefined;
    return {
      file: this.fileName(found.source),
      line: found.line,
      column: found.column + 1,
      functionName: this.functionAround(line, column),
    };
  }

  private functionAround(line: number, column: number): string | undefined {
    const isBefore = (oneLine: number, oneColumn: number, otherLine: number, otherColumn: number): boolean =>
      oneLine < otherLine || (oneLine === otherLine && oneColumn <= otherColumn);
    const innermost = this.functions.findLast(
      ([, firstLine, firstColumn, lastLine, lastColumn]) =>
        isBefore(firstLine, firstColumn, line, column) && isBefore(line, column, lastLine, lastColumn),
    );
    return innermost?.[0] || undefined;
  }
}

export function placeText({ file, line, column }: SourcePlace): string {
  return `${file}:${line}:${column}`;
}

/**
 * The line with the place in TypeScript put before that in the bundle, and the function's name in TypeScript in place of the short one:
 * `    at brightness (firmware/lamp/lamp.ts:12:7, lamp.a:1:25)`.
 */
export function withSourcePlace(text: string, told: ToldPlace, place: SourcePlace): string {
  const before = text.slice(0, told.from);
  const after = text.slice(told.from);
  const { functionName } = place;
  const named = functionName === undefined ? undefined : /^( +at )(?:.* (\())?$/.exec(before);
  if (!named) return `${before}${placeText(place)}, ${after}`;
  return `${named[1]}${functionName} (${placeText(place)}, ${after}${named[2] === undefined ? ")" : ""}`;
}

/** The files in which a board keeps its lamp. */
export const LAMP_FILE = /^(?:lamp\.[ab]|\.bootcde|\.bootrst)$/;

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
