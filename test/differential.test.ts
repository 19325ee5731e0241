// The simulator is held to the real interpreter: generated sessions, recorded on it, happen the same way in the simulator.
import { describe, expect, test } from "vitest";
import { firstDifference, playOnInterpreter, playOnSimulator } from "./differential/compare.ts";
import { kinds, sessionsOf, tracesOf } from "./differential/sessions.ts";
import { together } from "./differential/together.ts";
import { readTraces } from "./differential/trace.ts";

const interpreter = process.env.ESPRUINO_BIN;
/** Of the sessions of a kind, every how many is played on the interpreter as well; all of them with DIFFERENTIAL=all. */
const every = process.env.DIFFERENTIAL === "all" ? 1 : 4;
/** Interpreters at a time. */
const atOnce = 12;

test("there are at least 200 sessions", () => {
  expect(kinds.flatMap(sessionsOf).length).toBeGreaterThanOrEqual(200);
});

describe.each(kinds)("%s", (kind) => {
  const traces = readTraces(tracesOf(kind));

  test("what is recorded are these sessions", () => {
    const recorded = traces.map(({ header }) => [header.session, header.seed]);
    expect(recorded, "the sessions have changed: npm run record:traces").toEqual(
      sessionsOf(kind).map(({ name, seed }) => [name, seed]),
    );
  });

  test("the simulator does what the interpreter did, to the byte and in the same order", async () => {
    const differences: string[] = [];
    for (const [index, session] of sessionsOf(kind).entries()) {
      const { events } = await playOnSimulator(session);
      const difference = firstDifference(events, traces[index]?.events ?? []);
      if (difference !== undefined) differences.push(`${session.name}: ${difference}`);
    }
    expect(differences).toEqual([]);
  });
});

describe.skipIf(!interpreter)("the interpreter itself (ESPRUINO_BIN)", () => {
  test("does the same now", { timeout: 300_000 }, async () => {
    const chosen = kinds.flatMap((kind) => sessionsOf(kind).filter((_, index) => index % every === 0));
    const differences = await together(chosen, atOnce, async (session) => {
      const simulated = await playOnSimulator(session);
      const { events } = await playOnInterpreter(session, interpreter ?? "", simulated.events);
      const difference = firstDifference(simulated.events, events);
      return difference === undefined ? [] : [`${session.name}: ${difference}`];
    });
    expect(differences.flat()).toEqual([]);
  });
});
