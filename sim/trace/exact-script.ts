/** A recording of a simulated board, held to the microsecond: the outside acts at its recorded times, and everything the board does must come as it did. */
import type { VirtualClock } from "../clock.ts";
import type { ConnectFailure } from "../world/network.ts";
import { type Difference, firstDifference } from "./difference.ts";
import { asJsonLine, isTraffic, type RecordedLine, type Recording } from "./recording.ts";
import { isAtOnce, type Script, type ScriptedNetwork } from "./script.ts";

export interface Stage {
  readonly clock: VirtualClock;
  readonly network: ScriptedNetwork;
  /** See `Board.calls`; undefined when the bundle is another, whose calls need not be the same. */
  calls(): number | undefined;
  /** Does to the board what the line says. */
  apply(line: RecordedLine & { type: "input" }): void;
}

export class ExactScript implements Script {
  difference: Difference | undefined;
  private readonly lines: readonly RecordedLine[];
  private readonly places: readonly number[];
  private readonly observed: ReadonlySet<string>;
  private at = 0;
  /** The line whose link was told to look. */
  private woken = -1;
  /** Nothing else happens at this moment any more: what is due is done though the program was called less often by now. */
  private late = false;
  private readonly stalled = new Set<number>();
  private readonly stage: Stage;

  constructor({ header, lines, places }: Recording, stage: Stage) {
    this.lines = lines;
    this.places = places;
    this.observed = new Set(header.observed);
    this.stage = stage;
    this.skip();
  }

  run(): void {
    const { clock } = this.stage;
    // Scheduled before anything of the board: the outside comes first at its moment, where that is its place.
    for (const line of this.lines) if (isFromOutside(line)) clock.schedule(line.t, () => this.look());
    for (let head = this.head; head && !this.difference; head = this.head) {
      clock.runUntil(head.t);
      if (this.head !== head || this.difference) continue;
      if (head.type === "end") return;
      if (isFromOutside(head)) {
        this.late = true;
        this.look();
        clock.runUntil(head.t);
        this.late = false;
      }
      if (this.head === head) this.differ(undefined);
    }
  }

  did(line: RecordedLine): void {
    if (!this.compared(line)) return;
    const { head } = this;
    // The recording may have ended, or been cut off, in the middle of a moment.
    if (!head || (head.type === "end" && line.t >= head.t)) return;
    if (!isSame(head, line)) {
      this.differ(line);
      return;
    }
    if (line.type === "blocked") this.stalled.add(line.connection);
    if (line.type === "from-board") this.stalled.delete(line.connection);
    this.advance();
  }

  look(): void {
    for (let head = this.head; head && !this.difference && this.isDue(head); head = this.head) {
      if (head.type === "input") {
        this.advance();
        this.stage.apply(head);
        continue;
      }
      const link = isTraffic(head) ? this.stage.network.links.get(head.connection) : undefined;
      if (!link || this.woken === this.at) return;
      this.woken = this.at;
      if (head.type === "open") link.open();
      else if (head.type === "ended") link.end(head.error);
      else link.changed();
    }
  }

  refusal(connection: number): ConnectFailure["reason"] | undefined {
    const { head } = this;
    const isRefused = head?.type === "refused" && head.connection === connection && isAtOnce(head.reason);
    return isRefused && isAtOnce(head.reason) ? head.reason : undefined;
  }

  offered(connection: number, limit: number): string {
    const { head } = this;
    const isNow = head?.type === "to-board" && head.connection === connection && this.isDue(head);
    return isNow ? head.bytes.slice(0, limit) : "";
  }

  taken(connection: number, bytes: string): number {
    const { head } = this;
    const stalled = this.stalled.has(connection);
    if (head && isTraffic(head) && head.connection === connection) {
      if (head.type === "blocked") return 0;
      if (head.type === "from-board" && !(stalled && !this.isDue(head)))
        return Math.min(bytes.length, head.bytes.length);
    }
    // Not what was recorded: taken, so that it is seen; unless nothing could leave then.
    return stalled ? 0 : bytes.length;
  }

  private get head(): RecordedLine | undefined {
    return this.lines[this.at];
  }

  private isDue(line: RecordedLine): boolean {
    if (this.stage.clock.now() < line.t) return false;
    const calls = this.stage.calls();
    return this.late || calls === undefined || !("calls" in line) || calls >= (line.calls ?? 0);
  }

  private advance(): void {
    this.at++;
    this.skip();
  }

  /** Lines that only tell of something. */
  private skip(): void {
    for (let { head } = this; head && !this.compared(head); head = this.head) this.at++;
  }

  private compared({ type }: RecordedLine): boolean {
    // Faults are told by whoever caused them, board and scenario alike; what they do is compared.
    if (type === "fault") return false;
    return type === "input" || type === "end" || this.observed.has(kindOf(type));
  }

  private differ(instead: RecordedLine | undefined): void {
    const recorded = this.head;
    const place = this.places[this.at];
    this.difference = { t: this.stage.clock.now(), place, recorded, instead };
    if (recorded?.type === "from-board" && instead?.type === "from-board") {
      const byte = firstDifference(recorded.bytes, instead.bytes);
      if (byte !== undefined) this.difference.byte = byte;
    }
  }
}

/** What `observed` calls it. */
export function kindOf(type: RecordedLine["type"]): string {
  return ["boot", "wifi", "socket", "pin", "console", "error"].includes(type) ? type : "traffic";
}

function isFromOutside({ type }: RecordedLine): boolean {
  return (
    type === "input" || type === "open" || type === "ended" || type === "to-board" || type === "from-board"
  );
}

/** In all that is told, at the same microsecond. */
function isSame(recorded: RecordedLine, line: RecordedLine): boolean {
  return comparable(recorded) === comparable(line);
}

function comparable(line: RecordedLine): string {
  const { t, calls: _, ...rest } = line as RecordedLine & { calls?: number };
  const entries = Object.entries(rest).sort(([one], [other]) => (one < other ? -1 : 1));
  return asJsonLine(Object.fromEntries([["t", Math.round(t * 1000)], ...entries]) as unknown as RecordedLine);
}
