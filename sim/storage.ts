/** require("Storage"): files in the board's flash, which outlive power. */
import { crc32 } from "node:zlib";
import { bytesOf } from "./espruino.ts";
import { FileError, type FlashFiles } from "./flash/files.ts";
import { FLAGS, headerName } from "./flash/header.ts";
import type { StorageMedium } from "./flash/medium.ts";
import { inBoardsWords } from "./flash/refusals.ts";
import { StorageFiles } from "./flash/storage-file.ts";
import { writtenJson } from "./flash/written-json.ts";
import { parseJson } from "./json.ts";
import type { Realm, Value } from "./realm.ts";

export {
  FileStorage,
  FlashFileError,
  type FlashLayout,
  LINUX_FLASH,
  MemoryStorage,
  type StorageMedium,
} from "./flash/medium.ts";

export function createStorageModule(realm: Realm, medium: StorageMedium): Value {
  const { files } = medium;
  const module = realm.object();
  const guarded = <T>(run: () => T): T => inBoardsWords(realm, medium, run);
  const method = (name: string, run: (args: ArrayLike<Value>) => unknown): void =>
    realm.define(
      module,
      name,
      realm.method(name, (_self, args) => guarded(() => run(args))),
    );
  const text = (name: Value): string | undefined => files.read(String(name));

  method("write", (args) => {
    const [name, data] = [String(args[0]), args[1]];
    if (data === undefined) throw new FileError("Can't get pointer to data to write");
    // An object becomes JSON; offset and size are then not looked at.
    if (isPlainObject(realm, data)) return files.write(name, realm.builtins.JSON.stringify(data));
    return files.write(name, contentOf(realm, data), integer(args[2]), integer(args[3]));
  });
  method("writeJSON", (args) => files.write(String(args[0]), writtenJson(realm, args[1])));
  method("read", (args) => files.read(String(args[0]), integer(args[1]), integer(args[2])));
  method("readArrayBuffer", (args) => {
    const content = text(args[0]);
    return content === undefined ? undefined : new realm.Uint8Array(Buffer.from(content, "latin1")).buffer;
  });
  method("readJSON", (args) => {
    const content = text(args[0]);
    if (content === undefined) return undefined;
    try {
      return parseJson(content, realm, true);
    } catch (error) {
      if (args[1]) return undefined;
      throw error;
    }
  });
  method("erase", (args) => void files.erase(String(args[0])));
  method("eraseAll", () => files.eraseAll());
  method("compact", () => void files.compact());
  method("optimise", () => files.optimise());
  method("list", (args) => realm.array(listed(files, args[0], args[1])));
  method("getFree", () => files.stats().freeBytes);
  method("getStats", () => Object.assign(realm.object(), files.stats()));
  method("hash", (args) => hashed(files, args[0]));
  const storageFiles = new StorageFiles(realm, files, guarded);
  method("open", (args) => storageFiles.open(args[0], args[1]));
  return module;
}

/** `filter.sf` asks for the StorageFiles only, without the number behind their names, or for all but them. */
function listed(files: FlashFiles, pattern: Value, filter: Value): string[] {
  const only = filter?.sf;
  const names = files.list(
    (flags) => only === undefined || Boolean(only) === Boolean(flags & FLAGS.storageFile),
  );
  const shown = only ? names.map((name) => name.slice(0, -1)) : names;
  return pattern === undefined ? shown : shown.filter((name) => pattern.exec(name) !== null);
}

/** Of names and places of files, those from address 0 of Storage on (jsflash.c jsfHashFiles): other files, another number. */
function hashed(files: FlashFiles, pattern: Value): number {
  let hash = 0xabcddcba;
  for (const name of listed(files, undefined, { sf: 0 })) {
    if (pattern !== undefined && !(pattern.exec?.(name) ?? name.includes(String(pattern)))) continue;
    const address = files.find(headerName(name))?.dataAddress ?? 0;
    hash = ((hash << 1) | (hash >>> 31)) ^ address ^ crc32(Buffer.from(name, "latin1"));
  }
  return hash | 0;
}

function isPlainObject(realm: Realm, data: Value): boolean {
  return typeof data === "object" && data !== null && !Array.isArray(data) && !realm.isView(data);
}

/** The bytes that the board writes for a value: of a string, a number, an array or a view. */
function contentOf(realm: Realm, data: Value): string {
  if (typeof data === "string") return data;
  return Buffer.from(bytesOf(realm, [data])).toString("latin1");
}

function integer(value: Value): number {
  return Math.trunc(Number(value ?? 0)) || 0;
}
