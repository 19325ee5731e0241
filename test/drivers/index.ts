// The drivers an end-to-end specification runs on.
import { describe } from "vitest";
import type { DriverKind } from "./driver.ts";
import { interpreter } from "./interpreter.ts";
import { simulator } from "./simulator.ts";

export type { BoardDriver, DriverKind, PinEvent, Program, RunningBoard } from "./driver.ts";

export const drivers: readonly DriverKind[] = [simulator, interpreter];

/** One specification on every driver; one that is missing is skipped and names why. */
export function onEveryBoard(title: string, specification: (kind: DriverKind) => void): void {
  for (const kind of drivers) {
    const suite = kind.missing === undefined ? describe : describe.skip;
    suite(`${title} (${kind.name}${kind.missing === undefined ? "" : `: ${kind.missing}`})`, () =>
      specification(kind));
  }
}
