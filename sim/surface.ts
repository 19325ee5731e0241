/** Which globals, methods and statics the interpreter has, so that the context of a board can be trimmed to them. */
import { readFileSync } from "node:fs";

/** The part of `board-profiles/interpreter.json` that the simulator uses; each list is all there is. */
export interface Surface {
  /** Names of the global functions and objects. */
  globals: string[];
  /** Built-in constructor or name space to its own members. */
  statics: Record<string, string[]>;
  /** Kind of value (`string`, `array`, `typedarray` …) to its methods. */
  prototypes: Record<string, string[]>;
}

/** @throws Error naming the file when it does not hold these tables. */
export function loadSurface(
  file: URL = new URL("../board-profiles/interpreter.json", import.meta.url),
): Surface {
  const surface: Partial<Surface> = JSON.parse(readFileSync(file, "utf8"));
  if (!Array.isArray(surface.globals) || !surface.statics?.Math || !surface.prototypes?.string) {
    throw new Error(`${file}: expected the tables "globals", "statics" and "prototypes"`);
  }
  return surface as Surface;
}
