/** What a simulated board costs the desk. */
import { expect, test } from "vitest";
import { boardCost, hourOfBoardTime } from "../bench/board.ts";
import { simulatedPort } from "../bench/codec.ts";
import { builtBundle } from "../bench/wick-bundle.ts";

test("a lamp that is online takes less than 200 KB of heap, its side of the network included", async () => {
  const { code } = await builtBundle(simulatedPort, 1);
  const { heapKilobytes } = await boardCost(code, 150);
  expect(heapKilobytes).toBeLessThan(200);
});

test("an hour of board time with a command a second goes by without a pause", async () => {
  const { code } = await builtBundle(simulatedPort, 1);
  // Throws when a command was lost; how long it takes is for `npm run bench -- --only board` to tell.
  await hourOfBoardTime(code, 1);
});
