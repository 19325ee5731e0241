/** Compaction: moves the files together over those that were deleted, in place, one page at a time, with a page's worth of RAM in between (jsflash.c). */
import type { Flash } from "./flash.ts";
import { aligned, HEADER_BYTES, HeaderCursor, NOWHERE, nextPage } from "./header.ts";

const PROGRESS_MARKS = "/-\\|";
/** A mark is printed for each 16 kB that were read. */
const PROGRESS_SHIFT = 14;

/**
 * Compacts from `start`, the beginning of a page that no file reaches into from before. `fileBytes` is how much the files take.
 * What waits in RAM is lost when the power goes: a page is erased first and filled again afterwards.
 * Returns the line that the interpreter prints meanwhile.
 */
export function compactFrom(flash: Flash, start: number, fileBytes: number): string {
  const waiting = new Waiting(flash, start, Math.min(fileBytes, flash.pageBytes + HEADER_BYTES));
  const cursor = new HeaderCursor(flash);
  let line = "Compacting... ";
  let marks = 0;
  for (let more = cursor.start(start); more; more = cursor.next(true)) {
    if (!cursor.isFile) continue;
    waiting.take(cursor.address, HEADER_BYTES);
    waiting.write(cursor.dataAddress);
    const end = cursor.dataAddress + aligned(cursor.size);
    for (let at = cursor.dataAddress; at < end; ) {
      const count = Math.min(waiting.room, end - at);
      waiting.take(at, count);
      at += count;
      waiting.write(at);
    }
    const progress = (cursor.address - start) >> PROGRESS_SHIFT;
    if (progress !== marks) line += `\b${PROGRESS_MARKS[progress & 3]}`;
    marks = progress;
  }
  waiting.write(flash.bytes);
  eraseRest(flash, start, waiting.address, cursor.address);
  return line;
}

/** Erases the pages behind what was written, up to where the headers ended. */
function eraseRest(flash: Flash, start: number, written: number, end: number): void {
  const from = written === start ? start : nextPage(flash, written - 1);
  if (from === NOWHERE) return;
  erasePages(flash, from, end === NOWHERE ? flash.bytes : end);
}

/** Erases every page of an area that starts at the beginning of a page. */
export function erasePages(flash: Flash, from: number, to: number): void {
  for (let at = from; at < to; at += flash.pageBytes) flash.erasePage(at);
}

/** Bytes that were read and not yet written at their new place. */
class Waiting {
  /** Where the next byte goes. */
  address: number;
  private readonly bytes: Uint8Array;
  private used = 0;
  private readonly flash: Flash;

  constructor(flash: Flash, address: number, capacity: number) {
    this.flash = flash;
    this.address = address;
    this.bytes = new Uint8Array(capacity);
  }

  get room(): number {
    return this.bytes.length - this.used;
  }

  take(address: number, count: number): void {
    this.bytes.set(this.flash.read(address, count), this.used);
    this.used += count;
  }

  /** Writes up to the end of the last page that was read completely: what begins at `unread` still has to be read. */
  write(unread: number): void {
    while (this.used > 0) {
      const page = nextPage(this.flash, this.address);
      const end = page === NOWHERE ? this.flash.bytes : page;
      if (unread < end) return;
      const count = Math.min(this.used, end - this.address);
      if (this.address % this.flash.pageBytes === 0) this.flash.erasePage(this.address);
      this.flash.program(this.address, this.bytes.subarray(0, count));
      this.address += count;
      this.bytes.copyWithin(0, count, this.used);
      this.used -= count;
    }
  }
}
