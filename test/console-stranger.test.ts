/** The console on TCP is for people and uploaders: what a web page can have a browser send there is not typed, and who never reads costs nothing. */
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { serveConsoleOnTcp } from "../sim/index.ts";
import { bootedBoard } from "./fixtures/booted-board.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function bench() {
  const { board, clock } = bootedBoard();
  const notes: string[] = [];
  const server = await serveConsoleOnTcp({ board, clock }, 0, { note: (sentence) => notes.push(sentence) });
  closing.push(() => server.close());
  return { clock, board, notes, port: server.port };
}

async function client(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  closing.push(() => socket.destroy());
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

/** Sends these pieces, each by itself, and waits for the board's end to close the connection. */
async function sentAndClosed(port: number, ...pieces: string[]): Promise<void> {
  const socket = await client(port);
  socket.resume();
  const closed = new Promise((resolve) => socket.once("close", resolve));
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, "latin1", resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await closed;
}

describe("what a browser can send", () => {
  const BODY = "*/\n\x03\x10global.harmed=1\n\nglobal.harmed=1\n";
  const STRANGERS: [string, string[], string][] = [
    ["a form", [`POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n\r\n${BODY}`], "HTTP"],
    ["a request of a long address", [`GET /${"x".repeat(20_000)}\n${BODY} HTTP/1.1\r\n`], "HTTP"],
    ["a request that comes in pieces", ["PO", `ST / HTTP/1.1\r\n\r\n${BODY}`], "HTTP"],
    ["a question before a request", [`OPTIONS * HTTP/1.1\r\n\r\n${BODY}`], "HTTP"],
    ["HTTP/2", [`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${BODY}`], "HTTP"],
    ["TLS", [`\x16\x03\x01\x02\x00\x01${BODY}`], "TLS"],
  ];

  test.each(STRANGERS)("%s is closed, and nothing of it runs", async (_what, pieces, language) => {
    const { clock, board, notes, port } = await bench();
    await sentAndClosed(port, ...pieces);
    await clock.advance(1000);
    expect(board.evaluate("typeof harmed")).toBe("undefined");
    expect(notes).toEqual([
      `Something spoke ${language} to the console, perhaps a web page: closed, nothing of it was typed.`,
    ]);
  });

  test("is said once, however often it comes", async () => {
    const { notes, port } = await bench();
    for (let times = 0; times < 3; times++) await sentAndClosed(port, "GET / HTTP/1.1\r\n\r\n");
    expect(notes).toHaveLength(1);
  });

  test.each(["GETTER=1\n", "POST=2\n", "print('GET / HTTP/1.1')\n", "P\n"])(
    "what a person types is none of it: %j",
    async (typed) => {
      const { clock, notes, port } = await bench();
      const socket = await client(port);
      const heard: string[] = [];
      socket.on("data", (data) => heard.push(String(data)));
      socket.write(typed);
      await expect
        .poll(async () => {
          await clock.advance(10);
          return heard.join("");
        })
        .not.toBe("");
      expect(notes).toEqual([]);
      expect(socket.destroyed).toBe(false);
    },
  );
});

test("a client that never reads is let go, and the others go on", async () => {
  const { clock, board, notes, port } = await bench();
  const [deaf, other] = [await client(port), await client(port)];
  deaf.pause();
  let heard = 0;
  other.on("data", (data) => {
    heard += data.length;
  });
  const gone = new Promise((resolve) => deaf.once("close", resolve));
  const line = "x".repeat(60_000);
  let printed = 0;
  // The system's own buffers hold a few megabytes first.
  for (; printed < 1000 && notes.length === 0; printed++) {
    board.consolePort.send(line);
    await clock.advance(1);
    await expect.poll(() => heard, { interval: 1 }).toBeGreaterThanOrEqual((printed + 1) * line.length);
  }
  expect(notes).toEqual(["A client of the console does not read what the board prints: closed."]);
  deaf.resume();
  await gone;
  expect(other.destroyed).toBe(false);
});
