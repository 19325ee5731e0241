// Files into the board's Storage and back, over the console: every byte, at speed, past whatever the cable and the board do to it.
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { type BoardOptions, createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { BoardConsole } from "../tools/console/board-console.ts";
import { bundleHash } from "../tools/console/bundle-hash.ts";
import type { ConsoleError } from "../tools/console/errors.ts";
import { inBoardTime, type SimulatedPortOptions, simulatedPort } from "./fixtures/simulated-port.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Desk {
  readonly bundle?: string;
  readonly board?: Partial<BoardOptions>;
  readonly cable?: SimulatedPortOptions;
}

function desk({ bundle = "", board: options, cable }: Desk = {}) {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const board = createBoard({ profile: { name: "bench", wifi: false }, bundle, clock, network, ...options });
  const port = simulatedPort({ board, clock }, cable);
  const console = new BoardConsole(port, { clock });
  closing.push(() => console.close());
  board.boot();
  const write = (name: string, content: Uint8Array, onProgress?: (sent: number, total: number) => void) =>
    inBoardTime(clock, console.writeFile(name, content, { onProgress }), 200_000);
  const read = (name: string) => inBoardTime(clock, console.readFile(name), 200_000);
  const refusal = async (work: Promise<unknown>): Promise<ConsoleError> => {
    const error = await work.then(
      () => new Error("it was written"),
      (thrown: unknown) => thrown,
    );
    expect((error as Error).message).not.toContain("\n");
    return error as ConsoleError;
  };
  const stored = (name: string): Uint8Array | undefined => {
    const content = board.storage.files.read(name);
    return content === undefined ? undefined : Uint8Array.from(Buffer.from(content, "latin1"));
  };
  return { clock, board, port, console, write, read, refusal, stored };
}

/** Printable, as a bundle is. */
const text = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => 32 + ((at * 7) % 95));
const everyByte = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => at & 255);
const withoutPackets = (bytes: string): string => bytes.replaceAll("\x01", "");

describe("a file arrives as it is", () => {
  test("a bundle of 9 KB in well under 3 s at 115,200 baud", async () => {
    const { clock, write, stored } = desk();
    const before = clock.now();
    await write("lamp.a", text(9216));
    expect(clock.now() - before).toBeLessThan(1200);
    expect(stored("lamp.a")).toEqual(text(9216));
  });

  test.each([
    1, 2, 3, 4, 5, 17, 19, 255, 259, 260, 1023, 1024, 1025, 1027, 1028, 1041, 1043, 2048, 2051, 4099,
  ])("of %i bytes, whether the length has a byte of flow control or Ctrl-C in it or not", async (length) => {
    const typed: string[] = [];
    const toBoard = (bytes: string): string => {
      typed.push(bytes);
      return bytes;
    };
    const { write, stored } = desk({ cable: { toBoard } });
    await write("file", text(length));
    expect(stored("file")).toEqual(text(length));
    expect(typed.join("")).not.toMatch(/[\x03\x04\x11\x13]/);
  });

  test.each([
    ["in packets", undefined],
    ["to a board without packets", withoutPackets],
  ])("every byte there is, %s, and back", async (_how, toBoard) => {
    const typed: string[] = [];
    const noting = (bytes: string): string => {
      typed.push(bytes);
      return toBoard?.(bytes) ?? bytes;
    };
    const { write, read, stored } = desk({ cable: { toBoard: noting } });
    await write("all", everyByte(2100));
    expect(stored("all")).toEqual(everyByte(2100));
    expect(await read("all")).toEqual(everyByte(2100));
    expect(typed.join("")).not.toMatch(/[\x03\x04\x11\x13]/);
  });

  test("any content", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 1500 }),
        fc.boolean(),
        async (content, packets) => {
          const { write, read } = desk({ cable: packets ? {} : { toBoard: withoutPackets } });
          await write("file", content);
          expect(await read("file")).toEqual(content);
        },
      ),
      { numRuns: 12 },
    );
  });

  test("in place of an older one, and its hash on the desk is its hash on the board", async () => {
    const { write, read } = desk();
    await write("lamp.a", text(3000));
    await write("lamp.a", text(2000));
    const back = await read("lamp.a");
    expect(back && (await bundleHash(back))).toBe(await bundleHash(text(2000)));
  });

  test("while the board prints all the time", async () => {
    const { write, read } = desk({ bundle: "setInterval(function(){print('the lamp is on')},5)" });
    await write("lamp.a", text(5000));
    expect(await read("lamp.a")).toEqual(text(5000));
  });

  test("with progress, up to all of it and never back", async () => {
    const { write } = desk();
    const progress: number[] = [];
    await write("lamp.a", text(5000), (sent, total) => {
      expect(total).toBe(5000);
      progress.push(sent);
    });
    expect(progress[0]).toBe(0);
    expect(progress.at(-1)).toBe(5000);
    expect(progress).toEqual(progress.toSorted((one, other) => one - other));
    expect(progress.length).toBeGreaterThan(4);
  });

  test("a file that is not there is no file", async () => {
    expect(await desk().read("none")).toBeUndefined();
  });
});

describe("XOFF is obeyed", () => {
  test.each([
    [4096, 300],
    [1024, 1000],
    [512, 2000],
  ])(
    "a board with a buffer of %i bytes that takes %i µs for each loses none",
    async (bufferBytes, microsecondsPerByte) => {
      const { board, write, stored } = desk({ board: { console: { bufferBytes, microsecondsPerByte } } });
      await write("lamp.a", text(3000));
      expect(stored("lamp.a")).toEqual(text(3000));
      expect(board.console.join("\n")).not.toContain("FIFO_FULL");
    },
  );

  test("so that nothing is sent between XOFF and XON but what was handed over", async () => {
    let stopped: number | undefined;
    const { clock, board, port, console } = desk({
      cable: {
        toBoard: (bytes) => {
          if (stopped !== undefined) after += bytes.length;
          return bytes;
        },
      },
    });
    let after = 0;
    const writing = console.writeFile("lamp.a", text(4000));
    await clock.advance(60);
    stopped = port.sent;
    board.consolePort.send("\x13");
    await clock.advance(5000);
    expect(after).toBeGreaterThan(0);
    expect(after).toBeLessThan(64 + 12);
    board.consolePort.send("\x11");
    await inBoardTime(clock, writing);
    expect(board.storage.files.read("lamp.a")).toHaveLength(4000);
  });

  test("and a board that never says XON is given up with one line", async () => {
    const { clock, board, console, refusal } = desk();
    await inBoardTime(clock, console.evaluate("1"));
    board.consolePort.send("\x13");
    await clock.advance(10);
    const error = await refusal(inBoardTime(clock, console.writeFile("lamp.a", text(4000))));
    expect(error.code).toBe("timeout");
    expect(error.message).toContain("the board said stop (XOFF)");
  });
});

describe("what goes wrong on the way is mended", () => {
  /** Loses one byte of those that go to the board, the `lost`th. */
  const losing = (lost: number) => {
    let at = 0;
    return (bytes: string): string => [...bytes].filter(() => at++ !== lost).join("");
  };

  test.each([400, 1500, 2600])("byte %i to the board is lost: it is sent again", async (lost) => {
    const { write, stored } = desk({ cable: { toBoard: losing(lost) } });
    await write("lamp.a", text(3000));
    expect(stored("lamp.a")).toEqual(text(3000));
  });

  test("an acknowledgement is lost: what was written is not written twice", async () => {
    let acknowledgements = 0;
    const toDesk = (bytes: string): string =>
      [...bytes].filter((one) => one !== "\x06" || ++acknowledgements !== 4).join("");
    const { write, stored } = desk({ cable: { toDesk } });
    await write("lamp.a", text(3000));
    expect(stored("lamp.a")).toEqual(text(3000));
  });

  test("an answer to a piece of an old board is lost", async () => {
    let answers = 0;
    const toDesk = (bytes: string): string => (/>/.test(bytes) && ++answers === 8 ? "" : bytes);
    const { write, stored } = desk({ cable: { toDesk, toBoard: withoutPackets } });
    await write("lamp.a", text(1500));
    expect(stored("lamp.a")).toEqual(text(1500));
  });
});

describe("what cannot be written is said, and nothing hangs", () => {
  test.each([
    ["in packets", text(400_000), undefined],
    ["byte by byte", everyByte(400_000), undefined],
    ["to a board without packets", text(400_000), withoutPackets],
  ])("no room in Storage, %s", async (_how, content, toBoard) => {
    const storage = { flash: { pages: 16, pageBytes: 4096 } };
    const { write, refusal, read } = desk({
      board: { profile: { name: "bench", wifi: false, ...storage } },
      ...(toBoard && { cable: { toBoard } }),
    });
    await write("old", text(100));
    const error = await refusal(write("new", content.subarray(0, 70_000)));
    expect(error.code).toBe("refused");
    expect(error.message).toContain("Storage is full: erase files that nobody needs, or compact it");
    expect(await read("old")).toEqual(text(100));
  });

  test.each(["", "a name of more than twenty-eight", "naïve", "line\n"])("the name %j", async (name) => {
    const { write, refusal } = desk();
    const error = await refusal(write(name, text(10)));
    expect(error.message).toContain("1 to 28 printable ASCII characters");
  });

  test("nothing to write", async () => {
    const { write, refusal } = desk();
    expect((await refusal(write("empty", new Uint8Array()))).message).toContain(
      "Storage holds no empty files",
    );
  });

  test("the cable is pulled in the middle, at any byte", async () => {
    for (const after of [1, 40, 170, 200, 1000, 1300, 1500, 2500]) {
      const { clock, port, console, refusal } = desk();
      const writing = console.writeFile("lamp.a", text(2500));
      await clock.advance((after * 1000) / 11_520);
      const before = clock.now();
      port.pull();
      expect((await refusal(inBoardTime(clock, writing))).code).toBe("gone");
      expect(clock.now() - before).toBeLessThan(10);
    }
  });

  test("the power goes in the middle: the board is late, and takes the file after its restart", async () => {
    const { clock, board, console, refusal, write, stored } = desk();
    const writing = console.writeFile("lamp.a", text(5000));
    await clock.advance(200);
    board.powerOff();
    const error = await refusal(inBoardTime(clock, writing, 200_000));
    expect(error.code).toBe("timeout");
    board.boot();
    await write("lamp.a", text(5000));
    expect(stored("lamp.a")).toEqual(text(5000));
  });
});

describe("a board with few variables", () => {
  /** As an ESP8266 with a lamp on it. */
  const small = { name: "small", wifi: false, memory: { variables: 1600, blockSize: 14 } };

  test("is sent pieces that it can hold beside its program", async () => {
    const { board, write, stored, clock } = desk({
      board: { profile: small },
      bundle: "var held=[];for(var i=0;i<1200;i++)held.push(i)",
    });
    await clock.advance(10);
    await write("lamp.a", text(9216));
    expect(stored("lamp.a")).toEqual(text(9216));
    expect(board.console.join("\n")).not.toMatch(/MEMORY|Out of/i);
  });
});
