// Questions to a board that get lost or torn on their way, or no answer at all: what the desk makes of them, in one line.
import { afterEach, describe, expect, test } from "vitest";
import { BoardConsole } from "../tools/console/board-console.ts";
import { closeDesks, desk, withoutPackets } from "./fixtures/console-desk.ts";
import { inBoardTime } from "./fixtures/simulated-port.ts";

afterEach(closeDesks);

test.each([
  ["a packet", undefined],
  ["a line", withoutPackets],
])("a question that arrives torn, as %s, did not run and is asked again", async (_, without) => {
  let tears = true;
  const toBoard = (bytes: string): string => {
    const arrives = without?.(bytes) ?? bytes;
    if (!tears || !arrives.includes("asked=")) return arrives;
    tears = false;
    return arrives.replace("asked=", "asked}");
  };
  const { evaluate } = desk({ cable: { toBoard, together: 1000 } });
  expect(await evaluate("global.asked=(global.asked||0)+1")).toBe(1);
  expect(tears).toBe(false);
});

describe("a question without an answer", () => {
  test.each([
    ["nope()", 'the board says: ReferenceError: "nope" is not defined'],
    ["(function(){throw new Error('the lamp is dark')})()", "the board says: Error: the lamp is dark"],
    ["(function(){throw 'just text'})()", "the board says: just text"],
    ["1 +", "the board says: SyntaxError:"],
  ])("%s is the board's own exception", async (expression, message) => {
    for (const toBoard of [undefined, withoutPackets]) {
      const { console, refusal, evaluate } = desk({ cable: { ...(toBoard && { toBoard }) } });
      const error = await refusal(console.evaluate(expression));
      expect(error.code).toBe("thrown");
      expect(error.message).toContain(message);
      expect(await evaluate("'still'+' there'")).toBe("still there");
    }
  });

  test("a cable that is pulled: at once, and for ever after", async () => {
    const { clock, console, port, refusal, evaluate } = desk();
    expect(await evaluate("1")).toBe(1);
    const waiting = console.evaluate("2", { deadlineMs: 60_000 });
    await clock.advance(1);
    const before = clock.now();
    port.pull("it was unplugged");
    const error = await refusal(waiting);
    expect(clock.now() - before).toBeLessThan(10);
    expect(error.code).toBe("gone");
    expect(error.message).toBe(
      "simulated is gone (it was unplugged): plug the cable in again, then repeat the command",
    );
    expect((await refusal(console.evaluate("3"))).code).toBe("gone");
    expect((await refusal(console.send("x"))).code).toBe("gone");
  });

  test("a board without power is silent", async () => {
    const { console, refusal, clock } = desk({ withoutPower: true });
    const error = await refusal(console.evaluate("1"));
    expect(error.code).toBe("silent");
    expect(error.message).toContain("check that the board has power");
    expect(clock.now()).toBeLessThan(12_000);
  });

  test("a board that hangs is late, and its late answer is not taken for the next", async () => {
    const { board, console, refusal, evaluate, clock } = desk();
    expect(await evaluate("1")).toBe(1);
    board.powerOff();
    const error = await refusal(console.evaluate("2", { deadlineMs: 300 }));
    expect(error).toMatchObject({
      code: "timeout",
      message: "no answer from simulated to 2: restart the board (reset button) and try again",
    });
    board.boot();
    await clock.advance(50);
    expect(await evaluate("3")).toBe(3);
  });

  test("a cable that takes nothing any more, and does not say so", async () => {
    const { clock, port } = desk();
    const stuck = { ...port, write: () => new Promise<void>(() => undefined) };
    const console = new BoardConsole(stuck, { clock });
    await expect(inBoardTime(clock, console.evaluate("1"))).rejects.toMatchObject({
      code: "timeout",
      message: "simulated took nothing for 10 s: restart the board and try again",
    });
    await console.close();
  });

  test("the wrong baud rate", async () => {
    const garble = (bytes: string): string =>
      bytes.replace(/[\s\S]/g, (one) => String.fromCharCode((one.charCodeAt(0) * 37 + 0x80) & 255));
    const { console, refusal } = desk({
      bundle: "setInterval(function(){print('the lamp is on')},100)",
      cable: { toDesk: garble, toBoard: garble },
    });
    const error = await refusal(console.evaluate("1"));
    expect(error.code).toBe("garbled");
    expect(error.message).toMatch(/is no text \(\d+ % unprintable\): try another baud rate/);
  });

  test.each([
    ["a board that asks for a password", undefined],
    ["one without packets", withoutPackets],
  ])("%s is locked, and answers once unlocked", async (_which, toBoard) => {
    const { clock, console, refusal, evaluate, board } = desk({
      bundle: "E.setPassword('hush');E.lockConsole()",
      cable: { ...(toBoard && { toBoard }) },
    });
    const error = await refusal(console.evaluate("1"));
    expect(error.code).toBe("locked");
    expect(error.message).toContain("locked by a password");
    board.consolePort.receive("\nhush\n");
    await clock.advance(100);
    expect(await evaluate("1")).toBe(1);
  });

  test("a console that is locked between two questions", async () => {
    const { console, refusal, evaluate, clock } = desk({ bundle: "E.setPassword('hush')" });
    expect(await evaluate("1")).toBe(1);
    expect(await evaluate("E.lockConsole()")).toBe(undefined);
    await inBoardTime(clock, console.send("\n"));
    expect((await refusal(console.evaluate("2"))).code).toBe("locked");
  });

  test("something that talks and is no Espruino", async () => {
    const { console, refusal } = desk({ cable: { toDesk: () => "login: " } });
    const error = await refusal(console.evaluate("1"));
    expect(error.code).toBe("timeout");
    expect(error.message).toContain('it said: "');
    expect(error.message).toContain("login: ");
  });
});
