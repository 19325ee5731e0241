/** require("Storage"): files in the board's flash, which outlive power. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { parseJson } from "./json.ts";
import type { Realm, Value } from "./realm.ts";

/** What keeps the files: name to content (a binary string, one character a byte). */
export interface StorageMedium {
  readonly files: Map<string, string>;
  /** How many writes reached the flash; rewriting what is there already is none. */
  writes: number;
  /** Called after every change. */
  changed(): void;
}

export class MemoryStorage implements StorageMedium {
  readonly files = new Map<string, string>();
  writes = 0;
  changed(): void {}
}

/** Keeps the files in one JSON file of the host (name to content in base64), replaced as a whole at every change. */
export class FileStorage implements StorageMedium {
  readonly files = new Map<string, string>();
  writes = 0;

  /** @throws Error when `path` exists and is not such a file. */
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    for (const [name, content] of Object.entries(JSON.parse(text) as Record<string, string>)) {
      this.files.set(name, Buffer.from(content, "base64").toString("latin1"));
    }
  }

  changed(): void {
    const content = Object.fromEntries(
      [...this.files].map(([name, data]) => [name, Buffer.from(data, "latin1").toString("base64")]),
    );
    writeFileSync(`${this.path}.new`, JSON.stringify(content, undefined, 2));
    renameSync(`${this.path}.new`, this.path);
  }
}

/** jsflash.c: a name is at most 28 characters (what is longer is cut off); a file has a header of 32 bytes and is padded to 4. */
const NAME_LENGTH = 28;
const HEADER_BYTES = 32;
const CAPACITY_BYTES = 262144;

export function createStorageModule(
  realm: Realm,
  medium: StorageMedium,
  print: (line: string) => void,
): Value {
  const module = realm.object();
  const method = (name: string, run: (args: ArrayLike<Value>) => unknown): void =>
    realm.define(
      module,
      name,
      realm.method(name, (_self, args) => run(args)),
    );
  const nameOf = (name: Value): string => String(name).slice(0, NAME_LENGTH);
  const used = (): number => {
    let bytes = 0;
    for (const content of medium.files.values()) bytes += HEADER_BYTES + Math.ceil(content.length / 4) * 4;
    return bytes;
  };
  const store = (name: string, content: string): void => {
    if (medium.files.get(name) === content) return;
    medium.files.set(name, content);
    medium.writes++;
    medium.changed();
  };

  const write = (name: string, data: string, offset: number, size: number): boolean => {
    const existing = medium.files.get(name);
    if (offset > 0) {
      if (existing === undefined) throw realm.error("Error", "Unable to find or create file");
      if (offset + data.length > existing.length) throw realm.error("Error", "Too much data for file size");
      store(name, existing.slice(0, offset) + data + existing.slice(offset + data.length));
      return true;
    }
    const length = size || data.length;
    if (length === 0) throw realm.error("Error", "Can't create zero length file");
    if (data.length > length) throw realm.error("Error", "Too much data for file size");
    if (HEADER_BYTES + length > CAPACITY_BYTES - used() + (existing?.length ?? 0)) {
      throw realm.error("Error", "Unable to find or create file");
    }
    // What is not written yet reads as erased flash.
    store(name, data.padEnd(length, "\xff"));
    return true;
  };

  method("write", (args) =>
    write(nameOf(args[0]), contentOf(realm, args[1]), Number(args[2] ?? 0), Number(args[3] ?? 0)),
  );
  method("writeJSON", (args) => write(nameOf(args[0]), realm.global.JSON.stringify(args[1]), 0, 0));
  method("read", (args) => {
    const content = medium.files.get(nameOf(args[0]));
    const offset = Number(args[1] ?? 0);
    return content === undefined || !args[2]
      ? content?.slice(offset)
      : content.substr(offset, Number(args[2]));
  });
  method("readJSON", (args) => {
    const content = medium.files.get(nameOf(args[0]));
    if (content === undefined) return undefined;
    try {
      return parseJson(content, realm, true);
    } catch (error) {
      if (args[1]) return undefined;
      throw error;
    }
  });
  method("erase", (args) => {
    if (medium.files.delete(nameOf(args[0]))) medium.changed();
  });
  method("eraseAll", () => {
    medium.files.clear();
    medium.changed();
  });
  method("list", (args) => {
    const names = [...medium.files.keys()].sort();
    return realm.array(args[0] === undefined ? names : names.filter((name) => args[0].exec(name) !== null));
  });
  method("getFree", () => CAPACITY_BYTES - used());
  // What was replaced takes no room here, so there is nothing to do but to say what the board says.
  method("compact", () => print("Compacting... "));
  return module;
}

/** The bytes that the board writes for a value: of a string, an array of bytes, or the JSON of an object. */
function contentOf(realm: Realm, data: Value): string {
  if (typeof data === "string") return data;
  if (realm.isView(data))
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1");
  if (typeof data === "number") return String.fromCharCode(data & 255);
  return data === undefined ? "" : realm.global.JSON.stringify(data);
}
