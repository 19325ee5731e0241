/** Where the bytes of the bundle come from. */
import { decodedMappings, type EncodedSourceMap, TraceMap } from "@jridgewell/trace-mapping";
import type { Config } from "../config/load.ts";

export interface Sizes {
  /** Bytes of the bundle. */
  readonly total: number;
  /** Bytes by TypeScript file, largest first; what belongs to none is "(wrapper)". They add up to `total`. */
  readonly modules: readonly { readonly file: string; readonly bytes: number }[];
  /** Most bytes allowed. */
  readonly budget: number;
  /** Bytes above the budget, 0 when it is kept. */
  readonly overBudget: number;
}

const wrapper = "(wrapper)";

/**
 * Most bytes that the lamp's bundle may have: what the profile allows the program, and the user's own certificates as they are. They are no code:
 * they lie in the flash, which has room for a hundred of them, until a connection is made, and there is nothing to be switched off about them.
 */
export function bundleBudget({ profile, tls }: Pick<Config, "profile" | "tls">): number {
  return profile.budget.bundleBytes + certificateBytes({ tls });
}

/** Bytes of them in the bundle. */
export function certificateBytes({ tls }: Pick<Config, "tls">): number {
  return Object.values(tls ?? {}).reduce((sum, text) => sum + text.length, 0);
}

/** `code` is ASCII; every byte counts for the file that the source map names for it. `budget` in bytes. */
export function measure(code: string, map: EncodedSourceMap, budget: number): Sizes {
  const trace = new TraceMap(map);
  const bytes = new Map<string, number>();
  const add = (file: string, count: number) => {
    if (count > 0) bytes.set(file, (bytes.get(file) ?? 0) + count);
  };
  const lines = code.split("\n");
  const mappings = decodedMappings(trace);
  for (const [index, line] of lines.entries()) {
    let column = 0;
    let file = wrapper;
    for (const segment of mappings[index] ?? []) {
      add(file, segment[0] - column);
      column = segment[0];
      file = segment.length === 1 ? wrapper : nameOf(trace.sources[segment[1]]);
    }
    add(file, line.length - column + (index < lines.length - 1 ? 1 : 0));
  }
  return {
    total: code.length,
    modules: [...bytes]
      .map(([file, count]) => ({ file, bytes: count }))
      .sort((one, other) => other.bytes - one.bytes),
    budget,
    overBudget: Math.max(0, code.length - budget),
  };
}

function nameOf(source: string | null | undefined): string {
  if (source == null) return wrapper;
  return source.startsWith("<define:") ? "flash.config.json" : source;
}
