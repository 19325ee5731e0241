/** The recording of a run as JSON lines (docs/traces.md describes them field by field): its types, and how a file of it is read. */
import { readFileSync } from "node:fs";
import type { BoardEvent } from "../events.ts";
import type { LampFacts } from "../lamp.ts";
import type { Traffic } from "../world/traffic.ts";
import type { BoardInput } from "./inputs.ts";
import { TraceFileError } from "./sink.ts";

export const RECORDING_VERSION = 1;

/** Kinds of what a board does. */
export const OBSERVABLE = ["traffic", "boot", "wifi", "socket", "pin", "console", "error"] as const;
export type Observable = (typeof OBSERVABLE)[number];

export interface RecordingHeader {
  type: "recording";
  version: typeof RECORDING_VERSION;
  /** `exact`: the times are a simulated board's and can be met to the microsecond; `order`: only what follows what counts. */
  clock: "exact" | "order";
  /** What was listened to: nothing else is compared. */
  observed: readonly Observable[];
  /** Name of the board's profile. */
  board?: string;
  bundle?: { sha256: string; bytes: number };
  seed?: number;
  /** The time of day (Unix, ms) at board time 0. */
  epoch?: number;
  /** Of the board's clock, in millionths, at the beginning. */
  drift?: number;
  lamp?: LampFacts;
  /** The file of a program other than the lamp, from the folder in which it was recorded: what it was built from, or the bundle itself. */
  program?: { readonly entry?: string; readonly bundle?: string };
  /** Whatever the one who recorded wanted to be remembered. */
  settings?: Readonly<Record<string, unknown>>;
  /** Pages of the flash that were not blank at the beginning: number of the page to its bytes in base64. */
  flash?: Readonly<Record<string, string>>;
}

/** What `Board.calls` was then: the place among things of the same microsecond. */
interface Placed {
  calls?: number;
}

export type InputLine = { t: number; type: "input" } & BoardInput & Placed;
export type TrafficLine = Traffic & Placed;
/** The recording went on until then without anything else. */
export interface EndLine {
  t: number;
  type: "end";
}
export type RecordedLine = BoardEvent | TrafficLine | InputLine | EndLine;

export interface Recording {
  header: RecordingHeader;
  /** In the order in which it happened; `t` is board time in ms. */
  lines: RecordedLine[];
  /** Where in the file each of them stands, counted from 1. */
  places: number[];
}

const TRAFFIC_TYPES = ["connect", "refused", "open", "to-board", "from-board", "blocked", "ended", "closed"];
const EVENT_TYPES = ["boot", "wifi", "socket", "pin", "console", "fault", "error"];
const LINE_TYPES = new Set([...TRAFFIC_TYPES, ...EVENT_TYPES, "input", "end"]);
const trafficTypes = new Set(TRAFFIC_TYPES);

export function isTraffic(line: RecordedLine): line is TrafficLine {
  return trafficTypes.has(line.type);
}

/** ASCII only: whatever opens the file, its bytes stay what they are. */
export function asJsonLine(line: RecordingHeader | RecordedLine): string {
  const json = JSON.stringify(line).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${json}\n`;
}

/** @throws TraceFileError when `file` cannot be read or holds no recording. */
export function readRecording(file: string): Recording {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : code;
    throw new TraceFileError(`cannot read ${file}: ${reason}`);
  }
  const [first] = parseRecordings(text, file);
  if (!first) throw new TraceFileError(`${file} is empty; make a recording: wick sim --record ${file}`);
  return first;
}

/**
 * The recordings in a file, of which there may be several, one after the other. Lines of kinds unknown here are left out; so is a last line that
 * was cut off. A header without `type` is a transcript of the real interpreter: times are its own and only the order counts.
 *
 * @param file Its name, for messages.
 * @throws TraceFileError naming the line that is not understood.
 */
export function parseRecordings(text: string, file: string): Recording[] {
  const recordings: Recording[] = [];
  const rows = text.split("\n");
  for (const [index, row] of rows.entries()) {
    if (row === "") continue;
    const value = parsed(row);
    const isLast = index === rows.length - 1;
    if (value === undefined && isLast && recordings.length > 0) break;
    const wrong = (what: string): never => {
      throw new TraceFileError(`${file}, line ${index + 1}: ${what}; record it anew: wick sim --record FILE`);
    };
    if (value === undefined) return wrong("this is no JSON object");
    if (value.type === "recording" || value.type === undefined) {
      recordings.push({ header: headerOf(value, wrong), lines: [], places: [] });
      continue;
    }
    const recording = recordings.at(-1);
    if (!recording) return wrong('a recording begins with a header, {"type":"recording",…}');
    if (!LINE_TYPES.has(String(value.type))) continue;
    const last = recording.lines.at(-1)?.t ?? 0;
    if (typeof value.t !== "number") return wrong("it has no time t");
    if (value.t < last) return wrong(`its time ${value.t} is before that of the line above, ${last}`);
    if (trafficTypes.has(String(value.type)) && typeof value.connection !== "number")
      return wrong("it has no connection");
    recording.lines.push(value as unknown as RecordedLine);
    recording.places.push(index + 1);
  }
  return recordings;
}

function parsed(row: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(row);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function headerOf(value: Record<string, unknown>, wrong: (what: string) => never): RecordingHeader {
  const header = value as unknown as RecordingHeader;
  if (value.type === "recording") {
    if (value.version !== RECORDING_VERSION)
      wrong(`version ${value.version} of the format is not known here, only ${RECORDING_VERSION}`);
    if (header.clock !== "exact" && header.clock !== "order")
      wrong(`clock is ${JSON.stringify(header.clock)}; it must be "exact" or "order"`);
    return { ...header, observed: header.observed ?? OBSERVABLE };
  }
  if (typeof value.interpreter !== "string") wrong("this is no header of a recording");
  return {
    type: "recording",
    version: RECORDING_VERSION,
    clock: "order",
    observed: ["traffic", "pin", "console"],
    settings: value,
  };
}
