/** Keeps a copy of a program that the lamp takes the place of on the board: it may be somebody's only one. */
import { join } from "node:path";
import { makeFolder } from "../../../sim/trace/sink.ts";
import { bundleHash } from "../../console/bundle-hash.ts";
import { thousands } from "../../flash/progress.ts";
import { savedStateFile } from "../../flash/storage-look.ts";
import { writePrivate } from "../../private-file.ts";
import { Failure } from "../errors.ts";
import type { Teller } from "./teller.ts";

/** Below the current folder, beside the builds. */
export const REPLACED_FOLDER = "dist/replaced";

export interface KeepReplacedOptions {
  readonly teller: Teller;
  /** Default: `dist/replaced` in the current folder. */
  readonly folder?: string | undefined;
}

/**
 * Writes `content`, what `file` on the board holds, under its hash, and says where and how to put it back. It may hold passwords: nobody else may read it.
 * @throws Failure when it cannot be written; nothing has been written to the board by then
 */
export async function keepReplaced(
  file: string,
  content: Uint8Array,
  { teller, folder = REPLACED_FOLDER }: KeepReplacedOptions,
): Promise<void> {
  const hash = await bundleHash(content);
  const isState = file === savedStateFile;
  const path = join(folder, isState ? `${hash}${savedStateFile}` : `${hash}.js`);
  try {
    makeFolder(folder);
    writePrivate(path, content);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      `${path}: cannot be written (${code}), and the board's ${file} would be lost without a copy; repeat this where files may be written; nothing was written to the board`,
    );
  }
  const what = isState ? `What save() left in ${file}` : `The program in ${file}`;
  const wayBack = isState ? "" : `; to put it back: npx wick flash --no-wait --file ${path}`;
  teller.say(`${what} (${thousands(content.length)} bytes) is kept in ${path}${wayBack}`);
  teller.event({ type: "kept", file, bytes: content.length, hash, path });
}
