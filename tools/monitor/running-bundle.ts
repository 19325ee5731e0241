/** Knows which bundle the board runs, by asking it, and with that where in TypeScript a place is. */
import type { BundleMark } from "../build/kept-builds.ts";
import type { BoardConsole } from "../console/board-console.ts";
import { bundleHash } from "../console/bundle-hash.ts";
import { ConsoleError } from "../console/errors.ts";
import type { ConsoleClock } from "../console/host-clock.ts";
import {
  type RunningBundleAnswer,
  runningBundle,
  runningBundleExpression,
} from "../console/running-bundle.ts";
import type { BoardPlace } from "./board-errors.ts";
import { LAMP_FILE, type SourcePlace, SourcePlaces } from "./source-places.ts";

/** So long an answer is waited for. */
const ANSWER_MS = 3000;
/** After an answer that did not come, so long passes before the next question. */
const AGAIN_MS = 10_000;

export interface RunningBundleOptions {
  readonly clock: ConsoleClock;
  /** The source map of a bundle, as JSON text; undefined where it is not known here. */
  readonly findMap: (mark: BundleMark) => string | undefined;
  /** What a source of the map is called. */
  readonly fileName: (source: string) => string;
  /** Told once for each bundle without a map, and once when the board does not say. One line. */
  readonly note: (text: string) => void;
  /** An answer came, or none: what waited for it may go on. */
  readonly settled: () => void;
}

export class RunningBundle {
  private console: BoardConsole | undefined;
  private places: SourcePlaces | undefined;
  private file: string | undefined;
  private isKnown = false;
  private asking = false;
  /** Counts starts of the board: an answer of an earlier one is worth nothing. */
  private start = 0;
  private nextAt = Number.NEGATIVE_INFINITY;
  private readonly noted = new Set<string>();
  private readonly options: RunningBundleOptions;

  constructor(options: RunningBundleOptions) {
    this.options = options;
  }

  /** Whether an answer is on its way. */
  get isAsking(): boolean {
    return this.asking;
  }

  /** The cable came, or (undefined) went. */
  connected(console: BoardConsole | undefined): void {
    this.console = console;
    this.restarted();
    if (console) this.ask();
  }

  /** What was known need not hold any more. */
  restarted(): void {
    this.start++;
    this.isKnown = false;
    this.places = undefined;
    this.file = undefined;
    this.nextAt = Number.NEGATIVE_INFINITY;
  }

  /** Asks the board, unless it is known, being asked, or was asked in vain a moment ago. */
  ask(): void {
    const { console } = this;
    if (!console || this.isKnown || this.asking || this.options.clock.now() < this.nextAt) return;
    this.asking = true;
    const { start } = this;
    const over = (learn: () => void): void => {
      this.asking = false;
      if (start === this.start) learn();
      // The board started over meanwhile.
      else if (this.console === console) this.ask();
      if (!this.asking) this.options.settled();
    };
    whatRuns(console).then(
      (answer) => over(() => this.learn(answer)),
      (error: unknown) => over(() => this.failed(error)),
    );
  }

  /** Undefined for places in other programs, and while the board has not said what it runs. */
  translate(place: BoardPlace): SourcePlace | undefined {
    if (place.file === undefined || !LAMP_FILE.test(place.file)) return undefined;
    if (!this.isKnown && !this.asking)
      this.noteOnce("the board does not say which bundle it runs: its errors show places in the bundle");
    return place.file === this.file ? this.places?.at(place.line, place.column) : undefined;
  }

  private learn(answer: RunningBundleAnswer | undefined): void {
    this.isKnown = true;
    // A board that runs no lamp has nothing to translate.
    if (!answer) return;
    this.file = answer.file;
    const mark: BundleMark =
      answer.hash !== undefined ? { hash: answer.hash } : { crc32: answer.crc32 ?? 0, bytes: answer.bytes };
    const map = this.options.findMap(mark);
    if (map !== undefined) {
      this.places = this.read(map);
      return;
    }
    const name = answer.hash ?? `CRC-32 ${answer.crc32}`;
    this.noteOnce(
      `the board runs a bundle that is not among the builds kept here (${answer.file}, ${answer.bytes} bytes, hash ${name}): ` +
        "its errors show places in the bundle; run wick flash from here, or copy " +
        `${answer.hash === undefined ? "its map" : `${answer.hash}.map`} into dist/builds from where it was built`,
    );
  }

  private read(map: string): SourcePlaces | undefined {
    try {
      return new SourcePlaces(map, this.options.fileName);
    } catch {
      this.noteOnce(
        "the kept source map of the board's bundle cannot be read: build and flash it anew with wick flash",
      );
      return undefined;
    }
  }

  private failed(error: unknown): void {
    this.nextAt = this.options.clock.now() + AGAIN_MS;
    if (!(error instanceof ConsoleError)) throw error;
    if (error.code === "gone") return;
    if (error.code === "locked")
      this.noteOnce(
        "the console is locked by a password: type it here; until then errors show places in the bundle",
      );
  }

  private noteOnce(text: string): void {
    if (this.noted.has(text)) return;
    this.noted.add(text);
    this.options.note(text);
  }
}

async function whatRuns(console: BoardConsole): Promise<RunningBundleAnswer | undefined> {
  const answer = runningBundle(await console.evaluate(runningBundleExpression, { deadlineMs: ANSWER_MS }));
  if (!answer || answer.hash !== undefined || answer.crc32 !== undefined) return answer;
  // A board without any such function: the bundle itself then.
  const bundle = await console.readFile(answer.file);
  return bundle && { ...answer, hash: await bundleHash(bundle) };
}
