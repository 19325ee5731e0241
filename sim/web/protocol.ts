/** What the page and its server say to each other over the web socket: JSON, one object a message. */
import type { LampFacts } from "../lamp.ts";
import type { DrawnProfile } from "./drawing.ts";

/** Where the web socket is, on the server of the page. */
export const SOCKET_PATH = "/socket";
/** The longest message of a page, in bytes. */
export const LONGEST_REQUEST_BYTES = 64 * 1024;
/** Factors of real time that the page may ask for. */
export const SLOWEST = 0.1;
export const FASTEST = 100;
/** How much of the past server and page keep. */
export const KEPT = { pinChanges: 4000, packets: 400, lines: 400 } as const;

/** What does not change while a bundle runs. */
export interface Facts {
  profile: DrawnProfile & { wifi: boolean };
  /** Undefined: the program on the board is no lamp. */
  lamp?: LampFacts | undefined;
  /** Whether the broker is this process's own, so that the page can publish through it, stop it and start it. */
  ownBroker: boolean;
  /** Another page on the same server. */
  further?: { path: string; title: string } | undefined;
}

export interface ClockState {
  /** Board time in ms. */
  t: number;
  /** Factor of real time. */
  speed: number;
  /** Whether board time follows real time at all; a test may move it by hand. */
  paced: boolean;
  paused: boolean;
}

export interface LinkState {
  wifi: boolean;
  /** Of the newest connection to the broker: `online` once the broker has accepted it. */
  broker: "closed" | "connecting" | "open" | "online";
  /** Why the last connection ended or could not be made. */
  reason?: string;
}

export interface PinNow {
  /** Level or duty cycle, 0 to 1. */
  value: number;
  mode: string;
  /** Of PWM, in Hz. */
  frequency?: number;
  /** What drives it from outside, 0 to 1; undefined: nothing does. */
  driven?: number;
}

export interface Gauges {
  /** Undefined while the power is off. */
  memory?: MemoryGauge;
  timers: number;
  listeners: number;
  sockets: number;
  /** dBm; undefined without Wi-Fi. */
  rssi?: number;
  /** Of the chip, in degrees Celsius; undefined where the interpreter reads none. */
  temperature?: number;
  storage: StorageGauge;
}

/** The interpreter's variables. */
export interface MemoryGauge {
  usage: number;
  total: number;
  /** The largest use since boot. */
  peak: number;
}

export interface StorageGauge {
  usedBytes: number;
  totalBytes: number;
  files: number;
  /** Writes that reached the flash. */
  writes: number;
  /** Pages erased since the flash was new, and the most that one page was; undefined where the medium does not count. */
  erases?: number;
  mostErased?: number;
}

/** Everything that may be wrong with the world around the board, as it is set now. */
export interface FaultState {
  latencyMs: number;
  jitterMs: number;
  bandwidthBytesPerSecond: number;
  chunkBytes: number;
  /** Null: no limit. */
  drainBytes: number | null;
  refuse: boolean;
  unknownHost: boolean;
  halfOpen: boolean;
  /** Whether the access point is within reach, and what it answers; undefined on a board without Wi-Fi. */
  accessPoint?: boolean;
  weakSignal?: boolean;
  wifiAnswer?: string;
  /** dBm */
  rssi?: number;
  broker?: boolean;
}

/** The present; each part is sent whole when anything in it changed. */
export interface State {
  clock: ClockState;
  power: { on: boolean; boots: number };
  link: LinkState;
  pins: Record<string, PinNow>;
  /** Whether somebody holds the lamp's button, on whichever page. */
  held: boolean;
  gauges: Gauges;
  faults: FaultState;
}

export type PinChange = readonly [t: number, pin: string, value: number];

/** An MQTT packet that passed. */
export interface PacketLine {
  /** Counts from 1 since the server started. */
  id: number;
  /** Board time in ms of its last byte. */
  t: number;
  connection: number;
  direction: "to-board" | "from-board";
  /** `publish`, `puback`, …; `malformed` for a stream that is no MQTT. */
  type: string;
  bytes: number;
  messageId?: number;
  topic?: string;
  /** At most the first 2,000 characters; bytes that are no text are written as hex. */
  payload?: string;
  qos?: number;
  retain?: boolean;
  dup?: boolean;
  /** What else is in the packet, for people. */
  details: readonly (readonly [name: string, value: string])[];
}

export interface LogLine {
  id: number;
  t: number;
  kind: "console" | "error" | "fault" | "boot" | "wifi" | "link";
  text: string;
}

/** Everything a page needs to start from nothing, or to catch up. */
export interface Snapshot {
  type: "snapshot";
  facts: Facts;
  state: State;
  /** Values of the pins before the first of `pinChanges`. */
  pinsBefore: Record<string, number>;
  pinChanges: readonly PinChange[];
  packets: readonly PacketLine[];
  lines: readonly LogLine[];
}

/** What happened since the last message. */
export interface Batch {
  type: "batch";
  state: Partial<State>;
  pinChanges: readonly PinChange[];
  packets: readonly PacketLine[];
  lines: readonly LogLine[];
}

/** What became of a request. */
export interface Answer {
  type: "answer";
  /** That of the request; undefined where it could not even be read. */
  id?: number;
  /** One sentence. */
  error?: string;
}

export type ToPage = Snapshot | Batch | Answer;

export type Control =
  | { control: "pause" | "resume" | "step" | "reboot" }
  /** Factor of real time, 0.1 to 100. */
  | { control: "speed"; factor: number };

/** What a page asks for. */
export type ToServer = { id: number } & (
  | ({ type: "control" } & Control)
  /** A step of a scenario, such as `{wifi: "down"}`. */
  | { type: "step"; step: unknown }
  /** Presses the lamp's button, or lets go; it is let go when the page leaves. */
  | { type: "hold"; down: boolean }
  /** `false`: the page is hidden and wants no news; `true`: it wants a snapshot and then news. */
  | { type: "watch"; on: boolean }
);

const CONTROLS = ["pause", "resume", "step", "reboot", "speed"];

/**
 * Reads a page's message.
 * @throws BadRequest with one sentence.
 */
export function parseRequest(text: string): ToServer {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new BadRequest("a message must be JSON");
  }
  if (typeof found !== "object" || found === null || Array.isArray(found))
    throw new BadRequest("a message must be a JSON object");
  const { id, type, ...rest } = found as Record<string, unknown>;
  if (typeof id !== "number" || !Number.isSafeInteger(id))
    throw new BadRequest("a message needs an id, a whole number");
  switch (type) {
    case "step":
      if (typeof rest.step !== "object" || rest.step === null)
        throw new BadRequest('step must be an object, such as {"wifi": "down"}', id);
      return { id, type, step: rest.step };
    case "hold":
      return { id, type, down: flag(rest.down, "down", id) };
    case "watch":
      return { id, type, on: flag(rest.on, "on", id) };
    case "control":
      return { id, type, ...control(rest, id) };
    default:
      throw new BadRequest(`type is ${JSON.stringify(type)}; allowed are step, control, hold and watch`, id);
  }
}

function control(found: Record<string, unknown>, id: number): Control {
  const name = found.control;
  if (typeof name !== "string" || !CONTROLS.includes(name))
    throw new BadRequest(`control is ${JSON.stringify(name)}; allowed are ${CONTROLS.join(", ")}`, id);
  if (name !== "speed") return { control: name as "pause" | "resume" | "step" | "reboot" };
  const { factor } = found;
  if (typeof factor !== "number" || !(factor >= SLOWEST && factor <= FASTEST))
    throw new BadRequest(
      `factor is ${JSON.stringify(factor)}; it must be a number from ${SLOWEST} to ${FASTEST}`,
      id,
    );
  return { control: name, factor };
}

function flag(found: unknown, name: string, id: number): boolean {
  if (typeof found !== "boolean") throw new BadRequest(`${name} must be true or false`, id);
  return found;
}

/** A message that cannot be understood. */
export class BadRequest extends Error {
  /** Of the message, where it could be read. */
  readonly id: number | undefined;

  constructor(message: string, id?: number) {
    super(message);
    this.id = id;
  }
}
