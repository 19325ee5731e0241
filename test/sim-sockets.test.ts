/** Sockets of the simulated board: chunks, queued events, errors, half-open links, slow drains; in-process and over TCP. */
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import {
  createBoard,
  EmbeddedBroker,
  LoopbackNetwork,
  type LoopbackPeer,
  type Network,
  Pacer,
  TcpNetwork,
  VirtualClock,
} from "../sim/index.ts";
import { freePort } from "./fixtures/free-port.ts";
import { until } from "./fixtures/heard.ts";

/** Connects to port 1, prints every event. `c` is the socket. */
const program = (port: number): string => `
var c = require("net").connect({host: "127.0.0.1", port: ${port}}, function (s) { print("connect " + (s === c)) });
print("returned");
["drain", "data", "end", "close", "error"].forEach(function (name) {
  c.on(name, function (d) {
    print(name + (name === "data" ? " " + d.length : name === "close" ? " " + d : name === "error" ? " " + d.code + " " + d.message : ""));
  });
});`;

function bench(bundle: string, network: (clock: VirtualClock) => Network) {
  const clock = new VirtualClock();
  const board = createBoard({
    profile: { name: "linux", wifi: false },
    bundle,
    clock,
    network: network(clock),
  });
  return { clock, board };
}

function loopbackBench(bundle = program(1)) {
  const peers: LoopbackPeer[] = [];
  let loopback: LoopbackNetwork | undefined;
  const made = bench(bundle, (clock) => {
    loopback = new LoopbackNetwork(clock);
    return loopback;
  });
  const network = loopback ?? expect.unreachable();
  network.listen(1, (peer) => peers.push(peer));
  const peer = (): LoopbackPeer => peers.at(-1) ?? expect.unreachable();
  return { ...made, network, peers, peer };
}

describe("in-process", () => {
  test("connect returns first; connect and drain come from the queue", async () => {
    const { board, clock } = loopbackBench();
    board.boot();
    await clock.advance(5);
    expect(board.console).toEqual(["returned", "connect true", "drain"]);
  });

  test("data comes in chunks of at most 536 bytes, all 256 values intact", async () => {
    const { board, clock, peer } = loopbackBench(
      `${program(1)} var all = ""; c.on("data", function (d) { all += d });`,
    );
    board.boot();
    await clock.advance(5);
    peer().send(Uint8Array.from({ length: 1300 }, (_, index) => index & 255));
    await clock.advance(5);
    expect(board.console.slice(3)).toEqual(["data 536", "data 536", "data 228"]);
    expect(board.evaluate("all.charCodeAt(255) + ',' + all.charCodeAt(256) + ',' + all.length")).toBe(
      "255,0,1300",
    );
  });

  test("write returns false, takes anything, and what was written arrives in order", async () => {
    const { board, clock, peer } = loopbackBench();
    board.boot();
    await clock.advance(5);
    let received = "";
    peer().onData = (bytes) => {
      received += bytes;
    };
    expect(
      board.evaluate('c.write("\\xff\\0") || c.write(5) || c.write([1, 2]) || c.write(null) || c.write()'),
    ).toBe(false);
    board.evaluate('c.write("x".repeat(2000))');
    await clock.advance(5);
    expect(received).toBe(`\xff\x0051,2null${"x".repeat(2000)}`);
    expect(board.console.at(-1)).toBe("drain");
  });

  test("the other side ends: end, then close(false); writing then throws", async () => {
    const { board, clock, peer } = loopbackBench();
    board.boot();
    await clock.advance(5);
    peer().send("bye");
    peer().end();
    await clock.advance(5);
    expect(board.console.slice(3)).toEqual(["data 3", "end", "close false"]);
    expect(() => board.evaluate('c.write("x")')).toThrow("This socket is closed");
    expect(board.sockets).toBe(0);
  });

  test("a reset looks like an end", async () => {
    const { board, clock, peer } = loopbackBench();
    board.boot();
    await clock.advance(5);
    peer().fail();
    await clock.advance(5);
    expect(board.console.slice(3)).toEqual(["end", "close false"]);
  });

  test("an error of the connection: error, end, close(true)", async () => {
    const { board, clock, peer } = loopbackBench();
    board.boot();
    await clock.advance(5);
    peer().fail("timeout");
    await clock.advance(5);
    expect(board.console.slice(3)).toEqual(["error -3 timeout", "end", "close true"]);
  });

  test("bytes unsent when the other side ends are an error", async () => {
    const { board, clock, peer } = loopbackBench();
    board.boot();
    await clock.advance(5);
    peer().drainBytes = 0;
    board.evaluate('c.write("stuck")');
    await clock.advance(5);
    peer().end();
    await clock.advance(5);
    expect(board.console.slice(3)).toEqual(["error -8 unsent data", "end", "close true"]);
  });

  test("end() after a write delivers first, and gives end and close to the board", async () => {
    const { board, clock, peer } = loopbackBench();
    board.boot();
    await clock.advance(5);
    const heard: unknown[] = [];
    peer().onData = (bytes) => heard.push(bytes);
    peer().onClose = (orderly) => heard.push(orderly);
    board.evaluate('c.write("last"); c.end()');
    await clock.advance(5);
    expect(heard).toEqual(["last", true]);
    expect(board.console.slice(3)).toEqual(["end", "close false"]);
  });

  test("a half-open connection says nothing, either way", async () => {
    const { board, clock, peer } = loopbackBench();
    board.boot();
    await clock.advance(5);
    peer().halfOpen = true;
    peer().onData = () => expect.unreachable();
    board.evaluate('c.write("x")');
    peer().send("x");
    peer().end();
    await clock.advance(60_000);
    expect(board.console.slice(3)).toEqual(["drain"]);
    expect(board.sockets).toBe(1);
  });

  test("a slow drain lets unsent data wait until there is room", async () => {
    const { board, clock, peer } = loopbackBench();
    board.boot();
    await clock.advance(5);
    peer().drainBytes = 100;
    let received = 0;
    peer().onData = (bytes) => {
      received += bytes.length;
    };
    board.evaluate('c.write("x".repeat(1000))');
    await clock.advance(5);
    expect(received).toBe(500);
    await clock.advance(50);
    expect(received).toBe(1000);
  });

  test("refused and unknown hosts throw at once", () => {
    const { board, network } = loopbackBench("");
    board.boot();
    network.unknownHosts.add("nowhere");
    expect(() => board.evaluate('require("net").connect({host: "nowhere", port: 1})')).toThrow(
      "Unable to locate host",
    );
    network.refuse = true;
    expect(() => board.evaluate('require("net").connect({host: "x", port: 1})')).toThrow(
      "Unable to create socket",
    );
    expect(board.sockets).toBe(0);
  });

  test("power-off breaks the connection for the peer", async () => {
    const { board, clock, peer } = loopbackBench();
    board.boot();
    await clock.advance(5);
    const heard: boolean[] = [];
    peer().onClose = (orderly) => heard.push(orderly);
    board.powerOff();
    await clock.advance(5);
    expect(heard).toEqual([false]);
  });
});

describe("over TCP, in real time", () => {
  test("bytes travel both ways, and an end is an end", async () => {
    const server = createServer((socket) =>
      socket.on("data", (bytes) => socket.end(Buffer.concat([bytes, Buffer.alloc(600, 255)]))),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const { clock, board } = bench(`${program(port)} c.write("hello");`, (on) => new TcpNetwork(on));
    const pacer = new Pacer(clock);
    board.boot();
    pacer.start();
    await until(
      () => board.console.includes("close false"),
      "the end",
      () => board.console,
    );
    pacer.stop();
    server.close();
    const received = board.console
      .filter((line) => line.startsWith("data"))
      .reduce((sum, line) => sum + Number(line.slice(5)), 0);
    expect(received).toBe(605);
  });

  test("a refused connection is error, end, close(true), later", async () => {
    const { clock, board } = bench(program(await freePort()), (on) => new TcpNetwork(on));
    const pacer = new Pacer(clock);
    board.boot();
    pacer.start();
    await until(
      () => board.console.includes("close true"),
      "the end",
      () => board.console,
    );
    pacer.stop();
    expect(board.console).toEqual(["returned", "error -9 connection reset", "end", "close true"]);
  });

  test("the embedded broker takes the next free port", async () => {
    const first = await EmbeddedBroker.create();
    const second = await EmbeddedBroker.create();
    const port = await first.listen(0);
    expect(await second.listen(port)).toBeGreaterThan(port);
    await first.close();
    await second.close();
  });
});
