/** What is said while something takes long. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { saying } from "../tools/cli/waiting.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv("TERM", "xterm");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

function terminal(isTTY = true) {
  const written: string[] = [];
  return { written, isTTY, write: (text: string) => written.push(text) > 0 };
}

/** Ends after so many milliseconds. */
const lasting = (ms: number) => () => new Promise<string>((resolve) => setTimeout(resolve, ms, "done"));

test("what is over soon is not spoken of", async () => {
  const { written, ...stream } = terminal();
  const result = saying("Building the lamp", lasting(100), { terminal: stream, now: () => 200 });
  await vi.advanceTimersByTimeAsync(100);
  expect(await result).toBe("done");
  // Nor later: other timers of this process do not count here.
  await vi.advanceTimersByTimeAsync(1000);
  expect(written).toEqual([]);
});

test("what takes long is said once, and the line is gone when it is over", async () => {
  const { written, ...stream } = terminal();
  const result = saying("Building the lamp", lasting(5000), { terminal: stream, now: () => 200 });
  await vi.advanceTimersByTimeAsync(4999);
  expect(written).toEqual(["Building the lamp…"]);
  await vi.advanceTimersByTimeAsync(1);
  await result;
  expect(written).toEqual(["Building the lamp…", "\r\x1b[K"]);
});

test("where the program is late already it is said before, as work may let no timer through", async () => {
  const { written, ...stream } = terminal();
  const result = saying("Building the lamp", async () => [...written], { terminal: stream, now: () => 2000 });
  expect(await result).toEqual(["Building the lamp…"]);
});

test("a failure takes the line away too", async () => {
  const { written, ...stream } = terminal();
  const fails = async () => {
    throw new Error("no");
  };
  await expect(saying("Building", fails, { terminal: stream, now: () => 2000 })).rejects.toThrow("no");
  expect(written).toEqual(["Building…", "\r\x1b[K"]);
});

test.each([
  ["a pipe", { isTTY: false, TERM: "xterm", quiet: false }],
  ["a terminal that knows no cursor", { isTTY: true, TERM: "dumb", quiet: false }],
  ["--quiet", { isTTY: true, TERM: "xterm", quiet: true }],
])("nothing is said on %s", async (_, { isTTY, TERM, quiet }) => {
  vi.stubEnv("TERM", TERM);
  const { written, ...stream } = terminal(isTTY);
  await saying("Building", async () => "", { terminal: stream, now: () => 2000, quiet });
  expect(written).toEqual([]);
});
