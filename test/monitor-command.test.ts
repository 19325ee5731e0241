// `wick monitor` as a command: over TCP, a pseudo-terminal and from the real interpreter; its exit codes, log and filter.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openConsolePty, serveConsoleOnTcp } from "../sim/index.ts";
import { Pacer } from "../sim/pacer.ts";
import { keepBuild } from "../tools/build/kept-builds.ts";
import { loader } from "../tools/flash/loader.ts";
import { latin1Literal } from "./drivers/espruino-process.ts";
import { flashBoard } from "./fixtures/flash-board.ts";
import { freePort } from "./fixtures/free-port.ts";
import { Heard } from "./fixtures/heard.ts";
import { type OwnBuild, ownBuild } from "./fixtures/monitored-board.ts";
import { type RunningProgram, startWick } from "./fixtures/wick-process.ts";

const wick = fileURLToPath(new URL("../bin/wick.js", import.meta.url));
let folder: string;
let own: OwnBuild;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wick-monitor-command-"));
  own = await ownBuild(
    'function brightness(it: { level?: { now: number } }): number {\n  return it.level!.now;\n}\nsetInterval(() => print("tick"), 150);\nsetInterval(() => print("level " + brightness({})), 400);\nsetTimeout(() => print("never " + brightness({})), 1000000);\n',
  );
  await keepBuild(own.result, { folder: join(folder, "dist/builds") });
  const config = { board: "linux", mqtt: { host: "broker", username: "lamp", password: "correct horse" } };
  writeFileSync(join(folder, "flash.config.json"), JSON.stringify(config));
});
afterAll(() => {
  own.remove();
  rmSync(folder, { recursive: true });
});

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function monitor(...commandLine: string[]): RunningProgram {
  const program = startWick(["monitor", ...commandLine], { folder });
  closing.push(() => program.kill());
  return program;
}

/** A simulated board in real time that runs the failing program of one's own. */
function board(program = own.program) {
  const started = flashBoard({ files: { ".boot0": loader, "lamp.a": program } });
  started.board.boot();
  const pacer = new Pacer(started.clock);
  pacer.start();
  closing.push(() => pacer.stop());
  return started;
}

async function boardOnTcp(program?: string) {
  const started = board(program);
  const served = await serveConsoleOnTcp(started, await freePort());
  closing.push(() => served.close());
  return { ...started, served, port: `tcp://127.0.0.1:${served.port}` };
}

describe("over TCP", () => {
  test("errors are told in TypeScript, with times; Ctrl-C ends it with exit code 0, the log has all", async () => {
    const { port } = await boardOnTcp();
    const log = join(folder, "all.log");
    writeFileSync(log, "from before\n");
    const started = monitor("--port", port, "--filter", "Uncaught|own\\.ts", "--log", log);
    // Between two errors it ticks.
    expect(await started.line(/own\.ts/, 2)).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} {5}at brightness \(\S*own\.ts:2:20, lamp\.a:1:\d+\)$/,
    );
    await started.line(/Uncaught/, 2);
    started.child.kill("SIGINT");
    expect(await started.ended).toMatchObject({ code: 0, error: "" });
    expect(started.lines.some((line) => line.endsWith(" tick"))).toBe(false);
    const logged = readFileSync(log, "utf8").split("\n");
    expect(logged[0]).toBe("from before");
    expect(logged.some((line) => /^\d{4}-\d\d-\d\dT[\d:.]+Z +\S+ tick$/.test(line))).toBe(true);
    expect(logged.some((line) => line.includes("own.ts:2:20"))).toBe(true);
  });

  test("the cable goes and comes, the board restarts: each is told once, and --json tells it to programs", async () => {
    const { port, served, board: simulated, ...started } = await boardOnTcp();
    const watching = monitor("--port", port, "--json");
    await watching.line(/"text":"tick"/);
    await served.close();
    await watching.line(/"kind":"link".* is gone/);
    const again = await serveConsoleOnTcp({ board: simulated, clock: started.clock }, served.port);
    closing.push(() => again.close());
    await watching.line(/"kind":"link".* is back/);
    started.clock.fromOutside(() => simulated.boot());
    await watching.line(/"kind":"restart"/);
    await watching.line(/"sinceStart":\d+,"kind":"trace".*"place":"\S*own\.ts:2:20"/);
    watching.child.kill("SIGTERM");
    expect(await watching.ended).toMatchObject({ code: 0 });
    const entries = watching.lines.map((line) => JSON.parse(line));
    expect(entries.filter(({ kind }) => kind === "link")).toHaveLength(3);
    for (const { time } of entries) expect(new Date(time).toISOString()).toBe(time);
  });

  test("passwords of the config reach neither screen nor log", async () => {
    const { port } = await boardOnTcp('setInterval(()=>print("joining as correct horse"),100)');
    const log = join(folder, "secret.log");
    const started = monitor("--port", port, "--log", log, "--no-timestamps");
    expect(await started.line(/joining/)).toBe("joining as *************");
    started.child.kill("SIGINT");
    expect(await started.ended).toMatchObject({ code: 0 });
    expect(readFileSync(log, "utf8")).toMatch(/joining as \*{13}/);
    expect(readFileSync(log, "utf8") + started.lines.join()).not.toMatch(/correct|horse/);
  });

  test.skipIf(!existsSync("/dev/full"))(
    "a full disk is said once, the console goes on, and the exit code is 1",
    async () => {
      const { port } = await boardOnTcp();
      const started = monitor("--port", port, "--log", "/dev/full");
      await started.line(/ tick$/, 3);
      started.child.kill("SIGINT");
      expect(await started.ended).toMatchObject({
        code: 1,
        error: "--log /dev/full: cannot be written: the disk is full; the monitor goes on without it\n",
      });
    },
  );

  test("--duration ends it, with exit code 0", async () => {
    const { port } = await boardOnTcp();
    const { code, error } = await monitor("--port", port, "--duration", "1s").ended;
    expect({ code, error }).toEqual({ code: 0, error: "" });
  });
});

describe("over a pseudo-terminal", () => {
  test("the same", async () => {
    const pty = await openConsolePty(board());
    closing.push(() => pty.close());
    const started = monitor("--port", pty.path, "--quiet");
    await started.line(/at brightness \(\S*own\.ts:2:20/);
    started.child.kill("SIGINT");
    expect(await started.ended).toMatchObject({ code: 0 });
    // --quiet leaves the board's errors.
    expect(started.lines.some((line) => line.endsWith(" tick"))).toBe(false);
  });
});

describe("at a terminal", () => {
  test("lines that are typed go to the board, colours show, and Ctrl-C ends it and is not sent", async () => {
    const { port, board: simulated } = await boardOnTcp();
    let sent = "";
    const { consolePort } = simulated;
    const receive = consolePort.receive.bind(consolePort);
    consolePort.receive = (bytes) => {
      sent += bytes;
      receive(bytes);
    };
    const { spawn: spawnAtTerminal } = await import("@lydell/node-pty");
    const options = { cols: 100, rows: 40, cwd: folder, env: { ...process.env, TERM: "xterm-256color" } };
    const terminal = spawnAtTerminal(process.execPath, [wick, "monitor", "--port", port], options);
    const screen = new Heard();
    terminal.onData((text) => screen.add(text));
    const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
    ended.then((code) => screen.end(`it ended with ${code}`));
    closing.push(() => {
      terminal.kill("SIGKILL");
      return ended;
    });
    await screen.match(/tick/);
    terminal.write("6*7\r");
    await screen.match(/=42/);
    await screen.match(/\x1b\[1;36m\S*own\.ts:2:20\x1b\[0m/);
    terminal.write("half typed");
    await screen.match(/half typed[\s\S]*tick[\s\S]*half typed/);
    terminal.write("\x03");
    // The terminal is left as it was found: the last thing on it is a line break.
    const asLeft = /half typed(?:\x1b\[\d+G)?\r\n$/;
    await screen.match(asLeft);
    expect(await ended).toBe(0);
    expect(screen.text).toMatch(asLeft);
    expect(sent).toContain("6*7\n");
    expect(sent).not.toMatch(/\x03|half/);
  });
});

const interpreter = process.env.ESPRUINO_BIN;

describe.runIf(interpreter !== undefined)("on the real interpreter (ESPRUINO_BIN)", () => {
  test("an error of the lamp is told in TypeScript, by the hash that the board makes itself", async () => {
    const storage = join(folder, "interpreter");
    mkdirSync(storage);
    const write = (name: string, text: string): string =>
      `require("Storage").write(${latin1Literal(name)},${latin1Literal(text)});`;
    writeFileSync(join(storage, "write.js"), write(".boot0", loader) + write("lamp.a", own.program));
    await promisify(execFile)(interpreter ?? "", ["write.js"], { cwd: storage, timeout: 20_000 });
    const child = spawn(interpreter ?? "", [], { cwd: storage, stdio: "pipe" });
    const over = new Promise((resolve) => child.once("close", resolve));
    closing.push(() => {
      child.kill("SIGKILL");
      return over;
    });
    const cable = createServer((socket) => {
      child.stdout.pipe(socket, { end: false });
      socket.on("data", (bytes) => child.stdin.write(bytes));
      socket.on("error", () => undefined);
      socket.on("close", () => child.stdout.unpipe(socket));
    });
    await new Promise<void>((resolve) => cable.listen(0, "127.0.0.1", resolve));
    closing.push(() => cable.close());
    const { port } = cable.address() as AddressInfo;
    const started = monitor("--port", `tcp://127.0.0.1:${port}`);
    expect(await started.line(/own\.ts/)).toMatch(/at brightness \(\S*own\.ts:2:20, lamp\.a:1:\d+\)$/);
    started.child.kill("SIGINT");
    expect(await started.ended).toMatchObject({ code: 0 });
  });
});

describe("mistakes are one line", () => {
  test.each([
    [
      ["--filter", "(tick", "--port", "tcp://127.0.0.1:9"],
      2,
      /^wick monitor: .*--filter.*It is no regular expression.*\n$/,
    ],
    [["--port", "ttyUSB0"], 2, /^unknown port "ttyUSB0".*\/dev\/ttyUSB0.*\n$/],
    [["--port", "mqtt:home/lamp"], 2, /^mqtt:home\/lamp: a lamp on MQTT has no console; name a cable: .*\n$/],
    [["--port", "/dev/ttyNone7"], 1, /^[^\n]*\/dev\/ttyNone7[^\n]*\n$/],
    [
      ["--port", "tcp://127.0.0.1:9", "--log", "no/such/folder/x"],
      1,
      /^--log no\/such\/folder\/x: cannot be written: its folder does not exist.*\n$/,
    ],
    [["--duration", "10"], 2, /^wick monitor: .*--duration.*A time is a number and its unit.*\n$/],
    [["--baud", "fast"], 2, /^wick monitor: .*--baud.*A baud rate is a number.*\n$/],
  ])("%j", async (commandLine, code, said) => {
    const { code: ended, error } = await monitor(...commandLine).ended;
    expect(error).toMatch(said);
    expect(ended).toBe(code);
  });
});
