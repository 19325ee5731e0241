/** One cable and what passes on it: tells answers from what the board says by itself, and lets nobody wait for ever. */
import type { Alarm } from "../../sim/clock.ts";
import { ConsoleError, LinkTooSlow } from "./errors.ts";
import { latin1, NAK, XOFF, XON } from "./frames.ts";
import { Heard } from "./heard.ts";
import type { ConsoleClock } from "./host-clock.ts";
import { Others } from "./others.ts";
import { Outlet } from "./outlet.ts";
import type { Port } from "./port.ts";
import { newAsker } from "./question.ts";

/** Looks for an answer in what the board sends. */
export interface Watcher {
  /**
   * `unjudged`: what came and has not been passed on, flow control taken out, one character a byte. Returns how many characters from its beginning
   * are the board's own talk, and how many after those belong to the answer and are to be forgotten; the rest is shown again with what follows.
   */
  look(unjudged: string): { readonly talk: number; readonly drop: number };
}

/** Esc [ 2 H: takes away what is typed of a line (jsinteractive.c jsiHandleChar); Ctrl-C would break off the program. */
const ERASE_LINE = "\x1b[2H";

export class Conversation {
  readonly port: Port;
  readonly clock: ConsoleClock;
  readonly heard = new Heard();
  readonly asker = newAsker();
  readonly others = new Others(this.asker);
  private readonly outlet: Outlet;
  private readonly textListeners = new Set<(text: string) => void>();
  private readonly ending = new Set<(error: ConsoleError) => void>();
  private readonly stopListening: (() => void)[];
  private unjudged = "";
  private watcher: Watcher | undefined;
  private ended: ConsoleError | undefined;

  constructor(port: Port, clock: ConsoleClock) {
    this.port = port;
    this.clock = clock;
    this.outlet = new Outlet(port, clock);
    this.stopListening = [
      port.onBytes((bytes) => this.take(bytes)),
      port.onGone((reason) => this.end(gone(port, reason))),
    ];
  }

  onText(listener: (text: string) => void): () => void {
    this.textListeners.add(listener);
    return () => this.textListeners.delete(listener);
  }

  /** @throws ConsoleError "gone", or "timeout" when the board takes no more. */
  async send(bytes: Uint8Array): Promise<void> {
    if (this.ended) throw this.ended;
    await this.outlet.send(bytes);
  }

  /** How many bytes the cable takes in `ms`, as far as that is known. */
  bytesWithin(ms: number): number {
    const { msPerByte } = this.outlet;
    return msPerByte === 0 ? Number.POSITIVE_INFINITY : Math.floor(ms / msPerByte);
  }

  /**
   * Sends `bytes` and waits until the watcher that `watch` makes calls `done`, at most `ms` from when the bytes have left; undefined then. One
   * question at a time. @throws ConsoleError "gone" the moment the cable is lost, "timeout" when the board takes no more; `LinkTooSlow`.
   */
  async ask<T>(
    bytes: Uint8Array,
    watch: (done: (answer: T) => void) => Watcher,
    ms: number,
  ): Promise<T | undefined> {
    if (this.ended) throw this.ended;
    let settle: (answer: T | undefined) => void = () => undefined;
    let fail: (error: ConsoleError) => void = () => undefined;
    const answer = new Promise<T | undefined>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    this.watcher = watch(settle);
    this.ending.add(fail);
    let alarm: Alarm | undefined;
    let over = false;
    this.outlet.send(bytes).then((left) => {
      if (left !== undefined) {
        // The board took the first bytes after its NAK for a line that somebody types.
        void this.outlet.send(latin1(ERASE_LINE)).catch(() => undefined);
        fail(new LinkTooSlow(this.port.name, bytes.length, left));
      } else if (!over) alarm = this.clock.schedule(this.clock.now() + ms, () => settle(undefined));
    }, fail);
    try {
      return await answer;
    } finally {
      over = true;
      if (alarm) this.clock.cancel(alarm);
      this.ending.delete(fail);
      this.watcher = undefined;
      this.passOn(this.unjudged.length);
    }
  }

  /** Two that write onto a board at once leave something that neither meant. @throws ConsoleError "shared" */
  mustBeAlone(): void {
    if (this.others.areInTheWay(this.clock.now())) throw shared(this.port);
  }

  /** Lets `ms` pass. @throws ConsoleError "gone". */
  pause(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended);
      const alarm = this.clock.schedule(this.clock.now() + ms, () => {
        this.ending.delete(stop);
        resolve();
      });
      const stop = (error: ConsoleError): void => {
        this.clock.cancel(alarm);
        reject(error);
      };
      this.ending.add(stop);
    });
  }

  /** Fails whatever waits; nothing is listened to any more. */
  end(error: ConsoleError): void {
    if (this.ended) return;
    this.ended = error;
    for (const stop of this.stopListening) stop();
    this.outlet.end(error);
    for (const fail of [...this.ending]) fail(error);
    this.ending.clear();
  }

  private take(bytes: Uint8Array): void {
    let text = "";
    for (const byte of bytes) {
      if (byte === XON || byte === XOFF) this.outlet.flow(byte === XON);
      else text += String.fromCharCode(byte);
    }
    if (text === "") return;
    this.heard.add(text, this.clock.now());
    this.others.add(text, this.clock.now());
    this.unjudged += text.includes(NAK) && this.outlet.refused() ? text.replace(NAK, "") : text;
    while (this.watcher && this.unjudged !== "") {
      const { talk, drop } = this.watcher.look(this.unjudged);
      this.passOn(talk);
      this.unjudged = this.unjudged.slice(drop);
      if (drop === 0) return;
    }
    this.passOn(this.unjudged.length);
  }

  private passOn(characters: number): void {
    if (characters === 0) return;
    const text = this.unjudged.slice(0, characters);
    this.unjudged = this.unjudged.slice(characters);
    for (const listener of [...this.textListeners]) listener(text);
  }
}

export function shared(port: Port): ConsoleError {
  return new ConsoleError(
    "shared",
    `another program uses the console on ${port.name} at the same time (the board answers what was not asked here): close it (wick monitor, wick flash, a page in a browser), then repeat the command`,
  );
}

function gone(port: Port, reason: string): ConsoleError {
  // Espruino's console on TCP closes the connection it has when another one comes.
  const mend = port.name.startsWith("tcp:")
    ? "close what else may use this console (wick monitor), see that the board has power"
    : "plug the cable in again";
  return new ConsoleError("gone", `${port.name} is gone (${reason}): ${mend}, then repeat the command`);
}
