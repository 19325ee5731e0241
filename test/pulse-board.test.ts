/** digitalPulse with whatever a program hands it: what is no duration is refused, or only turns the level round. */
import { afterEach, expect, test } from "vitest";
import { type BoardDriver, onEveryBoard } from "./drivers/index.ts";

const NEITHER = "Error: Pulse Time is less than 0 or not a number";

const calls: [string, string][] = [
  ["1", "ok"],
  ["0", "ok"],
  ["-1", NEITHER],
  ["NaN", NEITHER],
  ["undefined", "Error: Expecting Number or Array, got undefined"],
  ["[]", "ok"],
  ["[NaN,1]", "ok"],
  ["[-5,1]", "ok"],
  ["{}", "ok"],
  ['"x"', "ok"],
];

onEveryBoard("digitalPulse", (kind) => {
  let driver: BoardDriver;
  afterEach(() => driver.close());

  test.each(calls)("of %s", async (times, said) => {
    driver = kind.create();
    const board = await driver.start({
      bundle: `try { digitalPulse(D2, 1, ${times}); print("ok") } catch (e) { print("" + e) } setTimeout(print, 20, "on it goes")`,
    });
    await board.advance(100);
    expect(board.console).toEqual([said, "on it goes"]);
  });
});
