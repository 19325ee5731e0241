/** The table of names that the Linux interpreter writes into the flash once many files were made and deleted (jsflash.c, FILENAME_TABLE). */
import type { FlashFiles } from "./files.ts";
import { FLAGS, HEADER_BYTES, HeaderCursor, header, headerName, markDeleted } from "./header.ts";

const NAME = headerName("[FILENAME_TABLE]");
/** A table that claims to be larger than this is none. */
const MOST_BYTES = 10_000;
/** So many files, deleted ones included, behind the table make a new one worth while. */
const MOST_BEHIND = 200;

export class FilenameTable {
  /** Where the interpreter remembers, in RAM, its table's data to be. */
  private data: { address: number; size: number } | undefined;

  private readonly files: FlashFiles;

  constructor(files: FlashFiles) {
    this.files = files;
  }

  get headerAddress(): number | undefined {
    return this.data && this.data.address - HEADER_BYTES;
  }

  forget(): void {
    this.data = undefined;
  }

  /** Called with every header when power comes on. */
  recognise(cursor: HeaderCursor): void {
    if (!(cursor.flags & FLAGS.filenameTable) || cursor.name !== NAME || cursor.size >= MOST_BYTES) return;
    this.data = { address: cursor.dataAddress, size: cursor.size };
  }

  /** Brings `cursor` to the file of that name if the table has it and it is still there: then true. */
  find(name: string, cursor: HeaderCursor): true | undefined {
    if (!this.data) return undefined;
    const { flash } = this.files;
    for (let at = this.data.address; at < this.data.address + this.data.size; at += HEADER_BYTES) {
      if (Buffer.from(flash.read(at + 4, HEADER_BYTES - 4)).toString("latin1") !== name) continue;
      if (cursor.start(flash.word(at)) && !cursor.deleted) return true;
    }
    return undefined;
  }

  afterRemoval(): void {
    const { trashCount, fileCount } = this.files.survey(this.data ? this.data.address + this.data.size : 0);
    if (trashCount + fileCount > MOST_BEHIND) this.write();
  }

  write(): void {
    const { files } = this;
    const entries = this.entries();
    const old = files.find(NAME);
    if (old) markDeleted(files.flash, old.dataAddress);
    if (entries.length === 0) return;
    const size = entries.length * HEADER_BYTES;
    const table = files.create(NAME, size, FLAGS.filenameTable);
    if (!table) return;
    // Once more: making room for the table may have moved the files.
    let at = table.dataAddress;
    for (const entry of this.entries()) {
      files.flash.program(at, entry);
      at += HEADER_BYTES;
    }
    this.data = { address: table.dataAddress, size };
  }

  /** For each file its name and, in the place of the size, its address. */
  private entries(): Uint8Array[] {
    const entries: Uint8Array[] = [];
    const cursor = new HeaderCursor(this.files.flash);
    for (let more = cursor.start(0); more; more = cursor.next(true))
      if (cursor.isFile) entries.push(header(cursor.name, cursor.address, FLAGS.none));
    return entries;
  }
}
