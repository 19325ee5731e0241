/** The headers of the files in flash, and how the interpreter goes from one to the next (jsflash.c). */
import type { Flash } from "./flash.ts";

/** A word of size and flags, then the name. */
export const HEADER_BYTES = 32;
export const NAME_BYTES = 28;
const NAME_OFFSET = 4;

/** Kinds of file, in the top 8 bits of the word that has the size in its lower 24. */
export const FLAGS = { none: 0, filenameTable: 32, storageFile: 64, compressed: 128 } as const;

/** No address. */
export const NOWHERE = -1;

export function aligned(address: number): number {
  return (address + 3) & ~3;
}

/** The 28 characters that stand for `name` in a header: what is longer is cut off, what is shorter filled with zeros; a drive ("C:") is dropped. */
export function headerName(name: string): string {
  const cut = name.slice(0, NAME_BYTES).padEnd(NAME_BYTES, "\0");
  return cut[1] === ":" ? cut.slice(2).padEnd(NAME_BYTES, "\0") : cut;
}

/** A name as `list()` shows it: it ends at the first zero. */
export function shownName(headerName: string): string {
  const end = headerName.indexOf("\0");
  return end < 0 ? headerName : headerName.slice(0, end);
}

export function header(name: string, size: number, flags: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  new DataView(bytes.buffer).setUint32(0, size + flags * 2 ** 24, true);
  bytes.set(Buffer.from(name, "latin1"), NAME_OFFSET);
  return bytes;
}

/** Start of the page after the one of `address`, or NOWHERE. */
export function nextPage(flash: Flash, address: number): number {
  const next = (Math.floor(address / flash.pageBytes) + 1) * flash.pageBytes;
  return address < 0 || next >= flash.bytes ? NOWHERE : next;
}

/** Walks over the headers. */
export class HeaderCursor {
  /** Of the header it stands on; where it stopped when there was none; NOWHERE at the end of the flash. */
  address = 0;
  /** Where the last header was read, valid or not. */
  readAt = 0;
  /** Of that header. */
  size = 0;
  flags = 0;
  /** The first four characters of its name, as a number. */
  private nameStart = 0;

  private readonly flash: Flash;

  constructor(flash: Flash) {
    this.flash = flash;
  }

  /** Goes to `address`; true when there is a header. */
  start(address: number): boolean {
    this.address = address;
    return this.load(address);
  }

  /** Goes to the header after the present file; with `pages` also to the start of the next page when there is none. */
  next(pages: boolean): boolean {
    const after = aligned(this.address + HEADER_BYTES + this.size);
    if (after + HEADER_BYTES > this.flash.bytes) {
      this.address = NOWHERE;
      return false;
    }
    if (this.start(after)) return true;
    if (!pages) return false;
    this.address = nextPage(this.flash, after);
    return this.address !== NOWHERE && this.load(this.address);
  }

  /** The start of its name is zero: the file was erased or replaced. */
  get deleted(): boolean {
    return this.nameStart === 0;
  }

  /** Whether the 28 characters of the name are these. */
  isNamed(name: string): boolean {
    const [a, b, c, d] = [name.charCodeAt(0), name.charCodeAt(1), name.charCodeAt(2), name.charCodeAt(3)];
    return this.nameStart === d * 2 ** 24 + c * 65536 + b * 256 + a && this.name === name;
  }

  /** The 28 characters of the name. */
  get name(): string {
    return Buffer.from(this.flash.read(this.readAt + NAME_OFFSET, NAME_BYTES)).toString("latin1");
  }

  get dataAddress(): number {
    return this.readAt + HEADER_BYTES;
  }

  /** A file as the program knows it: not deleted, and nothing of the interpreter's own. */
  get isFile(): boolean {
    return (
      !this.deleted &&
      (this.flags === FLAGS.none || this.flags === FLAGS.storageFile || this.flags === FLAGS.compressed)
    );
  }

  private load(address: number): boolean {
    const word = this.flash.word(address);
    this.readAt = address;
    this.size = word % 2 ** 24;
    this.flags = Math.floor(word / 2 ** 24);
    this.nameStart = this.flash.word(address + NAME_OFFSET);
    return word !== 0xffffffff && word !== 0 && address + HEADER_BYTES + this.size <= this.flash.bytes;
  }
}

/** Zeroes the start of the name of the file whose data is at `dataAddress`; its place is free only after a compaction. */
export function markDeleted(flash: Flash, dataAddress: number): void {
  flash.program(dataAddress - HEADER_BYTES + NAME_OFFSET, new Uint8Array(4));
}
