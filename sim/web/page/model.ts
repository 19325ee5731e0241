/** What the page knows: the newest state of the simulation and as much of its past as the page shows. */
import {
  type Batch,
  type Facts,
  KEPT,
  type LogLine,
  type PacketLine,
  type PinChange,
  type Snapshot,
  type State,
} from "../protocol.ts";

/** Values of one pin, oldest first; the first one holds since before the page knows of the pin. */
export interface PinTrace {
  readonly times: number[];
  readonly values: number[];
}

export class Model {
  facts: Facts | undefined;
  state: State | undefined;
  /** Whether the server is there. */
  connected = false;
  readonly traces = new Map<string, PinTrace>();
  packets: PacketLine[] = [];
  lines: LogLine[] = [];
  /** What the lamp last told of its brightness, 1 to 255. */
  toldBrightness: number | undefined;
  /** Host time at which the board's time was told, in ms. */
  private toldAt = 0;

  takeSnapshot(snapshot: Snapshot, now: number): void {
    this.facts = snapshot.facts;
    this.traces.clear();
    for (const [pin, value] of Object.entries(snapshot.pinsBefore))
      this.traces.set(pin, { times: [Number.NEGATIVE_INFINITY], values: [value] });
    this.packets = [];
    this.lines = [];
    this.toldBrightness = undefined;
    this.take(snapshot, now);
  }

  take({ state, pinChanges, packets, lines }: Batch | Snapshot, now: number): void {
    this.state = { ...this.state, ...state } as State;
    if (state.clock) this.toldAt = now;
    for (const change of pinChanges) this.pinChanged(change);
    for (const packet of packets) this.brightnessTold(packet);
    this.packets = keep(this.packets, packets, KEPT.packets);
    this.lines = keep(this.lines, lines, KEPT.lines);
  }

  /** Whether board time goes on by itself. */
  get running(): boolean {
    const clock = this.state?.clock;
    return this.connected && clock?.paced === true && !clock.paused;
  }

  /** Board time in ms at host time `now`. */
  boardTime(now: number): number {
    const clock = this.state?.clock;
    if (!clock) return 0;
    return this.running ? clock.t + (now - this.toldAt) * clock.speed : clock.t;
  }

  private pinChanged([t, pin, value]: PinChange): void {
    let trace = this.traces.get(pin);
    if (!trace) {
      trace = { times: [Number.NEGATIVE_INFINITY], values: [0] };
      this.traces.set(pin, trace);
    }
    trace.times.push(t);
    trace.values.push(value);
    if (trace.times.length > KEPT.pinChanges * 1.1) {
      const tooMany = trace.times.length - KEPT.pinChanges;
      trace.times.splice(0, tooMany);
      trace.values.splice(0, tooMany);
    }
  }

  private brightnessTold({ topic, payload, direction }: PacketLine): void {
    if (direction !== "from-board" || topic !== `${this.facts?.lamp?.topic}/json`) return;
    try {
      const { brightness } = JSON.parse(payload ?? "");
      if (typeof brightness === "number") this.toldBrightness = brightness;
    } catch {
      // Another program's lamp may tell something else there.
    }
  }
}

function keep<Item>(old: Item[], fresh: readonly Item[], limit: number): Item[] {
  return fresh.length === 0 ? old : [...old, ...fresh].slice(-limit);
}

/** Board time as h:mm:ss.mmm. */
export function timeText(ms: number): string {
  const whole = Math.max(0, Math.floor(ms));
  const two = (value: number): string => String(value).padStart(2, "0");
  const seconds = Math.floor(whole / 1000);
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(whole % 1000).padStart(3, "0")}`;
}
