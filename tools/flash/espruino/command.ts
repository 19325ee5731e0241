/**
 * `--espruino DIR` of `wick flash`: reads the release, asks before anything is erased, writes, and tells what happens.
 *
 * In a command: `imagesFor` before the port is opened (a wrong folder is said at once), `confirmErasing` with `--erase`, then `putEspruino` on the open
 * port, which stays open; the console can be talked to afterwards. `flashEspruino` is all of that in one, with a port of its own.
 */
import { Failure, UsageError } from "../../cli/errors.ts";
import type { BoardProfile } from "../../config/profile.ts";
import type { Port } from "../../console/port.ts";
import type { PortAddress } from "../../ports/address.ts";
import { openPort } from "../../ports/open.ts";
import { chooseImages, type EspruinoImages } from "./images.ts";
import { readRelease } from "./release.ts";
import { type WriteStep, type WrittenEspruino, writeEspruino } from "./write.ts";

/** Tells people and programs; `Teller` of the command is one. */
export interface EspruinoTeller {
  say(text: string): void;
  event(event: object): void;
  /** From now on counts how long it takes. */
  uploading(): void;
  /** Bytes that are in the flash, of all. */
  progress(written: number, total: number): void;
}

export interface PutEspruinoOptions {
  readonly profile: BoardProfile;
  readonly teller: EspruinoTeller;
  /** Erases all of the flash first; see `confirmErasing`. */
  readonly erase?: boolean | undefined;
  /** Speed while writing. */
  readonly flashBaud?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface FlashEspruinoOptions extends PutEspruinoOptions {
  /** A folder, .tgz or .zip. */
  readonly release: string;
  readonly address: PortAddress;
  /** Without asking. */
  readonly yes?: boolean | undefined;
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
  const { profile, address, release } = options;
  mustBeCable(address);
  const images = await imagesFor(release, profile);
  if (options.erase) await confirmErasing(options.yes === true, asking);
  const port = await openPort(address as Cable, { baud: profile.interpreter.console.baud });
  try {
    return await putEspruino(port, images, options);
  } finally {
    await port.close();
  }
}

type Cable = Exclude<PortAddress, { kind: "mqtt" }>;

/** @throws UsageError where the chip's own loader cannot be reached. */
export function mustBeCable(address: PortAddress): void {
  if (address.kind !== "ble" && address.kind !== "mqtt") return;
  throw new UsageError(
    `--espruino needs a cable to the chip's own loader, which ${address.kind}: is not; give a serial port with --port, such as /dev/ttyUSB0`,
  );
}

/** The images of a release for this board, all of them checked. @throws UsageError, Failure */
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

/** Asks, unless `yes` says that it is meant. @throws UsageError where nobody can be asked; Failure when the answer is no. */
export async function confirmErasing(yes: boolean, asking: Asking = terminal): Promise<void> {
  if (yes) return;
  const what = "all of the board's flash, with the lamp and whatever else is in its Storage";
  if (!asking.isTerminal)
    throw new UsageError(`--erase erases ${what}; add --yes if that is meant, or leave --erase out`);
  if (!(await asking.confirm(`Erase ${what}?`))) throw new Failure("nothing was erased, nothing written");
}

/** Writes the images onto the board on `port` and says how it goes; the port stays open. @throws Failure as `writeEspruino` does. */
export async function putEspruino(
  port: Port,
  images: EspruinoImages,
  { erase, flashBaud, teller, signal, profile }: PutEspruinoOptions,
): Promise<WrittenEspruino> {
  const version = images.version === undefined ? "" : ` ${images.version}`;
  teller.say(`Espruino${version} for the ${images.chip}. ${images.checked}`);
  const written = await writeEspruino(port, images, {
    consoleBaud: profile.interpreter.console.baud,
    flashBaud,
    erase,
    signal,
    onStep: (step) => {
      const { text, event } = told(step, erase ? undefined : images.storage);
      teller.event({ type: "espruino", ...event });
      if (text !== undefined) teller.say(text);
      if (step.step === "chip") teller.uploading();
    },
    onProgress: (done, total) => teller.progress(done, total),
  });
  teller.say(`Espruino ${written.espruino.version} answers on ${port.name}`);
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
