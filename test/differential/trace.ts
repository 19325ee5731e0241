// A recorded session: what happened on the board, in order, as lines of JSON.
import { readFileSync, writeFileSync } from "node:fs";
import { mark } from "./prelude.ts";

/** The first line of a session. */
export interface TraceHeader {
  readonly interpreter: string;
  readonly kind: string;
  readonly session: string;
  readonly seed: number;
  /** SHA-256 of the program, its first 16 digits: tells which build was recorded. */
  readonly bundle: string;
}

/**
 * What happened, named as the simulator's recordings name it. Connections count from 1. `t` is the board time in ms that the session had let
 * pass; `step` is where the session's next action stands. `from-board` is what the program handed to its socket, `to-board` how many bytes its
 * listener was given (which ones, the session says; the player compares them); `arrived` tells at the end how much reached the other side.
 */
export type TraceEvent = { t: number } & (
  | { type: "connect"; connection: number; host: string; port: number }
  | { type: "refused"; connection: number; reason: string }
  | { type: "open"; connection: number }
  | { type: "from-board"; connection: number; bytes: string }
  | { type: "to-board"; connection: number; length: number }
  | { type: "ending"; connection: number; bytes: string }
  | { type: "drain"; connection: number }
  | { type: "error-event"; connection: number; code: number }
  | { type: "closed"; connection: number; by: "board" | "other" }
  | { type: "arrived"; connection: number; bytes: number }
  | { type: "step"; action: number }
  | { type: "pin"; pin: string; value: number }
  | { type: "console"; text: string }
);

export interface Trace {
  readonly header: TraceHeader;
  readonly events: readonly TraceEvent[];
}

const bytesOf = (base64: string | undefined): string =>
  Buffer.from(base64 ?? "", "base64").toString("latin1");

/** The bytes that a line of the console tells a listener was given. */
export function givenBytes(line: string): { connection: number; bytes: string } | undefined {
  const match = /\x10r (\d+) (\S*)$/.exec(line);
  return match ? { connection: Number(match[1]), bytes: bytesOf(match[2]) } : undefined;
}

/** What a line of the console tells; undefined for lines that are not the program's (a stack trace's places). */
export function eventOf(line: string, t: number): TraceEvent | undefined {
  const at = line.indexOf(mark);
  if (at < 0) return /^Uncaught /.test(line) ? { t, type: "console", text: line } : undefined;
  const [kind, first = "", ...rest] = line.slice(at + 1).split(" ");
  const connection = Number(first);
  switch (kind) {
    case "c":
      return { t, type: "console", text: String(JSON.parse([first, ...rest].join(" "))) };
    case "p":
      return { t, type: "pin", pin: first, value: Number(rest[0]) };
    case "n":
      return { t, type: "connect", connection, host: rest[0] ?? "", port: Number(rest[1]) };
    case "x":
      return { t, type: "refused", connection, reason: rest.join(" ") };
    case "o":
      return { t, type: "open", connection };
    case "w":
      return { t, type: "from-board", connection, bytes: bytesOf(rest[0]) };
    case "r":
      return { t, type: "to-board", connection, length: bytesOf(rest[0]).length };
    case "e":
      return { t, type: "ending", connection, bytes: bytesOf(rest[0]) };
    case "d":
      return { t, type: "drain", connection };
    case "q":
      return { t, type: "error-event", connection, code: Number(rest[0]) };
    case "k":
      return { t, type: "closed", connection, by: rest[0] === "true" ? "board" : "other" };
    default:
      return undefined;
  }
}

/** Sessions as they stand in a file: a header, then its events, then the next session. An event of the same time as the one before has no `t`. */
export function writeTraces(file: string, traces: readonly Trace[]): void {
  const lines = traces.flatMap(({ header, events }) => [
    JSON.stringify(header),
    ...events.map(({ t, ...event }, index) =>
      JSON.stringify(t === events[index - 1]?.t ? event : { t, ...event }),
    ),
  ]);
  writeFileSync(file, `${lines.join("\n")}\n`);
}

export function readTraces(file: string): Trace[] {
  const traces: { header: TraceHeader; events: TraceEvent[] }[] = [];
  let t = 0;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line === "") continue;
    const value = JSON.parse(line) as TraceHeader | TraceEvent;
    if ("type" in value) {
      t = value.t ?? t;
      traces.at(-1)?.events.push(Object.assign({ t }, value));
    } else traces.push({ header: value, events: [] });
  }
  return traces;
}
