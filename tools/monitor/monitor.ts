/** Watches a board's console until told to stop, over a cable that may go and come. */
import { relative, resolve } from "node:path";
import { type BundleMark, findMap } from "../build/kept-builds.ts";
import type { BoardConsole } from "../console/board-console.ts";
import { type ConsoleClock, hostClock } from "../console/host-clock.ts";
import { projectRoot } from "../version.ts";
import type { Entry } from "./entry.ts";
import { RunningBundle } from "./running-bundle.ts";
import { hidden } from "./secrets.ts";
import { Transcript } from "./transcript.ts";

export interface MonitorOptions {
  /** For people, as `/dev/ttyUSB0`. */
  readonly name: string;
  /** Opens the cable, each time anew. @throws Error whose message is one line, for people. */
  readonly connect: () => Promise<BoardConsole>;
  /** A conversation that is under way already; `connect` is then for when its cable is gone. The monitor closes it. */
  readonly first?: BoardConsole | undefined;
  /** Called with every entry, in order. */
  readonly tell: (entry: Entry) => void;
  /** What people type, line by line; each is sent to the board. Returns how to stop that. */
  readonly typed?: ((line: (text: string) => void) => () => void) | undefined;
  /** Ends it. */
  readonly stop: AbortSignal;
  /** Ends it too, in milliseconds. Default: never. */
  readonly durationMs?: number | undefined;
  /** Texts that are shown as `***` wherever the board prints them. */
  readonly secrets?: readonly string[] | undefined;
  /** Default: the builds kept in dist/builds. */
  readonly findMap?: ((mark: BundleMark) => string | undefined) | undefined;
  /** Default: the host's time. */
  readonly clock?: ConsoleClock | undefined;
  /** Unix, ms. Default: the host's. */
  readonly timeOfDay?: (() => number) | undefined;
}

/** Between two attempts to get the cable back: the first, and the longest that it becomes. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4000;
/** What `typed` gives for: break off what runs on the board (Ctrl-C to it). */
const BREAK = ".break";
/** A cable that does not let go is left to itself. */
const CLOSE_MS = 500;

/**
 * Returns when `stop` says so or the time is over; the cable is free then.
 * @throws what `connect` throws the first time; later it is tried again for ever.
 */
export async function monitor(options: MonitorOptions): Promise<void> {
  const { clock = hostClock, timeOfDay = Date.now, tell, name } = options;
  const ending = new Ending(options.stop, clock, options.durationMs);
  const bundle: RunningBundle = new RunningBundle({
    clock,
    findMap: options.findMap ?? ((mark) => findMap(mark)),
    // As it is seen from here, so that terminals and editors can follow it.
    fileName: (source) => relative(process.cwd(), resolve(projectRoot, source)),
    note: (text) => transcript.say("note", text),
    settled: () => transcript.settled(),
  });
  const transcript: Transcript = new Transcript({
    clock,
    timeOfDay,
    hidden: hidden(options.secrets ?? []),
    bundle,
    tell,
  });
  let console: BoardConsole | undefined;
  const stopTyping = options.typed?.((text) => {
    if (!console) transcript.say("note", `${name} is not connected: what you typed was not sent`);
    else if (text === BREAK) console.interrupt().catch(() => undefined);
    else {
      transcript.wasTyped(text);
      // When the cable is lost meanwhile, that is told anyway.
      console.send(`${bytesOf(text)}\n`).catch(() => undefined);
    }
  });
  try {
    console = options.first ?? (await ending.or(options.connect(), (late) => late.close()));
    if (console && !options.first) transcript.say("link", `connected to ${name}; Ctrl-C ends`);
    while (console) {
      const current: BoardConsole = console;
      const stopText = current.onText((text) => transcript.push(text));
      const gone = new Promise<string>((resolve) => void current.onGone(resolve));
      bundle.connected(current);
      const reason = await ending.or(gone);
      stopText();
      console = undefined;
      bundle.connected(undefined);
      await closed(current, clock);
      if (reason === undefined) break;
      transcript.cut();
      const goneAt = clock.now();
      transcript.say("link", `${name} is gone (${reason}); waiting for it to come back, Ctrl-C ends`);
      console = await again(options.connect, ending);
      const seconds = ((clock.now() - goneAt) / 1000).toFixed(1);
      if (console) transcript.say("link", `${name} is back after ${seconds} s`);
    }
  } finally {
    stopTyping?.();
    ending.over();
    transcript.end();
  }
}

/** UTF-8, one character a byte. */
function bytesOf(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

/** Undefined when the end came first. */
async function again(
  connect: () => Promise<BoardConsole>,
  ending: Ending,
): Promise<BoardConsole | undefined> {
  for (let pauseMs = FIRST_PAUSE_MS; !ending.isOver; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    await ending.pause(pauseMs);
    if (ending.isOver) break;
    try {
      return await ending.or(connect(), (late) => late.close());
    } catch {
      // Whatever the reason is, it may be over the next time.
    }
  }
  return undefined;
}

async function closed(console: BoardConsole, clock: ConsoleClock): Promise<void> {
  await new Promise<void>((resolve) => {
    const alarm = clock.schedule(clock.now() + CLOSE_MS, resolve);
    const done = (): void => {
      clock.cancel(alarm);
      resolve();
    };
    console.close().then(done, done);
  });
}

/** The end of a monitor, by signal or time: nothing waits past it. */
class Ending {
  isOver = false;
  private readonly ended: Promise<void>;
  private end: () => void = () => undefined;
  private readonly clock: ConsoleClock;
  private readonly stop: AbortSignal;
  private readonly alarm: ReturnType<ConsoleClock["schedule"]> | undefined;

  constructor(stop: AbortSignal, clock: ConsoleClock, durationMs: number | undefined) {
    this.clock = clock;
    this.stop = stop;
    this.ended = new Promise((resolve) => {
      this.end = () => {
        this.isOver = true;
        resolve();
      };
    });
    stop.addEventListener("abort", this.end, { once: true });
    if (stop.aborted) this.end();
    this.alarm = durationMs === undefined ? undefined : clock.schedule(clock.now() + durationMs, this.end);
  }

  /** What `work` comes to, or undefined when the end comes first; `late` then gets what still comes of it. */
  async or<T>(work: Promise<T>, late?: (value: T) => unknown): Promise<T | undefined> {
    const first = await Promise.race([work.then((value) => ({ value })), this.ended]);
    if (first) return first.value;
    work.then(late, () => undefined);
    return undefined;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const alarm = this.clock.schedule(this.clock.now() + ms, resolve);
      this.ended.then(() => {
        this.clock.cancel(alarm);
        resolve();
      });
    });
  }

  over(): void {
    if (this.alarm) this.clock.cancel(this.alarm);
    this.stop.removeEventListener("abort", this.end);
  }
}
