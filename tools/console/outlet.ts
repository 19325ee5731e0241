/** Bytes on their way to the board: a few at a time, none between XOFF and XON, and no more of a packet that the board has given up. */
import type { Alarm } from "../../sim/clock.ts";
import { ConsoleError } from "./errors.ts";
import { isPacket, PACKET_MS } from "./frames.ts";
import type { ConsoleClock } from "./host-clock.ts";
import type { Port } from "./port.ts";

/** Handed over at once: when the board says stop, so many are still on their way. An ESP32 has room for 1,024 more then, smaller boards for 64. */
const PIECE_BYTES = 64;
/** A pace is told from no fewer bytes. */
const FEWEST_BYTES = 40;
/** A NAK this long after a packet's first byte left is the board's word for having given it up; one before is something that it prints. */
const GIVEN_UP_MS = PACKET_MS - 500;
/** A board that is that long without room for more has stopped reading. */
const LONGEST_STOP_MS = 10_000;

export class Outlet {
  /** How long the cable takes for a byte, time between XOFF and XON left out; 0 while that is unknown. */
  msPerByte = 0;
  private mayGo = true;
  private waiting: { resolve: () => void; reject: (error: ConsoleError) => void; alarm: Alarm } | undefined;
  private lost: ConsoleError | undefined;
  private last: Promise<unknown> = Promise.resolve();
  /** What is leaving, and since when. */
  private leaving: { isPacket: boolean; since: number | undefined; isGivenUp: boolean } | undefined;
  private readonly port: Port;
  private readonly clock: ConsoleClock;

  constructor(port: Port, clock: ConsoleClock) {
    this.port = port;
    this.clock = clock;
  }

  /** The board said XON (true) or XOFF. */
  flow(mayGo: boolean): void {
    this.mayGo = mayGo;
    if (mayGo) this.settle()?.resolve();
  }

  /** The cable is gone, or the conversation at its end. */
  end(error: ConsoleError): void {
    this.lost ??= error;
    this.settle()?.reject(error);
  }

  /** The board said NAK. Returns whether it has given up the packet that is leaving, whose rest then stays here. */
  refused(): boolean {
    const { leaving } = this;
    if (!leaving?.isPacket || leaving.since === undefined) return false;
    if (this.clock.now() - leaving.since < GIVEN_UP_MS) return false;
    leaving.isGivenUp = true;
    return true;
  }

  /**
   * Resolves when all bytes have left, or when the board has given the packet up: then with how many had left. Calls do not mix. @throws ConsoleError
   * "gone", or "timeout" when the board takes no more.
   */
  send(bytes: Uint8Array): Promise<number | undefined> {
    const sending = this.last.then(() => this.inPieces(bytes));
    this.last = sending.catch(() => undefined);
    return sending;
  }

  private async inPieces(bytes: Uint8Array): Promise<number | undefined> {
    const { clock, port } = this;
    const leaving: NonNullable<Outlet["leaving"]> = {
      isPacket: isPacket(bytes),
      since: undefined,
      isGivenUp: false,
    };
    this.leaving = leaving;
    let at = 0;
    let takes = 0;
    try {
      while (at < bytes.length) {
        if (!this.mayGo) await this.untilXon();
        if (this.lost) throw this.lost;
        if (leaving.isGivenUp) break;
        const piece = bytes.subarray(at, at + Math.min(PIECE_BYTES, port.mostAtOnce ?? PIECE_BYTES));
        const before = clock.now();
        leaving.since ??= before;
        await this.written(piece);
        takes += clock.now() - before;
        at += piece.length;
      }
    } finally {
      this.leaving = undefined;
    }
    if (at >= FEWEST_BYTES || leaving.isGivenUp) this.measured(takes / at);
    return leaving.isGivenUp ? at : undefined;
  }

  /** Slower counts at once, faster bit by bit: one packet that is too long costs more than some that could be longer. */
  private measured(msPerByte: number): void {
    this.msPerByte = Math.max(msPerByte, (this.msPerByte + msPerByte) / 2);
  }

  /** A write may never come to an end: the other side of a TCP connection stops reading, a link is lost unnoticed. */
  private written(piece: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const alarm = this.clock.schedule(this.clock.now() + LONGEST_STOP_MS, () => {
        const seconds = LONGEST_STOP_MS / 1000;
        const { name } = this.port;
        reject(
          new ConsoleError(
            "timeout",
            `${name} took nothing for ${seconds} s: restart the board and try again`,
          ),
        );
      });
      this.port
        .write(piece)
        .then(resolve, (error: unknown) => reject(this.lost ?? asConsoleError(error)))
        .finally(() => this.clock.cancel(alarm));
    });
  }

  private untilXon(): Promise<void> {
    return new Promise((resolve, reject) => {
      const alarm = this.clock.schedule(this.clock.now() + LONGEST_STOP_MS, () => {
        // The next attempt may find a board that has been restarted meanwhile.
        this.mayGo = true;
        this.settle()?.reject(
          new ConsoleError(
            "timeout",
            `the board said stop (XOFF) and took nothing for ${LONGEST_STOP_MS / 1000} s: restart it (reset button or power) and try again`,
          ),
        );
      });
      this.waiting = { resolve, reject, alarm };
    });
  }

  private settle(): Outlet["waiting"] {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting) this.clock.cancel(waiting.alarm);
    return waiting;
  }
}

function asConsoleError(error: unknown): ConsoleError {
  if (error instanceof ConsoleError) return error;
  return new ConsoleError("gone", error instanceof Error ? error.message : String(error));
}
