/** Where traces go: a function that takes pieces of a file, and such a function for a file of the host. */
import { closeSync, existsSync, mkdirSync, openSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Takes the next piece of a file: whole lines of text, or whole packets. */
export type Sink = (piece: string | Uint8Array) => void;

export interface FileSink {
  /** Never throws: it is called from within the simulated board. Once something could not be written, nothing more is. */
  readonly write: Sink;
  /** Brings everything to the file and closes it; a second call does nothing. @throws TraceFileError when not all could be written. */
  close(): void;
}

/** A trace's file cannot be read or written; the message is one line for whoever named the file. */
export class TraceFileError extends Error {}

/** Pieces are written together once there are so many bytes of them; only whole pieces, so that a file ends with one whenever it is cut off. */
const BUFFER_BYTES = 65_536;

/**
 * Creates the file, or empties the one that is there.
 *
 * @param failed Called at once when something cannot be written any more, as on a full disk.
 * @throws TraceFileError when it cannot be created.
 */
export function fileSink(path: string, failed: (error: TraceFileError) => void = () => {}): FileSink {
  const failure = (error: unknown): TraceFileError =>
    new TraceFileError(unwritable(path, error as NodeJS.ErrnoException));
  let file: number;
  try {
    // The bundle in a recording, and CONNECT in a capture, hold passwords.
    file = openSync(path, "w", 0o600);
  } catch (error) {
    throw failure(error);
  }
  let open = true;
  let lost: TraceFileError | undefined;
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  const flush = (): void => {
    const together = Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
    try {
      for (let written = 0; written < together.length; ) written += writeSync(file, together, written);
    } catch (error) {
      lost = failure(error);
      failed(lost);
    }
  };
  return {
    write(piece) {
      if (!open || lost) return;
      const more = typeof piece === "string" ? Buffer.from(piece, "utf8") : piece;
      pieces.push(more);
      bytes += more.length;
      if (bytes >= BUFFER_BYTES) flush();
    },
    close() {
      if (!open) return;
      open = false;
      if (!lost) flush();
      closeSync(file);
      if (lost) throw lost;
    },
  };
}

/** Makes the folder and those it lies in; `mkdirSync` with `recursive` never returns below /proc. @throws NodeJS.ErrnoException */
export function makeFolder(path: string): void {
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !statSync(path).isDirectory()) throw error;
  }
}

const REASONS: Record<string, string> = {
  EACCES: "it may not be written; choose a file of your own",
  EPERM: "it may not be written; choose a file of your own",
  EROFS: "its file system is read-only; choose another place",
  EISDIR: "it is a folder; name a file in it",
  ENOSPC: "the disk is full; make room or choose another place",
  EDQUOT: "the disk quota is used up; make room or choose another place",
  ENOTDIR: "a part of its path is a file, not a folder; choose another path",
};

function unwritable(path: string, { code = "", message }: NodeJS.ErrnoException): string {
  const folder = dirname(path);
  const reason =
    code === "ENOENT" && !existsSync(folder)
      ? `the folder ${folder} does not exist; make it first: mkdir -p ${folder}`
      : (REASONS[code] ?? message);
  return `cannot write ${path}: ${reason}`;
}
