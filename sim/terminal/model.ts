/** What the terminal shows, gathered from the board's events and the messages that pass. */
import type { BoardEvent } from "../events.ts";
import { dutyOf, type LampFacts } from "../lamp.ts";
import type { PassingMessage } from "../world/mqtt-reader.ts";

export type ScreenFacts = BoardFacts & (LampFacts | ProgramFacts);

/** A program that is no lamp, and what it is called. */
interface ProgramFacts {
  program: string;
  topic?: undefined;
  pin?: undefined;
}

interface BoardFacts {
  hasWifi: boolean;
  board: string;
  broker: BrokerFacts;
  /** Where the page of the board is. */
  page?: string | undefined;
}

interface BrokerFacts {
  host: string;
  port: number;
  embedded: boolean;
  /** It has no port, so that nobody outside of this process can publish to it. */
  inside?: boolean;
  /** Whether publishers must log in; the password itself is never shown. */
  username?: string | undefined;
  needsPassword?: boolean;
}

export interface LogLine {
  /** Milliseconds of board time. */
  t: number;
  kind: "command" | "state" | "console" | "error";
  topic: string;
  text: string;
}

/** The log keeps this many lines; no terminal shows more. */
const LOG_LINES = 200;

/** A line that is being typed below the drawing. */
export interface TypedLine {
  text: string;
  /** Index of the character it stands on. */
  cursor: number;
}

export class LampModel {
  facts: ScreenFacts;
  /** Undefined: nothing can be typed here. */
  typed: TypedLine | undefined;
  readonly log: LogLine[] = [];
  wifi: "connected" | "disconnected" = "disconnected";
  /** `online` when the lamp says so itself (base/status). */
  link: "waiting" | "connected" | "online" = "waiting";
  /** Why the last connection ended or did not come about. */
  reason = "";
  /** Pins that ever changed, in the order in which they did. */
  readonly pins = new Map<string, number>();
  private value: number | undefined;

  constructor(facts: ScreenFacts) {
    this.facts = facts;
  }

  /** How bright the lamp looks, 0 to 1; 0 where there is none. */
  get brightness(): number {
    return isLamp(this.facts) ? this.duty ** (1 / this.facts.gamma) : 0;
  }

  /** Share of the time that it is lit, 0 to 1; 0 where there is none. */
  get duty(): number {
    const { facts } = this;
    return isLamp(facts) ? dutyOf(facts, this.value ?? (facts.activeLow ? 1 : 0)) : 0;
  }

  event(event: BoardEvent): void {
    if (event.type === "pin") this.pins.set(event.pin, event.value);
    if (event.type === "pin" && event.pin === this.facts.pin) this.value = event.value;
    else if (event.type === "wifi") this.wifi = event.state;
    else if (event.type === "socket") {
      this.link = event.state === "open" ? "connected" : "waiting";
      this.reason = event.state === "closed" ? event.reason : "";
    } else if (event.type === "boot") this.link = "waiting";
    else if (event.type === "console") this.add({ t: event.t, kind: "console", topic: "", text: event.text });
    // The console says it too, except where the bundle handles its own exceptions.
    else if (event.type === "fault") this.add({ t: event.t, kind: "error", topic: "", text: event.what });
  }

  message(t: number, { direction, topic, payload }: PassingMessage): void {
    const isOnline = isLamp(this.facts) && topic === `${this.facts.topic}/status` && payload === "online";
    if (isOnline && direction === "from-board") this.link = "online";
    // The lamp listens to its own status, to correct a late will; its echo is no command.
    if (isOnline && direction === "to-board") return;
    this.add({ t, kind: direction === "to-board" ? "command" : "state", topic, text: payload });
  }

  /** Something about the simulator itself. */
  note(t: number, text: string): void {
    for (const line of text.split("\n")) this.add({ t, kind: "console", topic: "", text: line });
  }

  private add(line: LogLine): void {
    this.log.push(line);
    if (this.log.length > LOG_LINES) this.log.shift();
  }
}

/** Whether they are of a lamp. */
export function isLamp(facts: ScreenFacts): facts is BoardFacts & LampFacts {
  return facts.topic !== undefined;
}

/** The lines to try, for a lamp that is on this broker; none for another program, or where nobody can reach the broker. */
export function linesToTry(facts: ScreenFacts): string[] {
  if (!isLamp(facts) || facts.broker.inside) return [];
  const { topic, broker } = facts;
  const user = broker.username === undefined ? "" : ` -u ${quoted(broker.username)}`;
  const login = user + (broker.needsPassword ? ' -P "$MQTT_PASSWORD"' : "");
  const target = `-h ${broker.host} -p ${broker.port}${login} -t ${quoted(topic)} -m on`;
  return [`mosquitto_pub ${target}`, `npx mqtt pub ${target}`];
}

function quoted(word: string): string {
  return /^[\w/.:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
