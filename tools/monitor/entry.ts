/** One line of what a monitor tells, whoever reads it: people, a program, a log. */
import type { SourcePlace } from "./source-places.ts";

export type EntryKind =
  /** The board's words. */
  | "text"
  | "error"
  | "trace"
  /** What was typed here, as the board repeats it. */
  | "typed"
  /** The monitor's words: the board started over; the cable went or came; whatever else there is to know. */
  | "restart"
  | "link"
  | "note";

export interface Entry {
  readonly kind: EntryKind;
  /** Time of day, Unix, ms. */
  readonly time: number;
  /** Milliseconds since the board started, where that was seen. */
  readonly sinceStartMs: number | undefined;
  /** One line without its end; secrets are masked. */
  readonly text: string;
  /** With a place of a trace that could be translated. */
  readonly place?: SourcePlace | undefined;
  /** The same in fewer characters, for a terminal: long lines of source are cut to what is around the place. */
  readonly short?: string | undefined;
}
