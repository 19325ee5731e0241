/** What esptool-js talks to a chip through: its Transport, on any cable of ours instead of Web Serial, event-driven and on the clock that is given. */
import { ESPError, Transport } from "esptool-js";
import type { ConsoleClock } from "../../console/host-clock.ts";
import { type Port, PortGone } from "../../console/port.ts";

const END = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED = new Map([
  [0xdc, END],
  [0xdd, ESCAPE],
]);
/** The first byte of every answer. */
const ANSWER = 1;
/** What a stub says by itself. */
const STUB_STARTED = "OHAI";
/** More than any packet of a loader has. */
const MOST_BYTES = 0x20000;
/** So much of what was heard is kept, for people. */
const MOST_HEARD = 2000;

/** The port stays open all the time: opening and closing it is the caller's. */
export class PortTransport extends Transport {
  /** Why nothing passes any more; undefined while it does. */
  gone: string | undefined;
  private noise = "";
  private readonly port: Port;
  private readonly clock: ConsoleClock;
  private readonly packets: Uint8Array[] = [];
  private packet: number[] | undefined;
  private isEscaping = false;
  private arrived = 0;
  private waiting: (() => void) | undefined;
  private readonly stops: (() => void)[];

  constructor(port: Port, clock: ConsoleClock) {
    // Nothing of the base class that touches its device is left.
    super(undefined as never);
    this.port = port;
    this.clock = clock;
    this.stops = [port.onBytes((bytes) => this.take(bytes)), port.onGone((reason) => this.stop(reason))];
  }

  /** What came and was no answer: boot messages, say. */
  get heard(): string {
    return this.noise + String.fromCharCode(...(this.packet ?? []));
  }

  /** Everything that waits for an answer, and every call from now on, fails. */
  stop(reason: string): void {
    this.gone ??= reason;
    this.waiting?.();
  }

  /** Lets go of the port. */
  release(): void {
    for (const stop of this.stops) stop();
  }

  override async connect(baud = 115_200): Promise<void> {
    this.baudrate = baud;
  }
  override async disconnect(): Promise<void> {
    this.flushInput();
  }
  override async readLoop(): Promise<void> {}
  override trace(): void {}
  override getInfo(): string {
    return this.port.name;
  }
  override getVid(): number | undefined {
    return undefined;
  }
  override getPid(): number | undefined {
    return undefined;
  }
  /** The chip is reset through the port's own `reset`. */
  override async setRTS(): Promise<void> {}
  override async setDTR(): Promise<void> {}
  override async setSignals(): Promise<void> {}

  override async changeBaudrate(baud: number): Promise<boolean> {
    await this.port.setBaud?.(baud);
    this.baudrate = baud;
    return false;
  }

  override async write(data: Uint8Array): Promise<void> {
    if (this.gone !== undefined) throw new ESPError(this.gone);
    try {
      await this.port.write(this.slipWriter(data));
    } catch (error) {
      // Whoever writes may know before whoever listens is told.
      if (error instanceof PortGone) this.stop(error.message.replace(`${error.port} is gone: `, ""));
      throw error;
    }
  }

  override inWaiting(): number {
    return this.packets.length;
  }
  override peek(): Uint8Array {
    return new Uint8Array(0);
  }
  override flushInput(): void {
    this.packets.length = 0;
    this.packet = undefined;
    this.isEscaping = false;
  }

  /** Waits until nothing has come for `quietMs`, at most `mostMs`, and forgets all of it. */
  override async drainInput(quietMs = 100, mostMs = 400): Promise<void> {
    const until = this.clock.now() + mostMs;
    for (let before = -1; before !== this.arrived && this.clock.now() < until; ) {
      before = this.arrived;
      await this.pause(quietMs);
    }
    this.flushInput();
  }

  /** The next packet. @throws ESPError after `timeout` ms without one, or when the cable is lost. */
  override async read(timeout: number): Promise<Uint8Array> {
    const until = this.clock.now() + timeout;
    for (;;) {
      const packet = this.packets.shift();
      if (packet) return packet;
      if (this.gone !== undefined) throw new ESPError(this.gone);
      if (this.clock.now() >= until) throw new ESPError(`no answer within ${timeout} ms`);
      await this.news(until);
    }
  }

  pause(ms: number): Promise<void> {
    const { clock } = this;
    return new Promise((resolve) => {
      clock.schedule(clock.now() + ms, resolve);
    });
  }

  /** Resolves when a packet has come, the cable is lost or it is `until`. */
  private news(until: number): Promise<void> {
    const { clock } = this;
    return new Promise((resolve) => {
      const done = (): void => {
        this.waiting = undefined;
        clock.cancel(alarm);
        resolve();
      };
      const alarm = clock.schedule(until, done);
      this.waiting = done;
    });
  }

  private take(bytes: Uint8Array): void {
    this.arrived += bytes.length;
    for (const byte of bytes) this.takeByte(byte);
    this.noise = this.noise.slice(-MOST_HEARD);
    if (this.packets.length > 0) this.waiting?.();
  }

  private takeByte(byte: number): void {
    const { packet } = this;
    if (byte === END) {
      // It may end one packet and begin the next: between them there may have been noise.
      if (packet && packet.length > 0) this.close(packet);
      this.packet = [];
      this.isEscaping = false;
    } else if (!packet) {
      this.noise += String.fromCharCode(byte);
    } else if (this.isEscaping) {
      this.isEscaping = false;
      packet.push(ESCAPED.get(byte) ?? byte);
    } else if (byte === ESCAPE) this.isEscaping = true;
    else if (packet.length >= MOST_BYTES) this.packet = undefined;
    else packet.push(byte);
  }

  private close(packet: readonly number[]): void {
    if (packet[0] === ANSWER || String.fromCharCode(...packet) === STUB_STARTED)
      this.packets.push(Uint8Array.from(packet));
    else this.noise += String.fromCharCode(...packet);
  }
}
