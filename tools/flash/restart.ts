/** Starts the board's program over and finds out what became of it: which slot runs, and what it said when it went wrong. */
import type { BoardConsole } from "../console/board-console.ts";
import { ConsoleError } from "../console/errors.ts";
import type { ConsoleClock } from "../console/host-clock.ts";
import { runningName } from "./loader.ts";

export interface Started {
  /** The letter that the loader gave itself; undefined when no slot runs. */
  readonly running: string | undefined;
  /** Exceptions that the program did not catch, and errors of the interpreter, one line each. */
  readonly exceptions: readonly string[];
  /** All lines that the board printed since its start. */
  readonly printed: readonly string[];
  /** The program that was asked for by name; undefined when none was, or it does not run. */
  readonly file: string | undefined;
  /** It started over by itself while it was watched. */
  readonly isUnsteady: boolean;
  /** Of the interpreter's variables, when it was asked last. */
  readonly variables: { readonly used: number; readonly total: number } | undefined;
}

export interface RestartOptions {
  readonly clock: ConsoleClock;
  /** How long the program is watched once it runs. */
  readonly watchMs: number;
  /** In Storage: runs this once, after what runs before the boot code, and in place of that and of what `save()` left. `.bootrst` runs all the same. */
  readonly file?: string | undefined;
  /** Aborts the waiting: called between two questions. @throws what ends it */
  readonly check?: (() => void) | undefined;
}

/** A board joins its Wi-Fi and looks up names before its console answers again: each may block it for some seconds. */
const DEADLINE_MS = 30_000;
const QUESTION_MS = 3000;
const PAUSE_MS = 50;
/** The board starts over so long after it was told to: what is still on its way would else be typed into the new program. */
const AFTER_MS = 80;
/** A global variable that no restart survives. */
const BEFORE = "WICKOLD";
/** Another one, set once the board has started over. */
const SINCE = "WICKNEW";
/** What the interpreter calls a lack of memory (jsutils.h). */
const MEMORY_FLAGS = ["LOW_MEMORY", "MEMORY", "CALLBACK"];

/** Interpreters before 2v09 do not name a file that `load` runs (ChangeLog). */
const question = `[global.${BEFORE},global.${runningName},E.getErrorFlags(),process.memory(),global.${SINCE},global.${SINCE}=1,process.version<"2v09"||global.__FILE__]`;

/** @throws ConsoleError when the board does not answer again, or the cable is lost. */
export async function restart(console: BoardConsole, options: RestartOptions): Promise<Started> {
  const { clock, watchMs, file } = options;
  // Asked before, so that old complaints do not count.
  await console.evaluate(`(E.getErrorFlags(),global.${BEFORE}=1)`, { repeatable: true });
  let text = "";
  const stopListening = console.onText((piece) => {
    text += piece;
  });
  console.port.mayDrop?.(true);
  try {
    await console
      .evaluate(`setTimeout(function(){load(${file === undefined ? "" : JSON.stringify(file)})},${AFTER_MS})`)
      .catch((error: unknown) => {
        if (error instanceof ConsoleError && error.code === "thrown") throw error;
        unlessLost(error);
      });
    const first = await untilStarted(console, options);
    if (watchMs > 0) await pause(clock, watchMs);
    const answer = watchMs > 0 ? await untilStarted(console, options) : first;
    const printed = linesOf(text);
    const flags = new Set([...first.flags, ...answer.flags]);
    const outOfMemory = MEMORY_FLAGS.filter((flag) => flags.has(flag));
    return {
      running: answer.running,
      file: answer.file === true || answer.file === file ? file : undefined,
      isUnsteady: watchMs > 0 && !answer.isSame,
      exceptions: [...exceptionsIn(printed), ...outOfMemory.map((flag) => `interpreter error ${flag}`)],
      printed,
      variables: answer.variables,
    };
  } finally {
    console.port.mayDrop?.(false);
    stopListening();
  }
}

interface Answer extends Pick<Started, "running" | "variables"> {
  readonly flags: readonly string[];
  /** `__FILE__`; true where it cannot be told. */
  readonly file: unknown;
  /** It has been asked before since it started. */
  readonly isSame: boolean;
}

async function untilStarted(console: BoardConsole, options: RestartOptions): Promise<Answer> {
  const { clock, check } = options;
  const end = clock.now() + DEADLINE_MS;
  let trouble: ConsoleError | undefined;
  for (;;) {
    check?.();
    try {
      const answer = readAnswer(await console.evaluate(question, { deadlineMs: QUESTION_MS }));
      if (answer) return answer;
    } catch (error) {
      unlessLost(error);
      trouble = error as ConsoleError;
    }
    if (clock.now() >= end) throw trouble ?? new ConsoleError("timeout", "the board did not start over");
    await pause(clock, PAUSE_MS);
  }
}

/** Undefined when the board has not started over yet. */
function readAnswer(value: unknown): Answer | undefined {
  if (!Array.isArray(value) || value.length < 4) return undefined;
  const [before, running, flags, memory, since, , file] = value as unknown[];
  if (before === 1) return undefined;
  const { usage, total } = (memory ?? {}) as { usage?: unknown; total?: unknown };
  return {
    running: typeof running === "string" ? running : undefined,
    flags: Array.isArray(flags) ? flags.map(String) : [],
    isSame: since === 1,
    file,
    variables: typeof usage === "number" && typeof total === "number" ? { used: usage, total } : undefined,
  };
}

/** While it starts over a board may say nothing, or half of something; only a lost cable, a locked console or another program on it ends the waiting. */
function unlessLost(error: unknown): void {
  if (!(error instanceof ConsoleError) || ["gone", "locked", "shared"].includes(error.code)) throw error;
}

/** The lines of a console's text, without prompts, colours and empty ones. */
export function linesOf(text: string): string[] {
  return text
    .split(/[\r\n]+/)
    .map((line) => printable(line).replace(/^>+/, "").trimEnd())
    .filter((line) => line !== "");
}

function printable(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals obey is what has to go
  return line.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replace(/[^\x20-\x7e]/g, "");
}

/** `Uncaught …` with the place that the interpreter names in the line after it. */
export function exceptionsIn(lines: readonly string[]): string[] {
  return lines.flatMap((line, index) => {
    if (!/^Uncaught\b/.test(line)) return [];
    const place = lines[index + 1]?.match(/^\s*at \S.*$/);
    return [place ? `${line} ${place[0].trim()}` : line];
  });
}

export function pause(clock: ConsoleClock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(clock.now() + ms, resolve);
  });
}
