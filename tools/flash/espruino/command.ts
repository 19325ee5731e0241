/**
 * `--espruino DIR` of `wick flash`: reads the release, asks before anything is erased, writes, and tells what happens.
 *
 * To wire it into a command: `.option("--espruino <dir>", …)`, `.option("--erase", …)`, `.option("--yes", …)`, and before the bundle is installed
 *   await flashEspruino({ release: options.espruino, profile, address, erase, yes, output, signal })
 * It opens the port, closes it again, and returns what answers on the board's console now.
 */
import { Failure, UsageError } from "../../cli/errors.ts";
import type { Output } from "../../cli/output.ts";
import type { BoardProfile } from "../../config/profile.ts";
import type { Port } from "../../console/port.ts";
import type { PortAddress } from "../../ports/address.ts";
import { openPort } from "../../ports/open.ts";
import { chooseImages, type EspruinoImages } from "./images.ts";
import { readRelease } from "./release.ts";
import { type WriteStep, type WrittenEspruino, writeEspruino } from "./write.ts";

export interface FlashEspruinoOptions {
  /** A folder, .tgz or .zip. */
  readonly release: string;
  readonly profile: BoardProfile;
  readonly address: PortAddress;
  /** Erases all of the flash first. */
  readonly erase?: boolean | undefined;
  /** Without asking. */
  readonly yes?: boolean | undefined;
  /** Speed while writing. */
  readonly flashBaud?: number | undefined;
  readonly output: Output;
  readonly signal?: AbortSignal | undefined;
}

/** What is asked of the terminal; a test has one of its own. */
export interface Asking {
  readonly isTerminal: boolean;
  confirm(question: string): Promise<boolean>;
}

const terminal: Asking = {
  isTerminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
  async confirm(question) {
    const { confirm, isCancel } = await import("@clack/prompts");
    const answer = await confirm({ message: question, initialValue: false });
    return !isCancel(answer) && answer;
  },
};

/**
 * @throws UsageError when the board takes no images, the release has none for it, or `--erase` was not confirmed.
 * @throws Failure as `writeEspruino` and `openPort` do.
 */
export async function flashEspruino(
  options: FlashEspruinoOptions,
  asking: Asking = terminal,
): Promise<WrittenEspruino> {
  const { profile, address, output, erase = false } = options;
  if (address.kind === "ble" || address.kind === "mqtt")
    throw new UsageError(
      `--espruino needs a cable to the chip's own loader, which ${address.kind}: is not; give a serial port with --port, such as /dev/ttyUSB0`,
    );
  const images = await imagesFor(options.release, profile);
  output.say(`Espruino ${images.version ?? ""} for the ${images.chip}. ${images.checked}`.replace("  ", " "));
  if (erase) await confirmErasing(options, asking);
  const port = await openPort(address, { baud: profile.interpreter.console.baud });
  try {
    return await write(port, images, options);
  } finally {
    await port.close();
  }
}

/** @throws UsageError, Failure */
export async function imagesFor(release: string, profile: BoardProfile): Promise<EspruinoImages> {
  const { images, flash } = profile;
  if (!images)
    throw new UsageError(
      `--espruino: a ${profile.name} is not written to by an ESP loader; see the makers' pages: npx wick boards ${profile.name}`,
    );
  const storage =
    flash.address === undefined
      ? undefined
      : { from: flash.address, to: flash.address + flash.pages * flash.pageBytes };
  return chooseImages(await readRelease(release), images, release, storage);
}

async function confirmErasing({ yes }: FlashEspruinoOptions, asking: Asking): Promise<void> {
  if (yes) return;
  const what = "all of the board's flash, with the lamp and whatever else is in its Storage";
  if (!asking.isTerminal)
    throw new UsageError(`--erase erases ${what}; add --yes if that is meant, or leave --erase out`);
  if (!(await asking.confirm(`Erase ${what}?`))) throw new Failure("nothing was erased, nothing written");
}

async function write(
  port: Port,
  images: EspruinoImages,
  { erase, flashBaud, output, signal, profile }: FlashEspruinoOptions,
): Promise<WrittenEspruino> {
  const bar = new ProgressLine(output);
  const written = await writeEspruino(port, images, {
    consoleBaud: profile.interpreter.console.baud,
    flashBaud,
    erase,
    signal,
    onStep: (step) => {
      bar.clear();
      const { text, event } = told(step, erase ? undefined : images.storage);
      output.event({ type: "espruino", ...event });
      if (text !== undefined) output.say(text);
    },
    onProgress: (done, total) => bar.show(done, total),
  }).finally(() => bar.clear());
  output.say(`Espruino ${written.espruino.version} answers on ${port.name}.`);
  return written;
}

/** A step as a line for people and as an event for programs. */
function told(step: WriteStep, kept: EspruinoImages["storage"]): { text: string | undefined; event: object } {
  switch (step.step) {
    case "connect":
      return { text: "Looking for the chip's loader …", event: { step: "connect" } };
    case "do":
      return {
        text: `${step.what}. (Within ${Math.round(step.withinMs / 1000)} s.)`,
        event: { step: "do", what: step.what, withinMs: step.withinMs },
      };
    case "chip": {
      const { description, mac, flashBytes } = step;
      const alone = kept
        ? `; Storage (0x${kept.from.toString(16)} to 0x${kept.to.toString(16)}) is left alone`
        : "";
      return {
        text: `${description}, ${mac}, ${flashBytes / 0x100000} MB of flash${alone}`,
        event: { step: "chip", description, mac, flashBytes },
      };
    }
    case "erase":
      return { text: "Erasing all of the flash …", event: { step: "erase" } };
    case "restart":
      return { text: "Restarting the board …", event: { step: "restart" } };
    case "verify":
      return { text: undefined, event: { step: "verify", file: step.region.file } };
    default: {
      const { file, offset, bytes } = step.region;
      const place = `0x${offset.toString(16)} ${file}, ${bytes.length} bytes`;
      return {
        text: step.step === "unchanged" ? `${place}: is there already` : place,
        event: { step: step.step, file, offset, bytes: bytes.length },
      };
    }
  }
}

/** Bytes and time left, on one line of a terminal that is written over; nothing elsewhere. */
class ProgressLine {
  private readonly stream: NodeJS.WriteStream | undefined;
  private readonly startedAt = performance.now();
  private shown = false;

  constructor({ json, quiet }: Output) {
    const stream = json ? process.stderr : process.stdout;
    this.stream = stream.isTTY && !quiet ? stream : undefined;
  }

  show(done: number, total: number): void {
    this.shown = true;
    this.stream?.write(`\r\x1b[K${progressText(done, total, performance.now() - this.startedAt)}`);
  }

  clear(): void {
    if (this.shown) this.stream?.write("\r\x1b[K");
    this.shown = false;
  }
}

/** Such as `[##########          ] 512 of 1,024 kB, 12 s left`. */
export function progressText(done: number, total: number, elapsedMs: number): string {
  const share = total === 0 ? 1 : done / total;
  const bar = "#".repeat(Math.round(share * 20)).padEnd(20);
  const kilobytes = (bytes: number): string => Math.round(bytes / 1024).toLocaleString("en-US");
  const left = share > 0 ? `, ${Math.ceil((elapsedMs / share - elapsedMs) / 1000)} s left` : "";
  return `[${bar}] ${kilobytes(done)} of ${kilobytes(total)} kB${left}`;
}
