/** A run as a value change dump (IEEE 1364-2005 section 18): pins, duty cycles, Wi-Fi and link, for GTKWave, PulseView and the like. */
import { type Board, DEFAULT_EPOCH_MS } from "../board.ts";
import type { VirtualClock } from "../clock.ts";
import type { BoardEvent } from "../events.ts";
import type { BoardProfile } from "../profile.ts";
import { MqttReader } from "../world/mqtt-reader.ts";
import type { Traffic } from "../world/traffic.ts";
import type { BoardInput } from "./inputs.ts";
import type { Sink } from "./sink.ts";

export interface VcdFacts {
  /** Names the outermost scope. */
  board: string;
  /**
   * In the order in which they are shown; `value` at the beginning, 0 to 1. `duty`: whether the pin has a duty cycle; `voltage`: that it has none, but
   * reads voltages.
   */
  pins: readonly { name: string; duty: boolean; voltage?: boolean; value: number }[];
  /** Whether the board has Wi-Fi. */
  wifi: boolean;
  /** The time of day (Unix, ms) at board time 0. */
  epochMs: number;
  /** Board time (ms) of the beginning. Default 0. */
  startMs?: number;
}

/** VCD has no words for these but wires; readers show them as 0 and 1. */
interface Lines {
  power: string;
  wifi: string | undefined;
  socket: string;
  mqtt: string;
}

/** Time stamps are microseconds of board time. */
const MICROSECONDS_PER_MS = 1000;

/** Feed it what happens, in order. What was written is a whole file whenever it is cut off. */
export class VcdWriter {
  private readonly sink: Sink;
  private readonly pins = new Map<string, { level: string; share: string | undefined }>();
  private readonly lines: Lines;
  private readonly booted: string;
  private readonly fault: string;
  /** What each variable shows now. */
  private readonly shown = new Map<string, string>();
  private readonly reader: MqttReader;
  private readonly open = new Set<number>();
  private readonly online = new Set<number>();
  private codes = 0;
  private time = -1;

  constructor(facts: VcdFacts, sink: Sink) {
    this.sink = sink;
    this.reader = new MqttReader(({ connection, packet }) => {
      if (packet.cmd === "connack" && (packet.returnCode ?? packet.reasonCode) === 0)
        this.online.add(connection);
    });
    const header: string[] = [];
    const declare = (type: string, size: number, name: string): string => {
      const code = identifierCode(this.codes++);
      header.push(`$var ${type} ${size} ${code} ${name} $end`);
      return code;
    };
    const scope = (name: string): number => header.push(`$scope module ${identifier(name)} $end`);
    header.push(`$date ${new Date(facts.epochMs).toISOString()} $end`);
    header.push("$version wick sim $end", "$timescale 1 us $end");
    scope(facts.board);
    this.lines = {
      power: declare("wire", 1, "power"),
      wifi: facts.wifi ? declare("wire", 1, "wifi") : undefined,
      socket: declare("wire", 1, "socket"),
      mqtt: declare("wire", 1, "mqtt"),
    };
    this.booted = declare("event", 1, "boot");
    this.fault = declare("event", 1, "fault");
    scope("pins");
    for (const { name, duty, voltage } of facts.pins) {
      const level = declare("wire", 1, identifier(name));
      this.pins.set(name, {
        level,
        share:
          duty || voltage
            ? declare("real", 64, `${identifier(name)}_${duty ? "duty" : "voltage"}`)
            : undefined,
      });
    }
    header.push("$upscope $end", "$upscope $end", "$enddefinitions $end");
    sink(`${header.join("\n")}\n`);
    this.begin(facts);
  }

  /** `isHigh`: of the pin that the event is about, as `digitalRead` has it. */
  event(event: BoardEvent, isHigh?: boolean): void {
    switch (event.type) {
      case "boot":
        this.write(event.t, `${bit(true)}${this.lines.power}`, `1${this.booted}`);
        break;
      case "wifi":
        if (this.lines.wifi) this.write(event.t, bit(event.state === "connected") + this.lines.wifi);
        break;
      case "fault":
        this.write(event.t, `1${this.fault}`);
        if (event.what === "power cut") this.powerGone(event.t);
        break;
      case "pin":
        this.write(event.t, ...this.pinChanges(event.pin, event.value, isHigh));
        break;
    }
  }

  traffic(traffic: Traffic): void {
    const { t, type, connection } = traffic;
    this.reader.take(traffic);
    if (type === "open") this.open.add(connection);
    if (type === "closed") {
      this.open.delete(connection);
      this.online.delete(connection);
    }
    this.write(t, bit(this.open.size > 0) + this.lines.socket, bit(this.online.size > 0) + this.lines.mqtt);
  }

  /** Board time `t` (ms) passed: what shows a dump shows it as far as that. */
  passed(t: number): void {
    this.stamp(t);
  }

  /** The power went (a boot tells by itself that it came). */
  powerGone(t: number): void {
    this.write(t, bit(false) + this.lines.power);
  }

  private begin({ pins, startMs = 0 }: VcdFacts): void {
    this.stamp(startMs);
    const { power, wifi, socket, mqtt } = this.lines;
    const low = [power, wifi, socket, mqtt].flatMap((code) => (code ? [bit(false) + code] : []));
    const values = [...low, ...pins.flatMap(({ name, value }) => this.pinChanges(name, value))];
    this.sink(`$dumpvars\n${values.join("\n")}\n$end\n`);
    for (const value of values) this.remember(value);
  }

  /** A pin in PWM counts as high whenever its duty cycle is not 0, as `digitalRead` has it; `isHigh` knows better of what is driven with a voltage. */
  private pinChanges(name: string, value: number, isHigh = value > 0): string[] {
    const pin = this.pins.get(name);
    if (!pin) return [];
    const level = bit(isHigh) + pin.level;
    return pin.share ? [level, `r${real(value)} ${pin.share}`] : [level];
  }

  private write(t: number, ...changes: string[]): void {
    const news = changes.filter((change) => this.remember(change));
    if (news.length === 0) return;
    this.stamp(t);
    this.sink(`${news.join("\n")}\n`);
  }

  /** Whether it is one; an event always is. */
  private remember(change: string): boolean {
    const code = change.startsWith("r") ? change.slice(change.indexOf(" ") + 1) : change.slice(1);
    if (code === this.booted || code === this.fault) return true;
    if (this.shown.get(code) === change) return false;
    this.shown.set(code, change);
    return true;
  }

  private stamp(t: number): void {
    const time = Math.round(t * MICROSECONDS_PER_MS);
    if (time <= this.time) return;
    this.time = time;
    this.sink(`#${time}\n`);
  }
}

function bit(on: boolean): string {
  return on ? "1" : "0";
}

/** Section 18.2.1: as `%.16g` prints it. */
function real(value: number): string {
  return String(Number(value.toPrecision(16)));
}

/** Section 18.2.1: one or more of the printable characters from `!` to `~`. */
function identifierCode(index: number): string {
  const first = 33;
  const count = 94;
  let code = "";
  for (let rest = index; rest >= 0; rest = Math.floor(rest / count) - 1)
    code += String.fromCharCode(first + (rest % count));
  return code;
}

/** A name ends at a blank. */
function identifier(name: string): string {
  return name.replace(/\s+/g, "_");
}

/** The parts of a simulation that are drawn. */
export interface VcdSource {
  readonly clock: VirtualClock;
  readonly board: Board;
  readonly profile: BoardProfile;
  onEvent(listener: (event: BoardEvent) => void): () => void;
  onTraffic(listener: (traffic: Traffic) => void): () => void;
}

/**
 * Writes what happens in `simulation` from now on; begin before the board is switched on. Returns how to end it, up to the clock's time then.
 *
 * @param epochMs The time of day (Unix, ms) at board time 0, as the simulation was told.
 */
export function recordVcd(simulation: VcdSource, sink: Sink, epochMs = DEFAULT_EPOCH_MS): () => void {
  const { board, clock, profile } = simulation;
  const pins = board.pins.names.map((name) => ({
    name,
    duty: profile.pins?.[name]?.can.some((what) => what === "pwm" || what === "dac") ?? true,
    voltage: profile.pins?.[name]?.can.includes("adc") ?? false,
    value: board.pins.value(name),
  }));
  const writer = new VcdWriter(
    { board: profile.name, pins, wifi: profile.wifi, epochMs, startMs: clock.now() },
    sink,
  );
  const stops = [
    simulation.onEvent((event) =>
      writer.event(event, event.type === "pin" ? board.pins.isHigh(event.pin) : undefined),
    ),
    simulation.onTraffic((traffic) => writer.traffic(traffic)),
    board.onInput((input: BoardInput) => {
      if (input.what === "powerOff") writer.powerGone(clock.now());
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    writer.passed(clock.now());
  };
}
