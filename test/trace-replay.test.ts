/** `--record` and `--replay`: a recorded run is played again to the byte, and the first thing that differs is found and named. */
import { beforeAll, describe, expect, test } from "vitest";
import { EmbeddedBroker } from "../sim/index.ts";
import { Simulation } from "../sim/simulation.ts";
import { record } from "../sim/trace/recorder.ts";
import { parseRecordings, type RecordedLine, type Recording } from "../sim/trace/recording.ts";
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
    for (const by of ["other", "power"]) expect([by, has({ type: "closed", by })]).toEqual([by, true]);
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test("is replayed with 0 differences, whole", () => {
    const result = play(recording);
    expect(describeReplay(result, "lamp.rec").join("\n")).toMatch(
      /^the board did the same as in lamp\.rec: \d+ lines, 48\.971 s of board time, 0 differences$/,
    );
    expect(result.lines).toBe(recording.lines.length);
  });

  test("tells of events and traffic as the run did, for waveforms and captures of the replay", () => {
    const told: unknown[] = [];
    const { profile } = lamp.config;
    const tell = (what: object): void => void told.push(what);
    replay(recording, { profile, bundle: lamp.bundle, onEvent: tell, onTraffic: tell });
    const rounded = ({ t, ...line }: RecordedLine): object => {
      const { calls: _, ...rest } = line as { calls?: number };
      return { t: Math.round(t * 1000) / 1000, ...rest };
    };
    // Faults were told by those who made them, who are not here.
    const happened = recording.lines.filter(({ type }) => !["input", "end", "fault"].includes(type));
    expect(told).toEqual(happened.map(rounded));
  });

  test("a second recording of the same run is the same file", async () => {
    expect(await recorded(lamp)).toBe(text);
  });

  test("a recording of the replay's bundle under another name of a topic stops where the topic is first sent", async () => {
    const other = await lampBundle({ "lamp.topic": "home/office/lump" });
    const { difference, ...rest } = play(recording, other.bundle);
    const [head, ...more] = describeReplay({ difference, ...rest }, "lamp.rec");
    const connect = recording.lines.findIndex(({ type }) => type === "from-board");
    const place = recording.places[connect];
    expect(head).toBe(
      `the board differs from lamp.rec, line ${place}, at ${recording.lines[connect]?.t} ms of board time`,
    );
    // The will's topic, in the CONNECT.
    expect(more[0]).toMatch(/^ {2}recorded: connection 1: from-board, \d+ bytes \(CONNECT lamp-\S+\)$/);
    expect(more.slice(2)).toEqual([
      expect.stringMatching(/^ {2}byte \d+ is the first that differs:$/),
      expect.stringMatching(/^ {4}recorded … 6f 66 66 69 63 65 2f 6c \[61\] 6d 70 .* {2}office\/lamp/),
      expect.stringMatching(/^ {4}instead {2}… 6f 66 66 69 63 65 2f 6c \[75\] 6d 70 .* {2}office\/lump/),
      expect.stringContaining("another bundle"),
    ]);
  });

  test("another keep alive is found in its byte of the CONNECT", async () => {
    const other = await lampBundle({ "mqtt.keepAlive": 31 });
    const { difference } = play(recording, other.bundle);
    const [connect] = recording.lines.filter(({ type }) => type === "from-board");
    expect(difference).toMatchObject({ recorded: connect, byte: 11 });
    expect(difference?.instead).toMatchObject({ type: "from-board", connection: 1 });
  });

  test("a flipped byte in the recording is found at that byte, wherever it is", () => {
    const sent = [...recording.lines.entries()].filter(([, { type }]) => type === "from-board");
    let flips = 0;
    for (const [index, line] of sent) {
      const { bytes } = line as { bytes: string };
      // Every byte of the shorter, a few of the longer ones.
      for (let byte = flips % 7; byte < bytes.length; byte += 1 + Math.floor(bytes.length / 5)) {
        const flipped = String.fromCharCode(bytes.charCodeAt(byte) ^ 1);
        const other = bytes.slice(0, byte) + flipped + bytes.slice(byte + 1);
        const { difference } = play(changed(index, () => ({ bytes: other })));
        expect(difference).toMatchObject({ place: recording.places[index], byte });
        flips++;
      }
    }
    expect(flips).toBeGreaterThan(40);
  });

  test("another level, text or time is found in its line", () => {
    const first = (type: string): number => recording.lines.findLastIndex((line) => line.type === type);
    const changes: [string, object, string][] = [
      ["pin", { value: 0.5 }, '  recorded: pin pin="D2" value=0.5'],
      ["console", { text: "hallo" }, '  recorded: console text="hallo"'],
      ["wifi", { state: "disconnected" }, '  recorded: wifi state="disconnected"'],
      ["connect", { port: 1884 }, '  recorded: connection 7: connect host="127.0.0.1" port=1884'],
    ];
    for (const [type, change, told] of changes) {
      const index = first(type);
      const result = play(changed(index, () => change));
      expect(result.difference?.place).toBe(recording.places[index]);
      expect(describeReplay(result, "lamp.rec")[1]).toBe(told);
    }
    const index = first("pin");
    const { difference } = play(changed(index, ({ t }) => ({ t: t + 0.001 })));
    expect(difference?.place).toBe(recording.places[index]);
  });

  test("what the board did besides is found, and what it did not do", () => {
    const index = recording.lines.findLastIndex(({ type }) => type === "pin");
    const without = (at: number): Recording => ({
      ...recording,
      lines: recording.lines.toSpliced(at, 1),
      places: recording.places.toSpliced(at, 1),
    });
    const more = play(without(index)).difference;
    expect(more?.instead).toMatchObject({ type: "pin", pin: "D2", value: 1 });
    expect(more?.recorded).toEqual(recording.lines[index + 1]);
    const button = recording.lines.findLastIndex(
      (line) => line.type === "input" && line.what === "pins.drive",
    );
    const less = play(without(button)).difference;
    expect(less).toMatchObject({ recorded: { type: "pin", pin: "D0", value: 0 }, instead: undefined });
  });

  test("nothing is done to a board but what is an input of it", () => {
    const index = recording.lines.findIndex((line) => line.type === "input" && line.what === "pins.drive");
    for (const what of ["constructor", "pins.names", "storage.changed", "wifi.__proto__", "onInput"])
      expect(() => play(changed(index, () => ({ what })))).toThrow(`this board has no input called ${what}`);
  });

  test("cut off anywhere it is replayed as far as it goes", () => {
    for (let length = text.length - 3; length > 4000; length -= 3001) {
      const part = only(text.slice(0, length));
      const { difference, lines } = play(part);
      expect([length, difference]).toEqual([length, undefined]);
      expect(lines).toBe(part.lines.length);
    }
  });
});

test("a run beside real time, over TCP, at times of no round number, is replayed to the microsecond", async () => {
  const broker = await EmbeddedBroker.create();
  const real = await lampBundle({ "mqtt.port": await broker.listen(0) });
  const simulation = new Simulation({
    profile: real.config.profile,
    bundle: real.bundle,
    seed,
    lamp: { topic, pin: "D2", activeLow: false, gamma: 2.2 },
    network: { kind: "tcp" },
  });
  const pieces: string[] = [];
  const stop = record(simulation, { bundle: real.bundle, seed, secrets: [] }, (piece) =>
    pieces.push(String(piece)),
  );
  simulation.pacer.speed = 50;
  const end = new AbortController();
  const states: string[] = [];
  let statesWanted = (): void => {};
  broker.onPublication(({ topic: to, payload }) => {
    if (to === `${topic}/state`) states.push(payload);
    statesWanted();
  });
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      statesWanted = () => states.length >= count && resolve();
      statesWanted();
    });
  simulation.start();
  const run = simulation.runInRealTime(undefined, end.signal);
  await until(1);
  for (let count = 2; count < 12; count++) {
    await broker.publish(topic, "toggle", { qos: 1 });
    await until(count);
    simulation.board.pins.drive("D0", (count & 1) as 0 | 1);
    if (count === 6) simulation.conditions.cut("reset");
  }
  end.abort();
  await run;
  stop();
  simulation.close();
  await broker.close();
  const recording = only(pieces.join(""));
  expect(recording.lines.some(({ t }) => !Number.isInteger(t * 1000))).toBe(true);
  const { difference } = replay(recording, { profile: real.config.profile, bundle: real.bundle });
  expect(difference).toBeUndefined();
});
