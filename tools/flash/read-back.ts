/** What a file on the board really holds, told by the board itself: its hash, not the bytes, so that it costs a moment. */
import type { BoardConsole } from "../console/board-console.ts";
import { bundleHash, crc32, HASH_PIECE_BYTES } from "../console/bundle-hash.ts";

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

/** Has the board hash the file `name`. @throws ConsoleError */
export async function readBack(
  console: BoardConsole,
  name: string,
  expected: Fingerprint,
): Promise<ReadBack> {
  const answer = await console.evaluate(hashExpression(name), { deadlineMs: DEADLINE_MS });
  if (typeof answer !== "object" || answer === null) return undefined;
  const { l, h, c } = answer as { l?: unknown; h?: unknown; c?: unknown };
  if (typeof h === "string") return { by: "sha256", matches: l === expected.bytes && h === expected.hash };
  if (typeof c === "number")
    return { by: "crc32", matches: l === expected.bytes && c >>> 0 === expected.crc32 };
  const content = l === expected.bytes ? await console.readFile(name) : new Uint8Array();
  if (content === undefined) return undefined;
  return { by: "content", matches: (await bundleHash(content)) === expected.hash };
}

/**
 * `{l: length, h: bundleHash}`, or with `c`, the CRC, where there is no SHA-256. Pieces keep what lies on the board's stack small. What is
 * hashed twice is a string of one character a byte: to make it of an ArrayBuffer by `apply` needs no flat memory.
 */
function hashExpression(name: string): string {
  return [
    `(function(f,c,h,i,t){if(!f)return 0;`,
    `try{c=require("crypto");`,
    `t=function(d){return String.fromCharCode.apply(null,new Uint8Array(c.SHA256(d)))};`,
    `for(h="",i=0;i<f.length;i+=${HASH_PIECE_BYTES})h+=t(f.substr(i,${HASH_PIECE_BYTES}));`,
    `h=t(h);t="";for(i=0;i<32;i++)t+=(h.charCodeAt(i)+256).toString(16).substr(1);`,
    `return{l:f.length,h:t}}catch(e){}`,
    `try{return{l:f.length,c:E.CRC32(f)}}catch(e){}`,
    `return{l:f.length}})(require("Storage").read(${JSON.stringify(name)}))`,
  ].join("");
}
