/** Where the bytes of the bundle come from. */
import { decodedMappings, type EncodedSourceMap, TraceMap } from "@jridgewell/trace-mapping";
import type { BoardProfile } from "../config/profile.ts";

export interface Sizes {
  /** Bytes of the bundle. */
  readonly total: number;
  /** Bytes by TypeScript file, largest first; what belongs to none is "(wrapper)". They add up to `total`. */
  readonly modules: readonly { readonly file: string; readonly bytes: number }[];
  /** Most bytes the board profile allows. */
  readonly budget: number;
  /** Bytes above the budget, 0 when it is kept. */
  readonly overBudget: number;
}

const wrapper = "(wrapper)";

/** `code` is ASCII; every byte counts for the file that the source map names for it. */
export function measure(code: string, map: EncodedSourceMap, profile: BoardProfile): Sizes {
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
  const budget = profile.budget.bundleBytes;
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
