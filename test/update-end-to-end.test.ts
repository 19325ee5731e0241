// An update as `wick flash` sends it: through a broker on TCP, to the simulated board and to the interpreter.
import { afterEach, describe, expect, test } from "vitest";
import { createBoard, EmbeddedBroker, LoopbackNetwork, MemoryStorage, VirtualClock } from "../sim/index.ts";
import { build } from "../tools/build/build.ts";
import { loadConfig } from "../tools/config/load.ts";
import { chosenFile, loader, loaderFiles, slotFiles, trialFile } from "../tools/flash/loader.ts";
import { type OverTheAirProgress, updateOverTheAir } from "../tools/flash/over-the-air.ts";
import { interpreter } from "./drivers/interpreter.ts";
import { InterpreterWithSlots } from "./drivers/interpreter-with-slots.ts";
import { freePort } from "./fixtures/free-port.ts";

const topic = "home/office/lamp";

async function built(port: number, version: number) {
  const overrides = {
    "mqtt.host": "127.0.0.1",
    "mqtt.port": port,
    "update.key": "correct horse battery staple",
    "update.version": version,
  };
  const config = loadConfig({ file: null, board: "linux", overrides });
  return { config, bundle: (await build({ config })).code, version, topic };
}

let broker: EmbeddedBroker | undefined;
afterEach(async () => {
  await broker?.close();
  broker = undefined;
});

test("the simulated board: sent, interrupted by a restart of the broker, tried and kept", async () => {
  broker = await EmbeddedBroker.create();
  const port = await broker.listen(await freePort());
  const [old, next] = [await built(port, 1000), await built(port, 2000)];
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  broker.attach(network, port, clock);
  const storage = new MemoryStorage(old.config.profile.flash);
  storage.files.write(slotFiles.a, old.bundle);
  storage.files.write(chosenFile, "a");
  storage.files.write(loaderFiles[0], loader);
  const board = createBoard({ profile: old.config.profile, bundle: "", clock, network, storage });
  board.boot();
  await clock.advance(4_000);

  const steps: string[] = [];
  let restarted: Promise<void> | undefined;
  let pending = true;
  const update = updateOverTheAir({
    ...next,
    onProgress({ step, done }: OverTheAirProgress) {
      if (steps.at(-1) !== step) steps.push(step);
      const { current } = { current: broker };
      if (done > 2_000 && !restarted && current) restarted = current.stop().then(() => current.start());
    },
  }).finally(() => {
    pending = false;
  });
  update.catch(() => {});
  while (pending) {
    await clock.advance(20);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await update).toMatchObject({ outcome: "kept", version: 2000, before: 1000 });
  expect(restarted).toBeDefined();
  // How much of the trial is seen depends on how fast its minute passes here.
  expect(steps.filter((step) => step !== "trial")).toEqual(["looking", "sending", "restarting"]);
  expect(storage.files.read(slotFiles.b)).toBe(next.bundle);
  board.powerOff();
});

test("nobody listens where the broker should be: one line", async () => {
  const port = await freePort();
  const lamp = await built(port, 2000);
  await expect(updateOverTheAir(lamp)).rejects.toThrow(
    `cannot reach the lamp's broker mqtt://127.0.0.1:${port}: nobody listens there`,
  );
});

const suite = interpreter.missing === undefined ? describe : describe.skip;
suite(`an update of the interpreter${interpreter.missing === undefined ? "" : ` (${interpreter.missing})`}`, () => {
  test("is received, checked in the flash, and tried after a restart", { timeout: 60_000 }, async () => {
    broker = await EmbeddedBroker.create();
    const port = await broker.listen(0);
    const [old, next] = [await built(port, 1000), await built(port, 2000)];
    const board = new InterpreterWithSlots(process.env.ESPRUINO_BIN ?? "");
    try {
      // What is evaluated from the desk stands in .boot0.
      await board.install({ [slotFiles.a]: old.bundle, [chosenFile]: "a", [loaderFiles[1]]: loader });
      const result = await updateOverTheAir({ ...next, wait: false });
      expect(result).toMatchObject({ outcome: "on trial", version: 2000, before: 1000 });
      expect(board.console).toContain("update: restarting");
      expect(await board.evaluate("WICK")).toBe("b");
      expect(
        await board.evaluate(
          'require("Storage").read("lamp.b")==eval("atob")("' +
            Buffer.from(next.bundle, "latin1").toString("base64") +
            '")',
        ),
      ).toBe("true");
      expect(
        await board.evaluate(
          '[require("Storage").read("lamp.now"),require("Storage").read("lamp.max"),require("Storage").read("lamp.try")]',
        ),
      ).toBe("a,10000002000,");
    } finally {
      await board.stop();
    }
  });

  test("goes back from a bundle that knows nothing of updates, by the loader's timer, whose five minutes last 1.5 s here", {
    timeout: 60_000,
  }, async () => {
    const board = new InterpreterWithSlots(process.env.ESPRUINO_BIN ?? "");
    const hurry = "(function(later){global.setTimeout=function(f,ms){return later(f,ms/200)}})(setTimeout);";
    try {
      const files = { [slotFiles.a]: 'print("a runs");', [chosenFile]: "a", [trialFile]: "b" };
      const kicking = 'setInterval(function(){E.kickWatchdog()},100);print("b runs");';
      await board.install({ ...files, [slotFiles.b]: kicking, [loaderFiles[1]]: loader }, hurry);
      await expect.poll(() => board.console.join("|"), { timeout: 30_000 }).toMatch(/b runs.*a runs/);
      expect(await board.evaluate("WICK")).toBe("a");
    } finally {
      await board.stop();
    }
  });

  test("is kept after a minute of health, which lasts 3 s here", { timeout: 60_000 }, async () => {
    broker = await EmbeddedBroker.create();
    const port = await broker.listen(0);
    const [old, next] = [await built(port, 1000), await built(port, 2000)];
    const board = new InterpreterWithSlots(process.env.ESPRUINO_BIN ?? "");
    // The lamp is as it is; its seconds are shorter.
    const hurry = "(function(every){global.setInterval=function(f,ms){return every(f,ms/20)}})(setInterval);";
    try {
      await board.install({ [slotFiles.a]: old.bundle, [chosenFile]: "a", [loaderFiles[1]]: loader }, hurry);
      expect(await updateOverTheAir(next)).toMatchObject({ outcome: "kept", version: 2000, before: 1000 });
      expect(board.console).toContain("update: kept");
      expect(await board.evaluate('[WICK,require("Storage").read("lamp.now")]')).toBe("b,b");
    } finally {
      await board.stop();
    }
  });
});
