/** What a board's Storage is kept in: a flash with files, in memory or in a file of the host. */
import { accessSync, constants, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FlashFiles } from "./files.ts";
import { Flash } from "./flash.ts";

/** The part of a board's flash that belongs to Storage. */
export interface FlashLayout {
  /** Default 4,096. */
  pageBytes?: number;
  /** Default 64. */
  pages?: number;
  /** Where it begins in the board's flash; of interest to what is below the interpreter only. */
  address?: number;
  /** Whether the interpreter keeps a table of names in it. Default false. */
  filenameTable?: boolean;
}

/** Of Espruino for Linux, whose flash is the file `espruino.flash`. */
export const LINUX_FLASH: FlashLayout = { pageBytes: 1024, pages: 256, filenameTable: true };

/** Survives power-off; one at a time belongs to one board. */
export interface StorageMedium {
  /** Pages, wear, the image, the power cut. */
  readonly flash: Flash;
  /** Names and contents. Who writes here calls `changed()` afterwards. */
  readonly files: FlashFiles;
  /** How many times content was written; rewriting what is there already is none. */
  readonly writes: number;
  /** Called after every operation that may have changed the flash. */
  changed(): void;
}

export class MemoryStorage implements StorageMedium {
  readonly flash: Flash;
  readonly files: FlashFiles;

  /** @throws RangeError when `image` is not exactly as long as the flash. */
  constructor(layout: FlashLayout = {}, image?: Uint8Array) {
    const { pageBytes = 4096, pages = 64, filenameTable = false } = layout;
    this.flash = new Flash({ pageBytes, pages }, image);
    this.files = new FlashFiles(this.flash, { filenameTable });
  }

  get writes(): number {
    return this.files.writes;
  }

  changed(): void {}
}

/** A file cannot hold the flash; the message is one line for whoever named the file. */
export class FlashFileError extends Error {}

/**
 * Keeps the flash in a file of the host: its bytes from first to last, as Espruino for Linux has them in `espruino.flash`.
 * The file is replaced as a whole after every operation that changed something, those that a power cut ended included.
 */
export class FileStorage extends MemoryStorage {
  private readonly path: string;
  /** What was programmed and erased when the file was written last. */
  private saved: string;

  /** @throws FlashFileError when `path` exists and cannot be read, is no image of a flash of this layout, or cannot be written. */
  constructor(path: string, layout: FlashLayout = {}) {
    super(layout);
    this.path = path;
    mustTakeFiles(dirname(path));
    const image = imageIn(path);
    if (image && image.length !== this.flash.bytes) {
      throw new FlashFileError(
        `${path} has ${image.length} bytes, an image of this board's flash has ${this.flash.bytes}; name another file, or delete this one to start with an empty flash`,
      );
    }
    if (image) this.flash.load(image);
    this.saved = this.wear();
  }

  override changed(): void {
    const wear = this.wear();
    if (wear === this.saved) return;
    // The lamp in it knows its passwords.
    writeFileSync(`${this.path}.new`, this.flash.image(), { mode: 0o600 });
    renameSync(`${this.path}.new`, this.path);
    this.saved = wear;
  }

  private wear(): string {
    const { bytesProgrammed, eraseCounts } = this.flash;
    return `${bytesProgrammed} ${eraseCounts.reduce((sum, count) => sum + count, 0)}`;
  }
}

function imageIn(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    const reason = code === "EISDIR" ? "it is a folder; name a file in it" : code;
    throw new FlashFileError(`cannot read ${path}: ${reason}`);
  }
}

/** A file is replaced by way of another one beside it: its folder is what has to take one. */
function mustTakeFiles(folder: string): void {
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? `does not exist; make it first: mkdir -p ${folder}`
        : `may not be written (${code})`;
    throw new FlashFileError(`cannot keep the flash there: the folder ${folder} ${reason}`);
  }
}
