/** Watches a simulation for the pages: its present, its recent past, and what is new since they were last told. */
import type { BoardEvent } from "../events.ts";
import type { Simulation } from "../simulation.ts";
import { MqttReader } from "../world/mqtt-reader.ts";
import type { Traffic } from "../world/traffic.ts";
import { faultsOf, readGauges } from "./gauges.ts";
import { malformedLine, packetLine } from "./packets.ts";
import {
  type Batch,
  type Facts,
  type Gauges,
  KEPT,
  type LinkState,
  type LogLine,
  type PacketLine,
  type PinChange,
  type PinNow,
  type Snapshot,
  type State,
} from "./protocol.ts";

/** The newest `limit` of what is pushed. */
class Recent<Item> {
  readonly items: Item[] = [];
  private readonly limit: number;
  private readonly dropped: (item: Item) => void;

  constructor(limit: number, dropped: (item: Item) => void = () => {}) {
    this.limit = limit;
    this.dropped = dropped;
  }

  push(item: Item): void {
    this.items.push(item);
    // A tenth at a time, so that a flood does not move the whole list for each item.
    if (this.items.length > this.limit * 1.1)
      for (const old of this.items.splice(0, this.items.length - this.limit)) this.dropped(old);
  }
}

export class Observer {
  private readonly simulation: Simulation;
  private readonly news: () => void;
  private readonly stops: (() => void)[];
  private readonly pinsBefore: Record<string, number> = {};
  private readonly past = {
    pinChanges: new Recent<PinChange>(KEPT.pinChanges, ([, pin, value]) => {
      this.pinsBefore[pin] = value;
    }),
    packets: new Recent<PacketLine>(KEPT.packets),
    lines: new Recent<LogLine>(KEPT.lines),
  };
  private fresh = freshNews();
  /** Of each part of the state, as it was last told. */
  private told: Partial<Record<keyof State, string>> = {};
  private link: LinkState;
  private connection = 0;
  private gauges: Gauges;
  private packets = 0;
  private lines = 0;
  private lamp: Simulation["lamp"];
  private readonly isHeld: () => boolean;
  private readonly further: Facts["further"];

  /** `news` is called, often, when there is something for `batch`; `isHeld` says whether the button is held. */
  constructor(
    simulation: Simulation,
    news: () => void,
    isHeld: () => boolean,
    further?: { path: string; title: string },
  ) {
    this.further = further;
    this.simulation = simulation;
    this.news = news;
    this.isHeld = isHeld;
    this.lamp = simulation.lamp;
    const { board } = simulation;
    this.link = { wifi: board.wifi?.connected ?? true, broker: "closed" };
    for (const pin of board.pins.names) this.pinsBefore[pin] = board.pins.value(pin);
    this.gauges = readGauges(simulation);
    const reader = new MqttReader(
      (packet) => {
        if (packet.packet.cmd === "connack" && packet.packet.returnCode === 0) this.link.broker = "online";
        this.packet(packetLine(++this.packets, packet));
      },
      (stream) => this.packet(malformedLine(++this.packets, stream)),
    );
    this.stops = [
      simulation.onEvent((event) => this.event(event)),
      simulation.onTraffic((traffic) => {
        this.connectionChanged(traffic);
        reader.take(traffic);
      }),
      simulation.conditions.watch(() => this.news()),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  /** Reads what can only be asked for; `news` follows if it changed. */
  measure(): void {
    this.gauges = readGauges(this.simulation);
    this.news();
  }

  /** Whether the page has to start anew, because another lamp is on the board. Asked once, it is forgotten. */
  takeLampChange(): boolean {
    const changed = this.lamp !== this.simulation.lamp;
    this.lamp = this.simulation.lamp;
    return changed;
  }

  snapshot(): Snapshot {
    const { pinChanges, packets, lines } = this.past;
    this.gauges = readGauges(this.simulation);
    return {
      type: "snapshot",
      facts: this.facts(),
      state: this.state(),
      pinsBefore: { ...this.pinsBefore },
      pinChanges: pinChanges.items.slice(-KEPT.pinChanges),
      packets: packets.items.slice(-KEPT.packets),
      lines: lines.items.slice(-KEPT.lines),
    };
  }

  /** What is new since the last call; undefined when nothing is. */
  batch(): Batch | undefined {
    const state = this.state();
    const changed: Partial<State> = {};
    let isNews = false;
    for (const part of Object.keys(state) as (keyof State)[]) {
      const text = JSON.stringify(state[part]);
      if (this.told[part] === text) continue;
      this.told[part] = text;
      Object.assign(changed, { [part]: state[part] });
      isNews = true;
    }
    const { pinChanges, packets, lines } = this.fresh;
    if (!isNews && pinChanges.length + packets.length + lines.length === 0) return undefined;
    this.fresh = freshNews();
    return {
      type: "batch",
      state: changed,
      // More than is kept would only be thrown away there.
      pinChanges: pinChanges.slice(-KEPT.pinChanges),
      packets: packets.slice(-KEPT.packets),
      lines: lines.slice(-KEPT.lines),
    };
  }

  private facts(): Facts {
    const { profile, lamp, broker } = this.simulation;
    const { name, title, led, drawing, pins, wifi } = profile;
    const { further } = this;
    return {
      profile: { name, title, led, drawing, pins, wifi },
      lamp,
      ownBroker: broker !== undefined,
      further,
    };
  }

  private state(): State {
    const { simulation } = this;
    const { board, clock, pacer } = simulation;
    return {
      clock: {
        t: Math.round(clock.outsideNow?.() ?? clock.now()),
        speed: pacer.speed,
        paced: pacer.running,
        paused: pacer.paused,
      },
      power: { on: board.running, boots: board.boots },
      link: { ...this.link, wifi: board.wifi?.connected ?? true },
      pins: this.pins(),
      held: this.isHeld(),
      gauges: this.gauges,
      faults: faultsOf(simulation),
    };
  }

  private pins(): Record<string, PinNow> {
    const { pins } = this.simulation.board;
    const now: Record<string, PinNow> = {};
    for (const name of pins.names) {
      const frequency = pins.frequency(name);
      const driven = pins.driven(name);
      now[name] = {
        value: pins.value(name),
        mode: pins.mode(name),
        ...(frequency === undefined ? {} : { frequency }),
        ...(driven === undefined ? {} : { driven }),
      };
    }
    return now;
  }

  private event(event: BoardEvent): void {
    const { t } = event;
    switch (event.type) {
      case "pin": {
        const change: PinChange = [t, event.pin, event.value];
        this.past.pinChanges.push(change);
        this.fresh.pinChanges.push(change);
        break;
      }
      case "console":
        this.line(t, "console", event.text);
        break;
      case "error":
        this.line(t, "error", event.message);
        break;
      case "fault":
        this.line(t, "fault", event.what);
        break;
      case "boot":
        this.line(t, "boot", "the board boots");
        break;
      case "wifi":
        this.line(t, "wifi", event.state === "connected" ? "Wi-Fi connected" : "Wi-Fi lost");
        break;
      case "socket":
        this.line(
          t,
          "link",
          event.state === "open" ? "connection open" : `connection closed: ${event.reason}`,
        );
        break;
    }
    this.news();
  }

  private line(t: number, kind: LogLine["kind"], text: string): void {
    const line = { id: ++this.lines, t, kind, text };
    this.past.lines.push(line);
    this.fresh.lines.push(line);
  }

  private packet(line: PacketLine): void {
    this.past.packets.push(line);
    this.fresh.packets.push(line);
    this.news();
  }

  /** Of several connections the newest one counts. */
  private connectionChanged(traffic: Traffic): void {
    if (traffic.connection < this.connection) return;
    this.connection = traffic.connection;
    if (traffic.type === "connect") this.link = { ...this.link, broker: "connecting" };
    else if (traffic.type === "open") this.link = { ...this.link, broker: "open" };
    else if (traffic.type === "refused")
      this.link = { ...this.link, broker: "closed", reason: traffic.reason };
    else if (traffic.type === "closed")
      this.link = { ...this.link, broker: "closed", reason: CLOSED_BY[traffic.by] };
    this.news();
  }
}

const CLOSED_BY = {
  board: "closed by the board",
  other: "closed by the broker",
  reset: "broken off",
  power: "the board lost its power",
} as const;

function freshNews(): { pinChanges: PinChange[]; packets: PacketLine[]; lines: LogLine[] } {
  return { pinChanges: [], packets: [], lines: [] };
}
