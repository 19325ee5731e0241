/** Remembers what a walk over all headers found, so that a flash with thousands of replaced files need not be walked for every read and write. */
import type { FoundFile } from "./files.ts";
import type { Flash } from "./flash.ts";
import { aligned, HEADER_BYTES, HeaderCursor, NOWHERE, nextPage } from "./header.ts";

export class HeaderIndex {
  /** Where the next header would stand; NOWHERE when the flash is full. */
  end = NOWHERE;
  /** Bytes of the files that were deleted, without headers. */
  trashBytes = 0;
  private readonly live = new Map<string, FoundFile>();
  /** Of the flash, when all this was true. */
  private changes = -1;
  /** The headers follow one upon the other and no name is there twice; what is not so is left to the interpreter's own walk. */
  private simple = false;

  private readonly flash: Flash;

  constructor(flash: Flash) {
    this.flash = flash;
  }

  /** True when this can answer for the flash as it is now. */
  usable(): boolean {
    if (this.changes !== this.flash.changes) this.build();
    return this.simple;
  }

  find(name: string): FoundFile | undefined {
    return this.live.get(name);
  }

  /** Runs a change of the flash that leaves the headers alone; `update` then tells of one that does not. A power cut in it makes this walk anew. */
  through(change: () => void, update?: () => boolean): void {
    const current = this.changes === this.flash.changes;
    change();
    if (current && (update === undefined || update())) this.changes = this.flash.changes;
  }

  /** False when the header does not read as it was meant: the flash was not blank there. */
  added(file: FoundFile): boolean {
    const cursor = new HeaderCursor(this.flash);
    const address = file.dataAddress - HEADER_BYTES;
    const asMeant = cursor.start(address) && cursor.size === file.size && cursor.flags === file.flags;
    if (address !== this.end || !asMeant || !cursor.isNamed(file.name) || this.live.has(file.name))
      return false;
    this.live.set(file.name, file);
    const end = aligned(file.dataAddress + file.size);
    this.end = end + HEADER_BYTES > this.flash.bytes ? NOWHERE : end;
    // Further files there are only where a header happens to stand.
    return this.end === NOWHERE || !this.headerAhead(cursor);
  }

  removed(file: FoundFile): boolean {
    this.trashBytes += file.size;
    return this.live.get(file.name)?.dataAddress === file.dataAddress && this.live.delete(file.name);
  }

  private build(): void {
    this.live.clear();
    this.trashBytes = 0;
    this.simple = true;
    const cursor = new HeaderCursor(this.flash);
    for (let more = cursor.start(0); more; more = cursor.next(false)) {
      const { dataAddress, size, flags, name, deleted } = cursor;
      if (deleted) this.trashBytes += size;
      else if (this.live.has(name)) this.simple = false;
      else this.live.set(name, { dataAddress, size, flags, name });
    }
    this.end = cursor.address;
    if (this.end !== NOWHERE && this.headerAhead(cursor)) this.simple = false;
    this.changes = this.flash.changes;
  }

  /** Whether a header stands where there should be none: at the end, or at the start of the page after it. */
  private headerAhead(cursor: HeaderCursor): boolean {
    const page = nextPage(this.flash, this.end);
    return cursor.start(this.end) || (page !== NOWHERE && cursor.start(page));
  }
}
