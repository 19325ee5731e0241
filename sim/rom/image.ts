/** Images in the flash as the boot loaders of ESP chips read them (esptool "Firmware image format"), and the making of one that has nothing in it. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ChipFacts } from "./chips.ts";

const MAGIC = 0xe9;
/** Of programs for the boot loader of an ESP8266: what stays in the flash comes first, then an image as above, then a CRC-32. */
const FLASH_MAGIC = 0xea;
const CHECKSUM_SEED = 0xef;
const HEADER_BYTES = 8;
const EXTENDED_HEADER_BYTES = 16;
const MOST_SEGMENTS = 16;
const MOST_SEGMENT_BYTES = 0x1000000;

export interface BootImage {
  readonly segments: readonly { address: number; bytes: number }[];
  readonly entry: number;
  /** With checksum and hash. */
  readonly bytes: number;
}

/** Reads bytes of a flash. */
export type ReadFlash = (address: number, length: number) => Uint8Array;

export const littleEndian = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) +
  (bytes[at + 1] ?? 0) * 256 +
  (bytes[at + 2] ?? 0) * 65536 +
  (bytes[at + 3] ?? 0) * 16777216;

/** The image at `address`, or in a few words why there is none that can run. */
export function readImage(read: ReadFlash, address: number, chip: ChipFacts): BootImage | string {
  if (chip.imageChipId === undefined && read(address, 1)[0] === FLASH_MAGIC) {
    const inFlash = 16 + littleEndian(read(address + 12, 4), 0);
    const image = inFlash > MOST_SEGMENT_BYTES ? "invalid length" : readImage(read, address + inFlash, chip);
    return typeof image === "string" ? image : { ...image, bytes: image.bytes + inFlash + 4 };
  }
  const header = read(address, HEADER_BYTES + EXTENDED_HEADER_BYTES);
  const [magic, count = 0] = header;
  if (magic !== MAGIC) return "invalid magic byte";
  if (count === 0 || count > MOST_SEGMENTS) return `invalid segment count ${count}`;
  const extended = chip.imageChipId !== undefined;
  if (extended && (header[12] ?? 0) + (header[13] ?? 0) * 256 !== chip.imageChipId) return "mismatch chip ID";
  const segments: { address: number; bytes: number }[] = [];
  let at = address + HEADER_BYTES + (extended ? EXTENDED_HEADER_BYTES : 0);
  let checksum = CHECKSUM_SEED;
  for (let index = 0; index < count; index++) {
    const place = read(at, 8);
    const bytes = littleEndian(place, 4);
    if (bytes > MOST_SEGMENT_BYTES) return `invalid segment length 0x${bytes.toString(16)}`;
    segments.push({ address: littleEndian(place, 0), bytes });
    for (const byte of read(at + 8, bytes)) checksum ^= byte;
    at += 8 + bytes;
  }
  // The checksum is the last byte of a multiple of 16.
  const end = address + 16 * Math.floor((at - address) / 16 + 1);
  if (read(end - 1, 1)[0] !== checksum) return "checksum failed";
  const hashed = extended && header[23] === 1;
  if (hashed) {
    const digest = createHash("sha256")
      .update(read(address, end - address))
      .digest();
    if (!digest.equals(read(end, 32))) return "hash mismatch";
  }
  return { segments, entry: littleEndian(header, 4), bytes: end - address + (hashed ? 32 : 0) };
}

export interface ImageContents {
  readonly segments: readonly { address: number; data: Uint8Array }[];
  readonly entry?: number;
  /** Mode of the flash, and its size and frequency, as in the header. Default: DIO, 4 MB, 40 MHz. */
  readonly flash?: readonly [mode: number, sizeAndFrequency: number];
  /** Whether a SHA-256 follows; always false on an ESP8266. Default true. */
  readonly hash?: boolean;
  /** On an ESP8266: what the program leaves in the flash. */
  readonly inFlash?: Uint8Array;
}

/** An image for this chip that any of its boot loaders takes. */
export function makeImage(chip: ChipFacts, contents: ImageContents): Uint8Array {
  const { inFlash } = contents;
  if (inFlash && chip.imageChipId === undefined) {
    const padded = new Uint8Array(16 * Math.ceil(inFlash.length / 16));
    padded.set(inFlash);
    const { inFlash: _, ...rest } = contents;
    const image = makeImage(chip, rest);
    const bytes = [FLASH_MAGIC, 4, 0, 0, ...image.subarray(4, 8), ...words(0), ...words(padded.length)];
    const whole = Uint8Array.from([...bytes, ...padded, ...image]);
    // gen_appbin.py of Espruino: the CRC-32 and one.
    return Uint8Array.from([...whole, ...words((crc32(whole) + 1) >>> 0)]);
  }
  const { segments, entry = segments[0]?.address ?? 0, flash = [2, 0x20] } = contents;
  const hash = chip.imageChipId !== undefined && (contents.hash ?? true);
  const bytes = [MAGIC, segments.length, ...flash, ...words(entry)];
  if (chip.imageChipId !== undefined)
    bytes.push(0xee, 0, 0, 0, chip.imageChipId, 0, ...Array<number>(9).fill(0), hash ? 1 : 0);
  let checksum = CHECKSUM_SEED;
  for (const { address, data } of segments) {
    bytes.push(...words(address), ...words(data.length));
    for (const byte of data) {
      bytes.push(byte);
      checksum ^= byte;
    }
  }
  while (bytes.length % 16 !== 15) bytes.push(0);
  bytes.push(checksum);
  if (hash) bytes.push(...createHash("sha256").update(Uint8Array.from(bytes)).digest());
  return Uint8Array.from(bytes);
}

export interface Partition {
  readonly name: string;
  readonly type: number;
  readonly subtype: number;
  readonly offset: number;
  readonly bytes: number;
}

const PARTITION_BYTES = 32;
const MOST_PARTITIONS = 95;

/** The partition table at `address`; undefined where there is none. */
export function readPartitions(read: ReadFlash, address: number): Partition[] | undefined {
  const partitions: Partition[] = [];
  for (let index = 0; index < MOST_PARTITIONS; index++) {
    const entry = read(address + index * PARTITION_BYTES, PARTITION_BYTES);
    if (entry[0] !== 0xaa || entry[1] !== 0x50) break;
    const name = String.fromCharCode(...entry.subarray(12, 28)).replace(/\0.*$/s, "");
    const [type = 0, subtype = 0] = entry.subarray(2, 4);
    partitions.push({ name, type, subtype, offset: littleEndian(entry, 4), bytes: littleEndian(entry, 8) });
  }
  return partitions.length === 0 ? undefined : partitions;
}

/** A table of `partitions` with its MD5, padded as gen_esp32part.py of ESP-IDF does. */
export function makePartitionTable(partitions: readonly Partition[]): Uint8Array {
  const bytes: number[] = [];
  for (const { name, type, subtype, offset, bytes: length } of partitions) {
    const label = Array.from({ length: 16 }, (_, at) => name.charCodeAt(at) || 0);
    bytes.push(0xaa, 0x50, type, subtype, ...words(offset), ...words(length), ...label, 0, 0, 0, 0);
  }
  const digest = createHash("md5").update(Uint8Array.from(bytes)).digest();
  bytes.push(0xeb, 0xeb, ...Array<number>(14).fill(0xff), ...digest);
  while (bytes.length < 0xc00) bytes.push(0xff);
  return Uint8Array.from(bytes);
}

function words(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}
