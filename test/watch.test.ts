/** `wick sim --watch`: a saved file is on the board a moment later, and what the board kept in its flash is still there. */
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Simulation } from "../sim/simulation.ts";
import { LampModel } from "../sim/terminal/model.ts";
import { insideOnly } from "../tools/cli/simulate/broker-address.ts";
import { buildLamp, configureLamp, lampFacts } from "../tools/cli/simulate/lamp.ts";
import { makeProgram } from "../tools/cli/simulate/program.ts";
import { watchLamp } from "../tools/cli/simulate/watch.ts";
import { Heard } from "./fixtures/heard.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A lamp that is on, configured by a file in a folder of its own, and watched. */
async function watchedLamp() {
  const folder = mkdtempSync(join(tmpdir(), "wick-watch-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "flash.config.json");
  const configure = () => configureLamp({ file, broker: { address: insideOnly(), embedded: true } });
  const write = (topic: unknown): void =>
    writeFileSync(file, JSON.stringify({ board: "linux", lamp: { topic } }));
  write("hall/lamp");
  const config = configure();
  const { code, map } = await buildLamp(config);
  const simulation = new Simulation({
    profile: config.profile,
    bundle: code,
    sourceMap: map,
    lamp: lampFacts(config),
    network: { kind: "in-process", port: 1883 },
  });
  closing.push(() => simulation.close());
  const heard = new Heard();
  const hear = (text: string): void => heard.add(`${text}\n`);
  const model = new LampModel({
    ...lampFacts(config),
    hasWifi: false,
    board: "linux",
    broker: { host: "127.0.0.1", port: 1883, embedded: true },
  });
  const watching = watchLamp({
    configure,
    config,
    session: { simulation, bundle: code, model, say: hear, complain: hear, typing: () => undefined },
    sources: [folder],
    // The reload waits for its moment on the board's clock, which nobody else moves here.
    onReady: () => simulation.clock.runUntil(simulation.clock.now()),
  });
  closing.push(() => watching.close?.());
  const hears = (words: string): Promise<string> =>
    heard.find((text) => text.split("\n").find((line) => line.includes(words)), `"${words}"`);
  simulation.start();
  return { folder, write, simulation, model, hears };
}

test("a change of the configuration restarts the board with the new lamp; Storage stays", async () => {
  const { write, simulation, model, hears } = await watchedLamp();
  simulation.board.evaluate(`require("Storage").write("kept","since before")`);
  write("attic/lamp");
  const line = await hears("board restarted in");
  expect(line).toContain("flash.config.json");
  expect(simulation.board.boots).toBe(2);
  expect(simulation.lamp?.topic).toBe("attic/lamp");
  expect(model.facts.topic).toBe("attic/lamp");
  expect(simulation.board.evaluate(`require("Storage").read("kept")`)).toBe("since before");
});

test("what was uploaded over the console gives way to what was saved since", async () => {
  const { write, simulation, hears } = await watchedLamp();
  simulation.board.evaluate(`E.setBootCode("uploaded=1",true)`);
  simulation.board.boot();
  expect(simulation.board.evaluate("typeof uploaded")).toBe("number");
  write("attic/lamp");
  await hears("board restarted in");
  expect(simulation.board.evaluate("typeof uploaded")).toBe("undefined");
});

test("a mistake is said in one line, and the lamp goes on as it was", async () => {
  const { write, simulation, hears } = await watchedLamp();
  write(42);
  expect(await hears("lamp.topic")).toContain("42");
  expect(simulation.board.boots).toBe(1);
  expect(simulation.lamp?.topic).toBe("hall/lamp");
});

test("saved TypeScript counts, other files do not", async () => {
  const { folder, simulation, hears } = await watchedLamp();
  writeFileSync(join(folder, "notes.txt"), "nothing");
  const source = join(folder, "lamp.ts");
  writeFileSync(source, "");
  utimesSync(source, 1, 1);
  expect(await hears("board restarted in")).toContain("lamp.ts");
  expect(simulation.board.boots).toBe(2);
});

describe("a program other than the lamp", () => {
  /** On the board and watched, in a folder of its own; `files` are written there first. */
  async function watchedProgram(files: Record<string, string>, named: "entry" | "bundle", main: string) {
    const folder = mkdtempSync(join(tmpdir(), "wick-watch-"));
    closing.push(() => rmSync(folder, { recursive: true }));
    const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
    for (const [file, text] of Object.entries(files)) write(file, text);
    const choice = { [named]: join(folder, main) };
    const configure = () => configureLamp({ file: undefined, folder, board: "linux" });
    const config = configure();
    const { code, map, sources } = await makeProgram(choice, config);
    const simulation = new Simulation({
      ...{ profile: config.profile, bundle: code, sourceMap: map, lamp: undefined },
      network: { kind: "in-process", port: 1883 },
    });
    closing.push(() => simulation.close());
    const heard = new Heard();
    const hear = (text: string): void => heard.add(`${text}\n`);
    const model = new LampModel({
      ...{ program: main, hasWifi: false, board: "linux" },
      broker: { host: "127.0.0.1", port: 1883, embedded: true },
    });
    const watching = watchLamp({
      ...{ configure, config, choice, files: sources },
      session: { simulation, bundle: code, model, say: hear, complain: hear, typing: () => undefined },
      onReady: () => simulation.clock.runUntil(simulation.clock.now()),
    });
    closing.push(() => watching.close?.());
    simulation.start();
    const hears = (words: string): Promise<string> =>
      heard.find((text) => text.split("\n").find((line) => line.includes(words)), `"${words}"`);
    return { write, simulation, hears };
  }

  test("starts over when a file that it imports is saved, and then what that imports counts", async () => {
    const { write, simulation, hears } = await watchedProgram(
      {
        "main.ts": 'import { word } from "./word.ts";\nprint(word);\n',
        "word.ts": 'export const word = "one";\n',
      },
      "entry",
      "main.ts",
    );
    expect(await hears("Watching")).toContain("main.ts and one file that it imports, ");
    write("deeper.ts", 'export const deeper = "two";\n');
    write("word.ts", 'export { deeper as word } from "./deeper.ts";\n');
    expect(await hears("board restarted in")).toContain("word.ts");
    expect(simulation.board.console).toEqual(["one", "two"]);
    write("deeper.ts", 'export const deeper = "three";\n');
    expect(await hears("deeper.ts")).toContain("board restarted in");
    expect(simulation.board.console).toEqual(["one", "two", "three"]);
    expect(simulation.lamp).toBeUndefined();
  });

  test("goes on where it cannot be built, and starts over once the missing file is there", async () => {
    const { write, simulation, hears } = await watchedProgram(
      { "main.ts": 'print("one");\n' },
      "entry",
      "main.ts",
    );
    write("main.ts", 'import { word } from "./word.ts";\nprint(word);\n');
    await hears("word.ts");
    expect(simulation.board.console).toEqual(["one"]);
    write("word.ts", 'export const word = "two";\n');
    await hears("board restarted in");
    expect(simulation.board.console).toEqual(["one", "two"]);
  });

  test("that is a bundle is read again", async () => {
    const { write, simulation, hears } = await watchedProgram({ "b.js": 'print("one")' }, "bundle", "b.js");
    write("b.js", 'print("two")');
    expect(await hears("board restarted in")).toMatch(/Loaded again after .*b\.js: 12 bytes/);
    expect(simulation.board.console).toEqual(["one", "two"]);
    write("b.js", "\0");
    expect(await hears("it is no text")).toMatch(/^--bundle .*b\.js: /);
  });
});
