/** Writes a file that holds secrets: its owner alone can read it, from its first byte on. */
import { closeSync, fchmodSync, fstatSync, openSync, writeFileSync } from "node:fs";

const OWNER_ONLY = 0o600;

/** As `writeFileSync`; a file that is there already loses what others may do with it. @throws NodeJS.ErrnoException */
export function writePrivate(path: string, content: string | Uint8Array, encoding?: BufferEncoding): void {
  const file = openSync(path, "w", OWNER_ONLY);
  try {
    keepPrivate(file);
    writeFileSync(file, content, encoding);
  } finally {
    closeSync(file);
  }
}

/** A device such as /dev/stdout stays as it is, and so does a file on a file system without such bits. */
function keepPrivate(file: number): void {
  const facts = fstatSync(file);
  if (!facts.isFile() || (facts.mode & 0o077) === 0) return;
  try {
    fchmodSync(file, OWNER_ONLY);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "ENOSYS"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
