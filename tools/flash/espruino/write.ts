/** Writes Espruino itself onto an ESP chip, through the loader in the chip's ROM, and makes sure of every byte. Runs in Node and in browsers. */
import { Failure } from "../../cli/errors.ts";
import { BoardConsole } from "../../console/board-console.ts";
import { ConsoleError } from "../../console/errors.ts";
import { type ConsoleClock, hostClock } from "../../console/host-clock.ts";
import type { Port } from "../../console/port.ts";
import { BOOT_BUTTON, ChipLoader, type FoundChip, RESET_BUTTON } from "./chip-loader.ts";
import { type EspruinoImages, type FlashRegion, forFlash } from "./images.ts";
import { md5 } from "./md5.ts";

/** `do`: what the user has to do by hand, as the port has no lines that do it. */
export type WriteStep =
  | { readonly step: "connect" }
  | { readonly step: "do"; readonly what: string; readonly withinMs: number }
  | ({ readonly step: "chip" } & FoundChip)
  | { readonly step: "erase" }
  | { readonly step: "write" | "verify" | "unchanged"; readonly region: FlashRegion }
  | { readonly step: "restart" };

export interface WriteEspruinoOptions {
  /** Of Espruino's console, and of the ROM's loader. Default 115,200. */
  readonly consoleBaud?: number | undefined;
  /** While writing, where the port can change its speed; default 460,800. */
  readonly flashBaud?: number | undefined;
  /** Erases all of the flash first, Storage with the lamp included; whether that is meant is for the caller to ask. Default false. */
  readonly erase?: boolean | undefined;
  /** How long the user has for the buttons; default 60,000. */
  readonly buttonMs?: number | undefined;
  readonly onStep?: ((step: WriteStep) => void) | undefined;
  /** Bytes that are in the flash, of all. */
  readonly onProgress?: ((written: number, total: number) => void) | undefined;
  /** Stops at once. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the host's time. */
  readonly clock?: ConsoleClock | undefined;
}

export interface WrittenEspruino extends FoundChip {
  readonly chip: EspruinoImages["chip"];
  /** By address; `md5` of what the chip has there now. */
  readonly regions: readonly (Pick<FlashRegion, "role" | "file" | "offset"> & {
    readonly bytes: number;
    readonly md5: string;
    /** It was there already. */
    readonly unchanged: boolean;
  })[];
  readonly erased: boolean;
  /** What answers on the console now: `process.env.VERSION` and `BOARD`. */
  readonly espruino: { readonly version: string; readonly board: string };
}

const CONSOLE_BAUD = 115_200;
const FLASH_BAUD = 460_800;
const BUTTON_MS = 60_000;
/** A new interpreter prepares its flash when it starts for the first time. */
const START_MS = 20_000;
const ASK_MS = 3_000;

/**
 * Connects to the chip on `port`, checks that it is the one the images are for and that they fit, writes what differs, reads the MD5 of each
 * area back, starts the board and waits until Espruino answers. Areas that no image covers stay as they are. The port stays open.
 * @throws Failure in one line: the wrong chip or too small a flash (nothing was written), no loader, the cable, a wrong MD5, a board that does not start.
 */
export async function writeEspruino(
  port: Port,
  images: EspruinoImages,
  options: WriteEspruinoOptions = {},
): Promise<WrittenEspruino> {
  const { clock = hostClock, consoleBaud = CONSOLE_BAUD, signal, onStep } = options;
  const loader = new ChipLoader(port, clock, { consoleBaud, flashBaud: options.flashBaud ?? FLASH_BAUD });
  const stop = (): void => loader.stop();
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    onStep?.({ step: "connect" });
    const buttonMs = options.buttonMs ?? BUTTON_MS;
    await loader.connect(images.chip, buttonMs, () =>
      onStep?.({ step: "do", what: BOOT_BUTTON[images.chip], withinMs: buttonMs }),
    );
    const found = await loader.identify(images.chip);
    onStep?.({ step: "chip", ...found });
    mustHoldAll(port, images, found.flashBytes);
    await loader.start();
    if (options.erase) {
      onStep?.({ step: "erase" });
      await loader.erase();
    }
    const regions = await writeRegions(loader, await forFlash(images, found.flashBytes), options);
    onStep?.({ step: "restart" });
    await loader.leave();
    if (!port.reset) onStep?.({ step: "do", what: RESET_BUTTON, withinMs: buttonMs });
    const espruino = await waitForEspruino(port, clock, port.reset ? START_MS : buttonMs, loader);
    return { chip: images.chip, ...found, regions, erased: options.erase === true, espruino };
  } finally {
    signal?.removeEventListener("abort", stop);
    loader.release();
  }
}

function mustHoldAll(port: Port, images: EspruinoImages, flashBytes: number): void {
  const ends = images.regions.map(({ offset, bytes }) => offset + bytes.length);
  const needed = Math.max(...ends, images.storage?.to ?? 0);
  if (needed <= flashBytes) return;
  throw new Failure(
    `the flash of the board on ${port.name} has ${megabytes(flashBytes)}, this Espruino needs ${megabytes(needed)}; nothing was written: see npx wick boards for the profile of this board`,
  );
}

async function writeRegions(
  loader: ChipLoader,
  regions: readonly FlashRegion[],
  { onStep, onProgress }: WriteEspruinoOptions,
): Promise<WrittenEspruino["regions"]> {
  const total = regions.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const done: WrittenEspruino["regions"][number][] = [];
  let before = 0;
  for (const region of regions) {
    const { role, file, offset } = region;
    const bytes = paddedTo4(region.bytes);
    const wanted = md5(bytes);
    const unchanged = (await loader.md5(offset, bytes.length)) === wanted;
    onStep?.({ step: unchanged ? "unchanged" : "write", region });
    if (!unchanged) {
      await loader.write(offset, bytes, (share) => onProgress?.(before + share * region.bytes.length, total));
      onStep?.({ step: "verify", region });
      const found = await loader.md5(offset, bytes.length);
      if (found !== wanted) throw differs(loader.name, region, found, wanted);
    }
    before += region.bytes.length;
    onProgress?.(before, total);
    done.push({ role, file, offset, bytes: bytes.length, md5: wanted, unchanged });
  }
  return done;
}

function differs(port: string, { file, offset }: FlashRegion, found: string, wanted: string): Failure {
  return new Failure(
    `what the board on ${port} has at 0x${offset.toString(16)} is not ${file}: its MD5 is ${found} instead of ${wanted}; try again with another cable, and if it stays so the flash of the board is worn out`,
  );
}

/** The loader writes words of four bytes; a flash that is erased holds 0xff. */
function paddedTo4(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(4 * Math.ceil(bytes.length / 4)).fill(0xff);
  padded.set(bytes);
  return padded;
}

/** Asks until Espruino answers. */
async function waitForEspruino(
  port: Port,
  clock: ConsoleClock,
  withinMs: number,
  loader: ChipLoader,
): Promise<WrittenEspruino["espruino"]> {
  const until = clock.now() + withinMs;
  let last = "nothing came from it";
  while (clock.now() < until) {
    const console = new BoardConsole(port, { clock });
    try {
      await console.connect(Math.min(ASK_MS, Math.max(1, until - clock.now())));
      const answer = await console.evaluate('process.env.VERSION+" "+process.env.BOARD', {
        repeatable: true,
      });
      const [version = "", board = ""] = String(answer).split(" ");
      return { version, board };
    } catch (error) {
      if (!(error instanceof ConsoleError)) throw error;
      if (error.code === "gone" || loader.gone !== undefined)
        throw new Failure(
          `all of Espruino is on the board, but ${port.name} is gone (${loader.gone ?? error.message}); plug it in and run: npx wick flash`,
        );
      last = error.message;
    } finally {
      console.release();
    }
  }
  throw new Failure(
    `all of Espruino is on the board, but it does not answer on ${port.name} within ${Math.round(withinMs / 1000)} s (${last}); press its EN (RST) button, then: npx wick monitor`,
  );
}

function megabytes(bytes: number): string {
  return bytes >= 0x100000
    ? `${Math.round((bytes / 0x100000) * 10) / 10} MB`
    : `${Math.round(bytes / 1024)} kB`;
}
