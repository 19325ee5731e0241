/** The board's console seen from the desk: asks, writes files, and passes on what the board says by itself; every call has a deadline. */
import { ConsoleError } from "./errors.ts";
import { type ConsoleClock, hostClock } from "./host-clock.ts";
import type { Port } from "./port.ts";

export interface BoardConsoleOptions {
  /** Default: the host's time. */
  clock?: ConsoleClock | undefined;
  /** Whether the board takes framed packets (2v25 on). Default: found out with the first question. */
  packets?: boolean | undefined;
}

export interface EvaluateOptions {
  /** Default 5,000. */
  deadlineMs?: number | undefined;
}

export interface WriteOptions {
  /** Bytes that the board has taken, of `total`. */
  onProgress?: ((sent: number, total: number) => void) | undefined;
}

/** Nothing is sent before the first call. All calls may fail with a `ConsoleError`, and only with that. */
export class BoardConsole {
  readonly port: Port;
  protected readonly clock: ConsoleClock;

  constructor(port: Port, options: BoardConsoleOptions = {}) {
    this.port = port;
    this.clock = options.clock ?? hostClock;
  }

  /** Whether the board takes framed packets; undefined while it has not been asked. */
  get packets(): boolean | undefined {
    return undefined;
  }

  /** The value of a JavaScript expression on the board, as JSON carries it; undefined for undefined. Calls wait for one another. */
  async evaluate(expression: string, options: EvaluateOptions = {}): Promise<unknown> {
    throw new ConsoleError("silent", `${expression} ${options.deadlineMs}: not there yet`);
  }

  /**
   * Writes a file into the board's Storage: in framed packets where it has them, else as chunked text. Whether the content is right is for the
   * caller to ask (`bundleHash`).
   */
  async writeFile(name: string, _content: Uint8Array, _options: WriteOptions = {}): Promise<void> {
    throw new ConsoleError("silent", `${name}: not there yet`);
  }

  /** The content of a file in the board's Storage; undefined when there is none of that name. */
  async readFile(name: string): Promise<Uint8Array | undefined> {
    throw new ConsoleError("silent", `${name}: not there yet`);
  }

  /** Calls `listener` with what the board says that is no answer to us, flow control and frames taken out. Returns how to stop that. */
  onText(_listener: (text: string) => void): () => void {
    return () => undefined;
  }

  /** Told once when the cable is lost. Returns how to stop that. */
  onGone(listener: (reason: string) => void): () => void {
    return this.port.onGone(listener);
  }

  /** Sends text as if typed, Latin-1, obeying XON and XOFF. */
  async send(_text: string): Promise<void> {}

  /** Ctrl-C: breaks off what runs or is half typed. */
  async interrupt(): Promise<void> {}

  /** Lets go of the port without closing it: for another conversation over the same cable. What is under way fails with "gone". */
  release(): void {}

  /** Ends the conversation and closes the port. */
  async close(): Promise<void> {
    await this.port.close();
  }
}
