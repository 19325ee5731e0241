// A slow link, as Bluetooth in a bad place: the board gives up a packet that takes it 5 s (jsinteractive.c jsiPacketStart), so none may be that long.
import { afterEach, describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { BoardConsole } from "../tools/console/board-console.ts";
import { inBoardTime, simulatedPort } from "./fixtures/simulated-port.ts";

const NAK = "\x15";
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A board over a link that takes 20 bytes at a time, so many a second; `heard` is all that the board sent. */
function overLink(bytesPerSecond: number | (() => number)) {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const board = createBoard({ profile: { name: "bench", wifi: false }, bundle: "", clock, network });
  const heard: string[] = [];
  const toDesk = (bytes: string): string => {
    heard.push(bytes);
    return bytes;
  };
  const port = simulatedPort({ board, clock }, { bytesPerSecond, together: 20, mostAtOnce: 20, toDesk });
  const console = new BoardConsole(port, { clock });
  closing.push(() => console.close());
  board.boot();
  return {
    console,
    heard,
    within: <T>(seconds: number, work: Promise<T>): Promise<T> => inBoardTime(clock, work, seconds * 1000),
    stored: (name: string): Uint8Array => Buffer.from(board.storage.files.read(name) ?? "", "latin1"),
  };
}

/** Printable, as a bundle is. */
const bundle = Buffer.from('E.setFlags({glow:1});print("typed");'.repeat(90));
const everyByte = Uint8Array.from({ length: 1500 }, (_, at) => at & 255);

describe("a file over a slow link", () => {
  test.each([1500, 250, 180, 150])(
    "of %i bytes a second arrives, and no packet is given up",
    async (pace) => {
      const { console, heard, within, stored } = overLink(pace);
      await within(120, console.writeFile("lamp.a", bundle));
      expect(stored("lamp.a")).toEqual(bundle);
      expect(heard.join("")).not.toContain(NAK);
    },
  );

  test("with every byte there is", async () => {
    const { console, heard, within, stored } = overLink(200);
    await within(120, console.writeFile("file", everyByte));
    expect(stored("file")).toEqual(Buffer.from(everyByte));
    expect(heard.join("")).not.toContain(NAK);
  });

  test("takes as long as its bytes do: the pieces are no smaller than they must be", async () => {
    const { console, within } = overLink(1000);
    await within(8, console.writeFile("lamp.a", bundle));
  });
});

describe("a link that becomes slow in the middle of a packet", () => {
  test("the rest of that packet is not typed as a line, and the file arrives in smaller ones", async () => {
    let pace = 4000;
    const { console, heard, within, stored } = overLink(() => pace);
    const becomesSlow = (sent: number): void => {
      if (sent > 0) pace = 150;
    };
    await within(120, console.writeFile("lamp.a", bundle, { onProgress: becomesSlow }));
    expect(stored("lamp.a")).toEqual(bundle);
    const [, afterNak = "", ...more] = heard.join("").split(NAK);
    expect(more).toEqual([]);
    // Its echo: what was on its way when the board said NAK. The rest would be some hundred.
    expect(afterNak.slice(0, afterNak.indexOf("\x1b")).length).toBeLessThan(64);
    // And it was erased, or the next line would have it at its beginning.
    await within(10, console.send("print(6*7)\n"));
    await within(10, console.evaluate("1"));
    expect(heard.join("")).toContain("\r\n42\r\n");
    expect(heard.join("")).not.toContain("Uncaught");
  });
});

describe("a link that is too slow for a question", () => {
  test("is said to be, with what to do", async () => {
    let pace = 4000;
    const { console, within } = overLink(() => pace);
    await within(10, console.connect());
    pace = 20;
    const question = within(60, console.evaluate("process.memory().free+process.memory().usage"));
    await expect(question).rejects.toMatchObject({
      code: "timeout",
      message: expect.stringMatching(
        /^simulated is too slow: of a packet of \d+ bytes only \d+ had left after 5 s, .*: bring the board nearer/,
      ),
    });
  });
});
