/** Where a monitor's entries go: a terminal, a pipe, JSON; filtered, and never more than the reader takes. */
import type { Writable } from "node:stream";
import type { Entry } from "./entry.ts";
import { isoTime, lineFor, type WordOptions } from "./words.ts";

export interface ScreenOptions extends Omit<WordOptions, "short"> {
  readonly json: boolean;
  /** Only the board's errors. */
  readonly quiet: boolean;
  /** Lines of the board that do not match are not shown; the trace of an error that matches is. */
  readonly filter?: RegExp | undefined;
  /** A terminal: long lines of source are cut. */
  readonly isTerminal: boolean;
  /** Shows one line above what is being typed; default: writes it. */
  readonly show?: ((line: string) => void) | undefined;
}

/** So much may wait for a slow reader; then lines are left out, and counted. */
const MOST_WAITING_BYTES = 1_048_576;

export class Screen {
  private readonly stream: Writable;
  private readonly options: ScreenOptions;
  private matched = false;
  private leftOut = 0;

  constructor(stream: Writable, options: ScreenOptions) {
    this.stream = stream;
    this.options = options;
  }

  tell(entry: Entry): void {
    if (!this.isWanted(entry)) return;
    if (this.stream.writableLength > MOST_WAITING_BYTES) {
      this.leftOut++;
      return;
    }
    if (this.leftOut > 0) this.tellLeftOut(entry);
    this.write(entry);
  }

  /** Says what is missing at the end. */
  end(): void {
    if (this.leftOut > 0) this.tellLeftOut({ time: Date.now(), sinceStartMs: undefined });
  }

  private tellLeftOut({ time, sinceStartMs }: Pick<Entry, "time" | "sinceStartMs">): void {
    const text = `${this.leftOut} lines are missing here: they came faster than they were read (--log FILE keeps all)`;
    this.leftOut = 0;
    this.write({ kind: "note", time, sinceStartMs, text });
  }

  private write(entry: Entry): void {
    const { json, timestamps, colours, isTerminal, show } = this.options;
    if (json) this.stream.write(`${JSON.stringify(asJson(entry))}\n`);
    else {
      const line = lineFor(entry, { timestamps, colours, short: isTerminal });
      if (show) show(line);
      else this.stream.write(`${line}\n`);
    }
  }

  private isWanted({ kind, text }: Entry): boolean {
    const { filter, quiet } = this.options;
    const isTrace = kind === "trace";
    if (quiet && kind !== "error" && !isTrace) return false;
    if (!filter || kind === "restart" || kind === "link" || kind === "note") return true;
    const matches = filter.test(text);
    if (!isTrace) this.matched = matches;
    return matches || (isTrace && this.matched);
  }
}

/** Time as ISO 8601; `sinceStart` in milliseconds; absent where there is none. */
function asJson({ time, sinceStartMs, kind, text, place }: Entry): object {
  return {
    time: isoTime(time),
    ...(sinceStartMs !== undefined && { sinceStart: Math.round(sinceStartMs) }),
    kind,
    text,
    ...(place && { place: `${place.file}:${place.line}:${place.column}` }),
  };
}
