// Records console-transcripts.json: ESPRUINO_BIN=/path/to/espruino node --import tsx test/vectors/record-console.ts
import { writeFileSync } from "node:fs";
import { playOnInterpreter } from "../fixtures/console-interpreter.ts";
import { consoleSessions } from "./console-sessions.ts";

/** This interpreter garbles now and then what is typed; what came twice the same was not garbled. */
const MOST_ATTEMPTS = 6;

const interpreter = process.env.ESPRUINO_BIN;
if (!interpreter) throw new Error("set ESPRUINO_BIN to the path of Espruino for Linux");

async function twiceTheSame(interpreter: string, steps: (string | number)[]): Promise<string[]> {
  const seen = new Set<string>();
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const answers = await playOnInterpreter(interpreter, steps);
    if (seen.has(JSON.stringify(answers))) return answers;
    seen.add(JSON.stringify(answers));
  }
  throw new Error(`no two runs of ${JSON.stringify(steps.slice(0, 3))} … were the same`);
}

const transcripts: Record<string, string[]> = {};
await Promise.all(
  consoleSessions.map(async ({ title, steps }) => {
    transcripts[title] = await twiceTheSame(interpreter, steps);
  }),
);
const ordered = Object.fromEntries(consoleSessions.map(({ title }) => [title, transcripts[title]]));
const comment =
  "Made by: ESPRUINO_BIN=... node --import tsx test/vectors/record-console.ts. What Espruino 2v29.277 answered to the sessions in console-sessions.ts: first its start, then one string a step, one character a byte.";
writeFileSync(
  new URL("console-transcripts.json", import.meta.url),
  `${JSON.stringify({ $comment: comment, transcripts: ordered }, undefined, 2)}\n`,
);
