/** One question to the board: what its Storage holds that has to do with lamps, how much room there is, and which slot runs. */
import type { BoardConsole } from "../console/board-console.ts";
import { ConsoleError } from "../console/errors.ts";
import { InstallError } from "./install-error.ts";
import {
  chosenFile,
  loader,
  loaderFiles,
  runningName,
  type Slot,
  slotFiles,
  trialFile,
  triedFile,
} from "./loader.ts";

/** Programs that the interpreter runs in place of the slots; of the two the first has precedence. */
export const bootCodeFiles = [".bootrst", ".bootcde"] as const;
/** What `save()` made of a running program: loaded before any of them, so that both run. */
export const savedStateFile = ".varimg";

/** A program that runs before the boot code: ours, one of another version of Wick, one that a power cut left torn, or somebody else's. */
export type LoaderKind = "ours" | "other-version" | "torn" | "foreign";

export interface StorageLook {
  /** The slot that runs now; undefined when none does. */
  readonly running: Slot | undefined;
  /** What `lamp.now` says, whatever it is; undefined when it is missing. */
  readonly chosen: string | undefined;
  /** Bytes of the files that concern a lamp, by name; those that are missing are not in it. */
  readonly files: Readonly<Record<string, number>>;
  /** Of `.boot0` to `.boot3`, those that exist. */
  readonly loaders: Readonly<Record<string, LoaderKind>>;
  /** Bytes behind the last file: what can be written without a compaction. */
  readonly freeBytes: number;
  /** Bytes that a compaction would gain. */
  readonly trashBytes: number;
  readonly totalBytes: number | undefined;
}

/** How a loader of any version begins. */
const LOADER_BEGINS = `eval(global.${runningName}`;

const files = [slotFiles.a, slotFiles.b, chosenFile, trialFile, triedFile, ...bootCodeFiles, savedStateFile];

/** A torn file ends in what flash reads where nothing was written, 0xFF; it is told apart on the board, so that the answer is plain text. */
const expression = [
  `(function(s){var r={w:global.${runningName},f:{},b:{},n:s.read("${chosenFile}"),s:s.getStats?s.getStats():{freeBytes:s.getFree()}};`,
  `function e(c){return c.charCodeAt(c.length-1)==255}`,
  `if(r.n&&e(r.n))r.n="torn";`,
  `${JSON.stringify(files)}.forEach(function(n){var c=s.read(n);if(c)r.f[n]=c.length});`,
  `${JSON.stringify(loaderFiles)}.forEach(function(n){var c=s.read(n);if(c)r.b[n]=e(c)?"torn":`,
  `c.substr(0,${LOADER_BEGINS.length})=="${LOADER_BEGINS}"&&c.length<999?c:"foreign"});`,
  `return r})(require("Storage"))`,
].join("");

/** @throws InstallError "unsuitable" where the interpreter has no Storage; ConsoleError */
export async function lookAtStorage(console: BoardConsole): Promise<StorageLook> {
  const answer = await console
    .evaluate(expression, { deadlineMs: 10_000, repeatable: true })
    .catch((error: unknown) => {
      if (!(error instanceof ConsoleError) || error.code !== "thrown") throw error;
      throw new InstallError(
        "unsuitable",
        "unchanged",
        `the Espruino on this board cannot tell about its Storage (${error.message}); put a newer one on it: npx wick flash --espruino DIR`,
        { cause: error },
      );
    });
  return readAnswer(answer);
}

function readAnswer(answer: unknown): StorageLook {
  const { w, f, b, n, s } = answer as {
    w?: unknown;
    f?: Record<string, number>;
    b?: Record<string, string>;
    n?: unknown;
    s?: { freeBytes?: number; trashBytes?: number; totalBytes?: number };
  };
  if (typeof s?.freeBytes !== "number" || !f || !b)
    throw new ConsoleError("garbled", "the board's answer about its Storage arrived damaged; try again");
  return {
    running: w === "a" || w === "b" ? w : undefined,
    chosen: typeof n === "string" ? n : undefined,
    files: f,
    loaders: Object.fromEntries(Object.entries(b).map(([name, content]) => [name, loaderKind(content)])),
    freeBytes: s.freeBytes,
    trashBytes: s.trashBytes ?? 0,
    totalBytes: s.totalBytes,
  };
}

function loaderKind(content: string): LoaderKind {
  if (content === loader) return "ours";
  return content === "torn" || content === "foreign" ? content : "other-version";
}
