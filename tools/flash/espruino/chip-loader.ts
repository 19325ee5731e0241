/** A conversation with the loader in a chip's ROM, and with the stub that esptool-js puts in its place; what goes wrong is said in words for users. */
import { ESPLoader, UnexpectedChipIdError, UnexpectedChipMagicError } from "esptool-js";
import { Failure } from "../../cli/errors.ts";
import type { ConsoleClock } from "../../console/host-clock.ts";
import type { Port } from "../../console/port.ts";
import type { ChipName } from "./chip-image.ts";
import { PortTransport } from "./transport.ts";

/** How a user brings a chip into its loader. */
export const BOOT_BUTTON: Readonly<Record<ChipName, string>> = {
  ESP32: "Hold BOOT (GPIO0), press and let go EN (RST), then let go BOOT",
  "ESP32-S3": "Hold BOOT (GPIO0), press and let go RST (EN), then let go BOOT",
  "ESP32-C3": "Hold BOOT (GPIO9), press and let go RST (EN), then let go BOOT",
  ESP8266: "Hold FLASH (or connect GPIO0 with GND), press and let go RST, then let go FLASH",
};
export const RESET_BUTTON = "Press EN (RST) on the board";

export interface FoundChip {
  /** Such as `ESP32-D0WD-V3 (revision 3)`. */
  readonly description: string;
  readonly mac: string;
  /** Size of its flash, bytes. */
  readonly flashBytes: number;
}

export interface LineSpeeds {
  readonly consoleBaud: number;
  readonly flashBaud: number;
}

/** Resets through DTR and RTS that are tried before the user is asked. */
const RESETS = 3;
/** Between two attempts to reach a loader that the user is starting by hand. */
const PAUSE_MS = 200;

/** The parts of a chip's description in esptool-js that are used here. */
interface DescribedChip {
  readonly CHIP_NAME: string;
  SPI_MOSI_DLEN_OFFS: number | undefined;
  SPI_MISO_DLEN_OFFS: number | undefined;
  getChipDescription(loader: ESPLoader): Promise<string>;
  readMac(loader: ESPLoader): Promise<string>;
}

export class ChipLoader {
  private readonly port: Port;
  private readonly transport: PortTransport;
  private readonly clock: ConsoleClock;
  private readonly esptool: ESPLoader;
  private readonly speeds: LineSpeeds;
  private isStopped = false;
  /** Whether anything in the flash may have changed. */
  private hasBegun = false;

  constructor(port: Port, clock: ConsoleClock, speeds: LineSpeeds) {
    this.port = port;
    this.clock = clock;
    this.speeds = speeds;
    this.transport = new PortTransport(port, clock);
    // esptool-js starts the chip anew by itself only when it has lost it at the higher speed.
    const reset = (): never => ({ reset: async () => this.port.reset?.("loader") }) as never;
    this.esptool = new ESPLoader({
      transport: this.transport,
      romBaudrate: speeds.consoleBaud,
      baudrate: speeds.flashBaud,
      terminal: { clean() {}, write() {}, writeLine() {} },
      resetConstructors: { classicReset: reset, usbJTAGSerialReset: reset },
    });
  }

  get name(): string {
    return this.port.name;
  }
  /** Why nothing passes any more; undefined while it does. */
  get gone(): string | undefined {
    return this.transport.gone;
  }

  /** The user says so: everything that is under way fails. */
  stop(): void {
    this.isStopped = this.gone === undefined;
    this.transport.stop("stopped");
  }

  /** Lets go of the port. */
  release(): void {
    this.transport.release();
  }

  /**
   * Brings the chip into its loader: by the port's own lines, else by the user's hand, for which `ask` is called once.
   * @throws Failure when none answers in `buttonMs`.
   */
  async connect(chip: ChipName, buttonMs: number, ask: () => void): Promise<void> {
    for (let attempt = 0; attempt < RESETS && this.port.reset; attempt++) {
      await this.guard("start the loader", this.port.reset("loader"));
      if (await this.sync()) return;
    }
    if (await this.sync()) return;
    ask();
    const until = this.clock.now() + buttonMs;
    while (this.clock.now() < until) {
      if (await this.sync()) return;
      await this.transport.pause(PAUSE_MS);
    }
    throw new Failure(
      `no loader answers on ${this.name} within ${Math.round(buttonMs / 1000)} s (${this.lastWords}); ${lowerFirst(BOOT_BUTTON[chip])}, and run it again`,
    );
  }

  /** @throws Failure when it is another chip, one that is locked, or one whose flash does not answer. */
  async identify(wanted: ChipName): Promise<FoundChip> {
    const { esptool, name } = this;
    const chip = esptool.chip as unknown as DescribedChip;
    if (chip.CHIP_NAME !== wanted)
      throw new Failure(
        `the chip on ${name} is an ${chip.CHIP_NAME}, the profile is of a board with the ${wanted}; nothing was written: choose the board with --board, see npx wick boards`,
      );
    if (esptool.secureDownloadMode)
      throw new Failure(
        `the chip on ${name} is locked by its maker (secure download mode) and takes no other program`,
      );
    // esptool-js 0.7.0 takes the offset 0 for that of a register, and then asks an ESP8266 for too few bits.
    if (wanted === "ESP8266") {
      chip.SPI_MOSI_DLEN_OFFS = undefined;
      chip.SPI_MISO_DLEN_OFFS = undefined;
    }
    const description = await this.guard("read what chip it is", chip.getChipDescription(esptool));
    const mac = await this.guard("read its MAC address", chip.readMac(esptool));
    const size = await this.guard("read the size of its flash", esptool.detectFlashSize());
    const flashBytes = bytesOf(size);
    if (flashBytes === undefined)
      throw new Failure(
        `the flash of the chip on ${name} does not say how large it is; nothing was written: check its supply, take everything off GPIO6 to GPIO11, and run it again`,
      );
    return { description, mac, flashBytes };
  }

  /** Starts the stub, and goes to the higher speed where the port can. */
  async start(): Promise<void> {
    await this.guard("start esptool's loader on the chip", this.esptool.runStub());
    if (this.port.setBaud && this.speeds.flashBaud !== this.speeds.consoleBaud)
      await this.guard(`go to ${this.speeds.flashBaud} baud`, this.esptool.changeBaud());
  }

  async erase(): Promise<void> {
    this.hasBegun = true;
    await this.guard("erase the flash", this.esptool.eraseFlash());
  }

  /** Of an area of the flash, as the chip counts it: 32 hexadecimal digits. */
  md5(offset: number, bytes: number): Promise<string> {
    return this.guard(`read the MD5 at 0x${offset.toString(16)}`, this.esptool.flashMd5sum(offset, bytes));
  }

  /** Compressed. `onShare` is told the share that is written, 0 to 1. */
  async write(offset: number, bytes: Uint8Array, onShare: (share: number) => void): Promise<void> {
    this.hasBegun = true;
    const writing = this.esptool.writeFlash({
      fileArray: [{ data: bytes, address: offset }],
      // The headers have been seen to.
      flashMode: "keep",
      flashFreq: "keep",
      flashSize: "keep",
      eraseAll: false,
      compress: true,
      reportProgress: (_file, written, total) => onShare(written / total),
    });
    await this.guard(`write at 0x${offset.toString(16)}`, writing);
  }

  /** Back to the console's speed, and to the program where the port has the lines. */
  async leave(): Promise<void> {
    await this.guard("restart the board", this.port.setBaud?.(this.speeds.consoleBaud));
    await this.guard("restart the board", this.port.reset?.("program"));
  }

  /** Whether a loader answers now. @throws Failure when the cable is lost or the chip is none that esptool-js knows. */
  private async sync(): Promise<boolean> {
    try {
      await this.esptool.connect("no_reset", 1);
      return true;
    } catch (error) {
      if (this.gone !== undefined) throw this.lost();
      if (error instanceof UnexpectedChipIdError || error instanceof UnexpectedChipMagicError)
        throw new Failure(`the chip on ${this.name} is none that can be written to (${error.message})`);
      return false;
    }
  }

  private async guard<T>(what: string, work: Promise<T> | undefined): Promise<T> {
    try {
      return (await work) as T;
    } catch (error) {
      if (this.gone !== undefined) throw this.lost();
      throw new Failure(
        `the chip on ${this.name} did not let Wick ${what} (${oneLine(error)}); run it again, and with another, shorter cable when it happens again`,
      );
    }
  }

  private lost(): Failure {
    const what = this.isStopped ? "stopped" : `${this.name} is gone: ${this.gone}`;
    const state = this.hasBegun ? "the board may have no whole interpreter now" : "nothing was written";
    return new Failure(`${what}; ${state}: ${this.isStopped ? "" : "plug it in and "}run it again`);
  }

  private get lastWords(): string {
    const printable = this.transport.heard.replace(/[^\x20-\x7e\n]/g, "");
    const line = printable
      .split("\n")
      .filter((text) => text.trim() !== "")
      .at(-1);
    return line === undefined ? "nothing readable came from it" : `it said: ${line.trim().slice(0, 80)}`;
  }
}

/** "4MB", "512KB": bytes. */
function bytesOf(size: string | undefined): number | undefined {
  const [, number, unit] = /^(\d+)(KB|MB)$/.exec(size ?? "") ?? [];
  return number === undefined ? undefined : Number(number) * (unit === "MB" ? 0x100000 : 0x400);
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").trim();
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
