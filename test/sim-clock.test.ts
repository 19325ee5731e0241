/** Board time: the order of alarms, and how it is tied to real time. */
import { expect, test } from "vitest";
import { Pacer, VirtualClock } from "../sim/index.ts";

test("alarms run in time order, equal times first in, first out", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  for (const [at, name] of [
    [30, "d"],
    [10, "a"],
    [20, "b"],
    [20, "c"],
    [10, "a2"],
  ] as const) {
    clock.schedule(at, () => seen.push(`${name}@${clock.now()}`));
  }
  await clock.advance(25);
  expect(seen).toEqual(["a@10", "a2@10", "b@20", "c@20"]);
  expect(clock.now()).toBe(25);
  expect(clock.next()).toBe(30);
});

test("a thousand alarms in any order come out sorted", () => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  for (let i = 0; i < 1000; i++) {
    const at = (i * 7919) % 503;
    clock.schedule(at, () => seen.push(at * 1000 + i));
  }
  clock.runUntil(503);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen).toHaveLength(1000);
});

test("a cancelled alarm does not run; one for the past runs now; one planned by an alarm runs in the same advance", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.cancel(clock.schedule(5, () => seen.push("cancelled")));
  clock.schedule(10, () => clock.schedule(3, () => seen.push(`late@${clock.now()}`)));
  await clock.advance(10);
  expect(seen).toEqual(["late@10"]);
});

test("attached host I/O gets its turn between two moments", async () => {
  const clock = new VirtualClock();
  const detach = clock.attachOutside();
  const seen: string[] = [];
  clock.schedule(10, () => setImmediate(() => clock.fromOutside(() => seen.push(`answer@${clock.now()}`))));
  clock.schedule(1000, () => seen.push("later"));
  await clock.advance(2000);
  detach();
  expect(seen).toEqual(["answer@10", "later"]);
});

test("a pacer runs the clock in real time and stops for good", async () => {
  const clock = new VirtualClock();
  const pacer = new Pacer(clock);
  const started = performance.now();
  await new Promise<void>((resolve) => {
    clock.schedule(30, resolve);
    pacer.start();
  });
  pacer.stop();
  expect(clock.now()).toBeGreaterThanOrEqual(30);
  expect(performance.now() - started).toBeGreaterThanOrEqual(29);
  clock.schedule(31, () => expect.unreachable());
});
