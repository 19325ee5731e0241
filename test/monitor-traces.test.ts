// Errors of a lamp that a loader started from Storage, on the simulated board's console: as the interpreter tells them, byte for byte.
import { execFile, spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, MemoryStorage, VirtualClock } from "../sim/index.ts";
import { loadProfile } from "../tools/config/profile.ts";
import { freshFolder, latin1Literal } from "./drivers/espruino-process.ts";
import { failingPrograms, failingProgramsMs, GREETER_PORT } from "./vectors/stored-errors.ts";

const recorded = JSON.parse(
  readFileSync(new URL("vectors/stored-errors.json", import.meta.url), "utf8"),
) as Record<string, string>;

/** Any loader: the place of its end stands in the recordings. */
const loader = 'eval(function(s){return s.read("lamp.a")||""}(require("Storage")))';

/** Five digits, so that columns are the same with any free port of this computer. */
const PORT = 54_321;

/** What the console of the simulated board shows of the program in lamp.a, without its banner. */
async function onSimulator(program: string): Promise<string> {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  network.listen(PORT, (peer) => {
    clock.schedule(clock.now() + 60, () => peer.send("hi"));
    clock.schedule(clock.now() + 120, () => peer.end());
  });
  const storage = new MemoryStorage({ pages: 16 });
  storage.files.write(".boot0", loader);
  storage.files.write("lamp.a", program.replace(GREETER_PORT, String(PORT)));
  const board = createBoard({ profile: loadProfile("linux"), bundle: "", clock, network, storage });
  let shown = "";
  board.consolePort.onOutput((text) => {
    shown += text;
  });
  board.boot();
  await clock.advance(failingProgramsMs);
  return withoutBanner(shown);
}

const interpreter = process.env.ESPRUINO_BIN;

/** The same on the interpreter. */
async function onInterpreter(program: string, expected: string): Promise<string> {
  const greeter = createServer((socket) => {
    setTimeout(() => socket.write("hi"), 60);
    setTimeout(() => socket.end(), 120);
    socket.on("error", () => undefined);
  });
  const port = await portOfFiveDigits(greeter);
  const folder = freshFolder();
  const script = `require("Storage").write(".boot0",${latin1Literal(loader)});require("Storage").write("lamp.a",${latin1Literal(program.replace(GREETER_PORT, String(port)))})`;
  writeFileSync(join(folder, "write.js"), script);
  await promisify(execFile)(interpreter ?? "", ["write.js"], { cwd: folder, timeout: 20_000 });
  const child = spawn(interpreter ?? "", [], { cwd: folder, stdio: "pipe" });
  let shown = "";
  child.stdout.setEncoding("latin1");
  child.stdout.on("data", (text: string) => {
    shown += text;
  });
  const closed = new Promise((resolve) => child.once("close", resolve));
  const until = performance.now() + 5000;
  while (withoutBanner(shown) !== expected && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 20));
  // It ignores SIGTERM.
  child.kill("SIGKILL");
  await closed;
  rmSync(folder, { recursive: true });
  greeter.close();
  return withoutBanner(shown);
}

async function portOfFiveDigits(server: Server): Promise<number> {
  for (;;) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    if (port >= 10_000) return port;
    await new Promise((resolve) => server.close(resolve));
  }
}

/** The banner differs from board to board; prompts and their erasure are the console's own matter. */
function withoutBanner(shown: string): string {
  return shown
    .replace(/\r/g, "")
    .replace(/\n ____[\s\S]*?Donate\n/, "")
    .replace(/\x1b\[J|\x1b\[\?7l/g, "")
    .replace(/^>+/gm, "")
    .replace(/\n+/g, "\n")
    .trim();
}

describe("an error in a program from lamp.a reads on the console as on the interpreter", () => {
  test.each(failingPrograms)("$title", async ({ title, program }) => {
    expect(await onSimulator(program)).toBe(recorded[title]);
  });

  describe.runIf(interpreter !== undefined)(
    "and the recordings are what the interpreter says (ESPRUINO_BIN)",
    () => {
      // One at a time: what fails within one pass of a busy interpreter's loop it tells only once.
      test.each(failingPrograms)("$title", async ({ title, program }) => {
        expect(await onInterpreter(program, recorded[title] ?? "")).toBe(recorded[title]);
      });
    },
  );
});
