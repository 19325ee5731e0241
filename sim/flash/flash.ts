/** NOR flash in pages: programming clears bits, erasing sets those of a whole page, and the power may go in the middle of either. */

export interface FlashGeometry {
  /** Bytes of the smallest area that can be erased. */
  pageBytes: number;
  pages: number;
}

/** The power went away during an operation; what was done up to then is in the flash. */
export class PowerCut extends Error {
  constructor() {
    super("power cut");
    this.name = "PowerCut";
  }
}

/** Erasing a page takes this many steps. After each a further eighth of its bits, spread over all of its bytes, reads 1. */
export const ERASE_STEPS = 8;

const ERASED = 0xff;

/** Pages that were never written take no memory. */
export class Flash {
  readonly pageBytes: number;
  readonly pages: number;
  /** Size in bytes. */
  readonly bytes: number;
  /** By page: how often it was erased since this object was made (a started erase counts). */
  readonly eraseCounts: Uint32Array;
  /** Since this object was made. */
  bytesProgrammed = 0;
  /** Goes up with everything that may have changed the content. */
  changes = 0;
  /** Called when the power goes, before the operation under way throws `PowerCut`. */
  onPowerCut: (() => void) | undefined;

  private readonly contents: (Uint8Array | undefined)[];
  private stepsLeft = Number.POSITIVE_INFINITY;

  /** @throws RangeError when `image` is not exactly as long as the flash. */
  constructor({ pageBytes, pages }: FlashGeometry, image?: Uint8Array) {
    this.pageBytes = pageBytes;
    this.pages = pages;
    this.bytes = pageBytes * pages;
    this.eraseCounts = new Uint32Array(pages);
    this.contents = new Array(pages).fill(undefined);
    if (image) this.load(image);
  }

  /** The power goes before the step after the next `steps`: each byte programmed is one, each page erased `ERASE_STEPS`. It is back right afterwards. */
  cutAfterBytes(steps: number): void {
    this.stepsLeft = steps;
  }

  /** Takes back what `cutAfterBytes` ordered. */
  keepPower(): void {
    this.stepsLeft = Number.POSITIVE_INFINITY;
  }

  /** Outside of the flash reads as erased. */
  byte(address: number): number {
    const page = this.contents[Math.floor(address / this.pageBytes)];
    return page === undefined ? ERASED : (page[address % this.pageBytes] ?? ERASED);
  }

  /** 32 bits, the lowest byte first. */
  word(address: number): number {
    const high = this.byte(address + 3) * 256 + this.byte(address + 2);
    return high * 65536 + this.byte(address + 1) * 256 + this.byte(address);
  }

  /** A copy of `length` bytes. */
  read(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length).fill(ERASED);
    for (const { page, from, to, done } of this.pieces(address, length)) {
      const content = this.contents[page];
      if (content) bytes.set(content.subarray(from, to), done);
    }
    return bytes;
  }

  isErased(address: number, length: number): boolean {
    for (const { page, from, to } of this.pieces(address, length)) {
      const content = this.contents[page];
      for (let at = from; content && at < to; at++) if (content[at] !== ERASED) return false;
    }
    return true;
  }

  /**
   * Clears the bits that are 0 in `bytes`, byte by byte; a 0 in the flash stays.
   * @throws PowerCut
   */
  program(address: number, bytes: Uint8Array): void {
    this.changes++;
    for (const { page, from, to, done } of this.pieces(address, bytes.length)) {
      const content = this.contents[page] ?? new Uint8Array(this.pageBytes).fill(ERASED);
      this.contents[page] = content;
      for (let at = from; at < to; at++) {
        this.step();
        content[at] = (content[at] ?? ERASED) & (bytes[done + at - from] ?? ERASED);
        this.bytesProgrammed++;
      }
    }
  }

  /**
   * Erases the page that `address` lies in.
   * @throws PowerCut leaving some bits of every byte erased and some as they were: neither the old content nor a blank page.
   */
  erasePage(address: number): void {
    const page = Math.floor(address / this.pageBytes);
    const content = this.contents[page];
    this.changes++;
    this.step();
    this.eraseCounts[page] = (this.eraseCounts[page] ?? 0) + 1;
    for (let step = 0; ; ) {
      // Which bits give way first differs from byte to byte, as it does from cell to cell.
      for (let at = 0; content && at < content.length; at++)
        content[at] = (content[at] ?? 0) | (1 << ((step + at) & 7));
      if (++step === ERASE_STEPS) break;
      this.step();
    }
    this.contents[page] = undefined;
  }

  /** All bytes from the first to the last. */
  image(): Uint8Array {
    return this.read(0, this.bytes);
  }

  /**
   * Replaces all of the content, at no wear.
   * @throws RangeError when `image` is not exactly as long as the flash.
   */
  load(image: Uint8Array): void {
    if (image.length !== this.bytes)
      throw new RangeError(`the image has ${image.length} bytes, the flash ${this.bytes}`);
    this.changes++;
    for (let page = 0; page < this.pages; page++) {
      const content = image.slice(page * this.pageBytes, (page + 1) * this.pageBytes);
      this.contents[page] = content.every((byte) => byte === ERASED) ? undefined : content;
    }
  }

  private step(): void {
    if (this.stepsLeft-- > 0) return;
    this.keepPower();
    this.onPowerCut?.();
    throw new PowerCut();
  }

  /** The parts of an area, one a page: `from` and `to` within the page, `done` bytes of the area before it. */
  private *pieces(
    address: number,
    length: number,
  ): Generator<{ page: number; from: number; to: number; done: number }> {
    const end = Math.min(address + length, this.bytes);
    for (let at = address; at < end; ) {
      const page = Math.floor(at / this.pageBytes);
      const from = at - page * this.pageBytes;
      const to = Math.min(this.pageBytes, from + end - at);
      yield { page, from, to, done: at - address };
      at += to - from;
    }
  }
}
