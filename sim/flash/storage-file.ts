/** Storage.open: files that grow, kept in numbered parts whose unwritten rest reads 0xFF (jswrap_storage.c). */
import type { Realm, Value } from "../realm.ts";
import type { FlashFiles, FoundFile } from "./files.ts";
import { FLAGS, HEADER_BYTES, headerName, NAME_BYTES } from "./header.ts";

/** A part with its header fills a page, or 4 kB where pages are larger. */
const LARGEST_PART_BYTES = 4096;
const LAST_PART = 255;
const UNWRITTEN = 0xff;
const READ_BYTES = 32;

/** The prototype's methods are `read`, `readLine`, `write`, `getLength`, `erase`; a file's state is in its properties, as on the board. */
export class StorageFiles {
  private readonly prototype: Value;

  private readonly realm: Realm;
  private readonly files: FlashFiles;

  /** `guarded` wraps what may write. */
  constructor(realm: Realm, files: FlashFiles, guarded: <T>(run: () => T) => T) {
    this.realm = realm;
    this.files = files;
    const StorageFile = realm.constructorNamed("StorageFile");
    this.prototype = StorageFile.prototype;
    realm.define(realm.global, "StorageFile", StorageFile);
    const method = (name: string, run: (file: Value, args: ArrayLike<Value>) => unknown): void =>
      realm.define(
        this.prototype,
        name,
        realm.method(name, (self, args) => guarded(() => run(self, args))),
      );
    method("read", (file, args) => this.read(file, Math.max(0, Number(args[0] ?? 0))));
    method("readLine", (file) => this.read(file, undefined));
    method("getLength", (file) => this.end(file.name).length);
    method("write", (file, args) => this.write(file, String(args[0])));
    method("erase", (file) => this.erase(file));
  }

  open(name: Value, mode: Value): Value {
    if (mode !== "r" && mode !== "w" && mode !== "a")
      throw this.realm.error("Error", `Invalid mode ${this.realm.builtins.JSON.stringify(mode)}`);
    const file = this.realm.create(this.prototype);
    file.name = String(name).slice(0, NAME_BYTES);
    if (mode === "w" && this.part(file.name, 1)) this.erase(file);
    const { number, offset } = mode === "a" ? this.end(file.name) : { number: 1, offset: 0 };
    file.chunk = number;
    file.offset = offset;
    file.mode = mode.charCodeAt(0);
    return file;
  }

  /** Up to `count` characters, or a line with its end. */
  private read(file: Value, count: number | undefined): string | undefined {
    if (file.mode !== "r".charCodeAt(0)) throw this.realm.error("Error", "Can't read in this mode");
    let part = this.part(file.name, file.chunk);
    if (!part) return undefined;
    let result = "";
    for (let wanted = count ?? READ_BYTES; wanted > 0; ) {
      if (file.offset >= part.size) {
        const next = file.chunk === LAST_PART ? undefined : this.part(file.name, file.chunk + 1);
        file.offset = 0;
        if (file.chunk !== LAST_PART) file.chunk++;
        if (!next) return result || undefined;
        part = next;
      }
      const piece = this.text(part, file.offset, Math.min(wanted, READ_BYTES, part.size - file.offset));
      const line = count === undefined ? piece.text.indexOf("\n") : -1;
      const taken = line >= 0 ? piece.text.slice(0, line + 1) : piece.text;
      result += taken;
      file.offset += taken.length;
      if (piece.ended || line >= 0) break;
      if (count !== undefined) wanted -= taken.length;
    }
    return result || undefined;
  }

  private write(file: Value, data: string): void {
    if (file.mode !== "w".charCodeAt(0) && file.mode !== "a".charCodeAt(0))
      throw this.realm.error("Error", "Can't write in this mode");
    if (data === "") return;
    const part = this.part(file.name, file.chunk);
    if (!part) {
      this.begin(file, file.chunk, data);
      return;
    }
    const room = part.size - file.offset;
    this.files.program(part.dataAddress + file.offset, data.slice(0, room));
    file.offset += Math.min(room, data.length);
    if (data.length < room) return;
    if (file.chunk === LAST_PART) throw this.realm.error("Error", "File too big!");
    // Also when nothing is left: then there is nothing to make a part of, and the board says so.
    this.begin(file, file.chunk + 1, data.slice(room));
  }

  private begin(file: Value, number: number, data: string): void {
    const size = Math.min(this.files.flash.pageBytes, LARGEST_PART_BYTES) - HEADER_BYTES;
    const mode = file.mode;
    // Stays so when the following throws: no more writing.
    file.mode = 0;
    this.files.write(partName(file.name, number), data, 0, size, FLAGS.storageFile);
    file.mode = mode;
    file.chunk = number;
    file.offset = data.length;
  }

  private erase(file: Value): void {
    for (let number = 1; this.files.erase(partName(file.name, number)); ) number++;
    file.chunk = 1;
    file.offset = 0;
    file.mode = 0;
  }

  private part(name: Value, number: number): FoundFile | undefined {
    return this.files.find(headerName(partName(name, number)));
  }

  /** The part that is not full, how far it is, and the length up to there. */
  private end(name: Value): { number: number; offset: number; length: number } {
    let length = 0;
    for (let number = 1; ; number++) {
      const part = this.part(name, number);
      if (!part) return { number, offset: 0, length };
      const full = this.files.flash.byte(part.dataAddress + part.size - 1) !== UNWRITTEN;
      if (full && number < LAST_PART) {
        length += part.size;
        continue;
      }
      const offset = this.text(part, 0, part.size).text.length;
      return { number, offset, length: length + offset };
    }
  }

  /** What was written of a piece of a part. */
  private text(part: FoundFile, offset: number, count: number): { text: string; ended: boolean } {
    const bytes = this.files.flash.read(part.dataAddress + offset, count);
    const end = bytes.indexOf(UNWRITTEN);
    const written = end < 0 ? bytes : bytes.subarray(0, end);
    return { text: Buffer.from(written).toString("latin1"), ended: end >= 0 };
  }
}

/** The number stands behind the name as a character, the last of 28 at most. */
function partName(name: Value, number: number): string {
  return headerPrefix(String(name)) + String.fromCharCode(number);
}

function headerPrefix(name: string): string {
  return name.slice(0, NAME_BYTES - 1);
}
