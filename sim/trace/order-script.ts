/** A recording whose times are not to be met (a real lamp's): what follows what is compared, and the outside waits for what the board did before it. */
import type { Alarm } from "../clock.ts";
import type { ConnectFailure } from "../world/network.ts";
import { type Difference, firstDifference } from "./difference.ts";
import { kindOf, type Stage } from "./exact-script.ts";
import type { RecordedLine, Recording, TrafficLine } from "./recording.ts";
import { isAtOnce, type Script } from "./script.ts";

/** So long a real board may take to answer, while more arrives: closer together than this the outside and the board may come in either order. */
const SLACK_MS = 2000;
/** How much later than recorded the board may do something: a reconnect waits for a random time. */
const PATIENCE_MS = 120_000;

interface Expected {
  line: RecordedLine;
  index: number;
  /** Of a piece of bytes: how many have come. */
  come: number;
}

/** Bytes may come in other pieces; pins, console, connects and the bytes of each connection are held apart, each in its own order. */
export class OrderScript implements Script {
  difference: Difference | undefined;
  private readonly recording: Recording;
  private readonly observed: ReadonlySet<string>;
  /** What the board has yet to do, by what it is about. */
  private readonly expected = new Map<string, Expected[]>();
  /** What the outside has yet to do. */
  private readonly inputs: { line: RecordedLine; index: number }[] = [];
  private readonly arrived = new Map<number, string>();
  /** Recorded and present time of what happened last. */
  private latest = { recorded: 0, now: 0 };
  private alarm: Alarm | undefined;
  private readonly stage: Stage;

  constructor(recording: Recording, stage: Stage) {
    this.recording = recording;
    this.stage = stage;
    this.observed = new Set(recording.header.observed);
    const { lines } = recording;
    // A recording of traffic alone does not tell of the power.
    if (!lines.some((line) => line.type === "input" && line.what === "boot"))
      this.inputs.push({ line: { t: 0, type: "input", what: "boot", values: [] }, index: -1 });
    for (const [index, line] of lines.entries()) {
      const about = this.about(line);
      if (about === undefined) {
        if (isFromOutside(line)) this.inputs.push({ line, index });
        continue;
      }
      const queue = this.expected.get(about) ?? [];
      this.expected.set(about, queue);
      queue.push({ line, index, come: 0 });
    }
  }

  run(): void {
    const { clock } = this.stage;
    this.look();
    while (!this.difference) {
      const head = this.earliest();
      if (!head && this.inputs.length === 0) return;
      const latest = this.moment(head?.line.t ?? this.inputs[0]?.line.t ?? 0) + PATIENCE_MS;
      const next = clock.next();
      if (next !== undefined && next <= latest) clock.runUntil(next);
      else if (head) this.differ(head, undefined);
      else return;
    }
  }

  did(line: RecordedLine): void {
    const about = this.about(line);
    if (about === undefined) return;
    const [head] = this.expected.get(about) ?? [];
    const [input] = this.inputs;
    const isEarly = head && input && input.index < head.index && input.line.t < head.line.t - SLACK_MS;
    if (!head) {
      if (!this.isLost(line)) this.differ(undefined, line);
    } else if (isEarly) this.differ({ ...input, come: 0 }, line);
    else if (line.type === "from-board") this.bytesCame(about, line);
    else if (isSame(head.line, line)) this.came(about, head);
    else this.differ(head, line);
  }

  look(): void {
    for (let [input] = this.inputs; input && !this.difference; [input] = this.inputs) {
      const before = this.earliest();
      if (before && before.index < input.index) return;
      const at = this.moment(input.line.t);
      if (at > this.stage.clock.now()) {
        this.wakeAt(at);
        return;
      }
      this.inputs.shift();
      this.passed(input.line);
      this.release(input.line);
    }
  }

  refusal(connection: number): ConnectFailure["reason"] | undefined {
    const at = this.inputs.findIndex(({ line }) => "connection" in line && line.connection === connection);
    const line = this.inputs[at]?.line;
    if (line?.type !== "refused") return undefined;
    this.inputs.splice(at, 1);
    return isAtOnce(line.reason)
      ? line.reason
      : /locate|found/.test(line.reason)
        ? "unknown-host"
        : "refused";
  }

  offered(connection: number, limit: number): string {
    const bytes = this.arrived.get(connection) ?? "";
    this.arrived.set(connection, bytes.slice(limit));
    return bytes.slice(0, limit);
  }

  taken(_connection: number, bytes: string): number {
    return bytes.length;
  }

  private release(line: RecordedLine): void {
    if (line.type === "input") this.stage.apply(line);
    const link = "connection" in line ? this.stage.network.links.get(line.connection) : undefined;
    if (line.type === "open") link?.open();
    else if (line.type === "ended") link?.end(line.error);
    else if (line.type === "closed" || line.type === "refused") link?.end(undefined);
    else if (line.type === "to-board") {
      this.arrived.set(line.connection, (this.arrived.get(line.connection) ?? "") + line.bytes);
      link?.changed();
    }
  }

  private bytesCame(about: string, line: Extract<TrafficLine, { bytes: string }>): void {
    const queue = this.expected.get(about) ?? [];
    for (let at = 0; at < line.bytes.length; ) {
      const [head] = queue;
      if (head?.line.type !== "from-board") {
        if (!this.isLost(line)) this.differ(undefined, line);
        return;
      }
      const wanted = head.line.bytes.slice(head.come);
      const piece = line.bytes.slice(at, at + wanted.length);
      const byte = firstDifference(wanted.slice(0, piece.length), piece);
      if (byte !== undefined) {
        // Both from where the recorded piece begins.
        const bytes = head.line.bytes.slice(0, head.come) + line.bytes.slice(at);
        this.differ(head, { ...line, bytes }, head.come + byte);
        return;
      }
      head.come += piece.length;
      at += piece.length;
      if (head.come === head.line.bytes.length) this.came(about, head);
    }
  }

  /** Bytes behind all that arrived, on a connection that then broke: what was under way was lost. */
  private isLost({ type, ...rest }: RecordedLine): boolean {
    const connection = "connection" in rest ? rest.connection : undefined;
    const end = this.recording.lines.find((one) => one.type === "closed" && one.connection === connection);
    return type === "from-board" && end?.type === "closed" && end.by !== "board";
  }

  private came(about: string, { line }: Expected): void {
    this.expected.get(about)?.shift();
    this.passed(line);
  }

  private passed({ t }: RecordedLine): void {
    // What was recorded later may have come first.
    this.latest = { recorded: Math.max(t, this.latest.recorded), now: this.stage.clock.now() };
  }

  /** The board time that corresponds to a time of the recording, by what happened last. */
  private moment(recorded: number): number {
    return this.latest.now + Math.max(0, recorded - this.latest.recorded);
  }

  /** What the board is to do next. */
  private earliest(): Expected | undefined {
    let first: Expected | undefined;
    for (const [head] of this.expected.values())
      if (head && (!first || head.index < first.index)) first = head;
    return first;
  }

  private wakeAt(at: number): void {
    const { clock } = this.stage;
    if (this.alarm && !this.alarm.cancelled && this.alarm.at === at && at > clock.now()) return;
    if (this.alarm) clock.cancel(this.alarm);
    this.alarm = clock.schedule(at, () => this.look());
  }

  /** What a line of the board is compared with; undefined: it is the outside's, or not compared. */
  private about(line: RecordedLine): string | undefined {
    if (line.type === "end" || line.type === "input" || line.type === "fault") return undefined;
    if (!this.observed.has(kindOf(line.type))) return undefined;
    switch (line.type) {
      case "from-board":
        return `bytes of connection ${line.connection}`;
      case "pin":
        return `pin ${line.pin}`;
      case "connect":
        return "connections";
      case "closed":
        return line.by === "board" || line.by === "power" ? "connections" : undefined;
      case "console":
      case "error":
      case "boot":
      case "wifi":
      case "socket":
        return line.type;
      default:
        return undefined;
    }
  }

  private differ(head: Expected | undefined, instead: RecordedLine | undefined, byte?: number): void {
    const place = head && this.recording.places[head.index];
    this.difference = { t: this.stage.clock.now(), place, recorded: head?.line, instead };
    if (byte !== undefined) this.difference.byte = byte;
  }
}

function isFromOutside(line: RecordedLine): boolean {
  if (line.type === "closed") return line.by === "other" || line.by === "reset";
  return ["input", "open", "to-board", "refused", "ended"].includes(line.type);
}

/** In everything that was recorded, but for the times, and where it connects: a proxy stands at another address than the broker. */
function isSame(recorded: RecordedLine, line: RecordedLine): boolean {
  if (recorded.type === "connect") return line.type === "connect";
  const { t: _, calls: __, ...facts } = recorded as RecordedLine & { calls?: number };
  const other = line as unknown as Record<string, unknown>;
  return Object.entries(facts).every(([name, value]) => other[name] === value);
}
