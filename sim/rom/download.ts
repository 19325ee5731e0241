/** One area on its way into the flash, block by block, as it is or compressed. */
import { Unzlib } from "fflate";
import { type FlashChip, SECTOR_BYTES } from "./flash-chip.ts";
import type { Answer } from "./loader.ts";

export interface DownloadPlan {
  /** Bytes that will be in the flash; of an uncompressed download what is erased, to which blocks may be padded. */
  readonly size: number;
  readonly blocks: number;
  readonly blockBytes: number;
  readonly offset: number;
  readonly deflated: boolean;
}

export class Download {
  readonly deflated: boolean;
  private readonly flash: FlashChip;
  private readonly plan: DownloadPlan;
  private readonly unzlib = new Unzlib();
  private readonly adler = new Adler32();
  /** The last four bytes of the compressed stream: its own checksum. */
  private tail: number[] = [];
  private blocks = 0;
  private written = 0;
  private erasedTo: number;
  private failed = false;

  constructor(flash: FlashChip, plan: DownloadPlan) {
    this.flash = flash;
    this.plan = plan;
    this.deflated = plan.deflated;
    this.erasedTo = plan.offset;
    this.unzlib.ondata = (bytes) => {
      this.adler.add(bytes);
      this.write(bytes);
    };
  }

  take(block: Uint8Array): Answer {
    const { plan } = this;
    if (this.blocks >= plan.blocks) return "tooMuch";
    this.blocks++;
    if (!plan.deflated) {
      // The last block is padded; what lies beyond the area is not written.
      this.write(block.subarray(0, plan.size - this.written));
      return {};
    }
    this.tail = [...this.tail, ...block.subarray(-4)].slice(-4);
    const last = this.blocks === plan.blocks;
    try {
      this.unzlib.push(block, last);
    } catch {
      this.failed = true;
    }
    if (last && !this.failed) this.failed = this.adler.value !== numberOf(this.tail);
    if (this.failed) return "inflate";
    return this.written > plan.size ? "tooMuch" : {};
  }

  end(): Answer {
    return this.blocks < this.plan.blocks || this.written < this.plan.size ? "tooLittle" : {};
  }

  /** Sectors are erased as they are reached. */
  private write(bytes: Uint8Array): void {
    const at = this.plan.offset + this.written;
    this.written += bytes.length;
    if (this.written > this.plan.size) return;
    while (this.erasedTo < at + bytes.length) {
      this.flash.erase(this.erasedTo, 1);
      this.erasedTo = (Math.floor(this.erasedTo / SECTOR_BYTES) + 1) * SECTOR_BYTES;
    }
    this.flash.program(at, bytes);
  }
}

/** RFC 1950: the checksum at the end of a zlib stream. */
class Adler32 {
  private one = 1;
  private two = 0;

  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.one = (this.one + byte) % 65521;
      this.two = (this.two + this.one) % 65521;
    }
  }

  get value(): number {
    return this.two * 65536 + this.one;
  }
}

function numberOf(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
