// Espruino is written onto a bare board through its ROM loader, by esptool-js over a cable of ours, all of it on the board's clock.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, describe, expect, test } from "vitest";
import type { Board } from "../sim/index.ts";
import { Simulation } from "../sim/simulation.ts";
import { Failure } from "../tools/cli/errors.ts";
import type { Port } from "../tools/console/port.ts";
import { chooseImages, type EspruinoImages } from "../tools/flash/espruino/images.ts";
import { md5 } from "../tools/flash/espruino/md5.ts";
import { type WriteEspruinoOptions, type WriteStep, writeEspruino } from "../tools/flash/espruino/write.ts";
import { boardWith, CHIP_NAMES, type ChipName, releaseFor } from "./fixtures/espruino-release.ts";
import { inBoardTime, type SimulatedPortOptions, simulatedPort } from "./fixtures/simulated-port.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface BenchOptions extends SimulatedPortOptions {
  chip?: ChipName;
  bare?: boolean;
  flashBytes?: number;
  /** Whether the cable has DTR and RTS, as USB adapters on boards have. Default true. */
  lines?: boolean;
}

/** A board that is switched on, a cable to it, and how to write onto it. */
async function bench({ chip = "ESP32", bare = true, flashBytes, lines = true, ...cable }: BenchOptions = {}) {
  const { profile, images } = boardWith(chip);
  const simulation = new Simulation({
    profile: { ...profile, images: { ...images, flashBytes: flashBytes ?? images.flashBytes } },
    bundle: "",
    bare,
    lamp: { topic: "home/office/lamp", pin: "D2", activeLow: false, gamma: 2.2 },
    network: { kind: "in-process", port: 1883 },
  });
  closing.push(() => simulation.close());
  const { board, clock } = simulation;
  let said = "";
  board.consolePort.onOutput((bytes) => {
    said += bytes;
  });
  simulation.start();
  await simulation.advance(1000);
  const plug = () => {
    const port = simulatedPort(simulation, { together: 128, ...cable });
    closing.push(() => port.close());
    const reset = async (into: "program" | "loader"): Promise<void> => board.reset(into);
    return lines ? Object.assign(port, { reset }) : port;
  };
  const steps: WriteStep[] = [];
  const write = async (port: Port, images: EspruinoImages, options: WriteEspruinoOptions = {}) => {
    const onStep = (step: WriteStep): void => {
      steps.push(step);
      options.onStep?.(step);
    };
    return inBoardTime(clock, writeEspruino(port, images, { clock, ...options, onStep }), 300_000);
  };
  const kinds = () => steps.map(({ step }) => step);
  return { simulation, board, clock, plug, write, steps, kinds, said: () => said };
}

const imagesFor = (chip: ChipName = "ESP32", firmwareBytes = 8000) =>
  chooseImages(releaseFor(chip, firmwareBytes), boardWith(chip).images, "RELEASE");

/** What `board` has in its flash where an image should be. */
function inFlash(board: Board, { regions }: EspruinoImages, role: string): string {
  const region = regions.find((one) => one.role === role);
  return md5(board.chip?.flash.read(region?.offset ?? 0, region?.bytes.length ?? 0) ?? new Uint8Array());
}

describe("a bare board", () => {
  test("says over and over that there is nothing in its flash", async () => {
    const { said, board } = await bench();
    expect(said()).toContain(
      "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\ninvalid header: 0xffffffff\r\n",
    );
    expect(said()).toContain("rst:0x10 (RTCWDT_RTC_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n");
    expect(board.running).toBe(false);
  });

  for (const chip of CHIP_NAMES) {
    test(`with an ${chip} becomes one that runs Espruino, and its console answers`, async () => {
      const { board, clock, plug, write, kinds } = await bench({ chip });
      const images = await imagesFor(chip);
      const progress: number[] = [];
      const written = await write(plug(), images, {
        onProgress: (done, total) => progress.push(done / total),
      });
      expect(written.espruino.board).toBe(boardWith(chip).profile.interpreter.boards[0]);
      expect(written.flashBytes).toBe(boardWith(chip).images.flashBytes);
      expect(written.mac).toMatch(/^24:0a:c4(:[0-9a-f]{2}){3}$/);
      expect(kinds().slice(0, 3)).toEqual(["connect", "chip", "write"]);
      expect(kinds()).not.toContain("do");
      expect(board.running).toBe(true);
      expect(inFlash(board, images, "firmware")).toBe(
        written.regions.find(({ role }) => role === "firmware")?.md5,
      );
      expect(progress).toEqual(progress.toSorted((one, other) => one - other));
      expect(progress.at(-1)).toBe(1);
      // And after every power cut.
      board.powerOff();
      board.boot();
      await clock.advance(1000);
      expect(board.running).toBe(true);
    });
  }

  test("is written only where the images belong; Storage stays as it is", async () => {
    const { board, plug, write } = await bench();
    board.storage.files.write("kept", "value");
    await write(plug(), await imagesFor());
    const sectors = board.chip?.flash.touched.map(({ from, to }) => [from, to]);
    expect(sectors).toEqual([
      [0x1000, 0x2000],
      [0x8000, 0x9000],
      [0x10000, 0x12000],
    ]);
    expect(board.storage.files.read("kept")).toBe("value");
  });

  test("is erased whole when that is asked for, Storage included", async () => {
    const { board, plug, write, kinds } = await bench();
    board.storage.files.write("kept", "value");
    const written = await write(plug(), await imagesFor(), { erase: true });
    expect(written.erased).toBe(true);
    expect(kinds()).toContain("erase");
    expect(board.storage.files.read("kept")).toBeUndefined();
    expect(board.running).toBe(true);
  });

  test("that has all of it already is not written again", async () => {
    const { board, plug, write, kinds } = await bench();
    const port = plug();
    await write(port, await imagesFor());
    const before = board.chip?.loader.received;
    const written = await write(port, await imagesFor());
    expect(written.regions.map(({ unchanged }) => unchanged)).toEqual([true, true, true]);
    expect(kinds().filter((kind) => kind === "unchanged")).toHaveLength(3);
    expect(board.chip?.loader.received).toBe(before);
  });
});

describe("on a cable without DTR and RTS", () => {
  test("the user is told which buttons to press, and when", async () => {
    const { board, clock, plug, write, steps } = await bench({ lines: false });
    const press = (into: "loader" | "program") => clock.schedule(clock.now() + 3000, () => board.reset(into));
    const { espruino } = await write(plug(), await imagesFor(), {
      onStep: ({ step }) => {
        if (step === "do") press(board.chip?.state === "download" ? "program" : "loader");
      },
    });
    expect(espruino.board).toBe("ESP32");
    expect(steps.filter(({ step }) => step === "do")).toEqual([
      {
        step: "do",
        what: "Hold BOOT (GPIO0), press and let go EN (RST), then let go BOOT",
        withinMs: 60_000,
      },
      { step: "do", what: "Press EN (RST) on the board", withinMs: 60_000 },
    ]);
  });

  test("a board whose boot button is held when its power comes waits for a download", async () => {
    const { board, clock, plug, write, said } = await bench({ lines: false });
    board.pins.drive("D0", 0);
    board.powerOff();
    board.boot();
    board.pins.release("D0");
    await clock.advance(100);
    expect(said()).toMatch(
      /boot:0x3 \(DOWNLOAD_BOOT\(UART0\/UART1\/SDIO_REI_REO_V2\)\)\r\nwaiting for download\r\n$/,
    );
    await write(plug(), await imagesFor(), {
      onStep: ({ step }) => {
        if (step === "do") board.reset("program");
      },
    });
    expect(board.running).toBe(true);
  });

  test("nobody presses: it ends after the time that was said, with what the board said", async () => {
    const { plug, write } = await bench({ lines: false });
    await expect(write(plug(), await imagesFor(), { buttonMs: 5000 })).rejects.toThrow(
      new Failure(
        "no loader answers on simulated within 5 s (it said: invalid header: 0xffffffff); hold BOOT (GPIO0), press and let go EN (RST), then let go BOOT, and run it again",
      ),
    );
  });
});

describe("ends in one line and leaves the board as it was", () => {
  test("when the chip is another one than the profile's", async () => {
    const { board, plug, write } = await bench({ chip: "ESP32-C3" });
    await expect(write(plug(), await imagesFor("ESP32"))).rejects.toThrow(
      new Failure(
        "the chip on simulated is an ESP32-C3, the profile is of a board with the ESP32; nothing was written: choose the board with --board, see npx wick boards",
      ),
    );
    expect(board.chip?.flash.touched).toEqual([]);
  });

  test("when the flash is too small for Espruino and its Storage", async () => {
    const { board, plug, write } = await bench({ flashBytes: 0x200000 });
    await expect(write(plug(), await imagesFor())).rejects.toThrow(
      /^the flash of the board on simulated has 2 MB, this Espruino needs 4 MB; nothing was written/,
    );
    expect(board.chip?.flash.touched).toEqual([]);
  });

  test("when the user stops it before it has begun", async () => {
    const { board, plug, write } = await bench();
    const signal = AbortSignal.abort();
    await expect(write(plug(), await imagesFor(), { signal })).rejects.toThrow(
      new Failure("stopped; nothing was written: run it again"),
    );
    expect(board.chip?.flash.touched).toEqual([]);
  });
});

describe("ends in one line that says what to do, and a second try heals it", () => {
  const firmwareBegun = (kinds: WriteStep, role: string) =>
    kinds.step === "write" && kinds.region.role === role;

  test("when the cable is pulled in the middle", async () => {
    const { board, clock, plug, write } = await bench();
    const port = plug();
    const images = await imagesFor();
    const pulled = write(port, images, {
      onStep: (step) => {
        if (firmwareBegun(step, "firmware")) clock.schedule(clock.now() + 400, () => port.pull());
      },
    });
    await expect(pulled).rejects.toThrow(
      new Failure(
        "simulated is gone: the cable was pulled; the board may have no whole interpreter now: plug it in and run it again",
      ),
    );
    board.powerOff();
    board.boot();
    await clock.advance(1000);
    expect(board.running).toBe(false);
    const { regions } = await write(plug(), images);
    expect(regions.map(({ role, unchanged }) => `${role} ${unchanged}`)).toEqual([
      "bootloader true",
      "partition-table true",
      "firmware false",
    ]);
    expect(board.running).toBe(true);
  });

  test("when the power goes in the middle", async () => {
    const { board, plug, write } = await bench();
    const images = await imagesFor();
    const port = plug();
    board.chip?.flash.flash.cutAfterBytes(10_000);
    await expect(write(port, images)).rejects.toThrow(
      /^the chip on simulated did not let Wick write at 0x10000/,
    );
    expect(board.chip?.state).toBe("off");
    board.boot();
    await write(port, images);
    expect(board.running).toBe(true);
  });

  test("when what is in the flash is not what was sent", async () => {
    const { board, plug, write } = await bench();
    const images = await imagesFor();
    const wanted = images.regions.find(({ role }) => role === "firmware")?.bytes ?? new Uint8Array();
    const at = wanted.findIndex((byte, index) => index > 5000 && (byte & 1) === 1);
    board.chip?.flash.wearOut(0x10000 + at, 1);
    await expect(write(plug(), images)).rejects.toThrow(
      /^what the board on simulated has at 0x10000 is not espruino_2v29_esp32\/espruino_esp32.bin: its MD5 is [0-9a-f]{32} instead of [0-9a-f]{32}; try again with another cable/,
    );
    board.chip?.flash.wearOut(0x10000 + at, 0);
    await write(plug(), images);
    expect(board.running).toBe(true);
  });
});

test("a cable that garbles a block is found by the loader's checksum, and the block is sent again", async () => {
  let sent = 0;
  // A byte of the firmware's first block, once.
  const toBoard = (bytes: string): string => {
    const before = sent;
    sent += bytes.length;
    const at = 17_000 - before;
    if (at < 0 || at >= bytes.length) return bytes;
    return bytes.slice(0, at) + String.fromCharCode(bytes.charCodeAt(at) ^ 0x04) + bytes.slice(at + 1);
  };
  const { board, plug, write } = await bench({ toBoard });
  await write(plug(), await imagesFor());
  expect(board.running).toBe(true);
  expect(board.chip?.loader.refused.get("checksum")).toBe(1);
});

test("what writes runs in a browser too: it asks for nothing of Node", async () => {
  const entry = fileURLToPath(new URL("../tools/flash/espruino/write.ts", import.meta.url));
  const { outputFiles, warnings } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
  });
  expect(warnings).toEqual([]);
  expect(outputFiles[0]?.text).not.toMatch(/(?:from|import) ?"node:/);
});
