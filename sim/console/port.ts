/** The board's end of its console cable: the input buffer with XON and XOFF, and the bytes the board sends. */
import type { Clock } from "../clock.ts";

export interface ConsolePortOptions {
  /** Size of the input buffer. Default 4096 bytes, as boards/ESP32.py has it. */
  bufferBytes?: number;
  /** Board time it takes to handle a byte of input. Default 0: whatever has arrived is handled at once. */
  microsecondsPerByte?: number;
}

/** jsdevices.c: two bytes of book-keeping for every 64 that arrive together. */
const EVENT_BYTES = 64;
const EVENT_OVERHEAD = 2;
const XON = "\x11";
const XOFF = "\x13";

/** What a running board has to do with its port. */
export interface ConsoleReader {
  /** Bytes have arrived, and are in the buffer. */
  arrived(bytes: string): void;
  /** Bytes were lost: the buffer is full. */
  overflowed(): void;
  /** Where there is this, bytes pass by the buffer and its flow control: a ROM loader has neither. */
  direct?(bytes: string): void;
}

/** Bytes are binary strings, one character a byte. */
export class ConsolePort {
  readonly microsecondsPerByte: number;
  /** Of a serial line to it, baud; a loader may ask for another speed than the console has. */
  baud = 115_200;
  private readonly bufferBytes: number;
  private buffer = "";
  private isHoldingBack = false;
  private reader: ConsoleReader | undefined;
  private readonly outputListeners = new Set<(bytes: string) => void>();
  private readonly roomListeners = new Set<() => void>();
  private unsent = "";

  private readonly clock: Clock;

  constructor(clock: Clock, options: ConsolePortOptions = {}) {
    this.clock = clock;
    this.bufferBytes = options.bufferBytes ?? 4096;
    this.microsecondsPerByte = options.microsecondsPerByte ?? 0;
  }

  // --- the cable's other end

  /** Bytes arrive at the clock's present moment. What finds no room in the buffer is lost; a board without power loses all. */
  receive(bytes: string | Uint8Array): void {
    if (!this.reader) return;
    const text = typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("latin1");
    if (this.reader.direct) {
      this.reader.direct(text);
      for (const listener of this.roomListeners) listener();
      return;
    }
    const kept = text.slice(0, this.room);
    this.buffer += kept;
    if (!this.isHoldingBack && this.used > ((this.bufferBytes - 1) * 6) / 8) {
      this.isHoldingBack = true;
      this.send(XOFF);
    }
    if (kept.length < text.length) this.reader.overflowed();
    this.reader.arrived(kept);
  }

  /** Calls `listener` with what the board sends, all of one moment together; returns how to stop that. */
  onOutput(listener: (bytes: string) => void): () => void {
    this.outputListeners.add(listener);
    return () => this.outputListeners.delete(listener);
  }

  /** Bytes that `receive` would take now without loss. */
  get room(): number {
    const free = this.bufferBytes - 1 - this.used;
    return Math.max(0, free - Math.ceil(free / (EVENT_BYTES + EVENT_OVERHEAD)) * EVENT_OVERHEAD);
  }

  /** Calls `listener` each time the board took input from its buffer; returns how to stop that. */
  onRoom(listener: () => void): () => void {
    this.roomListeners.add(listener);
    return () => this.roomListeners.delete(listener);
  }

  // --- the board's end

  /** Who reads, or undefined when the power is off: the buffer is then lost. */
  connect(reader: ConsoleReader | undefined): void {
    this.reader = reader;
  }

  /** Power was off: nothing that arrived before counts. */
  clear(): void {
    this.buffer = "";
    this.isHoldingBack = false;
  }

  get waiting(): boolean {
    return this.buffer !== "";
  }

  /** Takes what has arrived from the buffer, at most `most` bytes. */
  take(most: number): string {
    const taken = this.buffer.slice(0, most);
    this.buffer = this.buffer.slice(most);
    if (this.isHoldingBack && this.used < ((this.bufferBytes - 1) * 3) / 8) {
      this.isHoldingBack = false;
      this.send(XON);
    }
    if (taken !== "") for (const listener of this.roomListeners) listener();
    return taken;
  }

  /** Sends bytes; they leave together with all others of this moment. */
  send(bytes: string): void {
    if (this.outputListeners.size === 0) return;
    if (this.unsent === "") this.clock.schedule(this.clock.now(), () => this.flush());
    this.unsent += bytes;
  }

  private flush(): void {
    const bytes = this.unsent;
    this.unsent = "";
    for (const listener of [...this.outputListeners]) listener(bytes);
  }

  private get used(): number {
    return this.buffer.length + Math.ceil(this.buffer.length / EVENT_BYTES) * EVENT_OVERHEAD;
  }
}
