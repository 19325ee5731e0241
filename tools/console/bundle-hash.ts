/** The hash by which a bundle is known on the desk and on the board: made of pieces, so that the board never needs the whole in RAM. */

/** The board hashes pieces of so many bytes, one after the other. */
export const HASH_PIECE_BYTES = 1024;

/**
 * SHA-256, as 64 lower-case hexadecimal digits, of the SHA-256 digests of the bundle's pieces of 1,024 bytes, one after the other. An empty bundle
 * has no pieces: its hash is that of nothing.
 */
export async function bundleHash(bundle: Uint8Array): Promise<string> {
  const digests = [];
  for (let offset = 0; offset < bundle.length; offset += HASH_PIECE_BYTES)
    digests.push(await sha256(bundle.subarray(offset, offset + HASH_PIECE_BYTES)));
  const joined = new Uint8Array(digests.length * 32);
  for (const [index, digest] of digests.entries()) joined.set(digest, index * 32);
  return hex(await sha256(joined));
}

/** As `E.CRC32` of the board gives it (IEEE 802.3, 0 to 4294967295), for boards whose crypto lacks SHA-256. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  // A copy: WebCrypto takes no view of memory that may be shared.
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
