// A console over TCP, on the simulator's console server and on servers that misbehave: every byte passes, every failure has its sentence.
import { createServer, type Server, Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, Pacer, serveConsoleOnTcp, VirtualClock } from "../sim/index.ts";
import { Failure } from "../tools/cli/errors.ts";
import { BoardConsole } from "../tools/console/board-console.ts";
import { identify } from "../tools/console/identify.ts";
import { PortGone } from "../tools/console/port.ts";
import { openPort } from "../tools/ports/open.ts";
import { openTcp } from "../tools/ports/tcp.ts";
import { freePort } from "./fixtures/free-port.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server that does `serve` with each connection. */
async function listening(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as { port: number }).port;
}

async function board(bundle = "") {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const simulated = createBoard({ profile: { name: "bench", wifi: false }, bundle, clock, network });
  const pacer = new Pacer(clock);
  const server = await serveConsoleOnTcp({ board: simulated, clock }, 0);
  closing.push(() => server.close());
  closing.push(() => pacer.stop());
  simulated.boot();
  pacer.start();
  const port = await openPort({ kind: "tcp", host: "127.0.0.1", port: server.port });
  closing.push(() => port.close());
  return { simulated, port, server };
}

describe("a board on TCP", () => {
  test("is identified, asked, and takes a file of all bytes", async () => {
    const { simulated, port } = await board("var lamp='on'");
    expect(await identify(port)).toMatchObject({ kind: "espruino", packets: true });
    const console = new BoardConsole(port);
    expect(await console.evaluate("lamp")).toBe("on");
    const content = Uint8Array.from({ length: 2000 }, (_, at) => at & 255);
    await console.writeFile("all", content);
    expect(simulated.storage.files.read("all")).toBe(String.fromCharCode(...content));
    expect(await console.readFile("all")).toEqual(content);
  });

  test("that goes away in the middle of a question ends it at once", async () => {
    const { port, server } = await board();
    const console = new BoardConsole(port);
    expect(await console.evaluate("1")).toBe(1);
    const waiting = console.evaluate("while(1);", { deadlineMs: 60_000 }).catch((error: unknown) => error);
    await server.close();
    expect(await waiting).toMatchObject({ code: "gone" });
  });
});

describe("bytes", () => {
  test("pass both ways as they are", async () => {
    const port = await openTcp("127.0.0.1", await listening((socket) => socket.pipe(socket)));
    closing.push(() => port.close());
    const every = Uint8Array.from({ length: 256 }, (_, at) => at);
    const back = new Promise<number[]>((resolve) => {
      const received: number[] = [];
      port.onBytes((bytes) => {
        received.push(...bytes);
        if (received.length === 256) resolve(received);
      });
    });
    await port.write(every);
    expect(await back).toEqual([...every]);
  });
});

describe("what goes wrong is said", () => {
  test("nobody listens", async () => {
    const port = await freePort();
    await expect(openTcp("127.0.0.1", port)).rejects.toThrow(
      new Failure(
        `tcp://127.0.0.1:${port}: nothing listens on port ${port} there: is the board's telnet on (port 23), or the simulator started with --console tcp:${port}?`,
      ),
    );
  });

  /** A connection that comes to nothing: it fails with that code, or never does anything. */
  const failing = (code?: string) => () => {
    const socket = new Socket();
    if (code !== undefined)
      setImmediate(() => socket.emit("error", Object.assign(new Error(code), { code })));
    return socket;
  };

  test.each([
    ["ENOTFOUND", 'no computer called "lamp.local" is known: check the spelling, or give its IP address'],
    ["EAI_AGAIN", 'no computer called "lamp.local" is known: check the spelling, or give its IP address'],
    [
      "EHOSTUNREACH",
      "there is no way there: check the address, and that board and computer are in the same network",
    ],
    ["ETIMEDOUT", "no answer: check the address, and that the board is on"],
    ["EACCES", "EACCES"],
  ])("%s", async (code, message) => {
    await expect(openTcp("lamp.local", 23, { dial: failing(code) })).rejects.toThrow(
      new Failure(`tcp://lamp.local:23: ${message}`),
    );
  });

  test("nobody answers within the deadline", async () => {
    await expect(openTcp("lamp.local", 23, { withinMs: 20, dial: failing() })).rejects.toThrow(
      new Failure(
        "tcp://lamp.local:23: no answer within 0.02 s: check the address, and that board and computer are in the same network",
      ),
    );
  });

  test("Ctrl-C while nobody answers: the connection is given up at once", async () => {
    const controller = new AbortController();
    const socket = new Socket();
    const opening = openTcp("lamp.local", 23, { signal: controller.signal, dial: () => socket });
    controller.abort();
    await expect(opening).rejects.toThrow(new Failure("tcp://lamp.local:23: stopped before it answered"));
    expect(socket.destroyed).toBe(true);
  });

  test("the other side closes: listeners are told once, and writing fails", async () => {
    let accepted: Socket | undefined;
    const port = await openTcp("127.0.0.1", await listening((socket) => (accepted = socket)));
    closing.push(() => port.close());
    const reasons: string[] = [];
    const gone = new Promise<void>((resolve) =>
      port.onGone((reason) => {
        reasons.push(reason);
        resolve();
      }),
    );
    while (!accepted) await new Promise((resolve) => setImmediate(resolve));
    accepted.end();
    await gone;
    expect(reasons).toEqual(["the other side closed the connection"]);
    await expect(port.write(Uint8Array.of(1))).rejects.toBeInstanceOf(PortGone);
  });

  test("the other side breaks off, as a server of another kind does: the reason is a sentence", async () => {
    const port = await openTcp(
      "127.0.0.1",
      await listening((socket) => socket.on("data", () => socket.resetAndDestroy())),
    );
    closing.push(() => port.close());
    const gone = new Promise<string>((resolve) => void port.onGone(resolve));
    await port.write(Uint8Array.of(1)).catch(() => undefined);
    expect(await gone).toBe(
      "the other side broke the connection off; is it a board's console that listens there?",
    );
  });

  test("closing may be done twice, and tells nobody", async () => {
    const port = await openTcp("127.0.0.1", await listening(() => undefined));
    let told = false;
    port.onGone(() => {
      told = true;
    });
    await Promise.all([port.close(), port.close()]);
    await port.close();
    expect(told).toBe(false);
    await expect(port.write(Uint8Array.of(1))).rejects.toBeInstanceOf(PortGone);
  });
});
