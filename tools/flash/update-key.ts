/** The key that signs updates of one lamp, made from `update.key`; the lamp holds nothing else. */
import { createHmac, pbkdf2Sync } from "node:crypto";

/** One guess of somebody who heard an update and tries words takes so many hashes. */
const ITERATIONS = 100_000;

/** Keys made before, as the same is asked for at each build: by the key and topic they were made of. */
const made = new Map<string, string>();

/** What a key is good for: a lamp by its topic, and its board profile, so that no bundle for another board is ever taken. */
export interface KeyPurpose {
  readonly board: string;
  readonly topic: string;
}

/**
 * 64 characters that carry 256 bits, different for each lamp: what one holds is of no use against another. They are letters whose two pads are
 * plain characters too, so that no byte of the bundle is spent on escapes.
 */
export function lampKey(updateKey: string, { board, topic }: KeyPurpose): string {
  const name = `${updateKey}\0${board}\0${topic}`;
  let key = made.get(name);
  if (key === undefined) {
    const bytes = pbkdf2Sync(updateKey, `wick update 1 ${board} ${topic}`, ITERATIONS, 32, "sha256");
    key = bytes.toString("hex").replace(/./g, (digit) => LETTERS[Number.parseInt(digit, 16)] ?? "");
    made.set(name, key);
  }
  return key;
}

/** Exclusive or 0x36 and 0x5c their codes are those of printable characters other than quotes and the backslash. */
const LETTERS = "abcdefghiklmnopq";

/** The key with every byte exclusive or 0x36 and 0x5c (RFC 2104), which is how the lamp holds it. */
export function pads(key: string): { inner: string; outer: string } {
  const pad = (mask: number) =>
    Buffer.from(Buffer.from(key, "latin1").map((byte) => byte ^ mask)).toString("latin1");
  return { inner: pad(0x36), outer: pad(0x5c) };
}

/** HMAC-SHA256 (RFC 2104). */
export function signature(key: string, content: Uint8Array): Buffer {
  return createHmac("sha256", Buffer.from(key, "latin1")).update(content).digest();
}
