/** Questions to a board about the bundles in its Storage, answered by hashes that it makes itself: a bundle need not come over the cable. */
import { HASH_PIECE_BYTES } from "./bundle-hash.ts";

/** What the board answers for a file: its length in bytes, and `h`, its bundleHash; `c`, its CRC-32 with a sign, where there is no SHA-256. */
export interface HashAnswer {
  readonly l: number;
  readonly h?: string;
  readonly c?: number;
}

/**
 * A JavaScript expression for the board; `name` is one too, for the name of the file. Its value is a `HashAnswer`, or 0 where there is no such file.
 * Pieces keep what lies on the board's stack small. What is hashed twice is a string of one character a byte: to make it of an ArrayBuffer by
 * `apply` needs no flat memory.
 */
export function hashExpression(name: string): string {
  return [
    `(function(f,c,h,i,t){if(!f)return 0;`,
    `try{c=require("crypto");`,
    `t=function(d){return String.fromCharCode.apply(null,new Uint8Array(c.SHA256(d)))};`,
    `for(h="",i=0;i<f.length;i+=${HASH_PIECE_BYTES})h+=t(f.substr(i,${HASH_PIECE_BYTES}));`,
    `h=t(h);t="";for(i=0;i<32;i++)t+=(h.charCodeAt(i)+256).toString(16).substr(1);`,
    `return{l:f.length,h:t}}catch(e){}`,
    `try{return{l:f.length,c:E.CRC32(f)}}catch(e){}`,
    `return{l:f.length}})(require("Storage").read(${name}))`,
  ].join("");
}

/** The bundle that runs: the slot that the loader chose, or else the boot code. */
export interface RunningBundleAnswer {
  /** As `lamp.a` or `.bootcde`. */
  readonly file: string;
  readonly bytes: number;
  /** `bundleHash`; undefined where the board has no SHA-256. */
  readonly hash: string | undefined;
  /** 0 to 4294967295; undefined where there is a hash, or neither can be made. */
  readonly crc32: number | undefined;
}

/** For `BoardConsole.evaluate`; its value is for `runningBundle`. */
export const runningBundleExpression =
  `(function(n){return[n,${hashExpression("n")}]})` +
  `(global.WICK?"lamp."+WICK:require("Storage").read(".bootrst")?".bootrst":".bootcde")`;

/** Reads the answer; undefined when the board runs no bundle. */
export function runningBundle(answer: unknown): RunningBundleAnswer | undefined {
  if (!Array.isArray(answer)) return undefined;
  const [file, found] = answer as [unknown, HashAnswer | 0 | null];
  if (typeof file !== "string" || typeof found !== "object" || found === null) return undefined;
  const { l, h, c } = found;
  return { file, bytes: l, hash: h, crc32: h === undefined && c !== undefined ? c >>> 0 : undefined };
}
