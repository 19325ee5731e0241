/** `--record`: takes down all that happens to a simulated board and all that it does, so that it can be played again. */
import { createHash } from "node:crypto";
import { type Board, DEFAULT_EPOCH_MS } from "../board.ts";
import type { VirtualClock } from "../clock.ts";
import type { BoardEvent } from "../events.ts";
import type { LampFacts } from "../lamp.ts";
import type { BoardProfile } from "../profile.ts";
import type { Traffic } from "../world/traffic.ts";
import type { BoardInput } from "./inputs.ts";
import { ConnectMask, maskSecrets } from "./mask.ts";
import {
  asJsonLine,
  OBSERVABLE,
  RECORDING_VERSION,
  type RecordedLine,
  type RecordingHeader,
} from "./recording.ts";
import type { Sink } from "./sink.ts";

/** The parts of a simulation that are recorded. */
export interface Recordable {
  readonly clock: VirtualClock;
  readonly board: Board;
  readonly profile: BoardProfile;
  readonly lamp: LampFacts | undefined;
  onEvent(listener: (event: BoardEvent) => void): () => void;
  onTraffic(listener: (traffic: Traffic) => void): () => void;
}

export interface RecordingFacts {
  /** The text of the bundle; only its hash and length get into the recording. */
  bundle: string;
  /** As the simulation was told. */
  seed: number;
  /** The time of day (Unix, ms) at board time 0, as the simulation was told. */
  epochMs?: number | undefined;
  /** Passwords and the like: wherever they appear there are `*` instead, in the flash, on the console, and in what was typed. */
  secrets: readonly string[];
  /** Written into the header as they are. */
  settings?: Readonly<Record<string, unknown>> | undefined;
  program?: RecordingHeader["program"] | undefined;
}

/** Writes what happens from now on; begin before the board is switched on. Returns how to end it. */
export function record(simulation: Recordable, facts: RecordingFacts, sink: Sink): () => void {
  const { clock, board, profile, lamp } = simulation;
  const { bundle, seed, epochMs = DEFAULT_EPOCH_MS, secrets, settings, program } = facts;
  const mask = maskSecrets(secrets);
  const maskTraffic = trafficMask();
  const flash = contentsOf(board, mask);
  sink(
    asJsonLine({
      type: "recording",
      version: RECORDING_VERSION,
      clock: "exact",
      observed: OBSERVABLE,
      board: profile.name,
      bundle: { sha256: sha256(bundle), bytes: Buffer.byteLength(bundle) },
      seed,
      epoch: epochMs,
      ...(board.drift === 0 ? {} : { drift: board.drift }),
      ...(lamp === undefined ? {} : { lamp }),
      ...(program === undefined ? {} : { program }),
      ...(settings === undefined ? {} : { settings }),
      ...(flash === undefined ? {} : { flash }),
    }),
  );
  // Not rounded, unlike the times of events: the same sums give the same times again.
  const now = (): number => clock.now();
  const write = (line: RecordedLine): void => sink(asJsonLine(line));
  const stops = [
    simulation.onEvent((event) => write({ ...maskEvent(event, mask), t: now() })),
    simulation.onTraffic((traffic) => write({ ...maskTraffic(traffic), t: now(), calls: board.calls })),
    board.onInput((input) => write({ t: now(), type: "input", ...plain(input, mask), calls: board.calls })),
  ];
  return () => {
    for (const stop of stops.splice(0)) stop();
    write({ t: now(), type: "end" });
  };
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** `*` for user names and passwords in the CONNECTs of all connections. */
export function trafficMask(): (traffic: Traffic) => Traffic {
  const masks = new Map<number, ConnectMask>();
  return (traffic) => {
    const { connection } = traffic;
    if (traffic.type === "closed" || traffic.type === "refused") masks.delete(connection);
    if (traffic.type !== "from-board") return traffic;
    const mask = masks.get(connection) ?? new ConnectMask();
    masks.set(connection, mask);
    return { ...traffic, bytes: mask.mask(traffic.bytes) };
  };
}

export function maskEvent(event: BoardEvent, mask: (text: string) => string): BoardEvent {
  if (event.type === "console") return { ...event, text: mask(event.text) };
  return event.type === "error" ? { ...event, message: mask(event.message) } : event;
}

/** As JSON can have it. Of another bundle there is only the hash. */
function plain({ what, values }: BoardInput, mask: (text: string) => string): BoardInput {
  if (what === "replaceBundle") return { what, values: [sha256(String(values[0]))] };
  const given = values.findLastIndex((value) => value !== undefined) + 1;
  return {
    what,
    values: values.slice(0, given).map((value) => {
      if (typeof value === "string") return mask(value);
      return value instanceof Uint8Array ? mask(Buffer.from(value).toString("latin1")) : value;
    }),
  };
}

/** The pages that are not blank; undefined when all are. */
function contentsOf({ storage }: Board, mask: (text: string) => string): Record<string, string> | undefined {
  const { flash } = storage;
  const image = mask(Buffer.from(flash.read(0, flash.bytes)).toString("latin1"));
  const pages: Record<string, string> = {};
  for (let page = 0; page < flash.pages; page++) {
    const start = page * flash.pageBytes;
    if (flash.isErased(start, flash.pageBytes)) continue;
    const content = image.slice(start, start + flash.pageBytes);
    pages[page] = Buffer.from(content, "latin1").toString("base64");
  }
  return Object.keys(pages).length === 0 ? undefined : pages;
}
