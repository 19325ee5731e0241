/** Whether a program that was started is the one that was meant, and does well; else what is wrong, in one sentence. */
import { ConsoleError } from "../console/errors.ts";
import type { Installable, InstallErrorCode } from "./install-error.ts";
import { type Slot, slotFiles } from "./loader.ts";
import type { Started } from "./restart.ts";

export interface Trouble {
  readonly code: Extract<InstallErrorCode, "threw" | "not-running">;
  readonly message: string;
}

/** A slot that the loader starts, or a file that `load` runs. */
export type Meant = { readonly slot: Slot } | { readonly file: string };

/** Undefined when all is well. */
export function troubleWith(started: Started, meant: Meant, what: Installable = "lamp"): Trouble | undefined {
  const file = "slot" in meant ? slotFiles[meant.slot] : meant.file;
  const { exceptions, isUnsteady } = started;
  const [exception] = exceptions;
  const runs = "slot" in meant ? started.running === meant.slot : started.file === meant.file;
  if (runs && exception !== undefined)
    return { code: "threw", message: `the new ${what} stopped at its start: ${exception}` };
  if (isUnsteady)
    return notRunning(
      "the board starts over by itself soon after its start; give it a better cable and power supply, and see what it says: npx wick monitor",
    );
  if (runs) return undefined;
  const other = started.running === undefined ? "none" : `lamp.${started.running}`;
  const why = exception === undefined ? "" : ` (${exception})`;
  return notRunning(`the board started over, but of its slots runs ${other} and not ${file}${why}`);
}

/** The board is there, and says nothing that makes sense: a lost cable or a locked console is something else. */
export function hasNoAnswer(error: unknown): error is ConsoleError {
  return error instanceof ConsoleError && ["timeout", "silent", "garbled"].includes(error.code);
}

/** For errors for which `hasNoAnswer` holds. */
export function hanging(what: Installable = "lamp"): Trouble {
  return notRunning(`the new ${what} hangs, or keeps the board from answering`);
}

function notRunning(message: string): Trouble {
  return { code: "not-running", message };
}
