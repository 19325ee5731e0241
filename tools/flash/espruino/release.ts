/** Reads an Espruino release from disk: an unpacked folder, a .tgz, a .zip. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { crc32, gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { Parser } from "tar";
import { Failure, UsageError } from "../../cli/errors.ts";
import { holdsChecksums } from "./checksums.ts";
import type { ReleaseFile } from "./images.ts";

/** A release for all boards is some 30 MB unpacked; what is far more is none. */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_FILES = 2000;
const DEPTH = 3;

/**
 * The images and checksum files of a release. Nothing is written, nothing downloaded.
 * @throws UsageError when there is no such folder or archive.
 * @throws Failure when an archive is torn.
 */
export async function readRelease(path: string): Promise<ReleaseFile[]> {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : (error as Error).message;
    throw new UsageError(
      `--espruino ${path} ${reason}; name a folder, .tgz or .zip with a release from espruino.com/binaries`,
    );
  }
  if (isFolder) return fromFolder(path);
  const bytes = readFileSync(path);
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b)
      return await fromTar(gunzipSync(bytes, { maxOutputLength: MOST_BYTES }));
    if (bytes[0] === 0x50 && bytes[1] === 0x4b) return fromZip(bytes);
    if (bytes.subarray(257, 262).toString("latin1") === "ustar") return await fromTar(bytes);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      `${path} is torn (${(error as Error).message}); fetch the release once more from espruino.com`,
    );
  }
  throw new UsageError(
    `--espruino ${path} is neither a folder nor a .tgz, .tar or .zip; name one with a release of Espruino`,
  );
}

function isWanted(path: string): boolean {
  return /\.bin$/i.test(path) || holdsChecksums(path);
}

function fromFolder(folder: string): ReleaseFile[] {
  const files: ReleaseFile[] = [];
  const visit = (place: string, depth: number): void => {
    for (const entry of readdirSync(place, { withFileTypes: true })) {
      const path = join(place, entry.name);
      if (entry.isDirectory() && depth < DEPTH && !entry.name.startsWith(".")) visit(path, depth + 1);
      if (!entry.isDirectory() && isWanted(entry.name)) {
        if (files.length >= MOST_FILES)
          throw new UsageError(
            `--espruino ${folder} holds more than ${MOST_FILES} images; name the folder of one release`,
          );
        files.push({ path: relative(folder, path).split(sep).join("/"), bytes: readFileSync(path) });
      }
    }
  };
  visit(folder, 0);
  return files;
}

function fromTar(bytes: Uint8Array): Promise<ReleaseFile[]> {
  return new Promise((resolve, reject) => {
    const files: ReleaseFile[] = [];
    // Two blocks of zeros end an archive: without them some of it is missing.
    if (!Buffer.from(bytes.subarray(-1024)).equals(Buffer.alloc(1024))) {
      reject(new Error("its end is missing"));
      return;
    }
    const parser = new Parser({
      strict: true,
      onReadEntry(entry) {
        const pieces: Buffer[] = [];
        const wanted = entry.type === "File" && isWanted(entry.path) && files.length < MOST_FILES;
        if (!wanted) {
          entry.resume();
          return;
        }
        entry.on("data", (piece: Buffer) => pieces.push(piece));
        entry.on("end", () =>
          files.push({ path: entry.path.replace(/^\.\//, ""), bytes: Buffer.concat(pieces) }),
        );
      },
    });
    parser.on("error", reject);
    parser.on("end", () => resolve(files));
    parser.end(Buffer.from(bytes));
  });
}

function fromZip(bytes: Uint8Array): ReleaseFile[] {
  let size = 0;
  const unzipped = unzipSync(bytes, {
    filter({ name, originalSize }) {
      if (!isWanted(name)) return false;
      size += originalSize;
      if (size > MOST_BYTES) throw new Error(`more than ${MOST_BYTES / 1048576} MB of images`);
      return true;
    },
  });
  const sums = zipChecksums(bytes);
  return Object.entries(unzipped).map(([path, content]) => {
    const sum = sums.get(path);
    if (sum !== undefined && sum !== crc32(content)) throw new Error(`the checksum of ${path} is wrong`);
    return { path, bytes: content };
  });
}

/** The CRC-32 of each file, from the archive's directory (APPNOTE.TXT 4.3.12), which fflate does not compare. */
function zipChecksums(bytes: Uint8Array): Map<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sums = new Map<string, number>();
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) return sums;
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0 && at + 46 <= bytes.length; left--) {
    if (view.getUint32(at, true) !== 0x02014b50) break;
    const length = view.getUint16(at + 28, true);
    sums.set(
      Buffer.from(bytes.subarray(at + 46, at + 46 + length)).toString("utf8"),
      view.getUint32(at + 16, true),
    );
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return sums;
}
