/** What a file on the board really holds, told by the board itself: its hash, not the bytes, so that it costs a moment. */
import type { BoardConsole } from "../console/board-console.ts";
import { bundleHash, crc32 } from "../console/bundle-hash.ts";
import { ConsoleError } from "../console/errors.ts";
import { hashExpression } from "../console/running-bundle.ts";

/** What the desk expects of a file. */
export interface Fingerprint {
  readonly bytes: number;
  readonly hash: string;
  readonly crc32: number;
}

/** How the board was asked: `sha256` where its crypto has that, else the weaker `crc32`, else all of its bytes. */
export type ReadBackBy = "sha256" | "crc32" | "content";

/** Undefined when there is no such file. */
export type ReadBack = { readonly by: ReadBackBy; readonly matches: boolean } | undefined;

/** A board hashes some 100 kB a second; reading from a slow flash takes the longest. */
const DEADLINE_MS = 15_000;

export async function fingerprint(bundle: Uint8Array): Promise<Fingerprint> {
  return { bytes: bundle.length, hash: await bundleHash(bundle), crc32: crc32(bundle) };
}

/** All of the file `name`, compared with the board's own hash of it. @throws ConsoleError "garbled" when that differs, or there is no such file */
export async function readWhole(console: BoardConsole, name: string): Promise<Uint8Array> {
  const content = await console.readFile(name);
  if (content && (await readBack(console, name, await fingerprint(content)))?.matches) return content;
  throw new ConsoleError("garbled", `${name} could not be read as the board holds it; try again`);
}

/** Has the board hash the file `name`. @throws ConsoleError */
export async function readBack(
  console: BoardConsole,
  name: string,
  expected: Fingerprint,
): Promise<ReadBack> {
  const answer = await console.evaluate(hashExpression(JSON.stringify(name)), {
    deadlineMs: DEADLINE_MS,
    repeatable: true,
  });
  if (typeof answer !== "object" || answer === null) return undefined;
  const { l, h, c } = answer as { l?: unknown; h?: unknown; c?: unknown };
  if (typeof h === "string") return { by: "sha256", matches: l === expected.bytes && h === expected.hash };
  if (typeof c === "number")
    return { by: "crc32", matches: l === expected.bytes && c >>> 0 === expected.crc32 };
  const content = l === expected.bytes ? await console.readFile(name) : new Uint8Array();
  if (content === undefined) return undefined;
  return { by: "content", matches: (await bundleHash(content)) === expected.hash };
}
