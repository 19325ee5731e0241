/** Type-checks what goes on the board, with the compiler of the project. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { projectRoot } from "../version.ts";

/**
 * Runs tsc over the tsconfig.json nearest above the entry (firmware/ by default).
 * Returns what it complained about, "" when the types are right.
 */
export async function typecheck(entry?: string): Promise<string> {
  const project = nearestProject(resolve(entry ?? `${projectRoot}firmware/main.ts`));
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const compiler = join(dirname(manifest), JSON.parse(readFileSync(manifest, "utf8")).bin.tsc);
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [
      compiler,
      "-p",
      relative(process.cwd(), project) || ".",
      "--pretty",
      "false",
    ]);
    let output = "";
    child.stdout.on("data", (text) => {
      output += text;
    });
    child.stderr.on("data", (text) => {
      output += text;
    });
    child.on("error", fail);
    child.on("close", (code) =>
      done(code === 0 ? "" : inOurWords(output.trim()) || `tsc ended with code ${code}`),
    );
  });
}

function nearestProject(entry: string): string {
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "tsconfig.json"))) return folder;
  }
  return `${projectRoot}firmware`;
}

/** "a.ts(3,5): error TS1: text" to "a.ts:3:5: text (TS1)", like every other message. */
function inOurWords(output: string): string {
  return output.replace(/^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/gm, "$1:$2:$3: $5 ($4)");
}
