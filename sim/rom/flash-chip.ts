/** The whole flash chip of an ESP board, from its first byte: boot loader, partition table, interpreter, and Storage where it lies in it. */
import { Flash } from "../flash/flash.ts";
import type { StorageMedium } from "../flash/medium.ts";

export const SECTOR_BYTES = 4096;

export interface FlashChipOptions {
  /** Size of the chip. */
  bytes: number;
  /** The interpreter's Storage and where it begins; what is written there is written into it. */
  storage?: { address: number; medium: StorageMedium } | undefined;
}

export class FlashChip {
  readonly bytes: number;
  /** All of the chip but Storage. */
  readonly flash: Flash;
  /** Areas that were erased or written since this object was made, in order, next to each other as one. */
  readonly touched: { from: number; to: number }[] = [];
  private readonly storage: FlashChipOptions["storage"];
  private readonly stuck = new Map<number, number>();

  constructor({ bytes, storage }: FlashChipOptions) {
    this.bytes = bytes;
    this.flash = new Flash({ pageBytes: SECTOR_BYTES, pages: bytes / SECTOR_BYTES });
    // A chip that ends before Storage has none.
    this.storage = storage && storage.address < bytes ? storage : undefined;
  }

  /** What RDID (0x9f) answers: maker, kind, and the size as a power of two. The lowest byte comes first on the wire. */
  get id(): number {
    return 0x40ef | (Math.log2(this.bytes) << 16);
  }

  /** The cell at `address` keeps these bits at 0 whatever is erased: it is worn out. */
  wearOut(address: number, bits: number): void {
    this.stuck.set(address, bits);
  }

  /** Beyond the end of the chip reads as erased. */
  read(address: number, length: number): Uint8Array {
    const bytes = this.flash.read(address, length);
    this.inStorage(address, length, (flash, at, from, to) => bytes.set(flash.read(at, to - from), from));
    for (const [at, bits] of this.stuck) {
      const place = at - address;
      if (place >= 0 && place < length) bytes[place] = (bytes[place] ?? 0) & ~bits;
    }
    return bytes;
  }

  /** Clears the bits that are 0 in `bytes`. @throws PowerCut */
  program(address: number, bytes: Uint8Array): void {
    this.touch(address, bytes.length);
    this.flash.program(address, bytes);
    this.inStorage(address, bytes.length, (flash, at, from, to) =>
      flash.program(at, bytes.subarray(from, to)),
    );
  }

  /** Erases the sectors that the area lies in. @throws PowerCut */
  erase(address: number, length: number): void {
    const first = Math.floor(address / SECTOR_BYTES) * SECTOR_BYTES;
    const end = Math.min(this.bytes, Math.ceil((address + length) / SECTOR_BYTES) * SECTOR_BYTES);
    if (end <= first) return;
    this.touch(first, end - first);
    for (let at = first; at < end; at += SECTOR_BYTES) this.flash.erasePage(at);
    this.inStorage(first, end - first, (flash, at, from, to) => {
      for (let page = at; page < at + to - from; page += flash.pageBytes) flash.erasePage(page);
    });
  }

  /** Calls `run` with the part of an area that lies in Storage: where there, and which bytes of the area. */
  private inStorage(
    address: number,
    length: number,
    run: (flash: Flash, at: number, from: number, to: number) => void,
  ): void {
    if (!this.storage) return;
    const { address: start, medium } = this.storage;
    const from = Math.max(0, start - address);
    const to = Math.min(length, start + medium.flash.bytes - address);
    if (from >= to) return;
    const changes = medium.flash.changes;
    run(medium.flash, address + from - start, from, to);
    if (medium.flash.changes !== changes) medium.changed();
  }

  private touch(from: number, length: number): void {
    const last = this.touched.at(-1);
    if (last && from >= last.from && from <= last.to) last.to = Math.max(last.to, from + length);
    else this.touched.push({ from, to: from + length });
  }
}
