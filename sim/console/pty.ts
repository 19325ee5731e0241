/** The board's console as a serial port of this computer: a pseudo-terminal that screen, serialport and uploaders open by its path. */
import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { ReadStream } from "node:tty";
import { Inlet } from "./inlet.ts";
import type { ConsoleOwner } from "./tcp.ts";

export interface PtyConsole {
  /** Such as `/dev/pts/5`. */
  readonly path: string;
  /** May be called twice. */
  close(): Promise<void>;
}

/** More than this is not read from the pseudo-terminal before it has gone over the line. */
const MOST_WAITING = 4096;

/** So much of what the board says waits for a program that reads slowly, or not at all; what is older is lost, as on a serial line. */
const MOST_UNREAD = 4096;
/** How soon it is tried again, in ms. */
const AGAIN_MS = 20;

/**
 * The native part of node-pty. What its `open` adds is a stream of the line's other end, of which Node closes a copy of the descriptor only:
 * the descriptor itself would stay open for ever.
 */
interface NativePty {
  open(
    columns: number,
    rows: number,
  ): { readonly master: number; readonly slave: number; readonly pty: string };
}

const NO_LIBRARY =
  "a pseudo-terminal needs the package @lydell/node-pty: run npm install (without --omit=optional), or use --console tcp:2323";

/**
 * Opens a pseudo-terminal whose far end is the board's console. Programs may open and close it as they like; it outlives restarts of the board.
 * What is sent arrives at 115,200 baud of board time, or at what a loader was told.
 * @throws Error in one sentence where the library is missing.
 */
export async function openConsolePty({ board, clock }: ConsoleOwner): Promise<PtyConsole> {
  const { path, master, descriptor, release } = openPair();
  const outlet = new Outlet(descriptor);
  const port = board.consolePort;
  const detach = clock.attachOutside();
  const inlet = new Inlet(port, clock, { serial: true });
  const stopOutput = port.onOutput((bytes) => outlet.write(Buffer.from(bytes, "latin1")));
  // From then on the number of the descriptor may be that of another file.
  const closed = new Promise<void>((resolve) => {
    master.once("close", () => {
      silence();
      resolve();
    });
  });
  inlet.onDrained = () => master.resume();
  master.on("data", (data: Buffer) => {
    clock.fromOutside(() => {
      inlet.write(data.toString("latin1"));
      if (inlet.backlog > MOST_WAITING) master.pause();
    });
  });
  let closing: Promise<void> | undefined;
  return {
    path,
    close() {
      closing ??= end();
      return closing;
    },
  };

  async function end(): Promise<void> {
    silence();
    inlet.close();
    detach();
    master.destroy();
    await closed;
    release();
  }

  /** Nothing is written to the terminal any more. */
  function silence(): void {
    stopOutput();
    outlet.close();
  }
}

/**
 * Writes into the terminal without ever waiting. The stream's own `write` waits, and the whole process with it, while the terminal is full and
 * nobody reads: libuv writes to the master of a pseudo-terminal only that way. node-pty has made the descriptor a non-blocking one.
 */
class Outlet {
  private unread: Buffer = Buffer.alloc(0);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly descriptor: number;

  constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  write(bytes: Buffer): void {
    this.unread = this.unread.length === 0 ? bytes : Buffer.concat([this.unread, bytes]);
    if (this.timer === undefined) this.flush();
    if (this.unread.length > MOST_UNREAD) this.unread = this.unread.subarray(-MOST_UNREAD);
  }

  close(): void {
    clearTimeout(this.timer);
    this.unread = Buffer.alloc(0);
  }

  private flush(): void {
    this.timer = undefined;
    try {
      while (this.unread.length > 0)
        this.unread = this.unread.subarray(writeSync(this.descriptor, this.unread));
    } catch (error) {
      // Where the terminal itself broke there is nobody left to tell.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") this.unread = Buffer.alloc(0);
    }
    if (this.unread.length === 0) return;
    this.timer = setTimeout(() => this.flush(), AGAIN_MS);
    this.timer.unref();
  }
}

function openPair(): { path: string; master: ReadStream; descriptor: number; release: () => void } {
  let native: NativePty;
  try {
    native = createRequire(import.meta.url)("@lydell/node-pty/requireBinary.js").requireBinary("pty.node");
  } catch {
    throw new Error(NO_LIBRARY);
  }
  const { master: descriptor, slave, pty: path } = native.open(80, 24);
  // A reading end of our own would take what is meant for the programs that open the path. Only held open, it keeps them from hanging up the line.
  // Unlike the one that came with it, no program started from here inherits it.
  const line = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  closeSync(slave);
  makeRaw(path);
  const master = new ReadStream(descriptor);
  // Nothing more can be done when the terminal breaks; "close" follows.
  master.on("error", () => undefined);
  return { path, master, descriptor, release: () => closeSync(line) };
}

/** No echo, no line editing and no control characters by the kernel: every byte passes as it is. */
function makeRaw(path: string): void {
  const flag = process.platform === "darwin" ? "-f" : "-F";
  const done = spawnSync("stty", [flag, path, "raw", "-echo"], { stdio: "ignore" });
  if (done.status === 0) return;
  // Without stty, as raw as Node makes it: "\n" then goes out as "\r\n" for programs that do not set the line themselves.
  const stream = new ReadStream(openSync(path, constants.O_RDWR | constants.O_NOCTTY));
  stream.setRawMode(true);
  stream.destroy();
}
