/** Recordings of runs in which anything happens at any time are replayed without a difference. */
import { expect, test } from "vitest";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { seededRandom } from "../sim/random.ts";
import { record } from "../sim/trace/recorder.ts";
import { parseRecordings, type Recording } from "../sim/trace/recording.ts";
import { describeReplay, replay } from "../sim/trace/replay.ts";
import { tapTraffic } from "../sim/world/traffic.ts";
import { lampBundle, seed, type TracedLamp, topic, tracedLamp } from "./fixtures/traced-lamp.ts";

const only = (text: string): Recording => parseRecordings(text, "run.rec")[0] as Recording;

/** Forty times one thing or another, and some time; everything drawn from `random`. */
async function anythingGoes({ simulation, broker }: TracedLamp, random: () => number): Promise<void> {
  const { board, conditions } = simulation;
  const below = (count: number): number => Math.floor(random() * count);
  const doings: (() => unknown)[] = [
    () => (conditions.latencyMs = random() * 40),
    () => (conditions.jitterMs = random() * 30),
    () => (conditions.chunkBytes = below(20)),
    () => (conditions.drainBytes = below(30)),
    () => (conditions.bandwidthBytesPerSecond = 200 + below(1000)),
    () => conditions.cut(below(2) ? "end" : "reset"),
    () => (conditions.refuse = !conditions.refuse),
    () => (conditions.unknownHost = !conditions.unknownHost),
    () => (conditions.halfOpen = !conditions.halfOpen),
    () => board.wifi?.down({ silent: below(2) === 1 }),
    () => board.pins.drive("D0", below(2) as 0 | 1),
    () => simulation.powerCut(below(3000)),
    () => broker.stop(below(2) ? "end" : "reset"),
    () => (board.drift = below(2000) - 1000),
    () => board.jumpWallClock(below(100_000) - 50_000, below(2) ? "sntp" : "setTime"),
  ];
  simulation.start();
  for (let count = 0; count < 40; count++) {
    await doings[below(doings.length)]?.();
    if (below(2)) {
      conditions.reset();
      await broker.start();
      board.wifi?.up();
      const payload = ["on", "off", "toggle", "nonsense"][below(4)] ?? "";
      for (let messages = below(4); messages > 0; messages--)
        await broker.publish(topic, payload, { qos: below(3) as 0 | 1 | 2 });
    }
    await simulation.advance(below(2) ? below(5000) : random() * 500);
  }
}

test("of a lamp, its network, Wi-Fi, broker, pins, clock and power, all at random", async () => {
  const lamp = await lampBundle();
  const { profile } = lamp.config;
  const passed = { blocked: 0, ended: 0, refused: 0, "to-board": 0 };
  for (let run = 1; run <= 5; run++) {
    const world = await tracedLamp(lamp);
    const pieces: string[] = [];
    const facts = { bundle: lamp.bundle, seed, secrets: [] };
    const stop = record(world.simulation, facts, (piece) => pieces.push(String(piece)));
    await anythingGoes(world, seededRandom(run));
    stop();
    await world.close();
    const recording = only(pieces.join(""));
    for (const { type } of recording.lines) if (type in passed) passed[type as keyof typeof passed]++;
    const result = replay(recording, { profile, bundle: lamp.bundle });
    expect([run, ...describeReplay(result, "run.rec")]).toEqual([
      run,
      expect.stringContaining("0 differences"),
    ]);
    // The same with a bundle that merely does the same: blanks at its end make it another.
    const other = replay(recording, { profile, bundle: `${lamp.bundle}\n` });
    expect([run, other.difference]).toEqual([run, undefined]);
  }
  for (const [type, count] of Object.entries(passed)) expect([type, count > 0]).toEqual([type, true]);
});

test("what happens in the same microsecond as a timer comes before it or behind it, as it did", async () => {
  const profile = { name: "linux", wifi: false };
  const bundle = "var x;setTimeout(function(){x=D4.read()},100);setTimeout(function(){print(x)},200)";
  const said: string[] = [];
  for (const first of [true, false]) {
    const clock = new VirtualClock();
    const events = new Set<(event: never) => void>();
    const board = createBoard({
      profile,
      bundle,
      clock,
      network: tapTraffic(new LoopbackNetwork(clock), clock, () => {}),
      onEvent: (event) => {
        for (const listener of events) listener(event as never);
      },
    });
    const source = {
      clock,
      board,
      profile,
      lamp: { topic, pin: "D2", activeLow: false, gamma: 1 },
      onEvent: (listener: (event: never) => void) => {
        events.add(listener);
        return () => events.delete(listener);
      },
      onTraffic: () => () => {},
    };
    const pieces: string[] = [];
    const stop = record(source, { bundle, seed, secrets: [] }, (piece) => pieces.push(String(piece)));
    const press = (): void => board.pins.drive("D4", 1);
    if (first) clock.schedule(100, press);
    board.boot();
    clock.runUntil(100);
    if (!first) press();
    clock.runUntil(300);
    stop();
    said.push(...board.console);
    expect(replay(only(pieces.join("")), { profile, bundle }).difference).toBeUndefined();
  }
  expect(said).toEqual(["true", "false"]);
});
