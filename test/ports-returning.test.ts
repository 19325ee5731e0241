// A cable that may be lost while its board starts over: opened again, or told to be gone; a simulated board on its clock.
import { expect, test } from "vitest";
import { BoardConsole } from "../tools/console/board-console.ts";
import { returningPort } from "../tools/ports/returning.ts";
import { flashBoard } from "./fixtures/flash-board.ts";
import { inBoardTime, type SimulatedPort, simulatedPort } from "./fixtures/simulated-port.ts";

function desk() {
  const { clock, board } = flashBoard();
  board.boot();
  const cables: SimulatedPort[] = [simulatedPort({ clock, board })];
  const state = { isThere: true, attempts: 0 };
  const open = async (): Promise<SimulatedPort> => {
    state.attempts++;
    if (!state.isThere) throw new Error("not there");
    const cable = simulatedPort({ clock, board });
    cables.push(cable);
    return cable;
  };
  const port = returningPort(cables[0] as SimulatedPort, open, { clock, withinMs: 20_000 });
  const gone: string[] = [];
  port.onGone((reason) => gone.push(reason));
  return { clock, cables, state, port, gone, console: new BoardConsole(port, { clock, packets: true }) };
}

test("it is opened again, and the same conversation goes on", async () => {
  const { clock, cables, state, port, gone, console } = desk();
  expect(await inBoardTime(clock, console.evaluate("1"))).toBe(1);
  port.mayDrop?.(true);
  state.isThere = false;
  cables[0]?.pull();
  const asked = console.evaluate("6*7");
  await clock.advance(2000);
  state.isThere = true;
  expect(await inBoardTime(clock, asked)).toBe(42);
  expect(gone).toEqual([]);
  expect(cables).toHaveLength(2);
});

test("a question that waited too long fails, and nothing of it is sent later", async () => {
  const { clock, cables, state, port, console } = desk();
  expect(await inBoardTime(clock, console.evaluate("n=1"))).toBe(1);
  port.mayDrop?.(true);
  state.isThere = false;
  cables[0]?.pull();
  await expect(inBoardTime(clock, console.evaluate("n++"))).rejects.toMatchObject({ code: "timeout" });
  state.isThere = true;
  await clock.advance(1000);
  expect(await inBoardTime(clock, console.evaluate("n"))).toBe(1);
});

test("it stays away: told once the time is over, in the words of the loss", async () => {
  const { clock, cables, state, port, gone } = desk();
  port.mayDrop?.(true);
  state.isThere = false;
  cables[0]?.pull("the board went off");
  await clock.advance(19_000);
  expect(gone).toEqual([]);
  await clock.advance(2000);
  expect(gone).toEqual(["the board went off"]);
});

test("a loss that nobody allowed is told at once, and nothing is opened", async () => {
  const { clock, cables, state, port, gone } = desk();
  port.mayDrop?.(true);
  port.mayDrop?.(false);
  cables[0]?.pull();
  expect(gone).toEqual(["the cable was pulled"]);
  await clock.advance(5000);
  expect(state.attempts).toBe(0);
});

test("it is closed while it is away: nobody goes on looking for it, and nothing is told", async () => {
  const { clock, cables, state, port, gone } = desk();
  port.mayDrop?.(true);
  state.isThere = false;
  cables[0]?.pull();
  await clock.advance(1000);
  await port.close();
  const { attempts } = state;
  state.isThere = true;
  await clock.advance(30_000);
  expect(state.attempts).toBe(attempts);
  expect(gone).toEqual([]);
});
