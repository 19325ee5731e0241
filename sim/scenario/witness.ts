/** Remembers what a simulation did: its pins, messages, console, Wi-Fi and connection, for expectations to look back at. */
import type { BoardEvent } from "../events.ts";
import type { Simulation } from "../simulation.ts";
import { MqttReader, messageOf, type PassingPacket } from "../world/mqtt-reader.ts";

/** A message that the board published; its will counts, as the broker publishes it in the board's name. */
export interface PublishedMessage {
  /** Board time in ms. */
  t: number;
  topic: string;
  payload: string;
  qos: number;
  retain: boolean;
}

export interface ConsoleLine {
  t: number;
  text: string;
}

/** Something that has one value at a time, such as a pin. */
export interface Changing<T> {
  value: T;
  /** Board time of the last change in ms; undefined: none since the beginning. */
  since: number | undefined;
  before: T | undefined;
}

/** `connected`: the broker has accepted the CONNECT; `online`: and the subscriptions, so that what is published arrives. */
export type LinkState = "offline" | "connected" | "online";

/** A board that runs for days must not fill the host's memory. */
const REMEMBERED = 10_000;

/** What came, in order, of which the newest 10,000 are kept. */
export class Sightings<T extends { t: number }> {
  private readonly kept: T[] = [];
  private forgotten = 0;

  add(one: T): void {
    this.kept.push(one);
    if (this.kept.length <= REMEMBERED) return;
    this.kept.shift();
    this.forgotten++;
  }

  /** How many there have been. */
  get count(): number {
    return this.forgotten + this.kept.length;
  }

  /** Those from number `first` on (0 is the very first), each with its number. */
  *from(first: number): Generator<{ number: number; one: T }> {
    for (let number = Math.max(first, this.forgotten); number < this.count; number++) {
      const one = this.kept[number - this.forgotten];
      if (one) yield { number, one };
    }
  }

  newest(count: number): T[] {
    return this.kept.slice(-count);
  }
}

export class Witness {
  readonly messages = new Sightings<PublishedMessage>();
  readonly console = new Sightings<ConsoleLine>();
  readonly wifi: Changing<"connected" | "disconnected"> = {
    value: "disconnected",
    since: undefined,
    before: undefined,
  };
  /** The board's connection to the broker, as far as the board knows. */
  readonly link: Changing<LinkState> = { value: "offline", since: undefined, before: undefined };
  private readonly pins = new Map<string, Changing<number>>();
  private readonly clientIds = new Set<string>();
  private connection: number | undefined;
  /** SUBSCRIBEs without an answer. */
  private unanswered = 0;
  private readonly listeners = new Set<() => void>();
  private readonly leave: (() => void)[];
  private readonly simulation: Simulation;

  /** Sees what happens from now on. */
  constructor(simulation: Simulation) {
    this.simulation = simulation;
    const { broker, board } = simulation;
    for (const name of board.pins.names)
      this.pins.set(name, { value: board.pins.value(name), since: undefined, before: undefined });
    const reader = new MqttReader((packet) => this.packet(packet));
    this.leave = [
      simulation.onEvent((event) => this.event(event)),
      simulation.onTraffic((traffic) => {
        reader.take(traffic);
        if (traffic.type === "closed" && traffic.connection === this.connection)
          this.enter("offline", traffic.t);
      }),
    ];
    // The broker knows what arrived, and publishes wills; of an outside broker the board's own bytes have to do.
    if (broker)
      this.leave.push(
        broker.onPublication(({ clientId, ...message }) => {
          if (this.clientIds.has(clientId)) this.message(message);
        }),
      );
  }

  /** The level or duty cycle at a pin, and when it last changed. */
  pin(name: string): Changing<number> {
    return this.pins.get(name) ?? { value: 0, since: undefined, before: undefined };
  }

  /** Calls `listener` after each thing it saw, until the returned function is called. */
  onNews(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Sees nothing any more. */
  close(): void {
    for (const leave of this.leave) leave();
    this.listeners.clear();
  }

  private event(event: BoardEvent): void {
    if (event.type === "pin") {
      const { pin, value, t } = event;
      const known = this.pins.get(pin);
      if (known) change(known, value, t);
    } else if (event.type === "console") this.console.add({ t: event.t, text: event.text });
    else if (event.type === "wifi") change(this.wifi, event.state, event.t);
    // Also when one cannot be made: the board has given up the one before, even if it never saw that close.
    else if (event.type === "socket" && event.state === "closed") this.enter("offline", event.t);
    this.news();
  }

  private packet(passing: PassingPacket): void {
    const { packet, t, connection, direction } = passing;
    if (direction === "from-board") {
      if (packet.cmd === "connect") this.clientIds.add(packet.clientId);
      if (packet.cmd === "subscribe") this.unanswered++;
    } else if (packet.cmd === "connack" && packet.returnCode === 0) {
      this.connection = connection;
      this.unanswered = 0;
      this.enter("connected", t);
    } else if (packet.cmd === "suback" && connection === this.connection && --this.unanswered === 0) {
      this.enter("online", t);
    }
    const message = this.simulation.broker ? undefined : messageOf(passing);
    if (message && direction === "from-board") this.message(message);
  }

  private enter(state: LinkState, t: number): void {
    change(this.link, state, t);
    this.news();
  }

  private message({ topic, payload, qos, retain }: Omit<PublishedMessage, "t">): void {
    const t = Math.round(this.simulation.clock.now() * 1000) / 1000;
    this.messages.add({ t, topic, payload, qos, retain });
    this.news();
  }

  private news(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

function change<T>(changing: Changing<T>, value: T, t: number): void {
  if (changing.value === value) return;
  Object.assign(changing, { value, since: t, before: changing.value });
}
