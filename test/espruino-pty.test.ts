// `--espruino DIR` from end to end: the package serialport opens a pseudo-terminal, at whose other end a bare board's ROM loader answers in real time.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openConsolePty } from "../sim/index.ts";
import { Simulation } from "../sim/simulation.ts";
import { Failure, UsageError } from "../tools/cli/errors.ts";
import { loadProfile } from "../tools/config/profile.ts";
import {
  type Asking,
  type EspruinoTeller,
  type FlashEspruinoOptions,
  flashEspruino,
} from "../tools/flash/espruino/command.ts";
import type { WriteStep } from "../tools/flash/espruino/write.ts";
import { boardWith, releaseFor } from "./fixtures/espruino-release.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The release for an ESP32, unpacked. */
function release(): string {
  const folder = mkdtempSync(join(tmpdir(), "wick-release-"));
  closing.push(() => rmSync(folder, { recursive: true }));
  for (const { path, bytes } of releaseFor("ESP32", 8000)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return folder;
}

/** Takes down what is told, and does with the board's buttons what is asked for. */
class Desk implements EspruinoTeller {
  readonly lines: string[] = [];
  readonly events: (Partial<WriteStep> & { readonly type?: string })[] = [];
  onDo: () => void = () => undefined;
  onWrite: () => void = () => undefined;

  readonly shares: number[] = [];

  say(text: string): void {
    this.lines.push(text);
  }
  event(event: object): void {
    this.events.push(event);
    if ("step" in event && event.step === "do") this.onDo();
    if ("step" in event && event.step === "write") this.onWrite();
  }
  uploading(): void {
    this.shares.push(0);
  }
  progress(written: number, total: number): void {
    this.shares.push(written / total);
  }
}

const { profile } = boardWith("ESP32");
const desk = (): Desk => new Desk();
const nobody: Asking = { isTerminal: false, confirm: () => Promise.reject(new Error("was asked")) };

/** A bare board in real time, ten times as fast, and its pseudo-terminal. */
async function bareBoard(skip: (why: string) => never) {
  try {
    createRequire(import.meta.url)("serialport");
  } catch {
    return skip("the package serialport is not there");
  }
  const simulation = new Simulation({
    profile,
    bundle: "",
    bare: true,
    lamp: { topic: "home/office/lamp", pin: "D2", activeLow: false, gamma: 2.2 },
    network: { kind: "in-process", port: 1883 },
  });
  closing.push(() => simulation.close());
  const pty = await openConsolePty(simulation).catch((error: Error) => skip(error.message));
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= pty.close());
  closing.push(close);
  simulation.start();
  simulation.pacer.start();
  simulation.pacer.speed = 10;
  return { board: simulation.board, pty: { path: pty.path, close } };
}

test("a bare board on a pseudo-terminal becomes one whose console answers", async (ctx) => {
  const { board, pty } = await bareBoard(ctx.skip);
  const teller = desk();
  teller.onDo = () => board.reset(board.chip?.state === "download" ? "program" : "loader");
  const written = await flashEspruino(
    { release: release(), profile, address: { kind: "serial", path: pty.path }, teller },
    nobody,
  );
  expect(written.espruino).toEqual({ version: "2v29.277", board: "ESP32" });
  expect(board.running).toBe(true);
  expect(teller.lines).toEqual([
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
  ]);
  expect([teller.shares[0], teller.shares.at(-1)]).toEqual([0, 1]);
  expect(new Set(teller.events.map(({ type }) => type))).toEqual(new Set(["espruino"]));
});

describe("in the middle of the writing", () => {
  const left = "the board may have no whole interpreter now:";
  const cases: Record<string, { gone: boolean; message: RegExp }> = {
    // The system has several words for it, depending on who notices first.
    "the port goes away: one line, and what to do": {
      gone: true,
      message: new RegExp(`^/dev/\\S+ is gone: [^;\n]+; ${left} plug it in and run it again$`),
    },
    "Ctrl-C ends it at once": { gone: false, message: new RegExp(`^stopped; ${left} run it again$`) },
  };
  for (const [what, { gone, message }] of Object.entries(cases)) {
    test(what, async (ctx) => {
      const { board, pty } = await bareBoard(ctx.skip);
      const teller = desk();
      const stop = new AbortController();
      teller.onDo = () => board.reset("loader");
      teller.onWrite = () => setImmediate(() => (gone ? void pty.close() : stop.abort()));
      const { signal } = stop;
      const address = { kind: "serial", path: pty.path } as const;
      await expect(
        flashEspruino({ release: release(), profile, address, teller, signal }, nobody),
      ).rejects.toThrow(message);
      expect(board.running).toBe(false);
    });
  }
});

describe("before the port is opened", () => {
  const options = (more: Partial<FlashEspruinoOptions>): FlashEspruinoOptions => ({
    release: release(),
    profile,
    address: { kind: "serial", path: "/dev/never-opened" },
    teller: desk(),
    ...more,
  });

  test("--erase without --yes is refused where nobody can be asked", async () => {
    await expect(flashEspruino(options({ erase: true }), nobody)).rejects.toThrow(
      new UsageError(
        "--erase erases all of the board's flash, with the lamp and whatever else is in its Storage; add --yes if that is meant, or leave --erase out",
      ),
    );
  });

  test("whoever answers no to the question has erased nothing", async () => {
    const asked: string[] = [];
    const asking: Asking = {
      isTerminal: true,
      confirm: async (question) => {
        asked.push(question);
        return false;
      },
    };
    await expect(flashEspruino(options({ erase: true }), asking)).rejects.toThrow(
      new Failure("nothing was erased, nothing written"),
    );
    expect(asked).toEqual([
      "Erase all of the board's flash, with the lamp and whatever else is in its Storage?",
    ]);
  });

  test("Bluetooth and MQTT are no way to the chip's loader", async () => {
    await expect(flashEspruino(options({ address: { kind: "ble", name: "Lamp" } }), nobody)).rejects.toThrow(
      /^--espruino needs a cable to the chip's own loader, which ble: is not/,
    );
  });

  test("a board whose interpreter is written by other means is named", async () => {
    await expect(flashEspruino(options({ profile: loadProfile("linux") }), nobody)).rejects.toThrow(
      /^--espruino: a linux is not written to by an ESP loader/,
    );
  });
});
