/** How a monitor's entries are written: times, the monitor's own words apart from the board's, colours. */
import type { Entry } from "./entry.ts";

/** `2026-11-23T17:40:01.123Z`. */
export function isoTime(time: number): string {
  return new Date(time).toISOString();
}

/** `17:40:01.123`, by the clock on this wall. */
export function wallTime(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => value.toString().padStart(2, "0");
  const milliseconds = date.getMilliseconds().toString().padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${milliseconds}`;
}

/** Time since the board's start in columns: `   +12.345`, or `         -` where the start was not seen. */
export function seconds(sinceStartMs: number | undefined): string {
  return (sinceStartMs === undefined ? "-" : `+${(sinceStartMs / 1000).toFixed(3)}`).padStart(10);
}

/** The line as it is written, without its time; what is not the board's begins with `---`, and what was typed with `>`. */
export function spoken({ kind, text }: Pick<Entry, "kind" | "text">): string {
  if (kind === "typed") return `> ${text}`;
  return kind === "restart" || kind === "link" || kind === "note" ? `--- ${text}` : text;
}

const STYLES: Partial<Record<Entry["kind"], string>> = {
  error: "1;31",
  typed: "36",
  restart: "1;33",
  link: "33",
  note: "33",
};

export interface WordOptions {
  readonly timestamps: boolean;
  readonly colours: boolean;
  /** Long lines of source are cut around the place. */
  readonly short: boolean;
}

/** A line for people, without its end. */
export function lineFor(entry: Entry, { timestamps, colours, short }: WordOptions): string {
  const style = (text: string, codes: string | undefined): string =>
    colours && codes !== undefined ? `\x1b[${codes}m${text}\x1b[0m` : text;
  const text = short && entry.short !== undefined ? entry.short : entry.text;
  const written = spoken({ kind: entry.kind, text });
  const words =
    entry.kind === "trace" ? traceWords(entry, written, style) : style(written, STYLES[entry.kind]);
  if (!timestamps) return words;
  const since = entry.sinceStartMs === undefined ? "" : ` ${seconds(entry.sinceStartMs).trimStart()}`;
  return `${style(wallTime(entry.time) + since, "2")}${words === "" ? "" : " "}${words}`;
}

/** The place in TypeScript is what one looks for. */
function traceWords(
  { place }: Entry,
  written: string,
  style: (text: string, codes: string | undefined) => string,
): string {
  if (!place) return style(written, "2");
  const named = `${place.file}:${place.line}:${place.column}`;
  const at = written.indexOf(named);
  return (
    style(written.slice(0, at), "2") + style(named, "1;36") + style(written.slice(at + named.length), "2")
  );
}
