/** Source maps of the newest builds, kept by the hash of their bundle: whatever runs on a board can then be told in TypeScript. */
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../sim/trace/sink.ts";
import { bundleHash, crc32 } from "../console/bundle-hash.ts";
import { writePrivate } from "../private-file.ts";
import { boardMap, lineCounter } from "./board-map.ts";
import type { BuildResult } from "./build.ts";
import { tokenMap } from "./token-map.ts";

/** Below the current folder, beside dist/lamp.js. */
export const BUILDS_FOLDER = "dist/builds";
/** So many builds are kept; the oldest go first. */
export const BUILDS_KEPT = 20;

/** How a bundle on a board is known: by its hash, or where the board cannot make one by CRC-32 and length in bytes. */
export type BundleMark = { readonly hash: string } | { readonly crc32: number; readonly bytes: number };

export interface KeptBuild {
  /** `bundleHash` of the bytes on the board. */
  readonly hash: string;
  readonly file: string;
}

export interface KeepOptions {
  /** The bytes that go onto the board where they are not `result.code` itself: pretokenised. One character a byte. */
  readonly program?: string | undefined;
  /** Default `dist/builds` in the current folder. */
  readonly folder?: string | undefined;
}

/** How the lamp was built. */
export interface KeptLamp {
  readonly topic: string;
  readonly pin: string;
  readonly activeLow: boolean;
  readonly gamma: number;
}

/** What a kept map says beside what source maps say. */
export interface MapFile {
  readonly x_wick?: {
    /** Of the lamp that it is; absent where it is another program. */
    readonly lamp?: KeptLamp;
    /** Of the bundle. */
    readonly crc32: number;
    readonly bytes: number;
    /** Functions, outer ones first: name in TypeScript or "", first and last place in the bundle, line and column from 1. */
    readonly functions: readonly (readonly [
      name: string,
      line: number,
      column: number,
      endLine: number,
      endColumn: number,
    ])[];
  };
}

/**
 * Keeps the source map of a build, and lets go of the oldest. Call it for every bundle that may go onto a board. Of sources that make the same
 * bundle the newest count.
 * @throws NodeJS.ErrnoException when it cannot be written.
 */
export async function keepBuild(
  result: Pick<BuildResult, "code" | "map"> & Partial<Pick<BuildResult, "constants">>,
  { program = result.code, folder = BUILDS_FOLDER }: KeepOptions = {},
): Promise<KeptBuild> {
  const bytes = Buffer.from(program, "latin1");
  const hash = await bundleHash(bytes);
  const file = join(folder, `${hash}.map`);
  const text = boardMap(result.code, result.map);
  const { map, functions } = program === result.code ? text : tokenMap(result.code, text);
  const placeOf = lineCounter(program);
  const x_wick: MapFile["x_wick"] = {
    ...lampIn(result.constants),
    crc32: crc32(bytes),
    bytes: bytes.length,
    functions: functions.map(({ name, start, end }) => {
      const [first, last] = [placeOf(start), placeOf(end - 1)];
      return [name, first.line + 1, first.column + 1, last.line + 1, last.column + 1];
    }),
  };
  makeFolder(folder);
  writePrivate(file, JSON.stringify({ ...JSON.parse(map), x_wick }));
  forgetOldest(folder, file);
  return { hash, file };
}

/** A program of people's own has the lamp's constants too. */
function lampIn(constants: BuildResult["constants"] | undefined): { lamp?: KeptLamp } {
  if (constants?.OWN_PROGRAM !== false) return {};
  return {
    lamp: {
      // Texts of the firmware have one character a byte.
      topic: Buffer.from(String(constants.LAMP_TOPIC), "latin1").toString(),
      pin: String(constants.LAMP_PIN),
      activeLow: constants.LAMP_ACTIVE_LOW === true,
      gamma: Number(constants.LAMP_GAMMA ?? 1),
    },
  };
}

/** The lamp that the bundle with this hash is; undefined where it is another program, or no build that is kept. */
export function findLamp(hash: string, folder: string = BUILDS_FOLDER): KeptLamp | undefined {
  const { topic, pin, activeLow, gamma } = marked(read(fileOf({ hash }, folder) ?? "") ?? "")?.lamp ?? {};
  if (typeof topic !== "string" || typeof pin !== "string" || typeof activeLow !== "boolean")
    return undefined;
  return typeof gamma === "number" && gamma > 0 ? { topic, pin, activeLow, gamma } : undefined;
}

/** The source map of the bundle with this mark, as JSON text; undefined when it is not kept. */
export function findMap(mark: BundleMark, folder: string = BUILDS_FOLDER): string | undefined {
  const file = fileOf(mark, folder);
  return file === undefined ? undefined : read(file);
}

/** When the bundle with this mark was built last, in ms since 1970; undefined when it is not kept. */
export function builtAt(mark: BundleMark, folder: string = BUILDS_FOLDER): number | undefined {
  const file = fileOf(mark, folder);
  return file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

function fileOf(mark: BundleMark, folder: string): string | undefined {
  if ("hash" in mark) return join(folder, `${mark.hash}.map`);
  return kept(folder).find((file) => {
    const text = read(file);
    const known = text === undefined ? undefined : marked(text);
    return known?.crc32 === mark.crc32 && known.bytes === mark.bytes;
  });
}

function marked(text: string): MapFile["x_wick"] {
  try {
    return (JSON.parse(text) as MapFile).x_wick;
  } catch {
    return undefined;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function kept(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^[0-9a-f]{64}\.map$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function forgetOldest(folder: string, newest: string): void {
  const others = kept(folder)
    .filter((file) => file !== newest)
    .map((file) => ({ file, at: changedAt(file) }))
    .sort((one, other) => other.at - one.at);
  for (const { file } of others.slice(BUILDS_KEPT - 1)) rmSync(file, { force: true });
}

/** Another build at the same time may have removed it. */
function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
