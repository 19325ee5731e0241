/** Feeds what comes from outside into the board's console: at the pace of a serial line, or as fast as the board takes it. */
import type { Alarm, Clock } from "../clock.ts";
import type { ConsolePort } from "./port.ts";

export interface InletOptions {
  /** A serial line, at the port's own speed, which loses what finds no room on the board. Default false: nothing is lost, what finds no room waits. */
  serial?: boolean | undefined;
}

/** So many bytes of a serial line arrive together. */
const TOGETHER = 12;
/** Start bit, eight data bits, stop bit. */
const BITS = 10;

export class Inlet {
  /** Called when all that was written has gone to the board. */
  onDrained: (() => void) | undefined;
  private waiting = "";
  private alarm: Alarm | undefined;
  private readonly stopListening: () => void;
  private readonly port: ConsolePort;
  private readonly clock: Clock;
  private readonly serial: boolean;

  constructor(port: ConsolePort, clock: Clock, { serial = false }: InletOptions = {}) {
    this.port = port;
    this.clock = clock;
    this.serial = serial;
    this.stopListening = serial ? () => undefined : port.onRoom(() => this.arm());
  }

  /** Bytes (one character a byte) that set out for the board at the clock's present moment. */
  write(bytes: string): void {
    this.waiting += bytes;
    this.arm();
  }

  /** Bytes that have not arrived yet. */
  get backlog(): number {
    return this.waiting.length;
  }

  close(): void {
    this.stopListening();
    if (this.alarm) this.clock.cancel(this.alarm);
    this.waiting = "";
  }

  private arm(): void {
    if (this.waiting === "" || (this.alarm && !this.alarm.cancelled)) return;
    const bytes = Math.min(TOGETHER, this.waiting.length);
    const takes = this.serial ? (bytes * BITS * 1000) / this.port.baud : 0;
    this.alarm = this.clock.schedule(this.clock.now() + takes, () => this.deliver());
  }

  private deliver(): void {
    this.alarm = undefined;
    const most = this.serial ? TOGETHER : this.port.room;
    const bytes = this.waiting.slice(0, most);
    this.waiting = this.waiting.slice(most);
    if (bytes !== "") this.port.receive(bytes);
    if (this.waiting === "") this.onDrained?.();
    // Without a pace the next bytes follow when the board has made room.
    else if (this.serial) this.arm();
  }
}
