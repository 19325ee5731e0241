/** The interpreter's files in flash: found, written, replaced, erased and compacted in the order in which jsflash.c does it, byte for byte. */
import { compactFrom, erasePages } from "./compact.ts";
import { FilenameTable } from "./filename-table.ts";
import type { Flash } from "./flash.ts";
import {
  aligned,
  FLAGS,
  HEADER_BYTES,
  HeaderCursor,
  header,
  headerName,
  markDeleted,
  NOWHERE,
  nextPage,
  shownName,
} from "./header.ts";
import { HeaderIndex } from "./index.ts";

/** Something that the interpreter refuses, in its words. */
export class FileError extends Error {}

/** Where a file is. */
export interface FoundFile {
  readonly dataAddress: number;
  readonly size: number;
  readonly flags: number;
  /** All 28 characters. */
  readonly name: string;
}

export interface FlashStats {
  /** Of the flash. */
  totalBytes: number;
  /** Behind the last file. */
  freeBytes: number;
  /** Of the files there are and those that were deleted, headers included. */
  fileBytes: number;
  fileCount: number;
  trashBytes: number;
  trashCount: number;
}

export interface FilesOptions {
  /** Whether the interpreter keeps a table of names once there are many files: on Linux and Bangle.js, not on an ESP32. */
  filenameTable?: boolean;
}

/** Contents are binary strings, one character a byte. */
export class FlashFiles {
  /** How many times content was written; writing what is there already is none. */
  writes = 0;
  /** Gets what the interpreter prints by itself, line by line. */
  print: ((line: string) => void) | undefined;

  readonly flash: Flash;
  private readonly table: FilenameTable | undefined;
  private readonly index: HeaderIndex;

  constructor(flash: Flash, options: FilesOptions = {}) {
    this.flash = flash;
    this.index = new HeaderIndex(flash);
    if (options.filenameTable) this.table = new FilenameTable(this);
  }

  /** What the interpreter does when power comes on: what it cannot make sense of, it erases, all of it. True when that happened. */
  powerOn(): boolean {
    if (this.isValid()) return false;
    this.print?.("Storage is corrupt.");
    this.print?.("Erasing Storage Area...");
    this.eraseAll();
    this.print?.("Erase complete.");
    return true;
  }

  /** Names in the order of their place in the flash; of a StorageFile that of its first part, which ends in "\x01". */
  names(): string[] {
    return this.list(() => true);
  }

  /** The content of a file, or of a part of it: `length` 0 means up to the end. */
  read(name: string, offset = 0, length = 0): string | undefined {
    const file = this.find(headerName(name));
    if (!file) return undefined;
    const start = Math.min(Math.max(offset, 0), file.size);
    const count = length > 0 ? Math.min(length, file.size - start) : file.size - start;
    return Buffer.from(this.flash.read(file.dataAddress + start, count)).toString("latin1");
  }

  /**
   * Writes a file, or with `offset` into one. `size` (0: that of `data`) is how much room a new file gets.
   * An old file of that name is gone from the moment the new one is begun, also when there turns out to be no room for it.
   * @throws FileError
   */
  write(name: string, data: string, offset = 0, size = 0, flags: number = FLAGS.none): boolean {
    if (offset < 0 || size < 0) return false;
    const room = size || data.length;
    if (room === 0) throw new FileError("Can't create zero length file");
    let file = this.find(headerName(name));
    if (offset === 0 && !(file && this.isUnwritten(file, room, flags))) {
      if (file && this.holds(file, data, room, flags)) return true;
      if (file) this.remove(file);
      file = this.create(headerName(name), room, flags);
    }
    if (!file) throw new FileError("Unable to find or create file");
    if (offset + data.length > file.size) throw new FileError("Too much data for file size");
    if (!this.flash.isErased(file.dataAddress + offset, data.length))
      throw new FileError("File already written with different data");
    this.program(file.dataAddress + offset, data);
    return true;
  }

  /** Programs content without looking at what is there. */
  program(address: number, data: string): void {
    this.index.through(() => this.flash.program(address, Buffer.from(data, "latin1")));
    this.writes++;
  }

  /** True when there was such a file. */
  erase(name: string): boolean {
    const file = this.find(headerName(name));
    if (file) this.remove(file);
    return file !== undefined;
  }

  eraseAll(): void {
    this.table?.forget();
    erasePages(this.flash, 0, this.flash.bytes);
  }

  /** True when room was gained. */
  compact(): boolean {
    this.table?.forget();
    const { fileBytes, trashBytes, firstPageWithTrash } = this.survey(0);
    if (trashBytes === 0) return false;
    const line = compactFrom(this.flash, firstPageWithTrash, fileBytes);
    this.print?.(line);
    return true;
  }

  stats(): FlashStats {
    const { firstPageWithTrash, ...stats } = this.survey(0);
    return stats;
  }

  /** Writes the table of names, where the interpreter has one. */
  optimise(): void {
    this.table?.write();
  }

  /** As `names`, of the files whose flags pass. */
  list(pass: (flags: number) => boolean): string[] {
    const names: string[] = [];
    const cursor = new HeaderCursor(this.flash);
    for (let more = cursor.start(0); more; more = cursor.next(true)) {
      if (!cursor.isFile || !pass(cursor.flags)) continue;
      const name = shownName(cursor.name);
      if (cursor.flags !== FLAGS.storageFile || name.endsWith("\x01")) names.push(name);
    }
    return names;
  }

  /** The file whose header has these 28 characters. */
  find(name: string): FoundFile | undefined {
    const table = this.table?.headerAddress;
    // Nothing but a deleted file can be found under a name of zeros.
    if (table === undefined && !name.startsWith("\0") && this.index.usable()) return this.index.find(name);
    const cursor = new HeaderCursor(this.flash);
    if (this.table?.find(name, cursor)) return found(cursor);
    let more = cursor.start(table ?? 0);
    // Files before the table are looked for in the table only, and the table itself never.
    if (table !== undefined) more = cursor.next(true);
    for (; more; more = cursor.next(true)) if (cursor.isNamed(name)) return found(cursor);
    return undefined;
  }

  remove(file: FoundFile): void {
    this.index.through(
      () => markDeleted(this.flash, file.dataAddress),
      () => this.index.removed(file),
    );
    this.table?.afterRemoval();
  }

  /** Writes the header of a new file where there is room for all of it, after a compaction if need be. */
  create(name: string, size: number, flags: number): FoundFile | undefined {
    const needed = aligned(size) + HEADER_BYTES;
    const first = this.findRoom(needed);
    let { address } = first;
    if (address === NOWHERE && needed < first.freeBytes + first.trashBytes && this.compact())
      address = this.findRoom(needed).address;
    if (address === NOWHERE) return undefined;
    // As it is meant: on flash that a power cut left half programmed, the header may read otherwise.
    const file = { dataAddress: address + HEADER_BYTES, size, flags, name };
    this.index.through(
      () => this.flash.program(address, header(name, size, flags)),
      () => this.index.added(file),
    );
    return file;
  }

  /** Sums up the headers from `address` on. */
  survey(address: number): FlashStats & { firstPageWithTrash: number } {
    const { flash } = this;
    const sums = { fileBytes: 0, fileCount: 0, trashBytes: 0, trashCount: 0 };
    let end = address;
    let pageStart = address;
    let firstPageWithTrash = NOWHERE;
    const cursor = new HeaderCursor(flash);
    for (let more = cursor.start(address); more; more = cursor.next(true)) {
      if (cursor.address % flash.pageBytes === 0) pageStart = cursor.address;
      const bytes = aligned(cursor.size) + HEADER_BYTES;
      end = cursor.address + bytes;
      if (!cursor.deleted) {
        sums.fileBytes += bytes;
        sums.fileCount++;
        continue;
      }
      sums.trashBytes += bytes;
      sums.trashCount++;
      if (firstPageWithTrash === NOWHERE) firstPageWithTrash = pageStart;
    }
    return { totalBytes: flash.bytes - address, freeBytes: flash.bytes - end, ...sums, firstPageWithTrash };
  }

  private isUnwritten(file: FoundFile, size: number, flags: number): boolean {
    return file.flags === flags && file.size === size && this.flash.isErased(file.dataAddress, size);
  }

  private holds(file: FoundFile, data: string, size: number, flags: number): boolean {
    if (file.flags !== flags || file.size !== size || data.length !== size) return false;
    return Buffer.from(this.flash.read(file.dataAddress, size)).toString("latin1") === data;
  }

  /** Behind the headers of each page in turn, the first place with enough room, and what else was seen on the way. */
  private findRoom(needed: number): { address: number; freeBytes: number; trashBytes: number } {
    if (this.index.usable()) {
      const { end, trashBytes } = this.index;
      const freeBytes = this.roomBehind(end);
      if (end !== NOWHERE && freeBytes >= needed) return { address: end, freeBytes, trashBytes };
    }
    const cursor = new HeaderCursor(this.flash);
    let freeBytes = 0;
    let trashBytes = 0;
    for (let address = 0; address !== NOWHERE; ) {
      for (let more = cursor.start(address); more; more = cursor.next(false))
        if (cursor.deleted) trashBytes += cursor.size;
      address = cursor.address;
      const room = this.roomBehind(address);
      freeBytes += room;
      if (address !== NOWHERE && room >= needed) return { address, freeBytes, trashBytes };
      address = nextPage(this.flash, address);
    }
    return { address: NOWHERE, freeBytes, trashBytes };
  }

  /** Up to the next page if a header stands there, else up to the end of the flash. */
  private roomBehind(address: number): number {
    if (address === NOWHERE) return 0;
    const page = nextPage(this.flash, address);
    const taken = page !== NOWHERE && new HeaderCursor(this.flash).start(page);
    return (taken ? page : this.flash.bytes) - address;
  }

  /** jsfIsStorageValid, the test of a power-on: the headers must end in blank flash or at the end of it. */
  private isValid(): boolean {
    const { flash } = this;
    const cursor = new HeaderCursor(flash);
    if (cursor.start(0)) {
      let last = 0;
      while (cursor.next(true)) {
        this.table?.recognise(cursor);
        last = cursor.address;
      }
      if (cursor.address === NOWHERE) {
        const end = aligned(last + HEADER_BYTES + cursor.size);
        if (end <= flash.bytes && end + HEADER_BYTES > flash.bytes) return true;
      }
    }
    if (!flash.isErased(cursor.readAt, HEADER_BYTES)) return false;
    return cursor.address !== 0 || flash.isErased(0, flash.bytes);
  }
}

function found(cursor: HeaderCursor): FoundFile {
  return { dataAddress: cursor.dataAddress, size: cursor.size, flags: cursor.flags, name: cursor.name };
}
