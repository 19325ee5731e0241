/** `wick sim --bundle` of a lamp that `wick build` made: it is shown as the lamp that it is, and nothing else is taken for one. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { build } from "../tools/build/build.ts";
import { BUILDS_FOLDER, keepBuild } from "../tools/build/kept-builds.ts";
import { configureLamp } from "../tools/cli/simulate/lamp.ts";
import { makeProgram, makeShownProgram } from "../tools/cli/simulate/program.ts";
import { startWick } from "./fixtures/wick-process.ts";

const BUNDLE = "lamp.js";
const TOPIC = "küche/lampe";
let folder = "";
let before = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-bundle-"));
  before = process.cwd();
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

/** As somebody set it who built the bundle. */
const built = () =>
  configureLamp({ board: "linux", set: [`lamp.topic=${TOPIC}`, "lamp.pin=D7", "lamp.gamma=1.8"] });
/** As it is set now. */
const now = (board = "linux") => configureLamp({ board, set: ["lamp.topic=another/lamp"] });

async function givenLamp(): Promise<string> {
  const result = await build({ config: built() });
  await keepBuild(result);
  writeFileSync(BUNDLE, result.code, "latin1");
  return result.code;
}

test("it is the lamp it was built as, whatever the configuration says now", async () => {
  await givenLamp();
  const { lamp } = await makeShownProgram({ bundle: BUNDLE }, now());
  expect(lamp).toEqual({ topic: TOPIC, pin: "D7", activeLow: false, gamma: 1.8 });
});

test("one byte more, and nothing is believed of it", async () => {
  const code = await givenLamp();
  writeFileSync(BUNDLE, `${code}\n`, "latin1");
  expect((await makeShownProgram({ bundle: BUNDLE }, now())).lamp).toBeUndefined();
});

test("a program of somebody's own is no lamp, though it has the lamp's constants", async () => {
  writeFileSync("own.ts", "print(LAMP_TOPIC);\nexport {};\n");
  const result = await build({ config: built(), entry: "own.ts" });
  await keepBuild(result);
  writeFileSync("own.js", result.code, "latin1");
  expect((await makeShownProgram({ bundle: "own.js" }, now())).lamp).toBeUndefined();
});

test("on a board without its pin it is no lamp", async () => {
  const config = configureLamp({ board: "esp32-devkitc", set: ["lamp.pin=D27"] });
  const result = await build({ config });
  await keepBuild(result);
  writeFileSync(BUNDLE, result.code, "latin1");
  expect((await makeShownProgram({ bundle: BUNDLE }, now("esp32-devkitc"))).lamp?.pin).toBe("D27");
  expect((await makeShownProgram({ bundle: BUNDLE }, now("nodemcu"))).lamp).toBeUndefined();
});

test.each([
  '{"lamp":{"topic":5}}',
  '{"lamp":{"topic":"a","pin":"D2","activeLow":false,"gamma":-1}}',
  "no JSON",
  "null",
])("what is kept and makes no sense, %s, is no lamp", async (x_wick) => {
  await givenLamp();
  const [name = ""] = readdirSync(BUILDS_FOLDER);
  mkdirSync(BUILDS_FOLDER, { recursive: true });
  writeFileSync(join(BUILDS_FOLDER, name), `{"x_wick":${x_wick}}`);
  expect((await makeShownProgram({ bundle: BUNDLE }, now())).lamp).toBeUndefined();
});

test("scenarios and replays do not depend on what was built before", async () => {
  await givenLamp();
  expect((await makeProgram({ bundle: BUNDLE }, now())).lamp).toBeUndefined();
});

test("wick build, and wick sim --bundle of what it wrote, shows the line that switches it", async () => {
  const run = (...commandLine: string[]) => startWick(commandLine, { folder }).ended;
  await run("build", "--board", "linux", "--set", "mqtt.host=127.0.0.1", "--set", "lamp.topic=hall/lamp");
  expect(readFileSync("dist/lamp.js", "latin1")).toContain("hall/lamp");
  const sim = "sim --bundle dist/lamp.js --board linux --headless --duration 2s".split(" ");
  const { code, out, error } = await run(...sim);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(out).toMatch(/^mosquitto_pub -h 127\.0\.0\.1 -p \d+ -t hall\/lamp -m on$/m);
  expect(out).toContain('<- lamp  hall/lamp/status "online"');
});
