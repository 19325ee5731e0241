// Serial ports: the package serialport on pseudo-terminals of the simulated board, and the sentences for everything that keeps a port shut.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, openConsolePty, Pacer, VirtualClock } from "../sim/index.ts";
import { BoardConsole } from "../tools/console/board-console.ts";
import { identify } from "../tools/console/identify.ts";
import { PortGone } from "../tools/console/port.ts";
import type { ListedPort } from "../tools/ports/list.ts";
import { openPort } from "../tools/ports/open.ts";
import { openSerial } from "../tools/ports/serial.ts";
import { groupName, holdersIn, type Surroundings, serialFailure } from "../tools/ports/serial-failure.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The simulated board's console on a pseudo-terminal, in real time; skips the test where there is none. */
async function boardOnPty(skip: (why: string) => never, bundle = "") {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const board = createBoard({ profile: { name: "bench", wifi: false }, bundle, clock, network });
  const pty = await openConsolePty({ board, clock }).catch((error: Error) => skip(error.message));
  closing.push(() => pty.close());
  const pacer = new Pacer(clock);
  closing.push(() => pacer.stop());
  board.boot();
  pacer.start();
  return { board, clock, pty };
}

describe("a board on a serial line", () => {
  test("is identified, asked, and takes a file of all bytes", async (ctx) => {
    const { board, pty } = await boardOnPty(ctx.skip, "var lamp='on'");
    const port = await openPort({ kind: "serial", path: pty.path });
    closing.push(() => port.close());
    expect(port.name).toBe(pty.path);
    expect(port.reset, "a pseudo-terminal has no DTR and RTS").toBeUndefined();
    expect(await identify(port)).toMatchObject({ kind: "espruino", packets: true });
    const console = new BoardConsole(port);
    expect(await console.evaluate("lamp")).toBe("on");
    const content = Uint8Array.from({ length: 1500 }, (_, at) => at & 255);
    await console.writeFile("all", content);
    expect(board.storage.files.read("all")).toBe(String.fromCharCode(...content));
    expect(await console.readFile("all")).toEqual(content);
  });

  test("may be closed and opened again", async (ctx) => {
    const { pty } = await boardOnPty(ctx.skip);
    for (const number of [1, 2, 3]) {
      const port = await openSerial(pty.path);
      expect(await new BoardConsole(port).evaluate(`${number}+1`)).toBe(number + 1);
      await port.close();
      await port.close();
      await expect(port.write(Uint8Array.of(1))).rejects.toBeInstanceOf(PortGone);
    }
  });

  test("that is unplugged in the middle of a question ends it at once", async (ctx) => {
    const { pty } = await boardOnPty(ctx.skip);
    const port = await openSerial(pty.path);
    closing.push(() => port.close());
    const console = new BoardConsole(port);
    expect(await console.evaluate("1")).toBe(1);
    const gone = new Promise<string>((resolve) => port.onGone(resolve));
    // The answer to nothing: text without a line break is not run.
    await console.send("half a line");
    await pty.close();
    expect(await gone).toBeTruthy();
    await expect(console.evaluate("2")).rejects.toMatchObject({ code: "gone" });
  });

  test("that this program has open already is held", async (ctx) => {
    const { pty } = await boardOnPty(ctx.skip);
    const port = await openSerial(pty.path);
    closing.push(() => port.close());
    await expect(openSerial(pty.path)).rejects.toThrow(`${pty.path} is held by another program`);
  });
});

const listed = (path: string, name?: string): ListedPort => ({
  path,
  vendorId: undefined,
  productId: undefined,
  serialNumber: undefined,
  product: name,
  usb: undefined,
});

/** A computer with these ports. */
const computer = (differing: Partial<Surroundings> = {}): Surroundings => ({
  list: async () => [listed("/dev/ttyUSB0", "CP2102"), listed("/dev/ttyACM0")],
  groupOf: async () => "dialout",
  holders: async () => [],
  user: "ada",
  platform: "linux",
  ...differing,
});

const sentence = async (
  path: string,
  message: string,
  differing?: Partial<Surroundings>,
): Promise<string> => {
  const failure = await serialFailure(path, message, computer(differing));
  expect(failure.message).not.toContain("\n");
  return failure.message;
};

describe("a port that cannot be opened is said to be", () => {
  test("not there, beside those that are", async () => {
    expect(await sentence("/dev/ttyUSB1", "Error: No such file or directory, cannot open /dev/ttyUSB1")).toBe(
      'there is no /dev/ttyUSB1 (did you mean "/dev/ttyUSB0"?); the ports there are: /dev/ttyUSB0: CP2102; /dev/ttyACM0',
    );
    expect(await sentence("COM7", "Opening COM7: File not found", { platform: "win32" })).toContain(
      "there is no COM7; the ports there are:",
    );
  });

  test("not there, and no other either: cable and drivers", async () => {
    const none = { list: async () => [] };
    expect(await sentence("/dev/ttyUSB0", "Error: No such file or directory", none)).toMatch(
      /^there is no \/dev\/ttyUSB0, nor any other serial port: plug the board in; if the board is plugged in, the cable may be one that only charges, or the driver is missing \(CP210x: .*CH340/,
    );
  });

  test("forbidden, with the group of the device and the command that mends it", async () => {
    expect(await sentence("/dev/ttyUSB0", "Error: Permission denied, cannot open /dev/ttyUSB0")).toBe(
      "ada may not open /dev/ttyUSB0, which is for the group dialout: run `sudo usermod -aG dialout ada`, then log out and in again",
    );
    const uucp = { groupOf: async () => "uucp" };
    expect(await sentence("/dev/ttyUSB0", "Permission denied", uucp)).toContain("usermod -aG uucp ada");
    const root = { groupOf: async () => "root" };
    expect(await sentence("/dev/ttyUSB0", "Permission denied", root)).not.toContain("usermod");
  });

  test("held, by whom where that can be told", async () => {
    const screen = { holders: async () => ["screen (process 4711)"] };
    const message = "Error Resource temporarily unavailable Cannot lock port";
    expect(await sentence("/dev/ttyUSB0", message, screen)).toBe(
      "/dev/ttyUSB0 is held by screen (process 4711): close it and try again",
    );
    expect(await sentence("/dev/ttyUSB0", message)).toContain(
      "is held by another program (a terminal, an IDE",
    );
    expect(await sentence("COM3", "Opening COM3: Access denied", { platform: "win32" })).toContain(
      "is held by",
    );
  });

  test("no serial port", async () => {
    expect(
      await sentence("/etc/hosts", "Error: Inappropriate ioctl for device, cannot open /etc/hosts"),
    ).toContain("/etc/hosts is no serial port; the ports there are: /dev/ttyUSB0: CP2102");
  });

  test("whatever else the system says", async () => {
    expect(await sentence("/dev/ttyUSB0", "Input/output error")).toBe(
      "cannot open /dev/ttyUSB0: Input/output error",
    );
  });

  test.each(["/dev/ttyNoSuchPort9", "/etc/hostname"])("by the real package: %s", async (path) => {
    const message = await openSerial(path, 115_200, computer()).then(
      () => "it was opened",
      (error: Error) => error.message,
    );
    expect(message).toMatch(/^there is no |is no serial port; |^cannot open \/etc/);
  });
});

describe("what the computer tells", () => {
  test("the name of a group", () => {
    const groups = "root:x:0:\ndialout:x:20:ada,bob\nuucp:x:14:\n";
    expect(groupName(groups, 20)).toBe("dialout");
    expect(groupName(groups, 99)).toBeUndefined();
  });

  test("which programs have a device open", async () => {
    const proc = mkdtempSync(join(tmpdir(), "wick-proc-"));
    closing.push(() => rmSync(proc, { recursive: true }));
    const processes = { 10: "/dev/ttyUSB0", 11: "/dev/null", [process.pid]: "/dev/ttyUSB0" };
    for (const [id, device] of Object.entries(processes)) {
      mkdirSync(join(proc, id, "fd"), { recursive: true });
      writeFileSync(join(proc, id, "comm"), `program${id}\n`);
      symlinkSync(device, join(proc, id, "fd", "3"));
    }
    writeFileSync(join(proc, "version"), "");
    expect(await holdersIn(proc, "/dev/ttyUSB0")).toEqual(["program10 (process 10)"]);
  });

  test.runIf(process.platform === "linux")("a real one, of a program that holds a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wick-held-"));
    closing.push(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "device");
    const child: ChildProcess = spawn("sleep", ["60"], { stdio: ["ignore", openSync(file, "w"), "ignore"] });
    closing.push(() => child.kill("SIGKILL"));
    await new Promise((resolve) => child.once("spawn", resolve));
    expect(await holdersIn("/proc", file)).toEqual([`sleep (process ${child.pid})`]);
  });
});
