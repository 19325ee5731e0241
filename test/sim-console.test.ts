// The console of the simulated board beyond what the recorded sessions show: flow control, board time, faults, and TCP.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
  type BoardOptions,
  createBoard,
  LoopbackNetwork,
  Pacer,
  serveConsoleOnTcp,
  VirtualClock,
} from "../sim/index.ts";
import { Heard } from "./fixtures/heard.ts";
import { packet } from "./vectors/console-sessions.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const profile = { name: "bench", wifi: false };

function bench(bundle = "", options: Partial<BoardOptions> = {}) {
  const clock = new VirtualClock();
  const board = createBoard({ profile, bundle, clock, network: new LoopbackNetwork(clock), ...options });
  let output = "";
  board.consolePort.onOutput((bytes) => {
    output += bytes;
  });
  board.boot();
  /** What the board sent since the last call. */
  const heard = (): string => {
    const bytes = output;
    output = "";
    return bytes;
  };
  /** Types and gives the answer of the next 100 ms of board time. */
  const type = async (bytes: string): Promise<string> => {
    board.consolePort.receive(bytes);
    await clock.advance(100);
    return heard();
  };
  return { board, clock, heard, type };
}

describe("flow control", () => {
  /** A board that needs longer for a byte than 115,200 baud take. */
  const slow = { console: { bufferBytes: 1024, microsecondsPerByte: 1000 } };

  test("the board says XOFF when its buffer is three quarters full, and XON when it has drained", async () => {
    const { board, clock, heard } = bench("", slow);
    await clock.advance(10);
    heard();
    board.consolePort.receive("x".repeat(700));
    await clock.advance(0);
    expect(heard()).not.toContain("\x13");
    board.consolePort.receive("x".repeat(140));
    await clock.advance(0);
    expect(heard()).toContain("\x13");
    await clock.advance(300);
    expect(heard()).not.toContain("\x11");
    await clock.advance(200);
    expect(heard()).toContain("\x11");
  });

  test("who ignores XOFF loses bytes, and the board says so", async () => {
    const { board, clock, heard } = bench("", slow);
    board.consolePort.receive(`'${"x".repeat(2000)}'.length\n`);
    await clock.advance(3000);
    expect(heard()).toContain("New interpreter error: FIFO_FULL\r\n");
    expect((await bench("", slow).type("1+1\n")).endsWith("=2\r\n>")).toBe(true);
  });

  test("who obeys it loses none, however slow the board", async () => {
    const { board, clock } = bench("", slow);
    const line = `var text = '${"abcdefghij".repeat(400)}'\n`;
    let sent = 0;
    let mayGo = true;
    board.consolePort.onOutput((bytes) => {
      for (const byte of bytes) if (byte === "\x13" || byte === "\x11") mayGo = byte === "\x11";
    });
    for (let ms = 0; ms < 10_000 && sent < line.length; ms++) {
      if (mayGo) {
        board.consolePort.receive(line.slice(sent, sent + 12));
        sent += 12;
      }
      await clock.advance(1);
    }
    await clock.advance(2000);
    expect(board.evaluate("text.length")).toBe(4000);
  });

  test("what the other side sends of it is no input, as on the interpreter", async () => {
    const { type } = bench();
    expect(await type("\x13print(\x111)\n")).toContain("1\r\n=undefined\r\n>");
  });
});

describe("the board behind the console", () => {
  test("a board with a program keeps its name to itself; one without greets", async () => {
    const withProgram = bench("print('lamp')");
    await withProgram.clock.advance(10);
    expect(withProgram.heard()).toBe("\r\x1b[Jlamp\r\n\r\n>");
    const empty = bench();
    await empty.clock.advance(10);
    expect(empty.heard()).toMatch(/^\x1b\[\?7l\r\n ____ [\s\S]*espruino\.com\r\n 2v29/);
  });

  test("input is handled in board time, at the moment it arrives", async () => {
    const { board, clock } = bench("var at = []");
    await clock.advance(1234.5);
    board.consolePort.receive("\x10at.push(getTime())\n");
    await clock.advance(765.5);
    board.consolePort.receive("\x10at.push(getTime())\n");
    await clock.advance(1);
    expect(board.evaluate("at.join()")).toBe("1.2345,2");
  });

  test("what is typed sees the program's own names, its let and const too", async () => {
    const { type } = bench("let level = 5; const name = 'lamp'; function twice() { return 2 * level }");
    expect(await type("level = 8\n")).toContain("=8\r\n");
    expect(await type("twice()\n")).toContain("=16\r\n");
    expect(await type("let level = 9\n")).toContain("=9\r\n");
    expect(await type("twice() + name\n")).toContain('="18lamp"\r\n');
  });

  test("process.env tells uploaders what they look for", async () => {
    const { type } = bench();
    const answer = await type('\x10print("<","<<",JSON.stringify(process.env),">>",">")\n');
    const env = JSON.parse(/< << (.*) >> >/.exec(answer)?.[1] ?? "");
    expect(env).toMatchObject({ VERSION: "2v29.277", BOARD: "ESP32", CONSOLE: "Serial1" });
    expect(env.MODULES.split(",")).toEqual(expect.arrayContaining(["Storage", "net"]));
    expect(await type("\x05")).toBe("Espruino 2v29.277 ESP32\r\n");
  });

  test("load() runs the program again, reset() does not, reset(true) takes it away", async () => {
    const { board, type } = bench("print('lamp'); var running = 1");
    expect(await type("load()\n")).toContain("=undefined\r\nlamp\r\n>");
    expect(await type("reset()\n")).not.toContain("lamp");
    expect(await type("typeof running\n")).toContain('="undefined"');
    expect(await type("load()\n")).toContain("lamp\r\n");
    expect(await type("reset(true)\n")).toContain("Erasing saved code.\r\nDone!\r\n");
    expect(await type("load()\n")).not.toContain("lamp");
    board.boot();
    expect(await type("typeof running\n")).toContain('="undefined"');
  });

  test("the tab key completes names, and lists them where there are several", async () => {
    const { type } = bench("var lampOne = {level: 1}, lampTwo = 2");
    await type("");
    expect(await type("lampO\t")).toBe("lampOne");
    expect(await type(".le\t\n")).toBe(".level\r\n=1\r\n>");
    expect(await type("lam\t")).toBe("lam\r\n\r\nlampOne             lampTwo\r\n\r\n>lamp");
    expect(await type("\x03")).toBe("\x1b[D\x1b[D\x1b[D\x1b[D\r\x1b[J>");
    expect(await type("nothing.\t'lam\t1.\t")).toBe("nothing.'lam1.");
  });

  test("a board without power hears nothing, and what was half typed is gone with the power", async () => {
    const { board, type, heard } = bench();
    expect(await type("1+")).toContain("1+");
    board.powerOff();
    expect(await type("2\n")).toBe("");
    board.boot();
    await type("");
    heard();
    expect(await type("3\n")).toBe("3\r\n=3\r\n>");
  });
});

describe("mistakes that are typed or uploaded end neither board nor simulator", () => {
  test.each([
    ["setTimeout('1 +', 1)\n", "SyntaxError: Unexpected end of Input"],
    ["require('Storage').read('none').length\n", "Can't read property 'length' of undefined"],
    [`E.on('packet', function () { nope })\n${packet(2, "{a:1}")}`, '"nope" is not defined'],
    ["throw null\n", "Uncaught null"],
    ["throw undefined\n", "Uncaught undefined"],
    ["throw {toString: function () { throw 1 }}\n", "Uncaught [object]"],
    ["({toString: 5, get x() { throw 2 }})\n", "="],
    ["(function f() { f() })()\n", "Uncaught"],
    ["require('Storage').write('.bootcde', '} nonsense'); load()\n", "Uncaught SyntaxError"],
    ["while (true);\n", "Execution Interrupted"],
    [packet(1, "while(1"), "\x15"],
    [packet(3, "{fn:'x',s:99999999}") + packet(4, "data"), "Uncaught"],
  ])("%j", async (typed, answer) => {
    const { type, board } = bench();
    await type("");
    expect(await type(typed)).toContain(answer);
    expect(await type("40+2\n")).toContain("=42\r\n>");
    expect(board.running).toBe(true);
  });

  test.each([
    ["in text", "\x10require('Storage').write('file','0123456789')\n\x10print('afterwards')\n"],
    [
      "in packets",
      packet(3, "{fn:'file',s:10}") + packet(4, "0123456789") + packet(1, "print('afterwards')"),
    ],
  ])(
    "a power cut in the middle of an upload %s: nothing that follows is run or answered",
    async (_how, typed) => {
      const { type, board } = bench();
      await type("");
      board.storage.flash.cutAfterBytes(40);
      expect(await type(typed)).not.toMatch(/afterwards|NAK|Uncaught|\x15/);
      expect(board.running).toBe(false);
      board.boot();
      await type("");
      expect(await type("40+2\n")).toBe("40+2\r\n=42\r\n>");
    },
  );

  test("an upload with a mistake in it is reported at every start, and can be replaced", async () => {
    const { type, board } = bench();
    await type("");
    expect(await type("\x10require('Storage').write('.bootcde','nope()')\n\x10load()\n")).toContain(
      'Uncaught ReferenceError: "nope" is not defined',
    );
    expect(await type("\x10require('Storage').write('.bootcde','print(7)')\n\x10load()\n")).toContain(
      "7\r\n",
    );
    expect(board.boots).toBe(3);
  });
});

/** A connection to the console, with what came over it. */
async function dial(port: number): Promise<{ socket: Socket; until: (end: string) => Promise<string> }> {
  const socket = connect(port, "127.0.0.1");
  closing.push(() => socket.destroy());
  socket.setEncoding("latin1");
  const heard = new Heard();
  socket.on("data", (text: string) => heard.add(text)).on("close", () => heard.end("it was closed"));
  await once(socket, "connect");
  let taken = 0;
  const until = (end: string): Promise<string> =>
    heard.find((text) => {
      const at = text.indexOf(end, taken);
      if (at < 0) return undefined;
      const said = text.slice(taken, at + end.length);
      taken += said.length;
      return said;
    }, JSON.stringify(end));
  return { socket, until };
}

describe("on TCP", () => {
  async function served(options: Partial<BoardOptions> = {}) {
    const { board, clock } = bench("", options);
    const pacer = new Pacer(clock);
    const server = await serveConsoleOnTcp({ board, clock }, 0);
    closing.push(() => server.close());
    closing.push(() => pacer.stop());
    pacer.start();
    return { board, server };
  }

  test("what is typed is answered", async () => {
    const { server } = await served();
    const { socket, until } = await dial(server.port);
    socket.write("6*7\n");
    expect(await until("=42\r\n>")).toContain("6*7\r\n=42\r\n>");
  });

  test("several connections are one cable, and one may go at any time", async () => {
    const { server } = await served();
    const one = await dial(server.port);
    const other = await dial(server.port);
    one.socket.write("var a = 1\n");
    await Promise.all([one.until("=1\r\n>"), other.until("=1\r\n>")]);
    one.socket.destroy();
    other.socket.write("a + 1\n");
    expect(await other.until("=2\r\n>")).toContain("a + 1");
  });

  test("more than the board's buffer holds waits in the connection: nothing is lost", async () => {
    const { board, server } = await served({ console: { bufferBytes: 256 } });
    const { socket, until } = await dial(server.port);
    socket.write(`\x10var text = '${"0123456789".repeat(20_000)}';print('done')\n`);
    await until("done\r\n>");
    expect(board.evaluate("text.length")).toBe(200_000);
  });

  test("it is reachable from this computer only, and a port in use is named", async () => {
    const { board, server } = await served();
    const clock = new VirtualClock();
    await expect(serveConsoleOnTcp({ board, clock }, server.port)).rejects.toThrow(
      `cannot offer the console: TCP port ${server.port} is in use by another program; give another port`,
    );
  });
});
