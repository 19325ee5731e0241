/** The file of a program that a command line or a scenario names: it is there, or one sentence says what is wrong with it. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { BoardProfile } from "../config/profile.ts";

/** The file cannot be taken: one sentence, without the flag or key that named it. */
export class ProgramFileError extends Error {
  override readonly name = "ProgramFileError";
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "you may not read it",
};

/** @throws ProgramFileError when `path` is no file that can be read */
export function requireFile(path: string): void {
  withFile(path, () => undefined);
}

/** The build may have left them in, as tabs and line ends; anything else is no program. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: what makes a file no text is looked for
const CONTROL = /[\0-\x08\x0e-\x1f\x7f]/;

/**
 * A bundle as it is, one character a byte. It may be anybody's: nothing of it is believed before it is run.
 * @throws ProgramFileError when it is missing, empty, no text, or larger than the board's Storage
 */
export function readBundle(path: string, { name, flash }: BoardProfile): string {
  return withFile(path, (file, bytes) => {
    const most = flash.pageBytes * flash.pages;
    if (bytes > most)
      throw new ProgramFileError(
        `it has ${bytes} bytes, and the Storage of ${name} holds ${most}; a bundle is what npx wick build writes`,
      );
    // One byte more than it had a moment ago, so that a file that grows is not cut.
    const buffer = Buffer.alloc(bytes + 1);
    const content = buffer.subarray(0, readSync(file, buffer, 0, bytes + 1, 0));
    if (content.length > bytes) throw new ProgramFileError("it is being written; try again");
    if (content.length === 0) throw new ProgramFileError("it is empty; npx wick build writes dist/lamp.js");
    if (!isText(content))
      throw new ProgramFileError(
        "it is no text, as a bundle is; what --pretokenise writes is for real boards only: build it without",
      );
    return content.toString("latin1");
  });
}

function isText(content: Uint8Array): boolean {
  try {
    return !CONTROL.test(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    return false;
  }
}

function withFile<Result>(path: string, use: (file: number, bytes: number) => Result): Result {
  let file: number | undefined;
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw new ProgramFileError("it is a folder");
    // To open a pipe may last for ever, and to read a device too.
    if (!stats.isFile()) throw new ProgramFileError("it is no file");
    file = openSync(path, "r");
    return use(file, stats.size);
  } catch (error) {
    if (error instanceof ProgramFileError) throw error;
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new ProgramFileError(REASONS[code] ?? `it cannot be read (${code})`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
