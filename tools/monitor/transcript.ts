/** What a board says, as entries in order: lines, errors with their places in TypeScript, restarts. Nothing of variable size grows without bound. */
import type { ConsoleClock } from "../console/host-clock.ts";
import { ErrorReader, shortened, type ToldPlace } from "./board-errors.ts";
import { type BoardLine, type LineOptions, LineReader } from "./board-lines.ts";
import type { Entry, EntryKind } from "./entry.ts";
import { RestartWatcher } from "./restarts.ts";
import type { RunningBundle } from "./running-bundle.ts";
import { withSourcePlace } from "./source-places.ts";

/** After so long without another character a line that has not ended is shown. */
const HALF_LINE_MS = 500;
/** While the board is asked what it runs, so many entries from the first place in a trace on wait for the answer, and no longer than this. */
const MOST_HELD = 1000;
const HELD_MS = 8000;
/** Of typed lines, so many are remembered until the board repeats them. */
const MOST_TYPED = 50;
/** Of so many characters, this share unprintable means that the baud rate is wrong. */
const GARBAGE_WINDOW = 512;
const GARBAGE_SHARE = 0.3;

export interface TranscriptOptions {
  readonly clock: ConsoleClock;
  /** The time of day, Unix, ms. */
  readonly timeOfDay: () => number;
  /** How secrets are hidden. */
  readonly hidden?: LineOptions | undefined;
  readonly bundle: RunningBundle;
  readonly tell: (entry: Entry) => void;
}

/** An entry that may yet get its place. */
interface Held {
  readonly entry: Entry;
  readonly place: ToldPlace | undefined;
}

export class Transcript {
  private readonly lines: LineReader;
  private errors = new ErrorReader();
  private readonly restarts = new RestartWatcher();
  private startedAt: number | undefined;
  /** In order; all wait for what the first of them waits for. */
  private held: Held[] = [];
  private heldSince = 0;
  private typed: string[] = [];
  /** A line of source: told with the mark that follows, which says what part of it matters. */
  private source: Entry | undefined;
  /** When the newest characters came, and whether what they left half said has been told. */
  private lastAt = 0;
  private toldHalf = false;
  private alarm: ReturnType<ConsoleClock["schedule"]> | undefined;
  private garbage = { characters: 0, unprintable: 0, told: false };
  private readonly options: TranscriptOptions;

  constructor(options: TranscriptOptions) {
    this.options = options;
    this.lines = new LineReader((line) => this.line(line), options.hidden);
  }

  /** What the board said, cut anywhere, one character a byte. */
  push(text: string): void {
    this.lookForGarbage(text);
    this.lastAt = this.options.clock.now();
    this.toldHalf = false;
    this.lines.push(text);
    this.watch();
  }

  /** A line goes to the board: its echo is told as `typed`. */
  wasTyped(line: string): void {
    this.typed.push(this.options.hidden?.mask?.(line) ?? line);
    if (this.typed.length > MOST_TYPED) this.typed.shift();
  }

  /** Something the monitor itself has to say. */
  say(kind: EntryKind, text: string): void {
    this.add({ entry: this.entry(kind, text), place: undefined });
  }

  /** The board has said what it runs, or will not: what waited for it goes on. */
  settled(): void {
    if (!this.options.bundle.isAsking) this.release();
  }

  /** The cable is gone: what was half said stays half said. */
  cut(): void {
    this.lines.end();
    this.tellSource();
    // A board that is fed by the cable has started over by the time that is back.
    this.startedAt = undefined;
    this.typed = [];
    this.errors = new ErrorReader();
    this.garbage = { ...this.garbage, characters: 0, unprintable: 0 };
  }

  /** Nothing more comes. */
  end(): void {
    this.cut();
    this.release();
    if (this.alarm) this.options.clock.cancel(this.alarm);
  }

  private line({ text: told, ended }: BoardLine): void {
    // What the chip says of its start follows the interpreter's last prompt without a break.
    const text = told.replace(/^>+(?= ?ets |ESP-ROM:)/, "");
    if ((text === ">" && ended) || this.isEcho(text)) return;
    const { restart, why, isReady } = this.restarts.read(text);
    const { kind, place, isSource, isMark } = this.errors.read(text);
    const entry = this.entry(kind, text);
    if (isMark) this.tellSource(entry);
    else {
      this.tellSource();
      if (restart) this.restarted(restart.why);
      else if (why !== undefined) this.say("restart", `the board says why it started: ${why}`);
      if (place) this.options.bundle.ask();
      if (isSource) this.source = entry;
      else this.add({ entry, place });
    }
    if (isReady) this.options.bundle.ask();
  }

  private tellSource(mark?: Entry): void {
    const { source } = this;
    this.source = undefined;
    const short = source && mark && shortened(source.text, mark.text);
    if (source) this.add({ entry: { ...source, short: short?.source }, place: undefined });
    if (mark) this.add({ entry: { ...mark, short: short?.mark }, place: undefined });
  }

  private restarted(why: string | undefined): void {
    this.startedAt = this.options.clock.now();
    this.options.bundle.restarted();
    this.say("restart", why === undefined ? "the board started over" : `the board started over: ${why}`);
  }

  private isEcho(text: string): boolean {
    const [next] = this.typed;
    if (next === undefined || text.replace(/^[>:]+/, "") !== next) return false;
    this.typed.shift();
    if (next !== "") this.say("typed", next);
    return true;
  }

  private entry(kind: EntryKind, text: string): Entry {
    const { clock, timeOfDay } = this.options;
    const sinceStartMs = this.startedAt === undefined ? undefined : clock.now() - this.startedAt;
    return { kind, time: timeOfDay(), sinceStartMs, text };
  }

  private add(held: Held): void {
    const { bundle, clock } = this.options;
    if (this.held.length === 0) {
      if (!held.place || !bundle.isAsking) {
        this.tell(held);
        return;
      }
      this.heldSince = clock.now();
    }
    this.held.push(held);
    if (this.held.length >= MOST_HELD) this.release();
    else this.watch();
  }

  private release(): void {
    const { held } = this;
    this.held = [];
    for (const one of held) this.tell(one);
  }

  private tell({ entry, place }: Held): void {
    const source = place && this.options.bundle.translate(place);
    this.options.tell(
      place && source ? { ...entry, text: withSourcePlace(entry.text, place, source), place: source } : entry,
    );
  }

  /** One alarm for all that may not wait for ever. */
  private watch(): void {
    const { clock } = this.options;
    const at = Math.min(
      this.hasHalf ? this.lastAt + HALF_LINE_MS : Number.POSITIVE_INFINITY,
      this.held.length > 0 ? this.heldSince + HELD_MS : Number.POSITIVE_INFINITY,
    );
    if (at === Number.POSITIVE_INFINITY || (this.alarm && this.alarm.at <= at)) return;
    if (this.alarm) clock.cancel(this.alarm);
    this.alarm = clock.schedule(at, () => {
      this.alarm = undefined;
      const now = clock.now();
      if (this.hasHalf && now >= this.lastAt + HALF_LINE_MS) {
        this.tellSource();
        if (!this.isPrompt) this.lines.tellHalf();
        // What may be the beginning of a secret stays untold until more comes.
        this.toldHalf = true;
      }
      if (this.held.length > 0 && now >= this.heldSince + HELD_MS) this.release();
      this.watch();
    });
  }

  /** Something waits for the rest of a line, or for the line after it. */
  private get hasHalf(): boolean {
    return !this.toldHalf && (this.source !== undefined || (this.lines.half !== "" && !this.isPrompt));
  }

  /** A prompt is for whoever types, and what stands behind it is being typed. */
  private get isPrompt(): boolean {
    return /^[>:]/.test(this.lines.half);
  }

  private lookForGarbage(text: string): void {
    const { garbage } = this;
    if (garbage.told) return;
    garbage.characters += text.length;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is counted
    garbage.unprintable += text.match(/[\x00-\x06\x0e-\x1a\x1c-\x1f\x80-\xff]/g)?.length ?? 0;
    if (garbage.characters < GARBAGE_WINDOW) return;
    if (garbage.unprintable > garbage.characters * GARBAGE_SHARE) {
      garbage.told = true;
      this.say(
        "note",
        "what arrives is mostly no text: is the baud rate right? Try --baud 115200, or the one of the board's profile",
      );
    }
    garbage.characters = 0;
    garbage.unprintable = 0;
  }
}
