// The whole of `wick flash`, as a process of its own, on a simulated board with its console on a pseudo-terminal and on TCP.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { EmbeddedBroker, MemoryStorage, openConsolePty, serveConsoleOnTcp } from "../sim/index.ts";
import { Simulation } from "../sim/simulation.ts";
import { Failure, UsageError } from "../tools/cli/errors.ts";
import { findPort } from "../tools/cli/flash/find-port.ts";
import { main } from "../tools/cli/main.ts";
import { loadConfig } from "../tools/config/load.ts";
import type { ListedPort } from "../tools/ports/list.ts";
import { lampNamed } from "./fixtures/flash-board.ts";
import { lampBundle, topic } from "./fixtures/traced-lamp.ts";
import { startWick } from "./fixtures/wick-process.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-flash-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A board with a program of its own in .bootcde, running in real time beside a broker on TCP. */
async function board() {
  const broker = await EmbeddedBroker.create();
  closing.push(() => broker.close());
  const port = await broker.listen(0);
  const { config, bundle } = await lampBundle({ "mqtt.port": port });
  const storage = new MemoryStorage(config.profile.flash);
  storage.files.write(".bootcde", lampNamed("old", 900));
  const simulation = new Simulation({
    ...{ profile: config.profile, bundle: "", storage },
    lamp: { topic, pin: "D2", activeLow: false, gamma: 2.2 },
    network: { kind: "in-process", broker, port },
  });
  closing.push(() => simulation.close());
  simulation.start();
  simulation.pacer.start();
  const file = join(folder, "lamp.js");
  writeFileSync(file, bundle, "latin1");
  const settings = [
    ...["flash", "--no-monitor", "--board", "esp32-devkitc", "--set", "wifi.ssid=attic"],
    ...["--set", "wifi.password=under the roof", "--set", "mqtt.host=127.0.0.1"],
  ];
  return { broker, port, simulation, settings, file, bundle };
}

describe("wick flash", { timeout: 90_000 }, () => {
  test("over a pseudo-terminal: builds, installs, sees the lamp online, and tells it as JSON", async (context) => {
    const { simulation, settings, port, broker } = await board();
    const pty = await openConsolePty(simulation).catch((error: Error) => context.skip(error.message));
    closing.push(() => pty.close());
    const seen: string[] = [];
    broker.onPublication(({ topic: name, payload }) => name === topic && seen.push(payload));
    const options = ["--port", pty.path, "--set", `mqtt.port=${port}`, "--json"];
    const { code, out, error } = await startWick([...settings, ...options], { folder }).ended;
    expect({ code, error: code === 0 ? "" : error }).toEqual({ code: 0, error: "" });
    const events = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events).toContainEqual(
      expect.objectContaining({ type: "board", kind: "espruino", version: "2v29.277", board: "ESP32" }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ type: "installed", slot: "a", verifiedBy: "sha256" }),
    );
    expect(events.at(-1)).toEqual({
      type: "online",
      broker: `mqtt://127.0.0.1:${port}`,
      topic,
      state: "off",
    });
    // It blinked.
    expect(seen).toEqual(["on", "off"]);
    expect(error).toContain(`mosquitto_pub -h 127.0.0.1 -p ${port} -t ${topic} -m on`);
    expect(error).not.toContain("under the roof");
  });

  test("over TCP: the line to try next, and exit code 0", async () => {
    const { simulation, settings, port, file, bundle } = await board();
    const tcp = await serveConsoleOnTcp(simulation, 0);
    closing.push(() => tcp.close());
    const options = ["--port", `tcp://127.0.0.1:${tcp.port}`, "--set", `mqtt.port=${port}`, "--file", file];
    const { code, out, error } = await startWick([...settings, ...options], { folder }).ended;
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toMatch(
      /^Espruino 2v29\.277 on ESP32: boot code of another kind runs, [\d,]+ bytes of Storage are free$/m,
    );
    expect(out).toMatch(/^lamp\.a runs, with \d+ of 16,383 variables; .* in all$/m);
    expect(out).toContain(`\nmosquitto_pub -h 127.0.0.1 -p ${port} -t ${topic} -m on\n`);
    const { files } = simulation.board.storage;
    expect(files.read("lamp.a")).toBe(bundle);
    expect(files.names()).not.toContain(".bootcde");
  });

  test("no broker: exit code 1, and one line that says what is known", async () => {
    const { simulation, settings, file, broker, port } = await board();
    await broker.stop();
    const tcp = await serveConsoleOnTcp(simulation, 0);
    closing.push(() => tcp.close());
    const options = ["--port", `tcp://127.0.0.1:${tcp.port}`, "--file", file, "--set", `mqtt.port=${port}`];
    const { code, error } = await startWick([...settings, ...options, "--quiet"], { folder }).ended;
    expect(error).toMatch(
      /^the new lamp is on the board and runs, but it cannot be seen from here: mqtt:\/\/127\.0\.0\.1:\d+: nobody listens there \(connection refused\); .*\n$/,
    );
    expect(code).toBe(1);
  });

  test("a lamp that does not come online in time: exit code 1, with what it printed about it", async () => {
    const { simulation, settings, file, port } = await board();
    simulation.board.wifi?.down();
    const tcp = await serveConsoleOnTcp(simulation, 0);
    closing.push(() => tcp.close());
    const options = ["--port", `tcp://127.0.0.1:${tcp.port}`, "--file", file, "--set", `mqtt.port=${port}`];
    const { code, error } = await startWick([...settings, ...options, "--quiet", "--wait", "3s"], { folder })
      .ended;
    expect(error).toMatch(
      /^the new lamp is on the board and runs, but it was not seen online at mqtt:\/\/127\.0\.0\.1:\d+ \(home\/office\/lamp\/get: no answer within 3 s\); .*\n$/,
    );
    expect(code).toBe(1);
  });

  test("Ctrl-C in the middle: exit code 1, one line, and the old program starts as before", async () => {
    const { simulation, settings, file, port } = await board();
    const pty = await openConsolePty(simulation).catch(() => undefined);
    if (!pty) return;
    closing.push(() => pty.close());
    const options = ["--port", pty.path, "--file", file, "--set", `mqtt.port=${port}`, "--json"];
    const wick = startWick([...settings, ...options], { folder });
    wick.onLine((line) => /"progress","sent":[1-9]/.test(line) && wick.child.kill("SIGINT"));
    const { code, error } = await wick.ended;
    expect(error.trimEnd().split("\n").at(-1)).toBe("stopped; what was on the board before is as it was");
    expect(code).toBe(1);
    simulation.pacer.stop();
    const before = simulation.board.console.length;
    simulation.board.boot();
    expect(simulation.board.console.slice(before)).toEqual(["lamp old"]);
  });

  test.each([
    [["--erase"], /^--erase erases the interpreter too, so it goes with --espruino DIR/],
    [["--port", "ttyUSB0"], /^unknown port "ttyUSB0"/],
    [
      ["--file", "no.js", "--port", "tcp://127.0.0.1:1"],
      /^--file no\.js: there is no such file; npx wick build writes dist\/lamp\.js\n$/,
    ],
    [["--wait", "soon"], /A time is a number and its unit/],
    [["--baud", "fast"], /A baud rate is a number from 300 to 4000000/],
  ])("a wrong command line is one line and exit code 2: %j", async (options, expected) => {
    const settings = ["flash", "--board", "linux", "--set", "mqtt.host=127.0.0.1"];
    let error = "";
    const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      error += text;
      return true;
    });
    const code = await main([...settings, ...options, "--quiet"]).finally(() => stderr.mockRestore());
    expect(error).toMatch(expected);
    expect(error.trimEnd()).not.toContain("\n");
    expect(code).toBe(2);
  });
});

describe("the port", () => {
  const config = loadConfig({ file: null, board: "linux", overrides: { "mqtt.host": "127.0.0.1" } });
  const serial = (path: string, name: string): ListedPort => ({
    ...{ path, vendorId: "10c4", productId: "ea60", serialNumber: undefined, product: undefined },
    usb: { name } as NonNullable<ListedPort["usb"]>,
  });
  const one = serial("/dev/ttyUSB0", "CP210x");
  const other = serial("/dev/ttyACM0", "CH9102");
  const find = (ports: readonly ListedPort[], more: Partial<Parameters<typeof findPort>[0]> = {}) =>
    findPort({ written: undefined, config, list: async () => [...ports], ask: undefined, ...more });

  test("is the one there is", async () => {
    expect(await find([one])).toEqual({
      address: { kind: "serial", path: "/dev/ttyUSB0" },
      title: "/dev/ttyUSB0: CP210x",
    });
  });

  test("is asked for when there are several", async () => {
    const found = await find([one, other], { ask: async (offers) => offers[1]?.path });
    expect(found.address).toEqual({ kind: "serial", path: "/dev/ttyACM0" });
    await expect(find([one, other], { ask: async () => undefined })).rejects.toThrow(
      "no port was chosen; nothing was done",
    );
  });

  test("has to be named where nobody can be asked", async () => {
    await expect(find([one, other])).rejects.toThrow(
      new Failure(
        "there are several serial ports: /dev/ttyUSB0: CP210x, /dev/ttyACM0: CH9102; name one, such as: --port /dev/ttyUSB0",
      ),
    );
  });

  test("is missing: what to do about it", async () => {
    await expect(find([])).rejects.toThrow(
      /^no serial port is there: .*cable that carries data.*driver.*--port tcp:\/\/HOST:PORT/,
    );
  });

  test("is not guessed where an empty one was written, as by a variable that is not set", async () => {
    await expect(find([one], { written: "" })).rejects.toThrow("the port is empty");
  });

  test("is what was written, and flash.port else", async () => {
    expect((await find([], { written: "tcp://lamp:23" })).address).toEqual({
      kind: "tcp",
      host: "lamp",
      port: 23,
    });
    const named = loadConfig({
      ...{ file: null, board: "linux" },
      overrides: { "mqtt.host": "127.0.0.1", "flash.port": "ble:Lamp" },
    });
    expect((await find([], { config: named })).address).toEqual({ kind: "ble", name: "Lamp" });
    await expect(find([], { written: "lamp" })).rejects.toThrow(UsageError);
  });
});
