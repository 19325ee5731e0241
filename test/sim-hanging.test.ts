/** A program on the simulated board that never returns: the process ends by itself, and says why. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

const GUARD = new URL("../tools/cli/simulate/hang-guard.ts", import.meta.url);

/** Runs `code` in a process of its own under a guard of `limitMs`. */
async function guarded(
  code: string,
  limitMs: number,
): Promise<{ exitCode: number | null; complaint: string }> {
  const script = `import { guardAgainstHanging } from ${JSON.stringify(GUARD.href)};
const stop = guardAgainstHanging(${limitMs});
${code}`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const [exitCode] = await once(child, "close");
  return { exitCode, complaint };
}

test("an endless loop on the board ends the process with code 1 and one line", async () => {
  const { exitCode, complaint } = await guarded(
    `import { createContext, runInContext } from "node:vm";
setTimeout(() => runInContext("for (;;);", createContext({})), 1);
setTimeout(() => {}, 1e9);`,
    400,
  );
  expect(exitCode).toBe(1);
  expect(complaint.trim().split("\n")).toEqual([
    expect.stringMatching(/^the program on the board did not return for 0\.4 s: it has an endless loop/),
  ]);
});

test("a process whose work is done ends as if nobody had watched", async () => {
  expect(await guarded("setTimeout(() => stop(), 1);", 60_000)).toEqual({ exitCode: 0, complaint: "" });
});
