/** The host shines through nowhere: its time zone and its own errors do not reach a board's program, and no program ends the host. */
import { afterEach, describe, expect, test } from "vitest";
import { bootedBoard } from "./fixtures/booted-board.ts";

const hostZone = process.env.TZ;

afterEach(() => {
  if (hostZone === undefined) delete process.env.TZ;
  else process.env.TZ = hostZone;
});

describe("the board's local time is UTC in whatever zone the host is", () => {
  test.each(["Asia/Tokyo", "America/St_Johns", "UTC"])("on a host in %s", (zone) => {
    process.env.TZ = zone;
    const { board } = bootedBoard();
    const answer = (code: string): unknown => board.evaluate(code);
    const noon = Date.UTC(2026, 6, 1, 12);
    expect(answer("new Date(2026, 6, 1, 12).getTime()")).toBe(noon);
    expect(answer("new Date(2026, 6, 1, 12).getHours()")).toBe(12);
    expect(answer("new Date(0).getTimezoneOffset()")).toBe(0);
    expect(answer("var d = new Date(0); d.setHours(5); d.getTime()")).toBe(5 * 3_600_000);
    for (const text of ["2026-07-01T12:00:00", "2026-07-01 12:00", "Wed, 1 Jul 2026 12:00:00"])
      expect(answer(`Date.parse("${text}")`), text).toBe(noon);
    for (const text of ["2026-07-01T12:00:00Z", "2026-07-01T14:00:00+02:00", "1 Jul 2026 12:00:00 GMT"])
      expect(answer(`new Date("${text}").getTime()`), text).toBe(noon);
    expect(answer('Date.parse("2026-07-01")')).toBe(Date.UTC(2026, 6, 1));
    expect(answer('Date.parse("nonsense")')).toBe(0);
  });
});

describe("what has no text and no number ends neither the board nor the host", () => {
  test.each([
    "setTimeout(print, Object.create(null))",
    "require(Object.create(null))",
    "digitalPulse(D2, 1, [Object.create(null)])",
    "JSON.parse(Object.create(null))",
    "atob({ toString: () => ({}), valueOf: () => ({}) })",
  ])("%s", async (code) => {
    const { board, clock } = bootedBoard(
      `setInterval(print, 1000, "alive"); setTimeout(() => { ${code} }, 10);`,
    );
    await clock.advance(1000);
    expect(board.console[0]).toMatch(/^Uncaught TypeError: /);
    expect(board.console).toContain("alive");
  });

  test("nor does a promise that is rejected with it", async () => {
    const { board, clock } = bootedBoard(
      'setInterval(print, 1000, "alive"); Promise.reject(Object.create(null)); Promise.reject(1);',
    );
    await clock.advance(1000);
    expect(board.console).toContain("alive");
  });

  test.each([
    "String = 1",
    "Array = 1; Date = 1; Number = 1",
    "Object = 1; JSON = 1; Math = 1",
    "var E = 5, process = 2, Pin = 3",
  ])("nor does a program that puts something of its own in the place of a built-in: %s", async (code) => {
    const { board, clock } = bootedBoard(`${code}; setInterval(print, 1000, "alive");`);
    board.consolePort.receive("x.\tE.\t[1.5,'a']\nprint({ a: 1 }, [1])\n");
    await clock.advance(2000);
    expect(board.console).toContain("alive");
    expect(board.console).toContain('{ "a": 1 } [ 1 ]');
  });

  test("its program catches an error of the board's own, not of the host", () => {
    const { board } = bootedBoard();
    expect(
      board.evaluate("try { setTimeout(print, Object.create(null)) } catch (e) { e instanceof Error }"),
    ).toBe(true);
  });
});
