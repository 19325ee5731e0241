// Programs other than the lamp on a board, by wick flash --entry: proved by running without an error, not by waiting for a lamp.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { UsageError } from "../tools/cli/errors.ts";
import { bundleToFlash } from "../tools/cli/flash/bundle.ts";
import { checkTogether, type FlashOptions } from "../tools/cli/flash/options.ts";
import { Output } from "../tools/cli/output.ts";
import { configFor } from "../tools/cli/program-settings.ts";
import { type FlashWorld, failure, flashWorld, type WorldOptions } from "./fixtures/flash-world.ts";
import { startWick } from "./fixtures/wick-process.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-flash-own-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function given(options?: WorldOptions): Promise<FlashWorld> {
  const world = await flashWorld(options);
  closing.push(() => world.close());
  return world;
}

const bundle = (text: string): Uint8Array => Buffer.from(text, "latin1");
const BLINK = "NEW=1;setInterval(function(){digitalWrite(D4,!digitalRead(D4))},500);";

describe("on a board with a lamp", () => {
  test("a program that runs for 5 s stays; no lamp is waited for, and no topic told", async () => {
    const world = await given();
    const before = world.simulation.clock.now();
    await world.flash({ program: "blink.ts", bundle: bundle(BLINK), wait: 5000 });
    expect(world.said).toContain("blink.ts has run for 5.0 s without an error");
    expect(world.said.join("\n")).not.toMatch(
      /Waiting for|mosquitto_pub|home\/office|lamp is online|wifi\.ssid/,
    );
    expect(world.events.at(-1)).toEqual({ type: "ran", ms: 5000 });
    expect(world.simulation.clock.now() - before).toBeGreaterThan(5000);
    expect(world.simulation.board.evaluate("NEW")).toBe(1);
  });

  test.each([
    ["at once", "nothing.there();"],
    ["after 4 s", `${BLINK}setTimeout(function(){nothing.there()},4000);`],
  ])("one that throws %s goes, and the lamp runs again", async (_when, text) => {
    const world = await given();
    expect(await failure(world, { program: "blink.ts", bundle: bundle(text), wait: 5000 })).toMatch(
      /^the new program stopped at its start: Uncaught ReferenceError: .*nothing.*; what was on the board before is as it was$/,
    );
    expect(await world.lampThatAnswers()).toBe("old");
  });

  test("one that throws on trial goes too, before it counts", async () => {
    const world = await given({ asBootCode: true });
    const text = `${BLINK}setTimeout(function(){nothing.there()},4000);`;
    expect(await failure(world, { program: "blink.ts", bundle: bundle(text), wait: 5000 })).toMatch(
      /^the new program stopped at its start: .*what was on the board before is as it was$/,
    );
    expect(await world.lampThatAnswers()).toBe("old");
  });

  test("one that hangs goes", async () => {
    const world = await given();
    expect(
      await failure(world, {
        program: "b.ts",
        bundle: bundle("setTimeout(function(){load()},900);"),
        wait: 5000,
      }),
    ).toMatch(
      /^the board starts over by itself soon after its start; .*what was on the board before is as it was$/,
    );
  });

  test("with --no-wait it is watched no longer than a lamp is", async () => {
    const world = await given();
    const late = `${BLINK}setTimeout(function(){nothing.there()},4000);`;
    await world.flash({ program: "blink.ts", bundle: bundle(late), wait: false });
    expect(world.said.join("\n")).not.toContain("without an error");
  });
});

describe("what is put there", () => {
  const quiet = new Output({ json: false, quiet: true });
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const make = (entry: string, ...set: string[]) =>
    bundleToFlash(configFor(entry, { file: null, board: "esp32-devkitc", set }), undefined, quiet, entry);
  const message = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  };

  test("is built as wick build --entry does, and needs no setting that it does not use", async () => {
    const made = await make(write("plain.ts", 'print("hello");\n'));
    expect(Buffer.from(made).toString()).toBe('print("hello");\n'.trim());
  });

  test("a setting that it uses and that has no value is told in one line each", async () => {
    const entry = write("online.ts", 'require("Wifi").connect(WIFI_SSID, {}, () => print(MQTT_HOST));\n');
    const lines = (await message(make(entry))).split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^flash\.config\.json: wifi\.ssid is missing.*--set wifi\.ssid=VALUE$/);
    expect(lines[1]).toMatch(/^flash\.config\.json: mqtt\.host is missing.*--set mqtt\.host=VALUE$/);
    const made = await make(entry, "wifi.ssid=attic", "mqtt.host=10.0.0.1");
    expect(Buffer.from(made).toString()).toMatch(/attic.*10\.0\.0\.1/);
  });

  test("a file that is not there is one line", async () => {
    expect(await message(make("nope.ts"))).toBe("--entry nope.ts: there is no such file");
  });
});

describe("the command line", () => {
  const base: FlashOptions = {
    ...{ set: [], json: false, quiet: false, erase: false, yes: false, compact: false },
  };

  test("takes an entry or a bundle", () => {
    expect(() => checkTogether({ ...base, entry: "a.ts", file: "b.js" })).toThrow(
      /^--entry is built and --file/,
    );
    expect(() => checkTogether({ ...base, entry: "a.ts" })).not.toThrow();
  });

  test("over the air goes a lamp and nothing else; a missing file is exit code 2", async () => {
    const run = (...options: string[]) =>
      startWick(["flash", "--board", "linux", ...options], { folder }).ended;
    const air = await run("--entry", "plain.ts", "--port", "mqtt:home/office/lamp");
    expect(air).toMatchObject({
      code: 2,
      error: expect.stringMatching(/^--entry is a program other than the lamp[^\n]*\n$/),
    });
    const missing = await run("--entry", "nope.ts", "--port", "tcp://127.0.0.1:9");
    expect(missing).toMatchObject({ code: 2, error: "--entry nope.ts: there is no such file\n" });
  });
});
