/** What a bundle takes of the board's variables before anything is metered: read on the interpreter for recorded bundles, else estimated from them. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ProgramShape, shapeOf } from "./program-shape.ts";

/** `board-profiles/measured-memory.json`; `npm run bench -- --only memory --write` makes it. All counts are variables in use. */
export interface MeasuredMemory {
  /** Name and version. */
  readonly interpreter: string;
  /** Bytes of a variable. */
  readonly blockSize: number;
  /** Without any program. */
  readonly idle: number;
  readonly builds: readonly MemoryRecord[];
}

/** One bundle, booted from `.bootcde` on the interpreter. */
export interface MemoryRecord extends MemoryReadings {
  readonly name: string;
  /** Of the bundle's text, in hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  readonly shape: ProgramShape;
  /** Variables of the buffers it holds after boot, which are part of `boot`. */
  readonly bufferVariables: number;
}

/** Variables in use, as `process.memory().usage` tells them. */
export interface MemoryReadings {
  /** The bundle has run and is not connected yet. */
  readonly boot: number;
  /** Subscribed and idle. */
  readonly online: number;
  /** The largest reading between two passes of the idle loop while 1,000 commands come in back to back. */
  readonly flood: number;
  /** Idle again, after those 1,000 commands. */
  readonly afterCommands: number;
}

/** What counting starts from. */
export interface MemoryBase {
  /** `estimated` when this very bundle was never run on the interpreter. */
  readonly is: "measured" | "estimated";
  readonly boot: number;
  readonly online: number;
}

/**
 * Measured on the recorded builds: what one top-level function (name, object and place of its code), one parameter of it and one
 * top-level variable add. Between builds of one program that holds to some 8 %.
 */
const PER_FUNCTION = 4;
const PER_PARAMETER = 1;
const PER_VARIABLE = 2;

let recorded: MeasuredMemory | undefined;
/** Boards with the same bundle share what was found. */
const found = new Map<string, MemoryRecord | ProgramShape>();
const MOST_REMEMBERED = 100;

/** The records of the project, read once. @throws Error naming the file when it does not hold them. */
export function measuredMemory(): MeasuredMemory {
  if (recorded) return recorded;
  const file = new URL("../../board-profiles/measured-memory.json", import.meta.url);
  const read = JSON.parse(readFileSync(file, "utf8")) as MeasuredMemory;
  if (!Array.isArray(read.builds) || read.builds.length === 0 || !(read.idle > 0))
    throw new Error(
      `${file}: expected "idle" and "builds"; npm run bench -- --only memory --write makes the file`,
    );
  recorded = read;
  return read;
}

/** `bufferVariables`: of the buffers the program holds after boot, which an estimate adds to what its text takes. */
export function memoryBase(bundle: string, bufferVariables: () => number): MemoryBase {
  const known = lookUp(bundle);
  if ("sha256" in known) return { is: "measured", boot: known.boot, online: known.online };
  return estimate(known, bufferVariables(), measuredMemory().builds);
}

/** The nearest recorded build, plus the difference. */
export function estimate(
  shape: ProgramShape,
  bufferVariables: number,
  records: readonly MemoryRecord[],
): MemoryBase {
  let nearest: MemoryRecord | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const distance =
      Math.abs(record.shape.functions - shape.functions) +
      Math.abs(record.shape.parameters - shape.parameters) +
      Math.abs(record.shape.variables - shape.variables) +
      Math.abs(record.bytes - shape.bytes) / 100;
    if (distance >= least) continue;
    nearest = record;
    least = distance;
  }
  if (!nearest) throw new Error("there is no record to estimate from");
  const less = measuredMemory().idle;
  const boot =
    nearest.boot +
    PER_FUNCTION * (shape.functions - nearest.shape.functions) +
    PER_PARAMETER * (shape.parameters - nearest.shape.parameters) +
    PER_VARIABLE * (shape.variables - nearest.shape.variables) +
    bufferVariables -
    nearest.bufferVariables;
  return {
    is: "estimated",
    boot: Math.max(less + bufferVariables, boot),
    online: Math.max(less + bufferVariables, boot) + nearest.online - nearest.boot,
  };
}

export function bundleHash(bundle: string): string {
  return createHash("sha256").update(bundle, "latin1").digest("hex");
}

function lookUp(bundle: string): MemoryRecord | ProgramShape {
  let known = found.get(bundle);
  if (!known) {
    const hash = bundleHash(bundle);
    known = measuredMemory().builds.find(({ sha256 }) => sha256 === hash) ?? shapeOf(bundle);
    if (found.size >= MOST_REMEMBERED) found.clear();
    found.set(bundle, known);
  }
  return known;
}
