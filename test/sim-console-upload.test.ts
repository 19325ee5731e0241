// The espruino command-line tool, as it comes, puts the lamp on an empty simulated board; the board then boots from it.
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { EmbeddedBroker, openConsolePty, serveConsoleOnTcp } from "../sim/index.ts";
import { Simulation } from "../sim/simulation.ts";
import { until } from "./fixtures/heard.ts";
import { lampBundle, port, topic } from "./fixtures/traced-lamp.ts";

const fromTool = createRequire(import.meta.resolve("espruino"));
const tool = fromTool.resolve("./bin/espruino-cli.js");

let lamp: Awaited<ReturnType<typeof lampBundle>>;
beforeAll(async () => {
  lamp = await lampBundle();
});

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A board with nothing on it, running in real time, beside a broker. */
async function emptyBoard() {
  const broker = await EmbeddedBroker.create();
  const simulation = new Simulation({
    profile: lamp.config.profile,
    bundle: "",
    lamp: { topic, pin: "D2", activeLow: false, gamma: 2.2 },
    network: { kind: "in-process", broker, port },
  });
  closing.push(() => broker.close());
  closing.push(() => simulation.close());
  simulation.start();
  simulation.pacer.start();
  const { board } = simulation;
  return { broker, simulation, board };
}

/** Ends by itself when the tool does, or after `withinMs`. */
function ended(child: ChildProcess, withinMs: number): Promise<{ code: number | null; output: string }> {
  let output = "";
  child.stdout?.on("data", (text) => (output += text));
  child.stderr?.on("data", (text) => (output += text));
  return new Promise((resolve) => {
    const tooLate = setTimeout(() => child.kill("SIGKILL"), withinMs);
    child.on("close", (code) => {
      clearTimeout(tooLate);
      resolve({ code, output });
    });
  });
}

/**
 * Uploads the lamp "direct to flash". The tool looks up a board it has found on the web, here in a folder with what it would find, and
 * lists serial ports by asking udev, whose place a script takes: udev knows no pseudo-terminals.
 */
async function upload(where: string): Promise<{ code: number | null; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), "wick-upload-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, "latin1");
    return join(folder, name);
  };
  const bundle = file("lamp.js", lamp.bundle);
  file("ESP32.json", JSON.stringify({ info: { builtin_modules: ["Storage", "net", "Wifi"] } }));
  chmodSync(
    file("udevadm", `#!/bin/sh\nprintf 'P: /devices/board\\nN: ttyUSB0\\nE: DEVNAME=${where}\\n'\n`),
    0o755,
  );
  const settings = { SAVE_ON_SEND: 1, BOARD_JSON_URL: folder, STORAGE_UPLOAD_METHOD: 1 };
  const options = Object.entries(settings).flatMap(([name, value]) => ["--config", `${name}=${value}`]);
  const child = spawn(process.execPath, [tool, "--no-ble", "-b", "115200", "-p", where, ...options, bundle], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  });
  return ended(child, 80_000);
}

/** Given the lamp was uploaded, the board runs it now and after every power cut. */
async function expectLampOnBoard({ broker, simulation, board }: Awaited<ReturnType<typeof emptyBoard>>) {
  const saved = () => board.storage.files.read(".bootcde")?.trimEnd();
  // When the tool ends, its last bytes may still be on the cable.
  await until(() => saved() === lamp.bundle.trimEnd(), "the lamp in Storage", saved);
  simulation.pacer.stop();
  for (const level of [1, 0]) {
    await simulation.advance(10_000);
    await broker.publish(topic, level ? "on" : "off", { qos: 1 });
    await simulation.advance(2_000);
    expect(board.pins.value("D2")).toBe(level);
    simulation.powerCut(500);
  }
}

describe("espruino, the command-line tool, uploads the lamp and the board boots from it", () => {
  test("over TCP", async () => {
    const empty = await emptyBoard();
    const console = await serveConsoleOnTcp(empty.simulation, 0);
    closing.push(() => console.close());
    const { code, output } = await upload(`tcp://127.0.0.1:${console.port}`);
    expect(output).toContain("Upload Complete");
    expect(output).not.toMatch(/error|Uncaught/i);
    expect(code).toBe(0);
    await expectLampOnBoard(empty);
  });

  test("over a pseudo-terminal, which it takes for a serial port", async (ctx) => {
    try {
      createRequire(tool)("serialport");
    } catch {
      return ctx.skip("the serialport module of the espruino tool is not built for this machine");
    }
    const empty = await emptyBoard();
    const console = await openConsolePty(empty.simulation).catch((error: Error) => ctx.skip(error.message));
    closing.push(() => console.close());
    const { code, output } = await upload(console.path);
    expect(output).toContain("Upload Complete");
    expect(output).not.toMatch(/error|Uncaught/i);
    expect(code).toBe(0);
    await expectLampOnBoard(empty);
  });
});
