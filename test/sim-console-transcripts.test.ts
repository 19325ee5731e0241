// The console of the simulated board against recordings of the real interpreter's, byte for byte; and, where there is one, the interpreter against the recordings.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { loadProfile } from "../tools/config/profile.ts";
import { playOnInterpreter } from "./fixtures/console-interpreter.ts";
import { consoleSessions, type Typed } from "./vectors/console-sessions.ts";

const { transcripts } = JSON.parse(
  readFileSync(new URL("vectors/console-transcripts.json", import.meta.url), "utf8"),
) as { transcripts: Record<string, string[]> };
const linux = loadProfile("linux");

/** Board time for an answer. */
const answerMs = 50;

async function playOnSimulator(steps: readonly Typed[]): Promise<string[]> {
  const clock = new VirtualClock();
  const board = createBoard({ profile: linux, bundle: "", clock, network: new LoopbackNetwork(clock) });
  let answer = "";
  board.consolePort.onOutput((bytes) => {
    answer += bytes;
  });
  const answers: string[] = [];
  const wait = async (ms: number) => {
    await clock.advance(ms);
    answers.push(answer);
    answer = "";
  };
  board.boot();
  await wait(answerMs);
  for (const step of steps) {
    if (typeof step === "string") board.consolePort.receive(step);
    await wait(typeof step === "number" ? step : answerMs);
  }
  return answers;
}

/** Each answer beside what was typed for it, so that a difference shows where it was. */
function conversation(steps: readonly Typed[], answers: readonly string[]): string[] {
  const typed = ["(start)", ...steps.map((step) => JSON.stringify(step))];
  return answers.map((answer, index) => `${typed[index]} -> ${JSON.stringify(answer)}`);
}

describe("the simulated console answers as the interpreter did", () => {
  for (const { title, steps } of consoleSessions) {
    test(title, async () => {
      const recorded = transcripts[title] ?? [];
      expect(recorded).toHaveLength(steps.length + 1);
      expect(conversation(steps, await playOnSimulator(steps))).toEqual(conversation(steps, recorded));
    });
  }

  test("the same keys at the same board times give the same bytes", async () => {
    for (const { steps } of consoleSessions)
      expect(await playOnSimulator(steps)).toEqual(await playOnSimulator(steps));
  });
});

const interpreter = process.env.ESPRUINO_BIN;

describe.skipIf(!interpreter)("the interpreter answers as recorded (ESPRUINO_BIN)", () => {
  for (const { title, steps } of consoleSessions) {
    // It garbles now and then what is typed: one good run of three counts.
    test.concurrent(title, { retry: 2 }, async ({ expect }) => {
      const answers = await playOnInterpreter(interpreter ?? "", steps);
      expect(conversation(steps, answers)).toEqual(conversation(steps, transcripts[title] ?? []));
    });
  }
});
