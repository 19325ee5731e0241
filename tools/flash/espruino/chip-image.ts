/** Program images for ESP chips (esptool, "Firmware image format"): whether one is whole, for which chip it is, and its words on the flash. */
import { crc32 } from "../../console/bundle-hash.ts";
import { hex } from "./md5.ts";

export type ChipName = "ESP32" | "ESP32-S3" | "ESP32-C3" | "ESP8266";

/** As extended headers name chips; those that no profile has are known so that they can be named. */
const CHIP_IDS: Readonly<Record<number, string>> = {
  0: "ESP32",
  2: "ESP32-S2",
  5: "ESP32-C3",
  9: "ESP32-S3",
  12: "ESP32-C2",
  13: "ESP32-C6",
  16: "ESP32-H2",
  18: "ESP32-P4",
  20: "ESP32-C61",
  23: "ESP32-C5",
};

const MAGIC = 0xe9;
/** Of programs for the boot loader of an ESP8266: what stays in the flash comes first, then an image as above, then a CRC-32. */
const FLASH_MAGIC = 0xea;
const HEADER_BYTES = 8;
const EXTENDED_HEADER_BYTES = 16;
const DIGEST_BYTES = 32;
const MOST_SEGMENTS = 16;
const CHECKSUM_SEED = 0xef;

/** What an image says of itself, after it was found whole. */
export interface ChipImage {
  /** Bytes up to its end, checksums included; what follows in the file is no part of it. */
  readonly bytes: number;
  /** Where the two bytes on the flash's mode, speed and size are. */
  readonly flashWordsAt: number;
  /** Where its SHA-256 is; undefined when it has none. */
  readonly digestAt: number | undefined;
}

/** An image is not what is needed; the message goes on after its name: "is cut off: …". */
export class ImageFault extends Error {
  override readonly name = "ImageFault";
}

/**
 * Checks magic number, chip, segments, checksum and, where it has one, SHA-256 or CRC-32.
 * @throws ImageFault
 */
export async function checkChipImage(bytes: Uint8Array, chip: ChipName): Promise<ChipImage> {
  if (bytes.length === 0) throw new ImageFault("is empty");
  if (bytes[0] === FLASH_MAGIC) return checkProgramInFlash(bytes, chip);
  if (bytes[0] !== MAGIC) {
    throw new ImageFault(
      `is no image for an ESP chip: it begins with 0x${hex(bytes.subarray(0, 1))} instead of 0xe9`,
    );
  }
  const extended = chip !== "ESP8266";
  if (extended) mustBeFor(bytes, chip);
  const header = HEADER_BYTES + (extended ? EXTENDED_HEADER_BYTES : 0);
  const end = checkSegments(bytes, 0, header);
  if (!extended || bytes[23] !== 1) return { bytes: end, flashWordsAt: 2, digestAt: undefined };
  mustHold(bytes, end + DIGEST_BYTES);
  const digest = await sha256(bytes.subarray(0, end));
  if (digest !== hex(bytes.subarray(end, end + DIGEST_BYTES)))
    throw new ImageFault("is damaged: its SHA-256 is not that of its content");
  return { bytes: end + DIGEST_BYTES, flashWordsAt: 2, digestAt: end };
}

/** A copy in which the bytes on the flash's mode, speed and size are these, and the SHA-256 is right again. */
export async function withFlashWords(
  bytes: Uint8Array,
  image: ChipImage,
  words: readonly [mode: number, sizeAndSpeed: number],
): Promise<Uint8Array> {
  const changed = bytes.slice();
  changed.set(words, image.flashWordsAt);
  if (image.digestAt === undefined) return changed;
  const digest = await crypto.subtle.digest("SHA-256", changed.slice(0, image.digestAt));
  changed.set(new Uint8Array(digest), image.digestAt);
  return changed;
}

export async function sha256(bytes: Uint8Array): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice())));
}

function mustBeFor(bytes: Uint8Array, chip: ChipName): void {
  const id = (bytes[12] ?? 0) + (bytes[13] ?? 0) * 256;
  const found = CHIP_IDS[id] ?? `a chip with the number ${id}`;
  if (found === chip) return;
  // An ESP8266 has no such field: there stands the size of a segment.
  throw new ImageFault(
    `is for ${id > 255 ? "another chip, perhaps an ESP8266" : `the ${found}`}, not the ${chip}`,
  );
}

/** Goes through the segments and compares the checksum; returns where the image ends. */
function checkSegments(bytes: Uint8Array, from: number, header: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = bytes[from + 1] ?? 0;
  if (segments === 0 || segments > MOST_SEGMENTS)
    throw new ImageFault(`is damaged: it says it has ${segments} segments; allowed is 1 to ${MOST_SEGMENTS}`);
  let at = from + header;
  let checksum = CHECKSUM_SEED;
  for (let index = 0; index < segments; index++) {
    mustHold(bytes, at + 8);
    const end = at + 8 + view.getUint32(at + 4, true);
    mustHold(bytes, end);
    for (at += 8; at < end; at++) checksum ^= bytes[at] ?? 0;
  }
  // The checksum is the last byte of a multiple of 16.
  const end = from + 16 * Math.floor((at - from) / 16 + 1);
  mustHold(bytes, end);
  if (bytes[end - 1] !== checksum)
    throw new ImageFault("is damaged: its checksum is not that of its content");
  return end;
}

function checkProgramInFlash(bytes: Uint8Array, chip: ChipName): ChipImage {
  if (chip !== "ESP8266") throw new ImageFault(`is for the ESP8266, not the ${chip}`);
  mustHold(bytes, 16);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const second = 16 + view.getUint32(12, true);
  mustHold(bytes, second + HEADER_BYTES);
  if (bytes[second] !== MAGIC)
    throw new ImageFault("is damaged: the second header is not where the first one says");
  const end = checkSegments(bytes, second, HEADER_BYTES);
  mustHold(bytes, end + 4);
  const crc = crc32(bytes.subarray(0, end));
  const found = view.getUint32(end, true);
  // The SDK's tool takes the checksum for a signed number; Espruino's, being of a later Python, does not.
  if (found !== (crc + 1) >>> 0 && found !== ~crc >>> 0)
    throw new ImageFault("is damaged: its CRC-32 is not that of its content");
  return { bytes: end + 4, flashWordsAt: second + 2, digestAt: undefined };
}

function mustHold(bytes: Uint8Array, length: number): void {
  if (bytes.length >= length) return;
  throw new ImageFault(`is cut off: it has ${bytes.length} bytes of at least ${length}`);
}
