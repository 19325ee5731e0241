// The pause before the next attempt: jitter, growth, ceiling.
import { afterEach, expect, test, vi } from "vitest";
import { backoffSeconds } from "../firmware/link/backoff.ts";

afterEach(() => vi.restoreAllMocks());

/** The longest pause there can be after so many failures. */
function longest(failures: number): number {
  vi.spyOn(Math, "random").mockReturnValue(0.999_999_9);
  return backoffSeconds(failures);
}

test("can always be as short as a second: full jitter", () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  for (let failures = 0; failures < 100; failures++) expect(backoffSeconds(failures)).toBe(1);
});

test("its bound doubles from one failure to the next, up to 30 s", () => {
  const bounds = Array.from({ length: 8 }, (_, failures) => longest(failures));
  expect(bounds).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
});

test("is a whole number of seconds of 1 to 30, however many failures there were", () => {
  for (const failures of [0, 1, 5, 6, 31, 32, 33, 1_000, 2 ** 31, 1e12]) {
    for (let turn = 0; turn < 50; turn++) {
      const pause = backoffSeconds(failures);
      expect(Number.isInteger(pause)).toBe(true);
      expect(pause).toBeGreaterThanOrEqual(1);
      expect(pause).toBeLessThanOrEqual(30);
    }
    expect(longest(failures)).toBeGreaterThanOrEqual(failures > 5 ? 30 : 1);
    vi.restoreAllMocks();
  }
});

test("lets a thousand lamps come back spread out, not all at once", () => {
  const seconds = new Map<number, number>();
  for (let lamp = 0; lamp < 3_000; lamp++) {
    const pause = backoffSeconds(6);
    seconds.set(pause, (seconds.get(pause) ?? 0) + 1);
  }
  expect(seconds.size).toBe(30);
  expect(Math.max(...seconds.values())).toBeLessThan(200);
});
