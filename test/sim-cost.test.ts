/** What a simulated board costs the desk. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { type BoardCost, hourOfBoardTime } from "../bench/board.ts";
import { simulatedPort } from "../bench/codec.ts";
import { builtBundle } from "../bench/wick-bundle.ts";

const run = promisify(execFile);

test("a lamp that is online takes less than 200 KB of heap, its side of the network included", async () => {
  const program = fileURLToPath(new URL("fixtures/board-cost.ts", import.meta.url));
  const { stdout } = await run(process.execPath, ["--import", "tsx", program]);
  const { heapKilobytes } = JSON.parse(stdout) as BoardCost;
  expect(heapKilobytes).toBeLessThan(200);
});

test("an hour of board time with a command a second goes by without a pause", async () => {
  const { code } = await builtBundle(simulatedPort, 1);
  // Throws when a command was lost; how long it takes is for `npm run bench -- --only board` to tell.
  await hourOfBoardTime(code, 1);
});
