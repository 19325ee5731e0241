/** Chooses, from the files of an Espruino release, those that a board needs, and makes sure of each before anything is written. Runs in Node and in browsers. */
import { Failure, UsageError } from "../../cli/errors.ts";
import type { BoardImage, BoardImages } from "../../config/profile.ts";
import { type Checksum, holdsChecksums, matches, parseChecksums } from "./checksums.ts";
import { type ChipImage, checkChipImage, ImageFault, withFlashWords } from "./chip-image.ts";
import { applicationAt, type Partition, readPartitionTable } from "./partition-table.ts";

/** A file of a release; `path` has `/` between folders. */
export interface ReleaseFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What goes where in the flash. */
export interface FlashRegion {
  readonly role: BoardImage["role"];
  /** Path in the release. */
  readonly file: string;
  /** Address in the flash, bytes. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Of programs: where its words on the flash are. */
  readonly image: ChipImage | undefined;
}

/** From an address up to another, which is the first byte after it. */
export interface FlashArea {
  readonly from: number;
  readonly to: number;
}

export interface EspruinoImages {
  readonly chip: BoardImages["chip"];
  /** Size of the board's flash as its profile has it, bytes. */
  readonly flashBytes: number;
  /** By address. None reaches into another, nor beyond the end of the flash. */
  readonly regions: readonly FlashRegion[];
  /** The area of the interpreter's Storage, which is left alone. */
  readonly storage: FlashArea | undefined;
  readonly mode: BoardImages["mode"];
  readonly frequency: BoardImages["frequency"];
  /** As the name of its folder says: `2v29`; undefined when it does not. */
  readonly version: string | undefined;
  /** One sentence on what the images were checked against. */
  readonly checked: string;
}

const SECTOR_BYTES = 4096;
/** esp_init_data_default.bin: one table of the radio. */
const INIT_DATA_BYTES = 128;

/** As the headers of images have them. */
const MODES = { qio: 0, qout: 1, dio: 2, dout: 3 } as const;
const FREQUENCIES = { "40m": 0, "26m": 1, "20m": 2, "80m": 0xf } as const;
/** Of an ESP8266: the two programs of a megabyte each, of which one is used, instead of 512 kB. */
const LARGE_PROGRAMS: readonly number[] = [5, 6];
const ESP8266_SIZES: readonly (readonly [megabytes: number, code: number])[] = [
  [0.5, 0],
  [1, 2],
  [2, 3],
  [4, 4],
  [8, 8],
  [16, 9],
];

/**
 * `where` is what the user wrote, for messages; `storage` where the profile has Storage, for chips without a partition table.
 * @throws UsageError when a file is missing, or there are several of a kind.
 * @throws Failure when a file is damaged, or for another chip.
 */
export async function chooseImages(
  files: readonly ReleaseFile[],
  images: BoardImages,
  where: string,
  storage?: FlashArea,
): Promise<EspruinoImages> {
  const chosen = chooseFolder(files, images, where);
  const checked = await checkAgainstSums(files, chosen, where);
  const regions: FlashRegion[] = [];
  let partitions: readonly Partition[] | undefined;
  for (const { part, file } of chosen) {
    const { bytes, path } = file;
    const looked = await look(part, bytes, images.chip).catch((error: unknown) => {
      if (error instanceof ImageFault) throw new Failure(damaged(`${where}: ${path}`, error));
      throw error;
    });
    partitions = looked.partitions ?? partitions;
    regions.push({ role: part.role, file: path, offset: part.offset, bytes, image: looked.image });
  }
  regions.sort((one, other) => one.offset - other.offset);
  const partition = partitions?.find(({ name }) => name === "storage");
  const area = partition ? { from: partition.offset, to: partition.offset + partition.bytes } : storage;
  mustFitPartition(regions, partitions, where);
  mustNotOverlap(regions, images.flashBytes, area, where);
  return {
    chip: images.chip,
    flashBytes: images.flashBytes,
    regions,
    storage: area,
    mode: images.mode,
    frequency: images.frequency,
    version: /(?:^|\/)espruino_(\d+v[\d.]+)_/i.exec(chosen[0]?.file.path ?? where)?.[1],
    checked,
  };
}

/**
 * The images as they go onto a flash of `flashBytes`: the header of the boot loader says mode, frequency and size, as the flags of esptool in
 * targets/esp32/README_flash*.txt and targets/esp8266/README_flash.txt of Espruino have it.
 */
export async function forFlash(images: EspruinoImages, flashBytes: number): Promise<FlashRegion[]> {
  const firmware = images.regions.find(({ role }) => role === "firmware");
  const own = firmware?.bytes[(firmware.image?.flashWordsAt ?? 0) + 1] ?? 0;
  const size = sizeCode(images.chip, flashBytes, own >> 4);
  const words = [MODES[images.mode], (size << 4) | FREQUENCIES[images.frequency]] as const;
  return Promise.all(
    images.regions.map(async (region) =>
      region.role === "bootloader" && region.image
        ? { ...region, bytes: await withFlashWords(region.bytes, region.image, words) }
        : region,
    ),
  );
}

/** `ofFirmware` is the code in the program's header: an ESP8266's says how programs share the flash, too. */
function sizeCode(chip: BoardImages["chip"], flashBytes: number, ofFirmware: number): number {
  const megabytes = flashBytes / 0x100000;
  if (chip !== "ESP8266") return Math.round(Math.log2(megabytes));
  if (LARGE_PROGRAMS.includes(ofFirmware)) return ofFirmware;
  return ESP8266_SIZES.find(([size]) => size === megabytes)?.[1] ?? ofFirmware;
}

interface Chosen {
  readonly part: BoardImage;
  readonly file: ReleaseFile;
}

/** All parts come from one folder: a release for several chips has a folder for each, with files of the same names. */
function chooseFolder(files: readonly ReleaseFile[], images: BoardImages, where: string): Chosen[] {
  const folders = [...new Set(files.map(({ path }) => folderOf(path)))];
  const found = folders.map((folder) => ({
    folder,
    parts: images.parts.map((part) => ({
      part,
      files: files.filter(({ path }) => folderOf(path) === folder && isNamed(path, part.file)),
    })),
  }));
  const whole = found.filter(({ parts }) => parts.every((part) => part.files.length > 0));
  const fitting = whole.filter(({ folder }) => isNamed(folder, images.folder));
  const [only, another] = fitting.length > 0 ? fitting : whole;
  if (!only) throw new UsageError(nothingWhole(found, images, where));
  if (another) {
    const names = (fitting.length > 0 ? fitting : whole).map(({ folder }) => folder || ".").join(", ");
    throw new UsageError(
      `${where} holds Espruino for the ${images.chip} in several folders: ${names}; unpack it and name one of them with --espruino`,
    );
  }
  return only.parts.map(({ part, files: [file, second] }) => {
    if (second)
      throw new UsageError(
        `${where} holds several files for the ${part.role}: ${file?.path}, ${second.path}; leave one of them there`,
      );
    return { part, file: file as ReleaseFile };
  });
}

function nothingWhole(
  found: readonly { folder: string; parts: readonly { part: BoardImage; files: ReleaseFile[] }[] }[],
  images: BoardImages,
  where: string,
): string {
  const missing = (parts: (typeof found)[number]["parts"]) => parts.filter(({ files }) => files.length === 0);
  const [best] = [...found].sort((one, other) => missing(one.parts).length - missing(other.parts).length);
  const needed = images.parts.map(({ file }) => file).join(", ");
  if (!best || missing(best.parts).length === images.parts.length)
    return `${where} holds no Espruino for the ${images.chip}; needed are ${needed}, from the release of espruino.com`;
  const lacks = missing(best.parts).map(({ part }) => `${part.file} (${part.role})`);
  return `${where} lacks ${lacks.join(" and ")}; needed for the ${images.chip} are ${needed}, from one release`;
}

async function look(
  part: BoardImage,
  bytes: Uint8Array,
  chip: BoardImages["chip"],
): Promise<{ image?: ChipImage; partitions?: Partition[] }> {
  if (part.role === "bootloader" || part.role === "firmware")
    return { image: await checkChipImage(bytes, chip) };
  if (part.role === "partition-table") return { partitions: readPartitionTable(bytes) };
  if (part.role === "init-data" && bytes.length !== INIT_DATA_BYTES)
    throw new ImageFault(`has ${bytes.length} bytes; the radio's defaults are ${INIT_DATA_BYTES}`);
  if (part.role === "blank" && bytes.some((byte) => byte !== 0xff))
    throw new ImageFault("is not blank: some of its bytes are not 0xff");
  return {};
}

/** What a checksum file says comes first; a file that it does not name is left to its own checks. */
async function checkAgainstSums(
  files: readonly ReleaseFile[],
  chosen: readonly Chosen[],
  where: string,
): Promise<string> {
  const sums = files.filter(({ path }) => holdsChecksums(path));
  const used = new Set<string>();
  for (const { file } of chosen) {
    for (const sum of sums) {
      const checksum = checksumFor(file.path, sum, chosen);
      if (!checksum) continue;
      if (!(await matches(file.bytes, checksum)))
        throw new Failure(
          damaged(`${where}: ${file.path}`, new ImageFault(`is damaged: ${sum.path} says otherwise`)),
        );
      used.add(sum.path);
    }
  }
  if (used.size > 0) return `The images are what ${[...used].join(" and ")} of the release says.`;
  const brought =
    sums.length > 0 ? `${sums[0]?.path} names none of these files` : "The release brings no checksum file";
  return `${brought}; the images' own checksums are right.`;
}

function checksumFor(path: string, sum: ReleaseFile, chosen: readonly Chosen[]): Checksum | undefined {
  const lines = parseChecksums(new TextDecoder().decode(sum.bytes));
  const folder = folderOf(sum.path);
  const inFolder = (name: string): string =>
    (folder === "" ? name : `${folder}/${name}`).replace(/\/\.\//g, "/");
  const own = sum.path.replace(/\.(?:sha256|md5)(?:sums?)?(?:\.txt)?$/i, "");
  const exact = lines.find(
    (line) => inFolder(line.path.replace(/^\.\//, "")) === path || (line.path === "" && own === path),
  );
  // Made elsewhere, with other folders: the name must then be of one file only.
  const name = nameOf(path);
  const named = lines.filter((line) => line.path !== "" && nameOf(line.path) === name);
  const alone = chosen.filter(({ file }) => nameOf(file.path) === name).length === 1;
  return exact ?? (named.length === 1 && alone ? named[0] : undefined);
}

function mustFitPartition(
  regions: readonly FlashRegion[],
  partitions: readonly Partition[] | undefined,
  where: string,
): void {
  const firmware = regions.find(({ role }) => role === "firmware");
  if (!partitions || !firmware) return;
  const partition = applicationAt(partitions, firmware.offset);
  const place = `0x${firmware.offset.toString(16)}`;
  if (!partition)
    throw new Failure(
      `${where}: the partition table has no program at ${place}; the files are not of one release`,
    );
  if (firmware.bytes.length > partition.bytes)
    throw new Failure(
      `${where}: ${firmware.file} has ${firmware.bytes.length} bytes, its partition ${partition.bytes}; the files are not of one release`,
    );
}

function mustNotOverlap(
  regions: readonly FlashRegion[],
  flashBytes: number,
  storage: EspruinoImages["storage"],
  where: string,
): void {
  let end = 0;
  let before = "the beginning of the flash";
  for (const { file, offset, bytes } of regions) {
    // Whole sectors are erased.
    const from = Math.floor(offset / SECTOR_BYTES) * SECTOR_BYTES;
    const to = Math.ceil((offset + bytes.length) / SECTOR_BYTES) * SECTOR_BYTES;
    if (from < end)
      throw new Failure(`${where}: ${file} would overwrite ${before}; the files are not of one release`);
    if (to > flashBytes)
      throw new Failure(
        `${where}: ${file} ends beyond the ${flashBytes / 0x100000} MB of this board's flash`,
      );
    if (storage && from < storage.to && to > storage.from)
      throw new Failure(
        `${where}: ${file} would overwrite the board's Storage; the files are not of one release`,
      );
    end = to;
    before = file;
  }
}

function damaged(what: string, fault: ImageFault): string {
  return `${what} ${fault.message}; fetch the release once more from espruino.com`;
}

function isNamed(path: string, pattern: string): boolean {
  const parts = pattern.split("*").map((text) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}$`, "i").test(nameOf(path));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
