// Which files of an Espruino release go onto a board, and what is refused before anything is written.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadFirmwareImage } from "esptool-js/lib/image/index.js";
import { ESP32ROM } from "esptool-js/lib/targets/esp32.js";
import { zipSync } from "fflate";
import { create } from "tar";
import { afterEach, describe, expect, test } from "vitest";
import { CHIPS } from "../sim/rom/chips.ts";
import { makeImage } from "../sim/rom/image.ts";
import { Failure, UsageError } from "../tools/cli/errors.ts";
import { checkChipImage } from "../tools/flash/espruino/chip-image.ts";
import { chooseImages, forFlash, type ReleaseFile } from "../tools/flash/espruino/images.ts";
import { md5 } from "../tools/flash/espruino/md5.ts";
import { readRelease } from "../tools/flash/espruino/release.ts";
import { boardWith, CHIP_NAMES, noise, releaseFor, withFile } from "./fixtures/espruino-release.ts";

const esp32 = boardWith("ESP32").images;
const release = releaseFor("ESP32");
const chosen = (files: readonly ReleaseFile[], images = esp32) => chooseImages(files, images, "RELEASE");

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A folder with these files. */
function unpacked(files: readonly ReleaseFile[]): string {
  const folder = mkdtempSync(join(tmpdir(), "wick-release-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

async function tarOf(files: readonly ReleaseFile[], gzip: boolean): Promise<string> {
  const folder = unpacked(files);
  const file = join(folder, gzip ? "release.tgz" : "release.tar");
  await create({ file, cwd: folder, gzip }, [
    ...new Set(files.map(({ path }) => path.split("/")[0] ?? path)),
  ]);
  return file;
}

function zipOf(files: readonly ReleaseFile[]): string {
  const folder = unpacked([]);
  const file = join(folder, "release.zip");
  writeFileSync(
    file,
    zipSync(Object.fromEntries(files.map(({ path, bytes }) => [path, bytes])), { level: 1 }),
  );
  return file;
}

describe("from a whole release", () => {
  for (const chip of CHIP_NAMES) {
    test(`the files for ${chip} are found, each at the address of the profile`, async () => {
      const { images } = boardWith(chip);
      const everything = CHIP_NAMES.flatMap((name) => releaseFor(name));
      const { regions, version, checked } = await chosen(everything, images);
      expect(regions.map(({ role, offset }) => `${role} ${offset}`).sort()).toEqual(
        images.parts.map(({ role, offset }) => `${role} ${offset}`).sort(),
      );
      expect(new Set(regions.map(({ file }) => dirname(file)))).toEqual(
        new Set([images.folder.replace("*", "2v29")]),
      );
      expect(version).toBe("2v29");
      expect(checked).toBe("The release brings no checksum file; the images' own checksums are right.");
    });
  }

  test("an unpacked folder, a .tgz, a .tar and a .zip hold the same", async () => {
    const places = [
      unpacked(release),
      await tarOf(release, true),
      await tarOf(release, false),
      zipOf(release),
    ];
    for (const place of places) {
      const { regions } = await chosen(await readRelease(place));
      expect(regions.map(({ bytes }) => md5(bytes))).toEqual(release.map(({ bytes }) => md5(bytes)));
    }
  });

  test("the folder of one chip alone is a release too", async () => {
    const flat = release.map(({ path, bytes }) => ({ path: path.split("/")[1] ?? "", bytes }));
    expect((await chosen(await readRelease(unpacked(flat)))).regions).toHaveLength(3);
  });

  test("Storage is where the partition table or, on an ESP8266, the profile says", async () => {
    expect((await chosen(release)).storage).toEqual({ from: 0x320000, to: 0x400000 });
    const area = { from: 0xcb000, to: 0xfb000 };
    const { images } = boardWith("ESP8266");
    expect((await chooseImages(releaseFor("ESP8266"), images, "RELEASE", area)).storage).toEqual(area);
  });
});

describe("the header of the boot loader", () => {
  test("says the size of the flash that was found, and its SHA-256 is right again", async () => {
    const regions = await forFlash(await chosen(release), 0x1000000);
    const boot = regions.find(({ role }) => role === "bootloader")?.bytes ?? new Uint8Array();
    // DIO; 16 MB, 40 MHz.
    expect([boot[2], boot[3]]).toEqual([2, 0x40]);
    await expect(checkChipImage(boot, "ESP32")).resolves.toMatchObject({ bytes: boot.length });
    const others = regions.filter(({ role }) => role !== "bootloader").map(({ bytes }) => md5(bytes));
    expect(others).toEqual(release.slice(1).map(({ bytes }) => md5(bytes)));
  });

  test("of an ESP8266 keeps how the program shares the flash", async () => {
    const { images } = boardWith("ESP8266");
    const [boot] = await forFlash(await chosen(releaseFor("ESP8266"), images), 0x400000);
    // DIO, as the profile has it; 4 MB in two halves of 1 MB, 80 MHz.
    expect([boot?.bytes[2], boot?.bytes[3]]).toEqual([2, 0x6f]);
  });
});

describe("refused in one line, as a mistake of the command line (exit code 2)", () => {
  const cases: Record<string, [files: readonly ReleaseFile[], message: string]> = {
    "a missing file": [
      release.slice(0, 2),
      "RELEASE lacks espruino_esp32.bin (firmware); needed for the ESP32 are bootloader.bin, partitions_espruino.bin, espruino_esp32.bin, from one release",
    ],
    "no Espruino at all": [
      [{ path: "readme.bin", bytes: new Uint8Array(4) }],
      "RELEASE holds no Espruino for the ESP32; needed are bootloader.bin, partitions_espruino.bin, espruino_esp32.bin, from the release of espruino.com",
    ],
    "two releases": [
      [...release, ...release.map(({ path, bytes }) => ({ path: path.replace("2v29", "2v30"), bytes }))],
      "RELEASE holds Espruino for the ESP32 in several folders: espruino_2v29_esp32, espruino_2v30_esp32; unpack it and name one of them with --espruino",
    ],
  };
  for (const [what, [files, message]] of Object.entries(cases)) {
    test(what, async () => {
      await expect(chosen(files)).rejects.toThrow(new UsageError(message));
    });
  }

  test("a path where nothing is, and a file that is no archive", async () => {
    const folder = unpacked([{ path: "notes.txt", bytes: noise(600) }]);
    await expect(readRelease(join(folder, "nowhere"))).rejects.toThrow(UsageError);
    await expect(readRelease(join(folder, "notes.txt"))).rejects.toThrow(/neither a folder nor a .tgz/);
  });
});

describe("refused in one line before anything is written (exit code 1)", () => {
  const firmware = "espruino_esp32.bin";
  const flipped = (at: number) => (bytes: Uint8Array) => {
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    return bytes;
  };
  const named = `RELEASE: espruino_2v29_esp32/${firmware}`;
  const again = "; fetch the release once more from espruino.com";
  const cases: Record<string, [files: readonly ReleaseFile[], message: string]> = {
    "a firmware that is cut off": [
      withFile(release, firmware, (bytes) => bytes.subarray(0, 9000)),
      `${named} is cut off: it has 9000 bytes of at least 24032${again}`,
    ],
    "a firmware with a flipped bit": [
      withFile(release, firmware, flipped(9000)),
      `${named} is damaged: its checksum is not that of its content${again}`,
    ],
    "a firmware whose checksum was bent along with it": [
      withFile(release, firmware, (bytes) => flipped(9000)(flipped(9001)(bytes))),
      `${named} is damaged: its SHA-256 is not that of its content${again}`,
    ],
    "a firmware for another chip": [
      withFile(release, firmware, () => releaseFor("ESP32-C3").at(-1)?.bytes ?? new Uint8Array()),
      `${named} is for the ESP32-C3, not the ESP32${again}`,
    ],
    "an empty firmware": [withFile(release, firmware, () => new Uint8Array()), `${named} is empty${again}`],
    "a page of HTML under the name of the firmware": [
      withFile(release, firmware, () => new TextEncoder().encode("<!doctype html>")),
      `${named} is no image for an ESP chip: it begins with 0x3c instead of 0xe9${again}`,
    ],
    "a partition table with a flipped bit": [
      withFile(release, "partitions_espruino.bin", flipped(40)),
      `RELEASE: espruino_2v29_esp32/partitions_espruino.bin is damaged: its MD5 is not that of its content${again}`,
    ],
    "a firmware larger than its partition": [
      releaseFor("ESP32", 0x180000),
      `${named} has 1572944 bytes, its partition 1572864; the files are not of one release`,
    ],
  };
  for (const [what, [files, message]] of Object.entries(cases)) {
    test(what, async () => {
      await expect(chosen(files)).rejects.toThrow(new Failure(message));
    });
  }

  test("an ESP8266 program with a flipped bit in the part that its checksum leaves out", async () => {
    const { images } = boardWith("ESP8266");
    const files = withFile(releaseFor("ESP8266"), "user1.bin", flipped(2000));
    await expect(chosen(files, images)).rejects.toThrow(/user1.bin is damaged: its CRC-32/);
  });

  test("archives that are torn", async () => {
    for (const archive of [await tarOf(release, true), await tarOf(release, false), zipOf(release)]) {
      truncateSync(archive, 20_000);
      await expect(readRelease(archive)).rejects.toThrow(/is torn \(.+\); fetch the release once more/);
    }
  });
});

describe("checksums that a release brings", () => {
  const sums = (digest: (bytes: Uint8Array) => string) =>
    new TextEncoder().encode(release.map(({ path, bytes }) => `${digest(bytes)}  ${path}\n`).join(""));
  const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

  test("are compared, SHA-256 and MD5", async () => {
    for (const [path, digest] of [
      ["SHA256SUMS", sha256],
      ["md5sums.txt", md5],
    ] as const) {
      const { checked } = await chosen([...release, { path, bytes: sums(digest) }]);
      expect(checked).toBe(`The images are what ${path} of the release says.`);
    }
  });

  test("find an image that is right in itself and yet another one", async () => {
    const other = makeImage(CHIPS.ESP32, { segments: [{ address: 0x40080000, data: noise(500) }] });
    const files = withFile(release, "espruino_esp32.bin", () => other);
    await expect(chosen([...files, { path: "SHA256SUMS", bytes: sums(sha256) }])).rejects.toThrow(
      new Failure(
        "RELEASE: espruino_2v29_esp32/espruino_esp32.bin is damaged: SHA256SUMS says otherwise; fetch the release once more from espruino.com",
      ),
    );
  });

  test("that name other files are said to be of no use", async () => {
    const bytes = new TextEncoder().encode(`${sha256(noise(3))}  elsewhere.bin\n`);
    const { checked } = await chosen([...release, { path: "SHA256SUMS", bytes }]);
    expect(checked).toBe("SHA256SUMS names none of these files; the images' own checksums are right.");
  });
});

test("MD5 is that of Node's crypto for every length around a block", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = noise(length, length + 1);
    expect(md5(bytes)).toBe(createHash("md5").update(bytes).digest("hex"));
  }
});

test("the images that the tests make are images to esptool-js too", async () => {
  const image = makeImage(CHIPS.ESP32, { segments: [{ address: 0x40080000, data: noise(1000) }] });
  const read = await loadFirmwareImage(new ESP32ROM(), image);
  expect(read.segments).toHaveLength(1);
  expect(read.checksum).toBe(read.calculateChecksum());
});
