/** Bytes on their way to the board: a few at a time, and none between XOFF and XON. */
import type { Alarm } from "../../sim/clock.ts";
import { ConsoleError } from "./errors.ts";
import type { ConsoleClock } from "./host-clock.ts";
import type { Port } from "./port.ts";

/** Handed over at once: when the board says stop, so many are still on their way. An ESP32 has room for 1,024 more then, smaller boards for 64. */
const PIECE_BYTES = 64;
/** A board that is that long without room for more has stopped reading. */
const LONGEST_STOP_MS = 10_000;

export class Outlet {
  private mayGo = true;
  private waiting: { resolve: () => void; reject: (error: ConsoleError) => void; alarm: Alarm } | undefined;
  private lost: ConsoleError | undefined;
  private last: Promise<void> = Promise.resolve();
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

  /** Resolves when all bytes have left. Calls do not mix. @throws ConsoleError "gone", or "timeout" when the board takes no more. */
  send(bytes: Uint8Array): Promise<void> {
    const sending = this.last.then(() => this.inPieces(bytes));
    this.last = sending.catch(() => undefined);
    return sending;
  }

  private async inPieces(bytes: Uint8Array): Promise<void> {
    const piece = Math.min(PIECE_BYTES, this.port.mostAtOnce ?? PIECE_BYTES);
    for (let at = 0; at < bytes.length; at += piece) {
      if (!this.mayGo) await this.untilXon();
      if (this.lost) throw this.lost;
      await this.written(bytes.subarray(at, at + piece));
    }
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
