/** An ESP chip below the interpreter: what its reset finds in the flash, what it prints, and the loader that waits when the boot button is held. */
import type { Alarm, Clock } from "../clock.ts";
import type { ConsolePort, ConsoleReader } from "../console/port.ts";
import { PowerCut } from "../flash/flash.ts";
import type { BoardProfile } from "../profile.ts";
import type { StorageMedium } from "../storage.ts";
import { CHIPS, type ChipFacts, loadingMessages } from "./chips.ts";
import { FlashChip } from "./flash-chip.ts";
import { type BootImage, makeImage, makePartitionTable, readImage, readPartitions } from "./image.ts";
import { heardAt } from "./line.ts";
import { RomLoader } from "./loader.ts";

export type ChipImages = NonNullable<BoardProfile["images"]>;

/** What happens to the board that the chip is on. */
export interface RomBoard {
  readonly profile: BoardProfile;
  readonly images: ChipImages;
  readonly clock: Clock;
  readonly port: ConsolePort;
  readonly storage: StorageMedium;
  /** `process.env.SERIAL`, of which the MAC address is made. */
  readonly serial: string;
  /** Nothing is in the flash yet; otherwise the interpreter is. */
  readonly bare: boolean;
  /** The power went while the flash was being written. */
  powerCut(): void;
}

/** The chip of a board, as the world around it may look at it. */
export interface Chip {
  readonly name: string;
  /** `off`, or the interpreter runs; `starting`: it is about to; `empty`: there is nothing to run; `download`: it waits for a tool. */
  readonly state: ChipState;
  readonly flash: FlashChip;
  readonly loader: RomLoader;
}
export type ChipState = "off" | "starting" | "empty" | "download";

/** From reset to the interpreter, and from one reset by the watchdog to the next, ms of board time. */
const STARTS_AFTER_MS = 300;
const WATCHDOG_AFTER_MS = 400;
const CONSOLE_BAUD = 115_200;

export class Rom implements Chip, ConsoleReader {
  readonly flash: FlashChip;
  readonly loader: RomLoader;
  state: ChipState = "off";
  private readonly facts: ChipFacts;
  private readonly board: RomBoard;
  private alarm: Alarm | undefined;
  private startsInterpreter: () => void = () => undefined;

  constructor(board: RomBoard) {
    this.board = board;
    const { chip, flashBytes } = board.images;
    this.facts = CHIPS[chip];
    const medium = board.storage;
    const address = board.profile.flash?.address;
    this.flash = new FlashChip({
      bytes: flashBytes,
      storage: address === undefined ? undefined : { address, medium },
    });
    if (!board.bare) this.install();
    this.flash.flash.onPowerCut = () => board.powerCut();
    this.loader = new RomLoader({
      chip: this.facts,
      flash: this.flash,
      mac: macOf(board.serial),
      send: (bytes) => this.send(bytes),
      changeBaud: (baud) => {
        board.port.baud = baud;
      },
      // The boot pin is looked at when power or reset come, which this is not; an ESP8266 jumps into its program.
      restart: () => {
        if (this.facts.name === "ESP8266") this.run("power");
        else this.waitForDownload();
      },
    });
  }

  get name(): string {
    return this.facts.name;
  }

  /** Power comes or the reset button is let go; `interpreter` is called when it starts, if it does. */
  reset(download: boolean, interpreter: () => void): void {
    this.powerOff();
    this.board.port.clear();
    this.startsInterpreter = interpreter;
    if (download) this.waitForDownload();
    else this.run("power");
  }

  powerOff(): void {
    if (this.alarm) this.board.clock.cancel(this.alarm);
    this.alarm = undefined;
    if (this.state !== "off") this.board.port.connect(undefined);
    this.state = "off";
    this.quiet();
  }

  // --- the console port, while no interpreter has it

  arrived(): void {}
  overflowed(): void {}

  /** The ROM takes each byte as it comes, without flow control. */
  direct(bytes: string): void {
    if (this.state !== "download") return;
    try {
      this.loader.take(Buffer.from(bytes, "latin1"));
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
  }

  // --- inside

  /** No command is under way, and the line has its own speed. */
  private quiet(): void {
    this.loader.reset();
    this.board.port.baud = CONSOLE_BAUD;
  }

  private waitForDownload(): void {
    this.quiet();
    this.state = "download";
    this.board.port.connect(this);
    this.print(this.facts.greeting("power", "download"));
  }

  private run(why: "power" | "watchdog"): void {
    this.quiet();
    this.board.port.connect(this);
    this.print(this.facts.greeting(why, "flash"));
    const found = this.findInterpreter();
    this.state = found === true ? "starting" : "empty";
    if (found !== true) this.print(found);
    const next = found === true ? () => this.startInterpreter() : () => this.run("watchdog");
    this.later(found === true ? STARTS_AFTER_MS : WATCHDOG_AFTER_MS, next);
  }

  private startInterpreter(): void {
    this.state = "off";
    this.board.port.connect(undefined);
    this.startsInterpreter();
  }

  private later(ms: number, run: () => void): void {
    const { clock } = this.board;
    this.alarm = clock.schedule(clock.now() + ms, () => {
      this.alarm = undefined;
      run();
    });
  }

  /** What stands in the flash: true when all of it can run, otherwise what is printed of what is missing. */
  private findInterpreter(): true | string {
    const { facts, flash } = this;
    const read = flash.read.bind(flash);
    const first = readImage(read, facts.bootAddress, facts);
    if (typeof first === "string") {
      const word = flash.read(facts.bootAddress, 4);
      return facts.noImage(new DataView(word.buffer).getUint32(0, true));
    }
    this.print(loadingMessages(facts, first.segments, first.entry));
    if (facts.name === "ESP8266") return this.imageAt("firmware", "user1") ?? true;
    const table = this.offsetOf("partition-table");
    const partitions = table === undefined ? undefined : readPartitions(read, table);
    if (!partitions)
      return "E (34) flash_parts: partition 0 invalid magic number 0xffff\r\nE (35) boot: Failed to verify partition table\r\nE (36) boot: load partition table error!\r\n";
    const factory = partitions.find(({ type, subtype }) => type === 0 && subtype === 0);
    if (!factory) return "E (36) boot: No bootable app partitions in the partition table\r\n";
    const image = readImage(read, factory.offset, facts);
    if (typeof image !== "string" && image.bytes <= factory.bytes) return true;
    return `E (40) esp_image: ${typeof image === "string" ? image : "image does not fit in partition"}\r\nE (41) boot: Factory app partition is not bootable\r\nE (42) boot: No bootable app partitions in the partition table\r\n`;
  }

  private imageAt(role: string, name: string): string | undefined {
    const offset = this.offsetOf(role) ?? 0;
    const image: BootImage | string = readImage(this.flash.read.bind(this.flash), offset, this.facts);
    return typeof image === "string" ? `${name}: ${image}\r\n` : undefined;
  }

  private offsetOf(role: string): number | undefined {
    return this.board.images.parts.find((part) => part.role === role)?.offset;
  }

  /** The interpreter is there, as the makers of the board or somebody with a tool have put it. */
  private install(): void {
    const image = makeImage(this.facts, { segments: [{ address: 0x40080000, data: new Uint8Array(16) }] });
    const firmware = this.offsetOf("firmware") ?? 0x10000;
    for (const { role, offset } of this.board.images.parts) {
      if (role === "bootloader" || role === "firmware") this.flash.flash.program(offset, image);
      if (role !== "partition-table") continue;
      const factory = { name: "factory", type: 0, subtype: 0, offset: firmware, bytes: 0x200000 };
      this.flash.flash.program(offset, makePartitionTable([factory]));
    }
  }

  private print(text: string): void {
    this.send(heardAt(Buffer.from(text, "latin1"), this.facts.messageBaud, CONSOLE_BAUD));
  }

  private send(bytes: Uint8Array): void {
    this.board.port.send(Buffer.from(bytes).toString("latin1"));
  }
}

/** Three bytes of Espressif, three of the board's own. */
function macOf(serial: string): number[] {
  const digits = serial.replace(/[^0-9a-f]/gi, "");
  const own = digits.slice(-6).padStart(6, "0");
  return [0x24, 0x0a, 0xc4, ...[0, 2, 4].map((at) => Number.parseInt(own.slice(at, at + 2), 16))];
}
