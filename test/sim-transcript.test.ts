/** The same program on the simulated board and on the interpreter prints the same lines in the same order. */
import { createServer, type Server } from "node:net";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBoard, Pacer, TcpNetwork, VirtualClock } from "../sim/index.ts";
import { startEspruino } from "./drivers/espruino-process.ts";
import { until } from "./fixtures/heard.ts";

/** Events are queued; an exception is reported after the others had their turn; timers and listeners stay. */
const loopProgram = `
var o = {};
o.on("x", function (a) { print("T one " + a + (this === o)); throw new Error("boom") });
o.on("x", function () { print("T two") });
o.emit("x", 1);
print("T emitted");
var count = 0;
var id = setInterval(function () {
  count++;
  print("T tick " + count);
  if (count === 2) { clearInterval(id); setTimeout(next, 1) }
  throw new Error("tick " + count);
}, 20);
function next() {
  process.on("uncaughtException", function (e) { print("T caught " + e) });
  setTimeout(function () { print("T last") }, 1);
  throw "text";
}`;
const loopLines = [
  "T emitted",
  "T one 1true",
  "T two",
  "Uncaught Error: boom",
  "T tick 1",
  "Uncaught Error: tick 1",
  "T tick 2",
  "Uncaught Error: tick 2",
  "T caught text",
  "T last",
];

/** `write` returns false; drain comes when all is sent; the other side's end is end, close(false); then writing throws. */
const socketProgram = (port: number): string => `
var c = require("net").connect({host: "127.0.0.1", port: ${port}}, function (s) {
  print("T connect " + (s === c) + (this === c));
  print("T write " + c.write("hello"));
});
print("T returned");
var received = 0;
c.on("drain", function () { print("T drain") });
c.on("data", function (d) { received += d.length });
c.on("error", function (e) { print("T error " + e.code) });
c.on("end", function () { print("T end " + received) });
c.on("close", function (e) {
  print("T close " + e);
  try { c.write("x") } catch (x) { print("T " + x) }
  c.end();
  print("T last");
});`;
const socketLines = [
  "T returned",
  "T connect truetrue",
  "T write false",
  "T drain",
  "T drain",
  "T end 1000",
  "T close false",
  "T Error: This socket is closed",
  "T last",
];

let server: Server;
let port = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(Buffer.alloc(1000, 65)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => server.close());

/** The marked lines, without what the console puts before them; the excerpts of a stack trace start with the source. */
function marked(lines: readonly string[]): string[] {
  return lines
    .map((line) => stripVTControlCharacters(line).trim().replace(/^>/, ""))
    .filter((line) => line.startsWith("T ") || line.startsWith("Uncaught "));
}

async function onSimulator(program: string): Promise<string[]> {
  const clock = new VirtualClock();
  const board = createBoard({
    profile: { name: "linux", wifi: false },
    bundle: program,
    clock,
    network: new TcpNetwork(clock),
  });
  const pacer = new Pacer(clock);
  board.boot();
  pacer.start();
  await until(
    () => board.console.includes("T last"),
    "the last line",
    () => board.console,
  );
  pacer.stop();
  board.powerOff();
  return marked(board.console);
}

async function onInterpreter(program: string): Promise<string[]> {
  const running = await startEspruino({ interpreter: process.env.ESPRUINO_BIN ?? "", script: program });
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (marked(running.console).includes("T last")) resolve();
    };
    running.onLine(look);
    look();
  });
  await running.stop();
  return marked(running.console);
}

describe("the simulator", () => {
  test("runs the idle loop", async () => expect(await onSimulator(loopProgram)).toEqual(loopLines));
  test("runs sockets", async () => expect(await onSimulator(socketProgram(port))).toEqual(socketLines));
});

describe.skipIf(!process.env.ESPRUINO_BIN)("the interpreter", () => {
  test("runs the idle loop", async () => expect(await onInterpreter(loopProgram)).toEqual(loopLines));
  test("runs sockets", async () => expect(await onInterpreter(socketProgram(port))).toEqual(socketLines));
});
