// `wick flash --espruino DIR` as a user types it, a process of its own: a bare board on a pseudo-terminal gets the interpreter and then the lamp.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { EmbeddedBroker, openConsolePty } from "../sim/index.ts";
import { Simulation } from "../sim/simulation.ts";
import { boardWith, type ChipName, releaseFor } from "./fixtures/espruino-release.ts";
import { lampBundle, topic } from "./fixtures/traced-lamp.ts";
import { startWick } from "./fixtures/wick-process.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function folderOf(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `wick-${name}-`));
  closing.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** An unpacked release of Espruino for this chip, as a user has it. */
function release(chip: ChipName): string {
  const folder = folderOf("release");
  for (const { path, bytes } of releaseFor(chip, 8000)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

/** A bare board in real time beside a broker, with a serial port that has no lines for a reset, and a user who obeys what the terminal says. */
async function bareBoard(chip: ChipName, skip: (why: string) => never) {
  try {
    createRequire(import.meta.url)("serialport");
  } catch {
    return skip("the package serialport is not there");
  }
  const broker = await EmbeddedBroker.create();
  closing.push(() => broker.close());
  const port = await broker.listen(0);
  const simulation = new Simulation({
    ...{ profile: boardWith(chip).profile, bundle: "", bare: true },
    lamp: { topic, pin: "D2", activeLow: false, gamma: 2.2 },
    network: { kind: "in-process", broker, port },
  });
  closing.push(() => simulation.close());
  const pty = await openConsolePty(simulation).catch((error: Error) => skip(error.message));
  closing.push(() => pty.close());
  simulation.start();
  simulation.pacer.start();
  const { board } = simulation;
  const { bundle } = await lampBundle({ "mqtt.port": port });
  const folder = folderOf("flash");
  writeFileSync(join(folder, "lamp.js"), bundle, "latin1");
  const flash = (options: readonly string[]) => {
    const wick = startWick(
      [
        ...["flash", "--port", pty.path, "--file", "lamp.js", "--no-monitor"],
        ...["--board", "esp32-devkitc", "--set", "wifi.ssid=attic", "--set", "wifi.password=under the roof"],
        ...["--set", "mqtt.host=127.0.0.1", "--set", `mqtt.port=${port}`, ...options],
      ],
      { folder, withinMs: 150_000 },
    );
    wick.onLine((line) => {
      if (/Hold BOOT/.test(line)) board.reset("loader");
      if (/Press EN/.test(line)) board.reset("program");
    });
    return wick.ended;
  };
  return { board, broker, port, pty, bundle, flash };
}

describe("wick flash --espruino", { timeout: 320_000 }, () => {
  test("a bare board gets Espruino and then the lamp; once more, nothing of it is written again", async (context) => {
    const { board, broker, bundle, port, pty, flash } = await bareBoard("ESP32", context.skip);
    const told: string[] = [];
    broker.onPublication(({ topic: name, payload }) => name === topic && told.push(payload));
    const first = await flash(["--espruino", release("ESP32")]);
    expect({ ...first, out: "" }, first.out).toEqual({ code: 0, out: "", error: "" });
    const lines = first.out.split("\n");
    // How many lines tell of bytes depends on how quick they are.
    expect(lines.filter((line) => !/^(?:lamp\.js has )?[\d,]+ of [\d,]+ bytes/.test(line))).toEqual([
      expect.stringMatching(
        /^note: .* mqtt\.host is 127\.0\.0\.1, which for a board on Wi-Fi is the board itself/,
      ),
      `Port: ${pty.path}`,
      "The chip has no program in its flash",
      "Espruino 2v29 for the ESP32. The release brings no checksum file; the images' own checksums are right.",
      "Looking for the chip's loader …",
      "Hold BOOT (GPIO0), press and let go EN (RST), then let go BOOT. (Within 60 s.)",
      "ESP32-D0WD-V3 (revision 3), 24:0a:c4:37:79:b1, 4 MB of flash; Storage (0x320000 to 0x400000) is left alone",
      "0x1000 espruino_2v29_esp32/bootloader.bin, 3072 bytes",
      "0x8000 espruino_2v29_esp32/partitions_espruino.bin, 3072 bytes",
      "0x10000 espruino_2v29_esp32/espruino_esp32.bin, 8080 bytes",
      "Restarting the board …",
      "Press EN (RST) on the board. (Within 60 s.)",
      `Espruino 2v29.277 answers on ${pty.path}`,
      "Espruino 2v29.277 on ESP32: no program, its Storage is empty, 917,504 bytes of Storage are free",
      "Writing lamp.a",
      "The board's own hash of it is right; it is chosen; restarting the board",
      expect.stringMatching(/^lamp\.a runs, with \d+ of 16,383 variables; [\d.]+ s in all$/),
      `Waiting for the lamp at mqtt://127.0.0.1:${port}`,
      expect.stringMatching(
        /^The lamp is online: it answered on home\/office\/lamp after [\d.]+ s, blinked, and is off$/,
      ),
      "Try this in another terminal:",
      `mosquitto_pub -h 127.0.0.1 -p ${port} -t ${topic} -m on`,
      `npx mqtt pub -h 127.0.0.1 -p ${port} -t ${topic} -m on`,
      "",
    ]);
    expect(told).toEqual(["on", "off"]);
    expect(board.storage.files.read("lamp.a")).toBe(bundle);

    const written = board.chip?.flash.touched.length;
    const second = await flash(["--espruino", release("ESP32"), "--json"]);
    expect(second.code, second.error).toBe(0);
    const events = second.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const steps = events.filter(({ type }) => type === "espruino").map(({ step, file }) => file ?? step);
    expect(steps).toEqual([
      ...["connect", "do", "chip"],
      "espruino_2v29_esp32/bootloader.bin",
      "espruino_2v29_esp32/partitions_espruino.bin",
      "espruino_2v29_esp32/espruino_esp32.bin",
      ...["restart", "do"],
    ]);
    expect(events.filter(({ step }) => step === "unchanged")).toHaveLength(3);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "installed", slot: "a", uploaded: false, verifiedBy: "sha256" }),
    );
    expect(events.at(-1)).toEqual({
      ...{ type: "online", broker: `mqtt://127.0.0.1:${port}`, topic, state: "off" },
    });
    expect(board.chip?.flash.touched.length).toBe(written);
    expect(second.out + second.error + first.out).not.toContain("under the roof");
  });

  test("another chip than the board's: exit code 1, one line, and nothing is written", async (context) => {
    const { board, pty, flash } = await bareBoard("ESP32-C3", context.skip);
    const { code, out, error } = await flash(["--espruino", release("ESP32"), "--quiet", "--json"]);
    expect({ code, error }, out).toEqual({
      code: 1,
      error: `the chip on ${pty.path} is an ESP32-C3, the profile is of a board with the ESP32; nothing was written: choose the board with --board, see npx wick boards\n`,
    });
    const steps = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .map(({ type, kind, step }) => step ?? `${type}: ${kind}`);
    expect(steps).toEqual(["board: empty-flash", "connect", "do"]);
    expect(board.chip?.flash.touched).toEqual([]);
  });

  test("what can be said without the board is said before its port is opened, in one line", async () => {
    const folder = folderOf("flash");
    writeFileSync(join(folder, "lamp.js"), "0;");
    const images = release("ESP32");
    const others = release("ESP8266");
    const needed =
      "bootloader.bin, partitions_espruino.bin, espruino_esp32.bin, from the release of espruino.com";
    const mistakes: [options: string[], code: number, error: string][] = [
      [
        ["--espruino", "nowhere"],
        2,
        "--espruino nowhere does not exist; name a folder, .tgz or .zip with a release from espruino.com/binaries",
      ],
      [
        ["--espruino", "lamp.js"],
        2,
        "--espruino lamp.js is neither a folder nor a .tgz, .tar or .zip; name one with a release of Espruino",
      ],
      [
        ["--espruino", others, "--json"],
        2,
        `${others} holds no Espruino for the ESP32; needed are ${needed}`,
      ],
      [
        ["--espruino", images, "--erase"],
        2,
        "--erase erases all of the board's flash, with the lamp and whatever else is in its Storage; add --yes if that is meant, or leave --erase out",
      ],
      [
        ["--espruino", images, "--port", "mqtt:home/office/lamp"],
        2,
        "--espruino needs a cable, and --port mqtt: has none; name one, such as --port /dev/ttyUSB0",
      ],
    ];
    const settings = [
      ...["flash", "--quiet", "--no-monitor", "--board", "esp32-devkitc", "--file", "lamp.js"],
      ...["--set", "wifi.ssid=attic", "--set", "mqtt.host=127.0.0.1", "--port", "/dev/never-opened"],
    ];
    const all = mistakes.map(
      ([options]) => startWick([...settings, ...options], { folder, withinMs: 150_000 }).ended,
    );
    expect(await Promise.all(all)).toEqual(
      mistakes.map(([, code, error]) => ({ code, out: "", error: `${error}\n` })),
    );
  });
});
