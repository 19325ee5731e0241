/** Reads the text of a configuration file: UTF-8, or refused with the place of the first byte that is not. */
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { ConfigError } from "./error.ts";

/** What a decoder puts in the place of bytes that are not UTF-8. */
export const REPLACEMENT = "\uFFFD";

/**
 * The text of a file, without a byte order mark; `name`: how messages call it.
 * @throws ConfigError when it cannot be read or is not UTF-8
 */
export function readConfigText(path: string, name: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new ConfigError(
      `${name}: cannot be read (${(error as NodeJS.ErrnoException).code}); name another with --config FILE`,
    );
  }
  if (isUtf8(bytes)) return bytes.toString("utf8").replace(/^\uFEFF/, "");
  const { line, column, byte } = firstForeignByte(bytes);
  const looksLike =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
      ? ", it begins as UTF-16 does"
      : "";
  throw new ConfigError(
    `${name}:${line}:${column}: not UTF-8 (byte 0x${byte.toString(16).padStart(2, "0")}${looksLike}); save the file as UTF-8`,
  );
}

/** Line and column from 1, as editors count, in characters. */
function firstForeignByte(bytes: Buffer): { line: number; column: number; byte: number } {
  const text = bytes.toString("utf8");
  let at = -1;
  let offset = 0;
  let before = 0;
  do {
    at = text.indexOf(REPLACEMENT, at + 1);
    offset += Buffer.byteLength(text.slice(before, at));
    before = at;
    // Somebody may have written that very character.
  } while (bytes.subarray(offset, offset + 3).equals(Buffer.from(REPLACEMENT)));
  const lines = text
    .slice(0, at)
    .replace(/^\uFEFF/, "")
    .split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1, byte: bytes[offset] ?? 0 };
}
