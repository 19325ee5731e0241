/** `wick doctor` and the board on its port: the port itself, who answers there, and which lamp runs. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openConsolePty } from "../sim/console/pty.ts";
import { serveConsoleOnTcp } from "../sim/console/tcp.ts";
import { Simulation } from "../sim/simulation.ts";
import { keepBuild } from "../tools/build/kept-builds.ts";
import { loadProfile } from "../tools/config/profile.ts";
import { BoardConsole } from "../tools/console/board-console.ts";
import type { Found } from "../tools/console/identify.ts";
import { testedVersion } from "../tools/doctor/checks/board.ts";
import { boardFinder } from "../tools/init/boards.ts";
import type { ListedPort } from "../tools/ports/list.ts";
import { openPort } from "../tools/ports/open.ts";
import { type Consultation, diagnose, freePort, only, serve } from "./fixtures/doctor-broker.ts";

const closing: (() => Promise<void> | void)[] = [];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-doctor-"));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true });
});

const program = "setInterval(function(){},1e6);";

/** A simulated board without any lamp in its flash, at its own pace; returns where its console is. */
async function boardOn(place: "tcp" | "pty", board = "linux"): Promise<string> {
  const simulation = new Simulation({
    profile: loadProfile(board),
    bundle: "",
    lamp: { topic: "t", pin: "D2", activeLow: false, gamma: 1, button: undefined },
    network: { kind: "in-process", port: 1883 },
  });
  const stop = new AbortController();
  simulation.start();
  const running = simulation.runInRealTime(undefined, stop.signal);
  const console = place === "tcp" ? await serveConsoleOnTcp(simulation, 0) : await openConsolePty(simulation);
  closing.push(async () => {
    await console.close();
    stop.abort();
    await running;
    simulation.close();
  });
  return "path" in console ? console.path : `tcp://127.0.0.1:${console.port}`;
}

/** Puts a lamp into the board's flash, without starting it. */
async function install(place: string, text: string): Promise<void> {
  const at = new URL(place);
  const console = new BoardConsole(await openPort({ kind: "tcp", host: at.hostname, port: Number(at.port) }));
  await console.writeFile(".bootcde", Buffer.from(text, "latin1"));
  await console.close();
}

const consult = (more: Consultation) =>
  diagnose({
    set: ["mqtt.host=b", "wifi.ssid=Home"],
    board: "esp32-devkitc",
    about: ["bundle"],
    folder,
    ...more,
  });

describe("a simulated board", () => {
  test("without a lamp: flash one", async () => {
    const diagnosis = await consult({ boardPort: await boardOn("tcp", "esp32-devkitc") });
    expect(only(diagnosis, "port").status).toBe("ok");
    expect(only(diagnosis, "board").message).toMatch(/^Espruino 2v29\.277 on ESP32: no program/);
    expect(only(diagnosis, "bundle")).toEqual({
      status: "warning",
      message: "there is no lamp on the board",
      mend: "npx wick flash",
    });
  });

  test("with the lamp that was built last", async () => {
    const place = await boardOn("tcp", "esp32-devkitc");
    await install(place, program);
    mkdirSync(join(folder, "dist"));
    writeFileSync(join(folder, "dist/lamp.js"), program);
    const finding = only(await consult({ boardPort: place }), "bundle");
    expect(finding.message).toMatch(/^the board runs dist\/lamp\.js: \.bootcde, 30 bytes, [0-9a-f]{12}$/);
  });

  test("with another one", async () => {
    const place = await boardOn("tcp", "esp32-devkitc");
    await install(place, program);
    mkdirSync(join(folder, "dist"));
    writeFileSync(join(folder, "dist/lamp.js"), `${program};`);
    const finding = only(await consult({ boardPort: place }), "bundle");
    expect(finding).toMatchObject({
      status: "warning",
      mend: "to put that on the board: npx wick flash --file dist/lamp.js",
    });
    expect(finding.message).toMatch(
      /^the board runs another lamp \(\.bootcde, 30 bytes, [0-9a-f]{12}\) than dist\/lamp\.js$/,
    );
  });

  test("with the one that wick flash built, beside an older dist/lamp.js", async () => {
    const place = await boardOn("tcp", "esp32-devkitc");
    await install(place, program);
    const lamp = join(folder, "dist/lamp.js");
    mkdirSync(join(folder, "dist"));
    writeFileSync(lamp, `${program};`);
    const map = JSON.stringify({ version: 3, sources: [], names: [], mappings: "" });
    await keepBuild({ code: program, map }, { folder: join(folder, "dist/builds") });
    utimesSync(lamp, 0, 0);
    const finding = only(await consult({ boardPort: place }), "bundle");
    expect(finding.status).toBe("ok");
    expect(finding.message).toMatch(
      /^the board runs what was built here on 20\d\d-\d\d-\d\d \d\d:\d\d UTC: \.bootcde, 30 bytes, [0-9a-f]{12}$/,
    );
    utimesSync(lamp, new Date(), new Date("2199-01-01"));
    expect(only(await consult({ boardPort: place }), "bundle").message).toMatch(/than dist\/lamp\.js$/);
  });

  test("whose profile is not the one in the configuration", async () => {
    const finding = only(
      await consult({ boardPort: await boardOn("tcp", "esp32-devkitc"), board: "esp32-c3-supermini" }),
      "board",
    );
    expect(finding.status).toBe("failure");
    expect(finding.message).toMatch(/says that it is "ESP32"/);
    expect(finding.mend).toBeTruthy();
  });

  test("is asked by wick init too, and the port is free again afterwards", async () => {
    const place = await boardOn("pty", "esp32-devkitc");
    for (let time = 0; time < 2; time++)
      expect(await boardFinder.ask(place)).toMatchObject({
        board: "ESP32",
        said: expect.stringMatching(/^Espruino 2v29/),
      });
    expect(await boardFinder.ask("/dev/ttyUSB97")).toMatchObject({
      board: undefined,
      said: expect.stringMatching(/^there is no \/dev\/ttyUSB97/),
    });
  });

  test("on a pseudo-terminal", async () => {
    const place = await boardOn("pty", "esp32-devkitc");
    const diagnosis = await consult({ boardPort: place });
    expect(only(diagnosis, "port").message).toBe(`${place} can be opened`);
    expect(only(diagnosis, "board").status).toBe("ok");
  });
});

describe("no board there", () => {
  test("nobody listens", async () => {
    const place = `tcp://127.0.0.1:${await freePort()}`;
    const diagnosis = await consult({ boardPort: place });
    const finding = only(diagnosis, "port");
    expect(finding.message).toBe(`${place}: nothing listens on port ${new URL(place).port} there`);
    expect(finding.mend).toMatch(/telnet/);
    expect(only(diagnosis, "board").message).toBe('not looked at, because of "port"');
  });

  test.each<[Found, RegExp, RegExp]>([
    [{ kind: "silent" }, /^nothing answers on tcp/, /reset button/],
    [{ kind: "other", said: "login; please: " }, /is no Espruino/, /--port/],
    [{ kind: "rom-loader", said: "waiting for download" }, /waits in its boot loader/, /--espruino DIR/],
    [
      { kind: "empty-flash", said: "invalid header: 0xffffffff" },
      /has no program in its flash/,
      /--espruino DIR/,
    ],
    [{ kind: "locked", said: "Console Locked" }, /is locked by a password/, /npx wick monitor/],
    [{ kind: "boot-loop", restarts: 5, said: "rst:0x3" }, /starts over and over/, /power supply/],
    [{ kind: "garbled", unprintable: 0.6, said: "" }, /is no text/, /baud/],
  ])("%j is named, with what to do", async (found, message, mend) => {
    const mute = await serve(() => undefined);
    closing.push(() => mute.close());
    const surroundings = { identify: async () => found };
    const finding = only(await consult({ boardPort: `tcp://127.0.0.1:${mute.port}`, surroundings }), "board");
    expect(finding.status).toBe("failure");
    expect(finding.message).toMatch(message);
    expect(finding.mend).toMatch(mend);
  });

  test("what a board says may hold no secret of yours", async () => {
    const mute = await serve(() => undefined);
    closing.push(() => mute.close());
    const said = "connecting to Home with hidden-word";
    const surroundings = { identify: async (): Promise<Found> => ({ kind: "other", said }) };
    const place = `tcp://127.0.0.1:${mute.port}`;
    const set = ["mqtt.host=b", "wifi.ssid=Home", "wifi.password=hidden-word"];
    const finding = only(await consult({ boardPort: place, surroundings, set }), "board");
    expect(finding.message).toContain('it says "connecting to Home with (hidden)"');
  });

  test.each([
    [{ version: "2v25" }, /^Espruino 2v25 is on the board, and Wick is tested on 2v29$/, /--espruino DIR$/],
    [
      { variables: { free: 300, total: 16_383, blockBytes: 14 } },
      /^only 300 of 16383 variables are free/,
      /restart it/,
    ],
  ])("an Espruino with %j is a warning", async (own, message, mend) => {
    const mute = await serve(() => undefined);
    closing.push(() => mute.close());
    const found: Found = {
      kind: "espruino",
      version: "2v29.277",
      board: "ESP32",
      serial: "1234",
      packets: true,
      variables: { free: 15_000, total: 16_383, blockBytes: 14 },
      storage: { totalBytes: 917_504, freeBytes: 900_000, trashBytes: 0 },
      hashes: ["SHA256"],
      slot: undefined,
      files: [],
      bootCode: false,
      ...own,
    };
    const surroundings = { identify: async () => found };
    const finding = only(await consult({ boardPort: `tcp://127.0.0.1:${mute.port}`, surroundings }), "board");
    expect(finding).toMatchObject({ status: "warning", message: expect.stringMatching(message) });
    expect(finding.mend).toMatch(mend);
  });

  test("a board that goes away", async () => {
    const leaving = await serve((socket) => socket.once("data", () => socket.destroy()));
    closing.push(() => leaving.close());
    const finding = only(await consult({ boardPort: `tcp://127.0.0.1:${leaving.port}` }), "board");
    expect(finding.message).toMatch(/^the cable to tcp:\/\/127\.0\.0\.1:\d+ was lost$/);
    expect(finding.mend).toMatch(/another cable/);
  });

  test("a port that is written wrong", async () => {
    const finding = only(await consult({ boardPort: "ttyUSB0" }), "port");
    expect(finding).toMatchObject({
      status: "failure",
      message: 'unknown port "ttyUSB0" (did you mean "/dev/ttyUSB0"?)',
    });
    expect(finding.mend).toMatch(/^give a serial port such as/);
  });

  test("a serial port that is not there", async () => {
    const finding = only(await consult({ boardPort: "/dev/ttyUSB97" }), "port");
    expect(finding.message).toMatch(/^there is no \/dev\/ttyUSB97/);
    expect(finding.mend).toBeTruthy();
  });

  test("a lamp over the air is looked at on the broker", async () => {
    expect(only(await consult({ boardPort: "mqtt:home/office/lamp" }), "port")).toMatchObject({
      status: "skipped",
    });
  });
});

describe("no port in the configuration", () => {
  const usb: ListedPort = {
    path: "/dev/ttyUSB0",
    vendorId: "10c4",
    productId: "ea60",
    serialNumber: undefined,
    product: undefined,
    usb: { name: "CP210x" },
  } as ListedPort;

  test("nothing is plugged in", async () => {
    const finding = only(await consult({ surroundings: { listPorts: async () => [] } }), "port");
    expect(finding).toMatchObject({ status: "skipped", message: expect.stringContaining("no serial port") });
  });

  test("what is plugged in is named, and not opened unasked", async () => {
    const surroundings = { listPorts: async () => [usb], mayOpen: async () => true };
    const finding = only(await consult({ surroundings }), "port");
    expect(finding).toEqual({
      status: "skipped",
      message: "no flash.port in the configuration; a board may be on /dev/ttyUSB0: CP210x",
      mend: "to have it looked at: npx wick doctor --port /dev/ttyUSB0",
    });
  });

  test("a port that this user may not open", async () => {
    const surroundings = { listPorts: async () => [usb], mayOpen: async () => false };
    const findings = (await consult({ surroundings })).port ?? [];
    expect(findings[0]).toMatchObject({
      status: "warning",
      message: expect.stringContaining("may not open /dev/ttyUSB0"),
    });
    expect(findings[0]?.mend).toBeTruthy();
  });
});

test("the version that Wick is tested on is that of the recorded interpreter", () => {
  expect(testedVersion()).toBe("2v29");
});
