/** The board's console seen from the desk: asks, writes files, and passes on what the board says by itself; every call has a deadline. */
import { connect, type Listening } from "./connect.ts";
import { Conversation, shared } from "./conversation.ts";
import { ConsoleError } from "./errors.ts";
import { type EvaluateOptions, evaluated } from "./evaluation.ts";
import { latin1 } from "./frames.ts";
import type { Heard } from "./heard.ts";
import { type ConsoleClock, hostClock } from "./host-clock.ts";
import { fromBase64, quotedText } from "./literal.ts";
import type { Port } from "./port.ts";
import { upload } from "./upload.ts";

export interface BoardConsoleOptions {
  /** Default: the host's time. */
  clock?: ConsoleClock | undefined;
  /** Whether the board takes framed packets (2v25 on). Default: found out before the first question. */
  packets?: boolean | undefined;
}

export type { EvaluateOptions };

export interface WriteOptions {
  /** Bytes that the board has confirmed, of `total`. Also called with 0 at the beginning. */
  onProgress?: ((sent: number, total: number) => void) | undefined;
}

/** A file is read in pieces of so many bytes; three bytes are four characters of base64. */
const READ_BYTES = 1020;
/** Between two looks for somebody else. */
const LISTEN_MS = 100;

/** Nothing is sent before the first call. Calls wait for one another. All may fail with a `ConsoleError`, and only with that. */
export class BoardConsole {
  readonly port: Port;
  private readonly talk: Conversation;
  private known: Listening | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(port: Port, options: BoardConsoleOptions = {}) {
    this.port = port;
    this.talk = new Conversation(port, options.clock ?? hostClock);
    if (options.packets !== undefined)
      this.known = { packets: options.packets, version: "", freeVariables: 0 };
  }

  /** Whether the board takes framed packets; undefined while it has not been asked. */
  get packets(): boolean | undefined {
    return this.known?.packets;
  }

  /** What came over the cable since the beginning. */
  get heard(): Heard {
    return this.talk.heard;
  }

  /**
   * That another program uses the console at the same time, where that has been noticed. `isWorking`: it does more than watch, so that what the board
   * does may be its doing.
   */
  get company(): { readonly isWorking: boolean; readonly error: ConsoleError } | undefined {
    const { areThere, areWorking } = this.talk.others;
    return areThere ? { isWorking: areWorking, error: shared(this.port) } : undefined;
  }

  /** The same, once it is noticed within `ms`: whoever has disturbed us has been disturbed as well, and asks again. */
  async companyWithin(ms: number): Promise<BoardConsole["company"]> {
    const { clock } = this.talk;
    const until = clock.now() + ms;
    while (!this.company && clock.now() < until) {
      if (await this.talk.pause(LISTEN_MS).catch(() => "gone")) break;
    }
    return this.company;
  }

  /**
   * Finds out whether Espruino listens, and how. The other calls do so themselves when it has not been done. Only a board that does not answer is
   * sent Ctrl-C. `deadlineMs`: default 8,000, long enough for a packet that somebody left unfinished.
   */
  connect(deadlineMs?: number): Promise<Listening> {
    return this.inTurn(() => this.listening(deadlineMs));
  }

  /** The value of a JavaScript expression on the board, as JSON carries it; undefined for undefined. It may use what the console could. */
  evaluate(expression: string, options: EvaluateOptions = {}): Promise<unknown> {
    return this.inTurn(() => this.value(expression, options));
  }

  /**
   * Writes a file into the board's Storage: in framed packets where it has them, else as chunked text. Whether the content is right is for the
   * caller to ask (`bundleHash`). Fails with "refused" when Storage does not take it. Nobody may write the same file meanwhile.
   */
  writeFile(name: string, content: Uint8Array, options: WriteOptions = {}): Promise<void> {
    return this.inTurn(async () => {
      const { packets, freeVariables } = await this.listening();
      const board = {
        talk: this.talk,
        packets,
        freeVariables,
        evaluate: (expression: string, deadlineMs: number) => this.value(expression, { deadlineMs }),
      };
      await upload(board, name, content, options.onProgress ?? (() => undefined));
    });
  }

  /** The content of a file in the board's Storage; undefined when there is none of that name. */
  readFile(name: string): Promise<Uint8Array | undefined> {
    return this.inTurn(async () => {
      const file = `require("Storage").read(${quotedText(name)}`;
      const length = await this.value(`(f=>f===undefined?-1:f.length)(${file}))`, { repeatable: true });
      if (typeof length !== "number" || length < 0) return undefined;
      const content = new Uint8Array(length);
      for (let at = 0; at < length; at += READ_BYTES) {
        const most = Math.min(READ_BYTES, length - at);
        const text = await this.value(`btoa(${file},${at},${most}))`, { repeatable: true });
        const piece = typeof text === "string" ? fromBase64(text) : undefined;
        if (piece?.length !== most)
          throw new ConsoleError("garbled", `"${name}" changed while it was read: read it again`);
        content.set(piece, at);
      }
      return content;
    });
  }

  /** Calls `listener` with what the board says that is no answer to us, flow control and frames taken out. Returns how to stop that. */
  onText(listener: (text: string) => void): () => void {
    return this.talk.onText(listener);
  }

  /** Told once when the cable is lost. Returns how to stop that. */
  onGone(listener: (reason: string) => void): () => void {
    return this.port.onGone(listener);
  }

  /** Sends text as if typed, one byte a character, obeying XON and XOFF. */
  send(text: string): Promise<void> {
    return this.inTurn(() => this.talk.send(latin1(text)));
  }

  /** Ctrl-C: breaks off what runs or is half typed. It does not wait for what is under way. */
  interrupt(): Promise<void> {
    return this.talk.send(latin1("\x03"));
  }

  /** Lets go of the port without closing it: for another conversation over the same cable. What is under way fails with "gone". */
  release(): void {
    this.talk.end(new ConsoleError("gone", `the conversation over ${this.port.name} was ended`));
  }

  /** Ends the conversation and closes the port. */
  async close(): Promise<void> {
    this.release();
    await this.port.close();
  }

  /** One call after the other, whatever became of the one before. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async listening(deadlineMs?: number): Promise<Listening> {
    this.known ??= await connect(this.talk, deadlineMs);
    return this.known;
  }

  private async value(expression: string, options: EvaluateOptions): Promise<unknown> {
    const { packets } = await this.listening();
    return evaluated(this.talk, packets, expression, options);
  }
}
