/** Runs a script on Espruino for Linux (ESPRUINO_BIN) and gives back the lines it marked. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Begins each line that counts; the console's banner and echo do not have it. */
const mark = "\u0010fact ";

/** Defined before the script: prints a value as a line that counts. */
const prelude = `function fact(text){print("\\x10fact "+text)}\n`;

/**
 * The arguments of the calls `fact(text)` that `script` makes, until `fact("end")`.
 * @throws Error with the console's last lines when that does not come within `withinMs`.
 */
export async function ask(interpreter: string, script: string, withinMs = 30_000): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "wick-interpreter-"));
  writeFileSync(join(folder, "script.js"), `${prelude}${script}\n;fact("end");`, "latin1");
  // Its console is stdin, which must stay open; it ignores SIGTERM.
  const child = spawn(interpreter, ["script.js"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
  try {
    return await new Promise((resolve, reject) => {
      const facts: string[] = [];
      let rest = "";
      let last = "";
      const fail = (why: string) => reject(new Error(`${interpreter}: ${why}; it printed: ${last}`));
      const tooLate = setTimeout(() => fail(`no end within ${withinMs} ms`), withinMs);
      child.once("error", reject);
      child.once("close", () => {
        clearTimeout(tooLate);
        fail("it ended by itself");
      });
      child.stdout.setEncoding("latin1").on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines.map((one) => one.replace(/\r/g, ""))) {
          last = `${last} ${line}`.slice(-300);
          const at = line.indexOf(mark);
          if (at < 0) continue;
          const fact = line.slice(at + mark.length);
          if (fact !== "end") facts.push(fact);
          else {
            clearTimeout(tooLate);
            resolve(facts);
          }
        }
      });
    });
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}
