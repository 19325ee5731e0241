// What comes to `wick monitor` over the cable and what goes to the board: lines typed, secrets, noise, floods; a simulated board on its clock.
import { Writable } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import type { Entry } from "../tools/monitor/entry.ts";
import { Screen } from "../tools/monitor/screen.ts";
import { type MonitoredBoard, monitored } from "./fixtures/monitored-board.ts";

const running: MonitoredBoard[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.end();
});

async function watch(...args: Parameters<typeof monitored>): Promise<MonitoredBoard> {
  const board = await monitored(...args);
  running.push(board);
  return board;
}

const kinds = (entries: readonly Entry[], ...wanted: Entry["kind"][]): string[] =>
  entries.filter(({ kind }) => wanted.includes(kind)).map(({ text }) => text);

describe("what is typed", () => {
  test("goes to the board line by line, and its echo is not shown twice", async () => {
    const board = await watch('setInterval(()=>print("tick"),400)');
    await board.pass(1000);
    const before = board.entries.length;
    board.type("1+1");
    board.type('print("Käse")');
    await board.pass(350);
    const told = board
      .told()
      .slice(before)
      .filter((line) => line !== "text: tick");
    expect(told).toEqual([
      "typed: 1+1",
      "text: =2",
      'typed: print("Käse")',
      "text: Käse",
      "text: =undefined",
    ]);
  });

  test("no Ctrl-C ever reaches the board, unless .break is typed", async () => {
    let sent = "";
    const board = await watch('setInterval(()=>print("tick"),400)', {
      port: {
        toBoard(bytes) {
          sent += bytes;
          return bytes;
        },
      },
    });
    await board.pass(20_000);
    board.type("process.memory().free>0");
    await board.pass(200);
    expect(sent).toContain("process.memory().free>0\n");
    expect(sent).not.toContain("\x03");
    board.type(".break");
    await board.pass(200);
    expect(sent).toContain("\x03");
    expect(sent).not.toContain(".break");
  });

  test("while the cable is gone is not lost silently", async () => {
    const board = await watch("1");
    await board.pass(100);
    board.unplugged = true;
    board.port.pull();
    await board.pass(100);
    board.type("1+1");
    expect(kinds(board.entries, "note")).toEqual([
      "/dev/ttyUSB0 is not connected: what you typed was not sent",
    ]);
  });
});

describe("whatever comes over the cable", () => {
  test("secrets of the configuration are not told, from nowhere on the board", async () => {
    const program =
      'var p="correct horse";print("joining with "+p);setTimeout(()=>{connect("home",{password:"correct horse"});},300);setTimeout(()=>{throw new Error(p)},600)';
    const board = await watch(program, { secrets: ["correct horse"] });
    await board.pass(1500);
    board.type('"correct horse"');
    await board.pass(500);
    expect(kinds(board.entries, "error")).toHaveLength(2);
    expect(JSON.stringify(board.entries)).not.toMatch(/correct|horse/);
    expect(kinds(board.entries, "typed")).toEqual(['"*************"']);
  });

  test("noise is shown by its numbers, and once the baud rate is asked about", async () => {
    let noise = 0;
    const board = await watch('setInterval(()=>print("tick tick tick tick tick"),20)', {
      port: { toDesk: (bytes) => bytes.replace(/[a-z]/g, () => String.fromCharCode(128 + (noise++ % 128))) },
    });
    await board.pass(10_000);
    expect(kinds(board.entries, "note").filter((text) => text.includes("--baud"))).toHaveLength(1);
    expect(kinds(board.entries, "text").some((text) => text.includes("\\x9f"))).toBe(true);
  });

  test("a board that prints without end does not fill the memory, and nothing of it is lost", async () => {
    let lines = 0;
    let last = "";
    const board = await watch('var n=0;setInterval(()=>{for(let i=0;i<20;i++)print("line "+n++)},10)', {
      port: { bytesPerSecond: 1e9 },
      tell: ({ kind, text }) => {
        if (kind !== "text" || !text.startsWith("line ")) return;
        expect(text).toBe(`line ${lines}`);
        lines++;
        last = text;
      },
    });
    await board.pass(4000);
    expect(lines).toBeGreaterThan(7000);
    expect(last).toBe(`line ${lines - 1}`);
  });

  test("a reader that is too slow is told how many lines it missed, and the memory stays bounded", () => {
    let read: (() => void)[] = [];
    let shown = "";
    const slow = new Writable({
      write(piece, _encoding, done) {
        shown += piece;
        read.push(done);
      },
    });
    const options = { json: false, quiet: false, timestamps: false, colours: false, isTerminal: false };
    const screen = new Screen(slow, options);
    const line = (text: string): void =>
      screen.tell({ kind: "text", time: 0, sinceStartMs: undefined, text });
    for (let number = 0; number < 50_000; number++) line(`line ${number}`.padEnd(99));
    expect(slow.writableLength).toBeLessThan(2_000_000);
    while (read.length > 0) for (const done of read.splice(0)) done();
    line("end");
    read = read.filter((done) => done());
    const kept = shown.match(/line \d+/g)?.length ?? 0;
    expect(kept).toBeGreaterThan(10_000);
    expect(shown).toContain(`--- ${50_000 - kept} lines are missing here`);
  });

  test("a line without end comes in pieces", async () => {
    const board = await watch('var s="x".repeat(9000);setTimeout(()=>print(s),300)');
    await board.pass(2000);
    const long = kinds(board.entries, "text").filter((text) => /^x+$/.test(text));
    expect(long.map((text) => text.length)).toEqual([4096, 4096, 808]);
  });

  test("a question without a line break is shown after a moment, and what follows as a line of its own", async () => {
    const board = await watch("1");
    await board.pass(500);
    const before = board.entries.length;
    board.board.consolePort.send("\r\npassword");
    await board.pass(1000);
    expect(board.told().slice(before).at(-1)).toBe("text: password");
    board.board.consolePort.send(" please\r\n");
    await board.pass(1000);
    expect(board.told().slice(before).slice(-2)).toEqual(["text: password", "text:  please"]);
  });
});
