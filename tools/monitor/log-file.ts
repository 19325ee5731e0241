/** The log of a monitor: a file that is only ever appended to, for grep: time of day, time since the board's start, text. */
import { closeSync, openSync, writeSync } from "node:fs";
import type { Entry } from "./entry.ts";
import { isoTime, seconds, spoken } from "./words.ts";

/** Whatever of it is not yet written at the end of a turn of the event loop is written then; or earlier, when there is so much. */
const BUFFER_BYTES = 65_536;

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EACCES: "it may not be written; choose a file of your own",
  EPERM: "it may not be written; choose a file of your own",
  EROFS: "its file system is read-only; choose another place",
  EISDIR: "it is a folder; name a file in it",
  ENOENT: "its folder does not exist; make that first",
  ENOTDIR: "its folder does not exist; make that first",
};

export class LogFile {
  private readonly path: string;
  private readonly file: number;
  private readonly failed: (message: string) => void;
  private lines: string[] = [];
  private characters = 0;
  private planned: ReturnType<typeof setImmediate> | undefined;
  private isOpen = true;
  /** What went wrong, in one line; nothing is written any more then. */
  failure: string | undefined;

  /** @param failed Told once, when it cannot be written any more. @throws Error in one line when it cannot be opened. */
  constructor(path: string, failed: (message: string) => void) {
    this.path = path;
    this.failed = failed;
    try {
      this.file = openSync(path, "a");
    } catch (error) {
      throw new Error(this.sentence(error));
    }
  }

  add(entry: Entry): void {
    if (!this.isOpen || this.failure !== undefined) return;
    const line = `${isoTime(entry.time)} ${seconds(entry.sinceStartMs)} ${spoken(entry)}\n`;
    this.lines.push(line);
    this.characters += line.length;
    if (this.characters >= BUFFER_BYTES) this.flush();
    else this.planned ??= setImmediate(() => this.flush());
  }

  close(): void {
    if (!this.isOpen) return;
    this.flush();
    this.isOpen = false;
    closeSync(this.file);
  }

  private flush(): void {
    if (this.planned) clearImmediate(this.planned);
    this.planned = undefined;
    const bytes = Buffer.from(this.lines.join(""), "utf8");
    this.lines = [];
    this.characters = 0;
    if (this.failure !== undefined) return;
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.file, bytes, written);
    } catch (error) {
      this.failure = this.sentence(error);
      this.failed(this.failure);
    }
  }

  private sentence(error: unknown): string {
    const { code = "", message } = error as NodeJS.ErrnoException;
    return `--log ${this.path}: cannot be written: ${REASONS[code] ?? (code || message)}`;
  }
}
