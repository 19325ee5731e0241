// The desk's end of the console, on the simulated board: questions and answers over a cable that is slow, noisy, cut, locked or dead.
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { ConsoleError } from "../tools/console/errors.ts";
import { closeDesks, desk, withoutPackets } from "./fixtures/console-desk.ts";
import { inBoardTime } from "./fixtures/simulated-port.ts";

afterEach(closeDesks);

describe("a question is answered", () => {
  test.each([
    ["1+1", 2],
    ["undefined", undefined],
    ["null", null],
    ["'text with \"quotes\", a \\\\ and\\nlines'", 'text with "quotes", a \\ and\nlines'],
    ["[1, 2.5, [true], {a: 'b'}]", [1, 2.5, [true], { a: "b" }]],
    ["'\\x00\\x06\\x10\\x11\\x13\\x15\\x7f\\x80\\xff'", "\x00\x06\x10\x11\x13\x15\x7f\x80\xff"],
    ["1, 2", 2],
    ["'a'.repeat(3000).length", 3000],
    ["(function () { print('by the way'); return 7 })()", 7],
  ])("%s", async (expression, value) => {
    expect(await desk().evaluate(expression)).toEqual(value);
  });

  test.each([
    ["1+1", 2],
    ["undefined", undefined],
    ["'\"\\\\\\n\\xff'", '"\\\n\xff'],
    ["({a:[1]})", { a: [1] }],
  ])("%s, by a board without packets", async (expression, value) => {
    const { evaluate, console, heard } = desk({ cable: { toBoard: withoutPackets } });
    expect(await evaluate(expression)).toEqual(value);
    expect(console.packets).toBe(false);
    expect(heard()).not.toMatch(/CRC32|2v29\.277 \d|\.[0-9a-z]+[<>!]/);
  });

  test("whether a board takes packets is found out, and what is half typed on its console stays", async () => {
    const { clock, board, console, evaluate, heard } = desk();
    board.consolePort.receive("40+");
    expect(await evaluate("1")).toBe(1);
    expect(console.packets).toBe(true);
    board.consolePort.receive("2\n");
    await clock.advance(100);
    expect(heard()).toMatch(/=42\r\n>$/);
  });

  test("several questions at once are asked one after the other", async () => {
    const { clock, console } = desk();
    const answers = [1, 2, 3, 4].map((number) => console.evaluate(`${number}*10`));
    expect(await inBoardTime(clock, Promise.all(answers))).toEqual([10, 20, 30, 40]);
  });

  test("after a packet that somebody left unfinished", async () => {
    const { board, evaluate } = desk();
    board.consolePort.receive("\x10\x01\x3f\xffhalf a packet");
    expect(await evaluate("6*7")).toBe(42);
  });

  test("by a board without packets on whose console something is half typed", async () => {
    const { board, evaluate } = desk({ cable: { toBoard: withoutPackets } });
    board.consolePort.receive("print('half");
    expect(await evaluate("6*7")).toBe(42);
  });
});

describe("what the board says by itself", () => {
  const chatty =
    "var n=0;setInterval(function(){print('lamp '+(n++)+' <1.0< >1.0>;\\x06\\x10\\x01 \\x15')},5)";

  test("is no answer, however much of it there is, and nothing of it is lost", async () => {
    const { evaluate, heard } = desk({ bundle: chatty });
    for (let question = 0; question < 8; question++)
      expect(await evaluate(`${question}*2`)).toBe(question * 2);
    const said = [...heard().matchAll(/lamp (\d+) <1.0< >1.0>;/g)].map(([, number]) => Number(number));
    expect(said.length).toBeGreaterThan(20);
    expect(said).toEqual(said.map((_, index) => index));
    expect(heard()).not.toMatch(/JSON|CRC32|\*2/);
  });

  test("is passed on at once, also while an answer is awaited", async () => {
    const { clock, console, heard } = desk({
      bundle: "setTimeout(function(){print('early')},50);setTimeout(function(){print('late')},250)",
    });
    const answer = console.evaluate("1");
    await inBoardTime(clock, answer);
    await clock.advance(100);
    expect(heard()).toContain("early\r\n");
    expect(heard()).not.toContain("late");
  });

  test("has the bytes of flow control taken out", async () => {
    const { clock, heard, console } = desk({ cable: { toDesk: (bytes) => `\x13\x11${bytes}` } });
    await inBoardTime(clock, console.send("print('x'+'y')\n"));
    await clock.advance(100);
    expect(heard()).toContain("xy\r\n");
    expect(heard()).not.toMatch(/[\x11\x13]/);
  });
});

describe("an answer is recognised", () => {
  test("with flow control between any two of its bytes", async () => {
    const flow = (bytes: string): string => bytes.replace(/[\s\S]/g, "\x13\x11$&");
    for (const toBoard of [undefined, withoutPackets]) {
      const { evaluate } = desk({ cable: { toDesk: flow, ...(toBoard && { toBoard }) } });
      expect(await evaluate("'0123456789'.repeat(5)")).toBe("0123456789".repeat(5));
    }
  });

  test("cut into pieces of any size, after any text", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.string({ maxLength: 30 }),
        fc.stringMatching(/^[\x20-\x7e]{0,20}$/),
        async (pieceBytes, value, noise) => {
          const cable = { bytesPerSecond: 1_000_000, together: pieceBytes };
          const latin1 = [...value].map((one) => String.fromCharCode(one.charCodeAt(0) & 255)).join("");
          const bundle = `setInterval(function(){print(${JSON.stringify(noise)})},2)`;
          const { evaluate } = desk({ bundle, cable });
          const hex = [...latin1].map((one) => one.charCodeAt(0).toString(16).padStart(2, "0")).join("\\x");
          expect(await evaluate(hex === "" ? "''" : `'\\x${hex}'`)).toBe(latin1);
        },
      ),
      { numRuns: 20 },
    );
  });

  test("or as damaged, when a byte of what comes is changed on the way, whichever", async () => {
    const outcomes = new Set<string>();
    for (let changed = 0; changed < 60; changed++) {
      let at = Number.POSITIVE_INFINITY;
      const toDesk = (bytes: string): string =>
        [...bytes].map((one) => (at-- === 0 ? String.fromCharCode(one.charCodeAt(0) ^ 0x20) : one)).join("");
      const { clock, console, evaluate } = desk({ cable: { toDesk } });
      expect(await evaluate("1")).toBe(1);
      at = changed;
      const asking = console.evaluate("'a long enough answer'", { deadlineMs: 500 });
      // Never a wrong value: where the byte does not matter the right one, else an error.
      const outcome = await inBoardTime(
        clock,
        asking.catch((error: ConsoleError) => error.code),
      );
      expect(["a long enough answer", "garbled", "timeout"]).toContain(outcome);
      outcomes.add(String(outcome));
    }
    expect(outcomes.size).toBe(3);
  });

  test("and what may be asked twice is asked again when its answer is damaged", async () => {
    let spoil = false;
    const toDesk = (bytes: string): string => {
      if (!spoil || !bytes.includes("enough")) return bytes;
      spoil = false;
      return bytes.replace("enough", "ENOUGH");
    };
    const { clock, console, evaluate } = desk({ cable: { toDesk, together: 1000 } });
    expect(await evaluate("1")).toBe(1);
    for (const repeatable of [true, false]) {
      spoil = true;
      const asking = console.evaluate("'long enough'", { repeatable });
      const outcome = await inBoardTime(
        clock,
        asking.catch((error: ConsoleError) => error.code),
      );
      expect(outcome).toBe(repeatable ? "long enough" : "garbled");
    }
  });
});

describe("a lamp that runs is left in peace", () => {
  test("it hears no Ctrl-C, keeps its timers, and goes on printing", async () => {
    const typed: string[] = [];
    const { evaluate } = desk({
      bundle: "var ticks=0;setInterval(function(){ticks++},100)",
      cable: {
        toBoard: (bytes) => {
          typed.push(bytes);
          return bytes;
        },
      },
    });
    const before = Number(await evaluate("ticks"));
    await evaluate("'x'.repeat(500).length");
    expect(Number(await evaluate("ticks"))).toBeGreaterThanOrEqual(before);
    expect(typed.join("")).not.toMatch(/[\x03\x04\x11\x13]/);
  });

  test("only a board that does not answer hears it", async () => {
    const { board, console, refusal } = desk({
      cable: {
        toBoard: (bytes) => {
          typed += bytes;
          return bytes;
        },
      },
    });
    let typed = "";
    board.powerOff();
    await refusal(console.evaluate("1"));
    expect(typed.match(/\x03/g)).toHaveLength(1);
  });
});
