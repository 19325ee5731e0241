// `wick flash --port mqtt:TOPIC` as a user types it, a process of its own: a lamp at a broker on TCP gets its next version, tries it and keeps it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { EmbeddedBroker, MemoryStorage } from "../sim/index.ts";
import { Simulation } from "../sim/simulation.ts";
import type { Settings } from "../tools/config/load.ts";
import { chosenFile, loader, loaderFiles, slotFiles } from "../tools/flash/loader.ts";
import { lampBundle, topic } from "./fixtures/traced-lamp.ts";
import { startWick, type WickProcess } from "./fixtures/wick-process.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const key = "correct horse battery staple";

/** A lamp of version 1000 online at a broker on TCP, and a folder with its configuration, as a user has it. */
async function lampAtBroker() {
  const broker = await EmbeddedBroker.create();
  closing.push(() => broker.close());
  const port = await broker.listen(0);
  const folder = mkdtempSync(join(tmpdir(), "wick-over-the-air-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  const settings = {
    board: "esp32-devkitc",
    wifi: { ssid: "attic" },
    mqtt: { host: "127.0.0.1", port },
    lamp: { topic },
  };
  writeFileSync(join(folder, "flash.config.json"), JSON.stringify(settings));
  const local = { wifi: { password: "under the roof" }, update: { key } };
  writeFileSync(join(folder, "flash.config.local.json"), JSON.stringify(local));

  const built = (version: number, more: Settings = {}) =>
    lampBundle({ "mqtt.port": port, "update.key": key, "update.version": version, ...more });
  const { config, bundle } = await built(1000);
  const storage = new MemoryStorage(config.profile.flash);
  storage.files.write(slotFiles.a, bundle);
  storage.files.write(chosenFile, "a");
  storage.files.write(loaderFiles[0], loader);
  const simulation = new Simulation({
    ...{ profile: config.profile, bundle: "", storage },
    lamp: { topic, pin: "D2", activeLow: false, gamma: 2.2 },
    network: { kind: "in-process", broker, port },
  });
  closing.push(() => simulation.close());
  simulation.start();
  await simulation.advance(10_000);
  simulation.pacer.start();
  const flash = (options: readonly string[]) =>
    startWick(["flash", "--port", `mqtt:${topic}`, ...options], { folder, withinMs: 150_000 });
  return { broker, port, simulation, storage, folder, built, flash };
}

/** What became of it, in a form that a failing test shows whole. */
async function over(wick: WickProcess) {
  const { code, out, error } = await wick.ended;
  return { code, lines: out.trimEnd().split("\n"), error };
}

describe("wick flash --port mqtt:", { timeout: 240_000 }, () => {
  test("the lamp is built, sent, tried for a minute and kept; the line to try next, and exit code 0", async () => {
    const { simulation, storage, port, built, flash } = await lampAtBroker();
    const wick = flash([]);
    // The minute of the trial, and the restart before it, need not be one here.
    wick.onLine((line) => {
      if (/it restarts$/.test(line)) simulation.pacer.speed = 30;
    });
    const { code, lines, error } = await over(wick);
    expect({ code, error }, lines.join("\n")).toEqual({ code: 0, error: "" });
    expect(lines.filter((line) => !/^[\d,]+ of [\d,]+ bytes/.test(line))).toEqual([
      expect.stringMatching(
        /^note: .* mqtt\.host is 127\.0\.0\.1, which for a board on Wi-Fi is the board itself/,
      ),
      `Port: mqtt:${topic}`,
      expect.stringMatching(/^The lamp for esp32-devkitc has 7,\d{3} of 8,000 bytes$/),
      "Asking the lamp what it runs",
      "Sending; the lamp goes on meanwhile",
      "All of it is on the lamp and reads right; it restarts",
      "The new lamp is on trial: it stays when it is healthy for a minute",
      expect.stringMatching(/^Version \d{10} is kept; sent in [\d.]+ s; before it ran 1000$/),
      "Try this in another terminal:",
      `mosquitto_pub -h 127.0.0.1 -p ${port} -t ${topic} -m on`,
      `npx mqtt pub -h 127.0.0.1 -p ${port} -t ${topic} -m on`,
    ]);
    const version = Number(/^Version (\d+)/m.exec(lines.join("\n"))?.[1]);
    const { files } = storage;
    expect(files.read(slotFiles.b)).toBe((await built(version)).bundle);
    expect(files.read(chosenFile)).toBe("b");
    expect(simulation.board.evaluate("WICK")).toBe("b");
  });

  test("--json: a lamp that crashes is rolled back, and that is a failure", async () => {
    const { simulation, storage, folder, built, flash } = await lampAtBroker();
    const crash = `throw new Error('crash');${(await built(2000)).bundle}`;
    writeFileSync(join(folder, "crash.js"), crash, "latin1");
    const wick = flash(["--json", "--file", "crash.js", "--set", "update.version=2000"]);
    wick.onLine((line) => {
      if (/"step":"restarting"/.test(line)) simulation.pacer.speed = 30;
    });
    const { code, lines, error } = await over(wick);
    expect({ code, last: error.trimEnd().split("\n").at(-1) }, lines.join("\n")).toEqual({
      code: 1,
      last: "the lamp tried version 2000 and went back to 1000, which runs again; what was wrong its console says: npx wick monitor",
    });
    const events = lines.map((line) => JSON.parse(line));
    const steps = events.filter(({ type }) => type === "step").map(({ step }) => step);
    expect([...new Set(steps)]).toEqual(["looking", "restarting"]);
    expect(events.filter(({ type }) => type === "progress").at(-1)).toEqual({
      ...{ type: "progress", sent: crash.length, total: crash.length },
    });
    expect(events.at(-1)).toEqual({
      ...{ type: "update", outcome: "rolled back", version: 2000, before: 1000 },
      sendingMs: expect.any(Number),
    });
    expect(storage.files.read(chosenFile)).toBe("a");
    expect(simulation.board.evaluate("WICK")).toBe("a");
  });

  test("what a user may have wrong: one line and an exit code each, and the lamp goes on as it was", async () => {
    const { broker, port, simulation, storage, folder, built, flash } = await lampAtBroker();
    const { boots } = simulation.board;
    const image = Buffer.from(storage.flash.image());
    const otherKey = "another battery altogether";
    const kitchen = "home/kitchen/lamp";
    /** A bundle that was built before. */
    const file = async (name: string, version: number, more: Settings = {}): Promise<string[]> => {
      writeFileSync(join(folder, name), (await built(version, more)).bundle, "latin1");
      return [...["--file", name], ...["--set", `update.version=${version}`]];
    };
    const plain = await lampBundle({ "mqtt.port": port });
    writeFileSync(join(folder, "plain.js"), plain.bundle, "latin1");
    const mistakes: [options: string[], code: number, error: string][] = [
      [
        ["--file", "plain.js"],
        2,
        "the bundle was built without update.key, and no update would ever reach it; build it with the key: npx wick build",
      ],
      [
        [...(await file("later.js", 2000)), "--set", "update.version=2500"],
        2,
        "the bundle was built as version 2000, and says so when it runs, but this is to be 2500; add: --set update.version=2000",
      ],
      [
        await file("same.js", 1000),
        1,
        "the lamp has had version 1000, and versions only go up, but this is 1000; is the clock of this computer right? else build with --set update.version=1001",
      ],
      [
        [...(await file("key.js", 2000, { "update.key": otherKey })), "--set", `update.key=${otherKey}`],
        1,
        `the lamp at ${topic} was flashed with another update.key; use that one, or flash it once by cable`,
      ],
      [
        [
          ...(await file("kitchen.js", 2000, { "lamp.topic": kitchen })),
          ...["--port", `mqtt:${kitchen}`, "--set", `lamp.topic=${kitchen}`, "--wait", "2s"],
        ],
        1,
        `no lamp answers at ${kitchen}; check the topic and the broker: npx wick doctor`,
      ],
      [
        // Without a file: it is not even built.
        ["--port", `mqtt:${kitchen}`, "--json"],
        2,
        `the lamp to be updated is ${kitchen}, but lamp.topic is ${topic}, where it would then answer; add: --set lamp.topic=${kitchen}`,
      ],
    ];
    const all = mistakes.map(([options]) => flash(["--quiet", ...options]).ended);
    expect(await Promise.all(all)).toEqual(
      mistakes.map(([, code, error]) => ({ code, out: "", error: `${error}\n` })),
    );
    expect(simulation.board.boots).toBe(boots);
    expect(Buffer.compare(Buffer.from(storage.flash.image()), image)).toBe(0);
    await broker.publish(topic, "on");
    await simulation.pacer.step(1_000);
    expect(simulation.board.pins.value("D2")).toBe(1);
  });

  test("Ctrl-C in the middle: exit code 1, one line, and the lamp goes on as it was", async () => {
    const { broker, simulation, flash, folder, built } = await lampAtBroker();
    const { boots } = simulation.board;
    writeFileSync(join(folder, "lamp.js"), (await built(2000)).bundle, "latin1");
    const wick = flash(["--json", "--file", "lamp.js"]);
    wick.onLine((line) => {
      if (!/"progress","sent":[1-9]/.test(line) || simulation.pacer.paused) return;
      simulation.pacer.pause();
      wick.child.kill("SIGINT");
    });
    const { code, lines, error } = await over(wick);
    expect({ code, last: error.trimEnd().split("\n").at(-1) }, lines.join("\n")).toEqual({
      code: 1,
      last: "stopped; the lamp goes on with what it has",
    });
    await broker.publish(topic, "on");
    await simulation.pacer.step(120_000);
    expect(simulation.board.pins.value("D2")).toBe(1);
    expect(simulation.board.boots).toBe(boots);
  });
});
