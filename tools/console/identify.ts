/** Tells what is at the other end of a cable, within deadlines, whatever it is. */
import type { ConsoleClock } from "./host-clock.ts";
import type { Port } from "./port.ts";

/** An Espruino that answers. Room is in bytes, memory in variables (`process.memory()`). */
export interface FoundEspruino {
  readonly kind: "espruino";
  /** `process.env.VERSION`, as `2v29` or `2v29.277`. */
  readonly version: string;
  /** `process.env.BOARD`, as `ESP32`. */
  readonly board: string;
  /** `getSerial()`. */
  readonly serial: string;
  /** Whether it takes framed packets. */
  readonly packets: boolean;
  readonly variables: { readonly free: number; readonly total: number; readonly blockBytes: number };
  /** `Storage.getStats()`; where that is missing only `freeBytes`, from `getFree()`. */
  readonly storage: {
    readonly totalBytes: number | undefined;
    readonly freeBytes: number;
    readonly trashBytes: number | undefined;
  };
  /** Names of the hashes of `require("crypto")`, of SHA1, SHA224, SHA256, SHA384, SHA512; empty without the module. */
  readonly hashes: readonly string[];
  /** The slot that runs (the global `WICK`), undefined when no loader of ours started one. */
  readonly slot: string | undefined;
  /** Files in Storage, all of them, by name. */
  readonly files: readonly string[];
  /** Whether there is `.bootcde` or `.bootrst`. */
  readonly bootCode: boolean;
}

/** `said`: what it said, printable and short, for people. */
export type Found =
  | FoundEspruino
  /** A bare ESP chip in its ROM boot loader, waiting for an image. */
  | { readonly kind: "rom-loader"; readonly said: string }
  /** An ESP chip without a program in its flash, starting over and over ("invalid header"). */
  | { readonly kind: "empty-flash"; readonly said: string }
  /** Espruino's console, locked by a password. */
  | { readonly kind: "locked"; readonly said: string }
  /** It starts over and over. */
  | { readonly kind: "boot-loop"; readonly restarts: number; readonly said: string }
  /** Mostly unprintable: the wrong baud rate. `unprintable` is the share, 0 to 1. */
  | { readonly kind: "garbled"; readonly unprintable: number; readonly said: string }
  /** Something that talks, but is no Espruino. */
  | { readonly kind: "other"; readonly said: string }
  | { readonly kind: "silent" };

export interface IdentifyOptions {
  /** Default: the host's time. */
  clock?: ConsoleClock | undefined;
  /** Default 10,000. */
  deadlineMs?: number | undefined;
}

/**
 * Talks to whatever is on `port` and leaves the port open.
 * @throws ConsoleError only with "gone", when the cable is lost meanwhile.
 */
export async function identify(_port: Port, _options: IdentifyOptions = {}): Promise<Found> {
  return { kind: "silent" };
}
