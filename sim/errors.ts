/** An exception of the bundle, told as the board tells it, with the places in the TypeScript sources. */
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Evaluator } from "./console/evaluate.ts";
import type { Realm, Value } from "./realm.ts";
import type { StackFrame, StoredPrograms } from "./stored-programs.ts";

/** The bundle's name in stack traces, as it stands in the board's flash. */
export const BUNDLE_FILE = ".bootcde";

/** V8's sentences in the interpreter's words. */
const TRANSLATIONS: [RegExp, string][] = [
  [
    /^TypeError: Cannot (?:read|set) properties of (undefined|null) \((?:reading|setting) '(.*)'\)$/,
    "Error: Can't read property '$2' of $1",
  ],
  [/^ReferenceError: (\S+) is not defined$/, 'ReferenceError: "$1" is not defined'],
  [/^TypeError: (?:.*\.)?([\w$]+) is not a function$/, 'Error: Function "$1" not found!'],
  [/^TypeError: Assignment to constant variable\.$/, "TypeError: Assignment to a constant"],
  [/^SyntaxError: Unexpected end of input$/, "SyntaxError: Unexpected end of Input"],
  [/^SyntaxError: Unexpected token ('.*')$/, "SyntaxError: Got $1 expected EOF"],
  [/^SyntaxError: Invalid or unexpected token$/, "SyntaxError: Got UNFINISHED STRING expected EOF"],
  [/^(?:Range)?Error: Maximum call stack size exceeded$/, "Error: Out of memory (the stack overflowed)"],
];

/** What an error says of itself: its type and message, with V8's sentences told in the interpreter's words. */
export function errorTitle(kind: string, message: string): string {
  let title = message ? `${kind}: ${message}` : kind;
  for (const [pattern, words] of TRANSLATIONS) title = title.replace(pattern, words);
  return title;
}

/** What was thrown, as text; what cannot say it is told by its type. */
export function textOf(thrown: Value): string {
  try {
    return String(thrown);
  } catch {
    return `[${typeof thrown}]`;
  }
}

export class ErrorReporter {
  private map: TraceMap | undefined;

  private readonly realm: Realm;
  private readonly sourceMap: string | undefined;
  private readonly typed: Evaluator | undefined;
  private readonly stored: StoredPrograms | undefined;

  /** `typed` knows what was typed on the console, `stored` what ran from the flash. */
  constructor(realm: Realm, sourceMap: string | undefined, typed?: Evaluator, stored?: StoredPrograms) {
    this.realm = realm;
    this.sourceMap = sourceMap;
    this.typed = typed;
    this.stored = stored;
  }

  /** The lines the board prints for an exception nobody caught: what, then where, innermost first. */
  lines(thrown: Value): string[] {
    if (!this.realm.isError(thrown) && !(thrown instanceof Error)) return [`Uncaught ${textOf(thrown)}`];
    const title = thrown instanceof Error ? errorTitle(thrown.name, thrown.message) : textOf(thrown);
    const stack = textOf(thrown.stack);
    const syntax = this.typed?.syntaxError(stack) ?? this.stored?.syntaxError(stack);
    const cause = title.replace(/^Error: Unhandled promise rejection: /, "");
    return [`Uncaught ${title}`, ...(syntax ?? this.places(stack, cause))];
  }

  /** Where in the program a stack of the host's comes from, "firmware/mqtt/client.ts:12:3", innermost first. */
  placesIn(stack: string): string[] {
    return this.places(stack, "").map((line) => line.trim().replace(/^at (?:.* )?\((.*)\)$/, "$1"));
  }

  private places(stack: string, title: string): string[] {
    const lines: string[] = [];
    const stackLines = stack.split("\n").filter((line) => /^\s+at /.test(line));
    const stackFrames = stackLines.map(frameOf);
    for (const [index, line] of stackLines.entries()) {
      const frame = FRAME.exec(line);
      if (!frame) continue;
      const [, name, file = "", row, column] = frame;
      if (this.stored?.knows(file)) {
        lines.push(...this.stored.lines(stackFrames, index, title));
        continue;
      }
      if (this.typed?.knows(file)) {
        const place = { row: Number(row), column: Number(column), title, isThrower: index === 0 };
        lines.push(
          ...this.typed.frame(file, { name: /[^.\s]*$/.exec(name ?? "")?.[0] || undefined, ...place }),
        );
        continue;
      }
      if (file !== BUNDLE_FILE && file !== "event" && file !== "console") continue;
      const place = file === BUNDLE_FILE ? this.original(Number(row), Number(column) - 1) : undefined;
      const caller = place?.name ?? name?.replace(/^(?:Object|global|Timeout)\./, "");
      lines.push(`    at ${caller ? `${caller} ` : ""}(${place?.at ?? `${file}:${row}:${column}`})`);
    }
    return lines;
  }

  private original(line: number, column: number): { at: string; name: string | undefined } | undefined {
    if (this.sourceMap === undefined) return undefined;
    this.map ??= new TraceMap(this.sourceMap);
    const { source, line: row, column: place } = originalPositionFor(this.map, { line, column });
    if (source === null || row === null) return undefined;
    // The name in the map is that of the token at this place, not of the function around it.
    return { at: `${source.replace(/^(?:\.\.\/)+/, "")}:${row}:${place + 1}`, name: undefined };
  }
}

const FRAME = /^\s+at (?:(.*?) \()?(.*?):(\d+):(\d+)\)?$/;

function frameOf(line: string): StackFrame {
  const [, , file, row, column] = FRAME.exec(line) ?? [];
  return { file, row: Number(row), column: Number(column) };
}
