// The bundle's hash: the same on the desk and on the board, for every length around a piece's end.
import { createHash } from "node:crypto";
import { crc32 as zlibCrc32 } from "node:zlib";
import { expect, test } from "vitest";
import { bundleHash, crc32 } from "../tools/console/bundle-hash.ts";

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 31 + 7) & 255);

function sha256(parts: Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

test.each([0, 1, 1023, 1024, 1025, 2048, 9216, 9300])("of %i bytes", async (length) => {
  const bundle = bytes(length);
  const pieces = [];
  for (let at = 0; at < length; at += 1024) pieces.push(sha256([bundle.subarray(at, at + 1024)]));
  expect(await bundleHash(bundle)).toBe(sha256(pieces).toString("hex"));
});

test("the empty bundle has the hash of nothing", async () => {
  expect(await bundleHash(new Uint8Array())).toBe(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});

test("a bundle within a larger buffer is hashed alone", async () => {
  expect(await bundleHash(bytes(3000).subarray(100, 1500))).toBe(
    await bundleHash(bytes(3000).slice(100, 1500)),
  );
});

test("CRC32 is the usual one", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  expect(crc32(bytes(5000))).toBe(zlibCrc32(bytes(5000)));
});
