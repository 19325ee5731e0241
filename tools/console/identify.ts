/** Tells what is at the other end of a cable, within deadlines, whatever it is. */
import { runningName } from "../flash/loader.ts";
import { isEmptyFlash, isNoConsole, isRomLoader, LOOP_RESTARTS, ROM_SYNC, restartsIn } from "./boot-text.ts";
import { connect } from "./connect.ts";
import { Conversation } from "./conversation.ts";
import { ConsoleError } from "./errors.ts";
import { evaluated } from "./evaluation.ts";
import { type Heard, printable } from "./heard.ts";
import { type ConsoleClock, hostClock } from "./host-clock.ts";
import type { Port } from "./port.ts";

const DEADLINE_MS = 10_000;
/** Of the deadline, to get an answer at all. */
const CONNECT_SHARE = 0.7;
const SHORTEST_WAIT_MS = 2_000;
/** From reset to what a chip says of itself. */
const BOOT_MS = 1_500;
const ROM_ANSWER_MS = 300;

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
 * Talks to whatever is on `port`, and leaves the port open. What does not answer is sent Ctrl-C once; what stays silent is started anew where the
 * port can do that, and asked as a ROM loader is asked.
 * @throws ConsoleError only with "gone", when the cable is lost meanwhile, and "shared", when another program uses the console.
 */
export async function identify(port: Port, options: IdentifyOptions = {}): Promise<Found> {
  const talk = new Conversation(port, options.clock ?? hostClock);
  const { heard } = talk;
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  try {
    const until = talk.clock.now() + deadlineMs;
    const { packets } = await connect(talk, deadlineMs * CONNECT_SHARE, () => isNoConsole(heard.text));
    return await espruino(talk, packets, until);
  } catch (error) {
    if (!(error instanceof ConsoleError) || ["gone", "shared"].includes(error.code)) throw error;
    if (heard.bytes === 0) await wake(talk);
    return verdict(heard);
  } finally {
    talk.end(new ConsoleError("gone", `the conversation over ${port.name} was ended`));
  }
}

async function espruino(talk: Conversation, packets: boolean, until: number): Promise<FoundEspruino> {
  const left = Math.max(SHORTEST_WAIT_MS, until - talk.clock.now());
  const facts = (await evaluated(talk, packets, FACTS, { deadlineMs: left, repeatable: true })) as Facts;
  const { files } = facts;
  return {
    kind: "espruino",
    version: facts.version,
    board: facts.board,
    serial: facts.serial,
    packets,
    variables: { free: facts.free, total: facts.total, blockBytes: facts.block ?? 0 },
    storage: {
      totalBytes: facts.storage.totalBytes,
      freeBytes: facts.storage.freeBytes,
      trashBytes: facts.storage.trashBytes,
    },
    hashes: facts.hashes,
    slot: facts.slot,
    files,
    bootCode: files.includes(".bootcde") || files.includes(".bootrst"),
  };
}

interface Facts {
  version: string;
  board: string;
  serial: string;
  free: number;
  total: number;
  block?: number;
  storage: { totalBytes?: number; freeBytes: number; trashBytes?: number };
  hashes: string[];
  slot?: string;
  files: string[];
}

/** One question for all, since a board may be slow to answer. */
const FACTS = `(function(){
var e=process.env,m=process.memory(),s=require("Storage"),h=[];
try{var c=require("crypto");["SHA1","SHA224","SHA256","SHA384","SHA512"].forEach(function(n){if(c[n])h.push(n)})}catch(x){}
return{version:e.VERSION,board:e.BOARD,serial:getSerial(),free:m.free,total:m.total,block:m.blocksize,
storage:s.getStats?s.getStats():{freeBytes:s.getFree()},hashes:h,slot:global.${runningName},files:s.list()}
})()`.replace(/\n/g, "");

/** Starts a silent board anew where the port can, and asks as for a ROM loader: one that waits says nothing by itself. */
async function wake(talk: Conversation): Promise<void> {
  if (talk.port.reset) {
    await talk.port.reset("program").catch(() => undefined);
    await talk.pause(BOOT_MS);
  }
  for (let attempt = 0; attempt < 2 && talk.heard.bytes === 0; attempt++) {
    await talk.send(ROM_SYNC);
    await talk.pause(ROM_ANSWER_MS);
  }
}

function verdict(heard: Heard): Found {
  const said = printable(heard.text);
  if (isRomLoader(heard.text)) return { kind: "rom-loader", said };
  if (isEmptyFlash(heard.text)) return { kind: "empty-flash", said };
  // What stands after it may be half a password: a locked console shows what is typed whenever something is printed.
  if (heard.isLocked) return { kind: "locked", said: "password>" };
  const restarts = restartsIn(heard.text);
  if (restarts >= LOOP_RESTARTS) return { kind: "boot-loop", restarts, said };
  if (heard.bytes === 0) return { kind: "silent" };
  if (heard.isNoise) return { kind: "garbled", unprintable: heard.unprintable, said };
  return { kind: "other", said };
}
