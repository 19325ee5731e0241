/** Does the board run the lamp that was built last, and is there room for the next one? */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { BUILDS_FOLDER, builtAt } from "../../build/kept-builds.ts";
import { BoardConsole } from "../../console/board-console.ts";
import { bundleHash, crc32 } from "../../console/bundle-hash.ts";
import { ConsoleError } from "../../console/errors.ts";
import {
  type RunningBundleAnswer,
  runningBundle,
  runningBundleExpression,
} from "../../console/running-bundle.ts";
import { type Check, configOf, type Finding, fromPortSentence, ok, warning } from "../check.ts";
import { cableOf } from "./board.ts";

const BUILT = "dist/lamp.js";
const FLASH = "npx wick flash";

export const bundle: Check = {
  name: "bundle",
  needs: ["board"],
  deadlineMs: 6000,
  async run(chart) {
    const found = chart.espruino;
    if (found === undefined || (found.slot === undefined && !found.bootCode))
      return warning("there is no lamp on the board", FLASH);
    const console = new BoardConsole(cableOf(chart), { packets: found.packets });
    let answer: unknown;
    try {
      answer = await console.evaluate(runningBundleExpression, {
        deadlineMs: 4000 * chart.surroundings.patience,
      });
    } catch (error) {
      if (!(error instanceof ConsoleError)) throw error;
      const { message, mend } = fromPortSentence("warning", error.message);
      return warning(
        `the board does not tell which lamp it runs: ${message}`,
        mend ?? "restart it, and look again",
      );
    } finally {
      console.release();
    }
    const runs = runningBundle(answer);
    if (runs === undefined) return warning("there is no lamp on the board", FLASH);
    const findings: Finding[] = [];
    const folder = chart.load.folder ?? "";
    const built = lastBuilt(folder);
    const isBuilt = built !== undefined && (await isSame(runs, built.bytes));
    const keptAt = whenBuilt(runs, folder);
    const where = [runs.file, `${runs.bytes} bytes`, nameOf(runs)].filter((part) => part !== "").join(", ");
    // `wick flash` builds anew and leaves dist/lamp.js as it is, which is then the older of the two.
    if (built && !isBuilt && (keptAt === undefined || built.at > keptAt))
      findings.push(
        warning(
          `the board runs another lamp (${where}) than ${BUILT}`,
          `to put that on the board: ${FLASH} --file ${BUILT}`,
        ),
      );
    // The last page is not written into (docs/flash-model.md).
    const needed = (built?.bytes.length ?? runs.bytes) + configOf(chart).profile.flash.pageBytes;
    if (found.storage.freeBytes < needed)
      findings.push(
        warning(
          `the board's Storage has ${found.storage.freeBytes} bytes free, and the next lamp needs ${needed}`,
          `have it made room there, with steady power: ${FLASH} --compact`,
        ),
      );
    if (findings.length > 0) return findings;
    if (isBuilt) return ok(`the board runs ${BUILT}: ${where}`);
    if (keptAt === undefined) return ok(`the board runs a lamp: ${where}`);
    const time = new Date(keptAt).toISOString().slice(0, 16).replace("T", " ");
    return ok(`the board runs what was built here on ${time} UTC: ${where}`);
  },
};

/** What `wick build` wrote last, and when, in ms since 1970. */
function lastBuilt(folder: string): { readonly bytes: Uint8Array; readonly at: number } | undefined {
  const file = resolve(folder, BUILT);
  const facts = statSync(file, { throwIfNoEntry: false });
  return facts?.isFile() ? { bytes: readFileSync(file), at: facts.mtimeMs } : undefined;
}

async function isSame(runs: RunningBundleAnswer, bytes: Uint8Array): Promise<boolean> {
  if (runs.hash !== undefined) return runs.hash === (await bundleHash(bytes));
  return runs.bytes === bytes.length && (runs.crc32 === undefined || runs.crc32 === crc32(bytes));
}

/** In ms since 1970; undefined where it was not built here, or the board does not say enough to know it by. */
function whenBuilt({ hash, crc32, bytes }: RunningBundleAnswer, folder: string): number | undefined {
  const builds = resolve(folder, BUILDS_FOLDER);
  if (hash !== undefined) return builtAt({ hash }, builds);
  return crc32 === undefined ? undefined : builtAt({ crc32, bytes }, builds);
}

function nameOf({ hash, crc32 }: RunningBundleAnswer): string {
  return hash?.slice(0, 12) ?? (crc32 === undefined ? "" : `CRC ${crc32.toString(16)}`);
}
