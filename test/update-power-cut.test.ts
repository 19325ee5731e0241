// The power goes at every byte of an update that goes into the flash: the lamp boots each time, the old one or the new one, whole.
import { beforeAll, describe, expect, test } from "vitest";
import { type FlashLayout, MemoryStorage } from "../sim/index.ts";
import { cuts, programmedBy } from "./fixtures/power-cuts.ts";
import { QuickBoard } from "./fixtures/quick-board.ts";
import { type BuiltLamp, lampOfVersion, UpdateWorld } from "./fixtures/update-world.ts";

/** What is sent: it takes as few bytes as it can, as most cuts in a bundle are alike. */
const short = "digitalWrite(D3,1);/* a new lamp, which does little and that for a short time only */";

let old: BuiltLamp;
beforeAll(async () => {
  old = await lampOfVersion(1000);
});

/** As an ESP32's Storage, with fewer pages. */
const layout: FlashLayout = { pages: 12 };

/** A board that has been updated before, so that there are files to be replaced; its flash as it is then. */
function updatedBefore(): Uint8Array {
  const world = new UpdateWorld(old, new MemoryStorage(layout));
  world.installInSlots();
  const { files } = world.storage;
  files.write("lamp.b", "0;");
  files.write("lamp.max", "10000000900");
  return world.storage.flash.image();
}

/** The lamp on a flash with this content, after its start. */
function startedOn(image: Uint8Array): UpdateWorld {
  const world = new UpdateWorld(old, new MemoryStorage(layout, image));
  world.board.boot();
  world.seconds(4);
  return world;
}

/** Sends all of an update, as long as there is power. */
function send(world: UpdateWorld, bundle: string, version: number): void {
  for (const message of world.messages(bundle, version)) {
    if (!world.board.running) return;
    world.say(message);
  }
  // The lamp restarts into the trial.
  world.seconds(1);
}

/** Fails unless a slot runs that holds the whole of one of the two. */
function requireWhole(world: UpdateWorld, bundle: string): string {
  const { running } = world;
  expect(running).toMatch(/^[ab]$/);
  const content = world.file(`lamp.${running}`);
  expect(content === old.bundle || content === bundle).toBe(true);
  expect(world.board.console.join("\n")).not.toContain("corrupt");
  return content === old.bundle ? "old" : "new";
}

/** Cuts the power before step `cut` of an update; undefined when the update takes fewer steps. */
function cutAt(image: Uint8Array, bundle: string, cut: number): UpdateWorld | undefined {
  const world = startedOn(image);
  world.storage.flash.cutAfterBytes(cut);
  send(world, bundle, 2000);
  if (world.board.running) return undefined;
  world.board.boot();
  world.seconds(4);
  return world;
}

/** Thousands of starts: on a busy machine that takes its time, in ms. */
const MANY_STARTS_MS = 600_000;

describe("the power goes", { timeout: MANY_STARTS_MS }, () => {
  test("at every byte of a short update: old or new boots, then the old one; and the next update comes through", () => {
    const image = updatedBefore();
    const booted = { old: 0, new: 0 };
    let cut = 0;
    for (; ; cut++) {
      const world = cutAt(image, short, cut);
      if (!world) break;
      const what = requireWhole(world, short);
      booted[what as "old" | "new"]++;
      // The new one is no lamp: the watchdog ends its trial.
      if (what === "new") world.seconds(70);
      expect({ cut, running: world.running }).toEqual({ cut, running: "a" });
      send(world, short, 3000);
      expect({ cut, running: world.running, file: world.file("lamp.b") }).toEqual({
        cut,
        running: "b",
        file: short,
      });
    }
    // Header and content of the bundle, of the highest version, of the slot to try; and what ends the files before them.
    expect(cut).toBeGreaterThan(32 + short.length + 32 + 11 + 32 + 1);
    expect(booted.old).toBe(cut - booted.new);
    expect(booted.old).toBeGreaterThan(0);
  });

  describe("in a whole lamp's update", () => {
    let image: Uint8Array;
    let next: BuiltLamp;
    beforeAll(async () => {
      image = updatedBefore();
      next = await lampOfVersion(2000);
    });

    test("at every byte, then the loader starts one of the two, whole", async () => {
      const world = startedOn(image);
      const steps = await programmedBy(world.board, () => send(world, next.bundle, 2000));
      expect(world.file("lamp.b")).toBe(next.bundle);
      expect(steps.length).toBeGreaterThan(next.bundle.length + 3 * 32);
      const board = new QuickBoard(layout);
      const started = { old: 0, new: 0 };
      for (const { done, storage } of cuts(layout, image, steps)) {
        board.storage = new MemoryStorage(layout, storage.flash.image());
        board.chosen = [];
        board.start();
        const [program, ...others] = board.chosen;
        if (program === old.bundle) started.old++;
        else if (program === next.bundle) started.new++;
        else throw new Error(`after ${done} bytes the board starts ${program?.slice(0, 100)}`);
        expect(others).toEqual([]);
      }
      expect(started.old).toBeGreaterThan(next.bundle.length);
      // While lamp.try is there: its start erases it.
      expect(started.new).toBeGreaterThan(0);
      expect(started.new).toBeLessThan(40);
    });

    test("at every 211th byte a whole board does the same, and the old lamp answers", () => {
      let tried = 0;
      for (let cut = 0; ; cut += 211) {
        const world = cutAt(image, next.bundle, cut);
        if (!world) break;
        requireWhole(world, next.bundle);
        expect(world.ask().running).toBe(1000);
        tried++;
      }
      expect(tried).toBeGreaterThan(30);
    });
  });

  // A choice that is missing means slot a: when that is the new one it has been healthy by then.
  test.each([
    ["a", "b", [1000]],
    ["b", "a", [1000, 2000]],
  ] as const)(
    "at every byte written when the new lamp is kept, from slot %s to %s: one of the two runs, and it says which",
    async (from, to, expected) => {
      const { bundle } = await lampOfVersion(2000);
      const prepared = new UpdateWorld(old, new MemoryStorage(layout));
      prepared.installInSlots();
      const { files } = prepared.storage;
      files.write(`lamp.${from}`, old.bundle);
      files.write(`lamp.${to}`, bundle);
      files.write("lamp.now", from);
      files.write("lamp.max", "10000002000");
      files.write("lamp.try", to);
      const image = prepared.storage.flash.image();
      const versions = new Set<number>();
      let cut = 0;
      for (; ; cut++) {
        const world = startedOn(image);
        expect(world.running).toBe(to);
        world.storage.flash.cutAfterBytes(cut);
        world.seconds(65);
        if (world.board.running) break;
        world.board.boot();
        world.seconds(4);
        requireWhole(world, bundle);
        const { running } = world.ask();
        versions.add(running);
        // Whichever runs is not on trial, and the next update goes into the other slot.
        send(world, short, 3000);
        expect({ cut, next: world.running === to }).toEqual({ cut, next: running === 1000 });
        expect(world.file(`lamp.${world.running}`)).toBe(short);
      }
      expect(cut).toBe(4 + 32 + 1);
      expect([...versions].sort()).toEqual(expected);
      const kept = startedOn(image);
      kept.seconds(65);
      kept.board.powerOff();
      kept.board.boot();
      kept.seconds(4);
      expect(kept.ask().running).toBe(2000);
    },
  );
});
