/** `--record` and `--replay`: a recorded run is played again to the byte, and the first thing that differs is found and named. */
import { beforeAll, describe, expect, test } from "vitest";
import { record } from "../sim/trace/recorder.ts";
import { asJsonLine, parseRecordings, type RecordedLine, type Recording } from "../sim/trace/recording.ts";
import { describeReplay, type ReplayResult, replay } from "../sim/trace/replay.ts";
import { eventfulRun, lampBundle, seed, topic, tracedLamp } from "./fixtures/traced-lamp.ts";

type Lamp = Awaited<ReturnType<typeof lampBundle>>;

/** A run of a lamp, recorded. */
async function recorded(lamp: Lamp, run = eventfulRun): Promise<string> {
  const world = await tracedLamp(lamp);
  const pieces: string[] = [];
  const facts = { bundle: lamp.bundle, seed, secrets: ["under the roof"] };
  const stop = record(world.simulation, facts, (piece) => pieces.push(String(piece)));
  await run(world);
  stop();
  await world.close();
  return pieces.join("");
}

const only = (text: string): Recording => parseRecordings(text, "lamp.rec")[0] as Recording;

let lamp: Lamp;
let text = "";
let recording: Recording;

beforeAll(async () => {
  lamp = await lampBundle();
  text = await recorded(lamp);
  recording = only(text);
});

const play = (what: Recording, bundle = lamp.bundle): ReplayResult =>
  replay(what, { profile: lamp.config.profile, bundle });

/** The recording with one line changed. */
function changed(index: number, change: (line: RecordedLine) => object): Recording {
  const lines = recording.lines.map((line, at) => (at === index ? { ...line, ...change(line) } : line));
  return { ...recording, lines: lines as RecordedLine[] };
}

describe("a recorded run of a simulated lamp", () => {
  test("holds what the run was about", () => {
    const has = (what: Partial<Record<string, unknown>>): boolean =>
      recording.lines.some((line) =>
        Object.entries(what).every(
          ([name, value]) => (line as unknown as Record<string, unknown>)[name] === value,
        ),
      );
    expect(recording.header).toMatchObject({ clock: "exact", board: "esp32-devkitc", seed, lamp: { topic } });
    for (const what of [
      "boot",
      "powerOff",
      "pins.drive",
      "wifi.down",
      "wifi.up",
      "drift",
      "evaluate",
      "jumpWallClock",
    ])
      expect([what, has({ type: "input", what })]).toEqual([what, true]);
    for (const type of ["refused", "blocked", "ended", "to-board", "console", "pin", "end"])
      expect([type, has({ type })]).toEqual([type, true]);
    for (const by of ["board", "other", "power"])
      expect([by, has({ type: "closed", by })]).toEqual([by, true]);
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test("is replayed with 0 differences, whole", () => {
    const result = play(recording);
    expect(describeReplay(result, "lamp.rec").join("\n")).toMatch(
      /^the board did the same as in lamp\.rec: \d+ lines, 35\.971 s of board time, 0 differences$/,
    );
    expect(result.lines).toBe(recording.lines.length);
  });
});
