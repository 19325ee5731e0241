/** Checksum files that a release may bring: SHA256SUMS, MD5SUMS, NAME.sha256 and the like, as sha256sum and md5sum write them. */
import { sha256 } from "./chip-image.ts";
import { md5 } from "./md5.ts";

/** Whether a file of this name holds checksums of others. */
export function holdsChecksums(path: string): boolean {
  return /(?:^|\/)(?:sha256|md5|check)-?sums?(?:\.txt)?$|\.(?:sha256|md5)(?:sums?)?(?:\.txt)?$/i.test(path);
}

export interface Checksum {
  /** Lower-case hexadecimal digits: 64 of SHA-256, 32 of MD5. */
  readonly digest: string;
  /** Path as the checksum file writes it; empty: the file that the checksum file is named after. */
  readonly path: string;
}

/** The lines "DIGEST  PATH", "DIGEST *PATH", "SHA256 (PATH) = DIGEST", or a digest alone; others are passed over. */
export function parseChecksums(text: string): Checksum[] {
  const found: Checksum[] = [];
  for (const line of text.split(/\r?\n/)) {
    const plain = /^\s*([0-9a-f]{64}|[0-9a-f]{32})(?:\s+\*?(\S.*?))?\s*$/i.exec(line);
    const tagged = /^\s*(?:SHA256|MD5)\s*\((.+)\)\s*=\s*([0-9a-f]{64}|[0-9a-f]{32})\s*$/i.exec(line);
    if (plain) found.push({ digest: (plain[1] ?? "").toLowerCase(), path: plain[2] ?? "" });
    else if (tagged) found.push({ digest: (tagged[2] ?? "").toLowerCase(), path: tagged[1] ?? "" });
  }
  return found;
}

/** Whether `bytes` have this digest, whichever kind it is. */
export async function matches(bytes: Uint8Array, { digest }: Checksum): Promise<boolean> {
  return (digest.length === 64 ? await sha256(bytes) : md5(bytes)) === digest;
}
