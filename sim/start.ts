/** What a board does when it starts over: which programs run from its flash, and what its console says. */
import { banner } from "./console/banner.ts";
import type { Echo } from "./console/line-editor.ts";
import { BUNDLE_FILE } from "./errors.ts";
import { bootCode, bootCodeAlways, programsBeforeBootCode } from "./flash/boot-code.ts";
import type { FlashFiles } from "./flash/files.ts";

/** `cold`: from power-off, by `E.reboot()` or the watchdog; `load` and `reset`: by the functions of these names. */
export interface Start {
  how: "cold" | "load" | "reset";
  /** A program in Storage that `load(file)` runs instead of the boot code. */
  file?: string | undefined;
}

/** The boot code that runs after `reset()` too. */
const ALWAYS_FILE = ".bootrst";

/** The parts of a board that take part in its start. */
export interface StartingBoard {
  readonly files: FlashFiles;
  /** Runs as boot code where the flash holds none; empty: there is none. */
  readonly bundle: string;
  /** Whether a loader that ran before the boot code has started a program of its own. */
  hasStarted(): boolean;
  /** False for the interpreter on a PC, whose banner differs. */
  readonly isBoard: boolean;
  readonly echo: Echo;
  /** Runs a program text; what it throws is reported. `topLevel`: of a program in the flash, what the interpreter calls its top level. */
  run(code: string, file: string, topLevel?: string): void;
  /** Runs the listeners of E's event `init` and the function `onInit`. */
  init(): void;
  /** Sends text to the console as it is. */
  write(text: string): void;
}

export function startPrograms(board: StartingBoard, { how, file }: Start): void {
  const { files, echo } = board;
  for (const { file: name, code } of programsBeforeBootCode(files)) board.run(code, name, name);
  // `reset()` and `load(file)` leave out what is not meant to run always.
  const stored = how === "reset" || file !== undefined ? bootCodeAlways(files) : bootCode(files);
  const saved = stored ?? (how === "reset" || file !== undefined || board.hasStarted() ? "" : board.bundle);
  if (stored) board.run(stored, bootCodeAlways(files) === undefined ? BUNDLE_FILE : ALWAYS_FILE, "boot code");
  else if (saved) board.run(saved, BUNDLE_FILE);
  board.init();
  if (how !== "load" || file !== undefined) greet(board, saved !== "" && how === "cold");
  const program = file === undefined ? undefined : files.read(file);
  if (program !== undefined && file !== undefined) board.run(program, file, file);
  echo.lineRemoved = true;
}

/** jsiSemiInit: a board that starts with a program of its own keeps its name to itself. */
function greet({ echo, isBoard, write }: StartingBoard, hasProgram: boolean): void {
  if (echo.on) write(`${hasProgram ? "" : banner(isBoard)}\n`);
}
