/**
 * The loader in the ROM of ESP chips and the stub that flashing tools put in its place: commands in, answers out (docs.espressif.com,
 * esptool, "Serial Protocol").
 */
import { createHash } from "node:crypto";
import type { ChipFacts } from "./chips.ts";
import { Download } from "./download.ts";
import type { FlashChip } from "./flash-chip.ts";
import { littleEndian } from "./image.ts";
import { Registers } from "./registers.ts";
import { SlipReader, slipFrame } from "./slip.ts";

export const COMMANDS = {
  flashBegin: 0x02,
  flashData: 0x03,
  flashEnd: 0x04,
  memBegin: 0x05,
  memEnd: 0x06,
  memData: 0x07,
  sync: 0x08,
  writeRegister: 0x09,
  readRegister: 0x0a,
  spiSetParameters: 0x0b,
  spiAttach: 0x0d,
  changeBaud: 0x0f,
  flashDeflateBegin: 0x10,
  flashDeflateData: 0x11,
  flashDeflateEnd: 0x12,
  flashMd5: 0x13,
  securityInfo: 0x14,
  eraseFlash: 0xd0,
  eraseRegion: 0xd1,
  runUserCode: 0xd3,
} as const;

/** Errors as [of the ROM, of the stub]. */
export const ERRORS = {
  unknownCommand: [0x05, 0xff],
  length: [0x05, 0xc0],
  checksum: [0x07, 0xc1],
  blockSize: [0x06, 0xc2],
  notDownloading: [0x06, 0xc6],
  inflate: [0x0b, 0xc7],
  tooLittle: [0x06, 0xc8],
  tooMuch: [0x06, 0xc9],
  notInFlash: [0x06, 0xc4],
} as const;
export type LoaderError = keyof typeof ERRORS;

/** What an answer carries: the value in its head and the data before the status, or an error. */
export type Answer = { readonly value?: number; readonly data?: Uint8Array } | LoaderError;

export interface LoaderBoard {
  readonly chip: ChipFacts;
  readonly flash: FlashChip;
  readonly mac: readonly number[];
  send(bytes: Uint8Array): void;
  /** The speed of the line changes after what was sent last. */
  changeBaud(baud: number): void;
  /** The chip starts over and runs what is in its flash. */
  restart(): void;
}

/** The ROM answers SYNC with some value, the stub with 0. */
const ROM_SYNC_VALUE = 0x20120707;
const ANSWERS_TO_SYNC = 8;

export class RomLoader {
  /** How many commands were answered with an error, by name. */
  readonly refused = new Map<LoaderError, number>();
  /** Bytes that came by FLASH_DATA and FLASH_DEFL_DATA. */
  received = 0;
  private readonly slip = new SlipReader();
  private readonly registers: Registers;
  private stub = false;
  private download: Download | undefined;
  private memory: { readonly from: number; readonly length: number; got: number }[] = [];

  private readonly board: LoaderBoard;

  constructor(board: LoaderBoard) {
    this.board = board;
    this.registers = new Registers(board.chip, board.mac, board.flash);
  }

  /** Whether a stub runs in place of the ROM's loader. */
  get runsStub(): boolean {
    return this.stub;
  }

  /** The power goes or the chip is reset. */
  reset(): void {
    this.slip.clear();
    this.stub = false;
    this.download = undefined;
    this.memory = [];
  }

  take(bytes: Iterable<number>): void {
    for (const packet of this.slip.take(bytes)) this.packet(packet);
  }

  private packet(packet: Uint8Array): void {
    const [direction, command = 0, low = 0, high = 0] = packet;
    const data = packet.subarray(8);
    // Noise: no answer.
    if (packet.length < 8 || direction !== 0) return;
    if (data.length !== low + high * 256) {
      this.answer(command, "length");
      return;
    }
    const checksum = packet[4] ?? 0;
    if (command === COMMANDS.sync) {
      const value = this.stub ? 0 : ROM_SYNC_VALUE;
      for (let count = 0; count < ANSWERS_TO_SYNC; count++) this.answer(command, { value });
      return;
    }
    const answer = this.run(command, data, checksum);
    // The ROM repeats what it says of a command that it does not know, under no command's number.
    if (answer === "unknownCommand" && !this.stub)
      for (let count = 0; count < ANSWERS_TO_SYNC; count++) this.answer(0, answer);
    else this.answer(command, answer);
    if (typeof answer !== "string") this.afterwards(command, data);
  }

  /** What happens once the answer is on its way. */
  private afterwards(command: number, data: Uint8Array): void {
    const argument = littleEndian(data, 0);
    if (command === COMMANDS.changeBaud) this.board.changeBaud(argument);
    // MEM_END with 0 runs what was loaded: a stub says so by itself.
    else if (command === COMMANDS.memEnd && argument === 0) {
      this.stub = true;
      this.board.send(slipFrame(Buffer.from("OHAI")));
    } else if ((command === COMMANDS.flashEnd || command === COMMANDS.flashDeflateEnd) && argument === 0)
      this.board.restart();
    else if (command === COMMANDS.runUserCode) this.board.restart();
  }

  private run(command: number, data: Uint8Array, checksum: number): Answer {
    const numbers = Array.from({ length: Math.floor(data.length / 4) }, (_, at) =>
      littleEndian(data, at * 4),
    );
    const [first = 0, second = 0, third = 0, fourth = 0] = numbers;
    switch (command) {
      case COMMANDS.readRegister:
        return { value: this.registers.read(first) };
      case COMMANDS.writeRegister:
        // Several at once: address, value, mask, delay.
        for (let at = 0; at + 1 < numbers.length; at += 4)
          this.registers.write(numbers[at] ?? 0, numbers[at + 1] ?? 0, numbers[at + 2] ?? 0xffffffff);
        return {};
      case COMMANDS.spiAttach:
        return this.board.chip.name === "ESP8266" ? "unknownCommand" : {};
      case COMMANDS.spiSetParameters:
        return this.board.chip.name === "ESP8266" && !this.stub ? "unknownCommand" : {};
      case COMMANDS.changeBaud:
        return this.board.chip.name === "ESP8266" && !this.stub ? "unknownCommand" : {};
      case COMMANDS.securityInfo:
        return this.board.chip.tellsSecurity ? { data: this.securityInfo() } : "unknownCommand";
      case COMMANDS.memBegin:
        this.memory.push({ from: fourth, length: first, got: 0 });
        return {};
      case COMMANDS.memData:
        return this.memoryData(data, checksum);
      case COMMANDS.memEnd:
        return this.memoryEnd(second);
      case COMMANDS.flashBegin:
        return this.begin(first, second, third, fourth, false);
      case COMMANDS.flashDeflateBegin:
        if (this.board.chip.name === "ESP8266" && !this.stub) return "unknownCommand";
        return this.begin(first, second, third, fourth, true);
      case COMMANDS.flashData:
      case COMMANDS.flashDeflateData:
        return this.flashData(data, checksum, command === COMMANDS.flashDeflateData);
      case COMMANDS.flashEnd:
      case COMMANDS.flashDeflateEnd: {
        const answer = this.download?.end() ?? "notDownloading";
        this.download = undefined;
        return answer;
      }
      case COMMANDS.flashMd5:
        if (this.board.chip.name === "ESP8266" && !this.stub) return "unknownCommand";
        return this.md5(first, second);
      default:
        return this.stub ? this.stubOnly(command, first, second) : "unknownCommand";
    }
  }

  private stubOnly(command: number, first: number, second: number): Answer {
    const { flash } = this.board;
    if (command === COMMANDS.eraseFlash) flash.erase(0, flash.bytes);
    else if (command === COMMANDS.eraseRegion) {
      if (first % 4096 !== 0 || second % 4096 !== 0) return "length";
      if (first + second > flash.bytes) return "notInFlash";
      flash.erase(first, second);
    } else if (command !== COMMANDS.runUserCode) return "unknownCommand";
    return {};
  }

  private begin(size: number, blocks: number, blockBytes: number, offset: number, deflated: boolean): Answer {
    if (offset + size > this.board.flash.bytes) return "notInFlash";
    if (this.stub && blockBytes > 0x4000) return "blockSize";
    this.download = new Download(this.board.flash, { size, blocks, blockBytes, offset, deflated });
    // The ROM erases first, the stub as it goes along.
    if (!this.stub) this.board.flash.erase(offset, size);
    return {};
  }

  private flashData(data: Uint8Array, checksum: number, deflated: boolean): Answer {
    const block = data.subarray(16);
    if (block.length !== littleEndian(data, 0)) return "length";
    if (xorOf(block) !== checksum) return "checksum";
    if (this.download?.deflated !== deflated) return "notDownloading";
    this.received += block.length;
    return this.download.take(block);
  }

  private memoryData(data: Uint8Array, checksum: number): Answer {
    const block = data.subarray(16);
    const area = this.memory.at(-1);
    if (block.length !== littleEndian(data, 0)) return "length";
    if (xorOf(block) !== checksum) return "checksum";
    if (!area) return "notDownloading";
    area.got += block.length;
    return area.got > area.length ? "tooMuch" : {};
  }

  /** Whether what was loaded into memory is all there, and `entry` within it. */
  private memoryEnd(entry: number): Answer {
    if (this.memory.length === 0) return "notDownloading";
    if (this.memory.some(({ length, got }) => got !== length)) return "tooLittle";
    const inside = this.memory.some(({ from, length }) => entry >= from && entry < from + length);
    return inside ? {} : "notDownloading";
  }

  private md5(address: number, length: number): Answer {
    const { flash } = this.board;
    if (address + length > flash.bytes) return "notInFlash";
    const digest = createHash("md5").update(flash.read(address, length)).digest();
    return { data: this.stub ? digest : Buffer.from(digest.toString("hex")) };
  }

  /** Flags, flash encryption, purposes of keys; then the chip id and the version of the interface. */
  private securityInfo(): Uint8Array {
    const info = new Uint8Array(20);
    info[12] = this.board.chip.imageChipId ?? 0;
    return info;
  }

  private answer(command: number, answer: Answer): void {
    const failed = typeof answer === "string";
    if (failed) this.refused.set(answer, (this.refused.get(answer) ?? 0) + 1);
    const value = failed ? 0 : (answer.value ?? 0);
    const error = failed ? ERRORS[answer][this.stub ? 1 : 0] : 0;
    const status = [failed ? 1 : 0, error, 0, 0].slice(0, this.stub ? 2 : this.board.chip.statusBytes);
    const body = [...((failed ? undefined : answer.data) ?? []), ...status];
    const head = [1, command, body.length & 0xff, body.length >> 8];
    const bytes = [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
    this.board.send(slipFrame([...head, ...bytes, ...body]));
  }
}

function xorOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum ^ byte, 0xef);
}
