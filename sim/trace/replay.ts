/** `--replay`: plays everything that came from outside in a recording to a board, and holds all that the board does against it. */
import { type Board, createBoard } from "../board.ts";
import { type Clock, VirtualClock } from "../clock.ts";
import type { BoardEvent } from "../events.ts";
import { MemoryStorage } from "../flash/medium.ts";
import type { BoardProfile } from "../profile.ts";
import { type Traffic, tapTraffic } from "../world/traffic.ts";
import { type Difference, describeDifference } from "./difference.ts";
import { ExactScript, type Stage } from "./exact-script.ts";
import { applyInput } from "./inputs.ts";
import { maskSecrets } from "./mask.ts";
import { OrderScript } from "./order-script.ts";
import { maskEvent, sha256, trafficMask } from "./recorder.ts";
import type { Recording, RecordingHeader } from "./recording.ts";
import { type Script, ScriptedNetwork } from "./script.ts";

export interface ReplayOptions {
  profile: BoardProfile;
  /** The bundle to be held against the recording: the recorded one, or another that should do the same. */
  bundle: string;
  sourceMap?: string | undefined;
  /** As when it was recorded; see `RecordingFacts`. */
  secrets?: readonly string[] | undefined;
  onEvent?: ((event: BoardEvent) => void) | undefined;
  onTraffic?: ((traffic: Traffic) => void) | undefined;
}

export interface ReplayResult {
  /** The first difference; undefined: the board did to the byte what was recorded. */
  difference: Difference | undefined;
  /** Board time in ms that was played. */
  t: number;
  /** Lines of the recording, up to its end or the difference. */
  lines: number;
  /** For people: what else they should know. */
  notes: string[];
}

/** Plays the whole of `recording`, or up to the first difference, as fast as it goes. */
export function replay(recording: Recording, options: ReplayOptions): ReplayResult {
  const { header, lines } = recording;
  const { profile, bundle, sourceMap } = options;
  const notes = notesOn(header, options);
  const mask = maskSecrets(options.secrets ?? []);
  const maskTraffic = trafficMask();
  const clock = new VirtualClock();
  const network = new ScriptedNetwork();
  const isSameBundle = header.bundle?.sha256 === sha256(bundle);
  const stage: Stage = {
    clock,
    network,
    calls: () => (isSameBundle ? board.calls : undefined),
    apply(line) {
      if (line.what === "replaceBundle" && line.values[0] !== sha256(bundle)) {
        notes.push(`from ${line.t} ms on another bundle was recorded (reloaded); this one went on`);
        return;
      }
      const { what, values } = line.what === "replaceBundle" ? { what: line.what, values: [bundle] } : line;
      try {
        applyInput(board, { what, values });
      } catch (error) {
        // What was typed may fail on the board, as it did when it was recorded.
        if (what !== "evaluate") throw error;
      }
    },
  };
  const script: Script =
    header.clock === "exact" ? new ExactScript(recording, stage) : new OrderScript(recording, stage);
  network.script = script;
  let playing = true;
  const did: Script["did"] = (line) => {
    if (playing && !script.difference) script.did(line);
  };
  const board: Board = createBoard({
    profile,
    bundle,
    sourceMap,
    clock: watched(clock, script),
    network: tapTraffic(network, clock, (traffic) => {
      if (playing) options.onTraffic?.(traffic);
      did({ ...maskTraffic(traffic), t: clock.now() });
    }),
    storage: storageOf(profile, header),
    seed: header.seed,
    epochMs: header.epoch,
    drift: header.drift,
    onEvent: (event) => {
      if (playing) options.onEvent?.(event);
      did({ ...maskEvent(event, mask), t: clock.now() });
    },
  });
  script.run();
  const { difference } = script;
  const t = clock.now();
  const played = difference?.recorded ? lines.indexOf(difference.recorded) : lines.length;
  playing = false;
  board.powerOff();
  return { difference, t, lines: played, notes };
}

/** A few lines for people: that it is the same, or how it is not. `file` names the recording. */
export function describeReplay({ difference, t, lines, notes }: ReplayResult, file: string): string[] {
  const seconds = Math.round(t) / 1000;
  const summary = difference
    ? describeDifference(difference, file)
    : [`the board did the same as in ${file}: ${lines} lines, ${seconds} s of board time, 0 differences`];
  return [...summary, ...notes.map((note) => `  note: ${note}`)];
}

/** The board's clock: after each of its alarms the script has a look. Once there is a difference nothing goes on. */
function watched(clock: VirtualClock, script: Script): Clock {
  return {
    now: () => clock.now(),
    schedule: (at, run) =>
      clock.schedule(at, () => {
        if (script.difference) return;
        run();
        script.look();
      }),
    cancel: (alarm) => clock.cancel(alarm),
    fromOutside: (run) => clock.fromOutside(run),
    attachOutside: () => clock.attachOutside(),
    stirOutside: () => clock.stirOutside(),
  };
}

function storageOf(profile: BoardProfile, { flash }: RecordingHeader): MemoryStorage {
  const storage = new MemoryStorage(profile.flash);
  const image = storage.flash.image();
  for (const [page, content] of Object.entries(flash ?? {}))
    image.set(Buffer.from(content, "base64"), Number(page) * storage.flash.pageBytes);
  return flash ? new MemoryStorage(profile.flash, image) : storage;
}

function notesOn(header: RecordingHeader, { profile, bundle }: ReplayOptions): string[] {
  const notes: string[] = [];
  if (header.board !== undefined && header.board !== profile.name)
    notes.push(`recorded on the board ${header.board}, replayed on ${profile.name}`);
  if (header.bundle && header.bundle.sha256 !== sha256(bundle))
    notes.push(`recorded with another bundle (sha256 ${header.bundle.sha256.slice(0, 12)}…)`);
  return notes;
}
