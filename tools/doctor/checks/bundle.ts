/** Does the board run the lamp that was built last, and is there room for the next one? */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { BoardConsole } from "../../console/board-console.ts";
import { bundleHash, crc32 } from "../../console/bundle-hash.ts";
import { ConsoleError } from "../../console/errors.ts";
import { runningBundle, runningBundleExpression } from "../../console/running-bundle.ts";
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
    const file = resolve(chart.load.folder ?? "", BUILT);
    const built = existsSync(file) ? readFileSync(file) : undefined;
    const name =
      runs.hash?.slice(0, 12) ?? (runs.crc32 === undefined ? "" : `CRC ${runs.crc32.toString(16)}`);
    if (built !== undefined) {
      const isSame =
        runs.hash !== undefined
          ? runs.hash === (await bundleHash(built))
          : runs.bytes === built.length && (runs.crc32 === undefined || runs.crc32 === crc32(built));
      if (!isSame)
        findings.push(
          warning(
            `the board runs another lamp (${runs.file}, ${runs.bytes} bytes, ${name}) than ${BUILT}`,
            `to put that on the board: ${FLASH}`,
          ),
        );
    }
    // The last page is not written into (docs/flash-model.md).
    const needed = (built?.length ?? runs.bytes) + configOf(chart).profile.flash.pageBytes;
    if (found.storage.freeBytes < needed)
      findings.push(
        warning(
          `the board's Storage has ${found.storage.freeBytes} bytes free, and the next lamp needs ${needed}`,
          `have it made room there, with steady power: ${FLASH} --compact`,
        ),
      );
    if (findings.length > 0) return findings;
    const where = `${runs.file}, ${runs.bytes} bytes, ${name}`;
    return ok(built === undefined ? `the board runs a lamp: ${where}` : `the board runs ${BUILT}: ${where}`);
  },
};
