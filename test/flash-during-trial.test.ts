// A board is flashed by cable while a lamp that came over the air is on trial: that one would choose its own slot a minute later, whatever was being written there.
import { expect, test } from "vitest";
import { installBundle } from "../tools/flash/install.ts";
import { DirectConsole } from "./fixtures/flash-board.ts";
import { inBoardTime } from "./fixtures/simulated-port.ts";
import { lampOfVersion, updatableLamp } from "./fixtures/update-world.ts";

test("the trial is ended first: no slot is written while it runs, and the lamp before is the way back", async () => {
  const world = await updatableLamp(1000);
  const [tried, next] = await Promise.all([lampOfVersion(2000), lampOfVersion(3000)]);
  for (const message of world.messages(tried.bundle, 2000)) world.say(message);
  world.seconds(5);
  expect({ running: world.running, chosen: world.file("lamp.now") }).toEqual({ running: "b", chosen: "a" });
  const steps: string[] = [];
  const written: unknown[] = [];
  const { files } = world.storage;
  const write = files.write.bind(files);
  files.write = (name, ...more) => {
    if (name.startsWith("lamp.") && name.length === 6) written.push([name, world.running]);
    return write(name, ...more);
  };
  const { clock, board } = world;
  const installed = await inBoardTime(
    clock,
    installBundle(new DirectConsole({ clock, board }), Buffer.from(next.bundle, "latin1"), {
      clock,
      onStep: ({ step }) => steps.push(step),
    }),
  );
  expect(steps.slice(0, 3)).toEqual(["look", "end-trial", "plan"]);
  expect(installed.slot).toBe("b");
  expect(written.length).toBeGreaterThan(3);
  for (const one of written) expect(one).toEqual(["lamp.b", "a"]);
  world.seconds(120);
  expect(world.file("lamp.b")).toBe(next.bundle);
  expect(world.ask()).toMatchObject({ running: 3000 });
});
