/** The bundle that is to go onto the board: built as `wick build` does, or from a file. */
import { readFileSync } from "node:fs";
import { bundleBudget } from "../../build/sizes.ts";
import type { Config } from "../../config/load.ts";
import { thousands } from "../../flash/progress.ts";
import { budgetSource, buildWithinBudget, keepForMonitor } from "../build.ts";
import { Failure, UsageError } from "../errors.ts";
import type { Output } from "../output.ts";
import { ProgramFileError, requireFile } from "../program-file.ts";

/** `entry`: a program other than the lamp. @throws Failure when it cannot be built or is too large for the board, UsageError when the file cannot be read. */
export async function bundleToFlash(
  config: Config,
  file: string | undefined,
  output: Output,
  entry?: string,
): Promise<Uint8Array> {
  const { name } = config.profile;
  if (entry !== undefined) requireEntry(entry);
  if (file === undefined) {
    const result = await buildWithinBudget(config, entry, output);
    const { budget } = result.sizes;
    await keepForMonitor(result, result.code, output);
    const bundle = Buffer.from(result.code, "latin1");
    output.say(
      `${entry ?? "The lamp"} for ${name} has ${thousands(bundle.length)} of ${thousands(budget)} bytes`,
    );
    output.event({ type: "build", board: name, total: bundle.length, budget });
    return bundle;
  }
  const budget = bundleBudget(config);
  const bundle = read(file);
  if (bundle.length > budget)
    throw new Failure(
      `${file} has ${bundle.length} bytes, ${bundle.length - budget} above the budget of ${name} ` +
        `(${budgetSource(config)}); make it smaller, or name another board: --board NAME`,
    );
  output.say(`${file} has ${thousands(bundle.length)} of ${thousands(budget)} bytes`);
  return bundle;
}

function requireEntry(entry: string): void {
  try {
    requireFile(entry);
  } catch (error) {
    throw error instanceof ProgramFileError ? new UsageError(`--entry ${entry}: ${error.message}`) : error;
  }
}

function read(file: string): Uint8Array {
  let bundle: Uint8Array;
  try {
    bundle = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? "there is no such file; npx wick build writes dist/lamp.js"
        : `it cannot be read (${code})`;
    throw new UsageError(`--file ${file}: ${reason}`);
  }
  if (bundle.length === 0)
    throw new UsageError(`--file ${file}: it is empty; npx wick build writes dist/lamp.js`);
  return bundle;
}
