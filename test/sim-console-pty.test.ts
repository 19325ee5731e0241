// The simulated board's console as a pseudo-terminal: every byte both ways, programs that come and go, and nothing left open.
import { spawnSync } from "node:child_process";
import { closeSync, constants, existsSync, openSync, readdirSync, readlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ReadStream } from "node:tty";
import { afterEach, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, openConsolePty, Pacer, VirtualClock } from "../sim/index.ts";
import { Heard, until } from "./fixtures/heard.ts";
import { packet } from "./vectors/console-sessions.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A board that is on, and its pseudo-terminal; skips the test where there is none. */
async function bench(skip: (why: string) => never, bundle = "") {
  const clock = new VirtualClock();
  const profile = { name: "bench", wifi: false };
  const board = createBoard({ profile, bundle, clock, network: new LoopbackNetwork(clock) });
  board.boot();
  const console = await openConsolePty({ board, clock }).catch((error: Error) => skip(error.message));
  closing.push(() => console.close());
  return { board, clock, console };
}

/** The line as a program opens it, and what it hears. */
function program(path: string): { line: ReadStream; heard: Heard } {
  const line = new ReadStream(openSync(path, constants.O_RDWR | constants.O_NOCTTY));
  closing.push(() => line.destroy());
  const heard = new Heard();
  line.on("data", (data: Buffer) => heard.add(data.toString("latin1")));
  return { line, heard };
}

test("every byte passes as it is, both ways: a file of all bytes goes there and comes back", async (ctx) => {
  const { board, clock, console } = await bench(ctx.skip);
  const pacer = new Pacer(clock);
  closing.push(() => pacer.stop());
  pacer.start();
  const { line, heard } = program(console.path);
  const everyByte = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));
  const sent = packet(3, "{fn:'all',s:256}") + packet(4, everyByte) + packet(5, "{fn:'all'}");
  line.write(Buffer.from(sent, "latin1"));
  await heard.find((text) => text.endsWith(packet(4, everyByte) + packet(4, "")), "the file");
  expect(board.storage.files.read("all")).toBe(everyByte);
});

test("programs open and close it as they like", async (ctx) => {
  const { board, clock, console } = await bench(ctx.skip);
  for (const number of [1, 2, 3]) {
    const line = openSync(console.path, constants.O_WRONLY | constants.O_NOCTTY);
    writeSync(line, `\x10print('number ${number}')\n`);
    closeSync(line);
    const isPrinted = (): boolean => board.console.includes(`number ${number}`);
    await until(
      isPrinted,
      `number ${number}`,
      () => board.console,
      () => clock.advance(1),
    );
  }
  expect(spawnSync("test", ["-c", console.path]).status).toBe(0);
});

test.runIf(existsSync("/proc/self/fd"))("nothing of it stays open", async (ctx) => {
  const terminals = (): number =>
    readdirSync("/proc/self/fd").filter((descriptor) => {
      try {
        return /^\/dev\/(?:pts\/|ptmx)/.test(readlinkSync(join("/proc/self/fd", descriptor)));
      } catch {
        // The one that read the folder.
        return false;
      }
    }).length;
  const before = terminals();
  const { console } = await bench(ctx.skip);
  expect(terminals()).toBeGreaterThan(before);
  await Promise.all([console.close(), console.close()]);
  expect(terminals()).toBe(before);
});

test("a board that prints on while nobody reads goes on; only what is old is lost", async (ctx) => {
  const { board, clock, console } = await bench(
    ctx.skip,
    "var n=0;setInterval(()=>print('line '+(++n)+' of many'),1)",
  );
  await clock.advance(20_001);
  expect(board.console).toContain("line 19999 of many");
  const { heard } = program(console.path);
  await heard.find(
    (text) => text.includes("line 1 of many") && text.includes("line 19999 of many"),
    "the first line and the last",
  );
});
