// One Espruino interpreter for Linux as a process: a fresh folder, a console that stays open, code booted from Storage.
import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Marks an answer of `evaluate` on the console; a firmware never prints it. */
const answerMark = "\u0010answer ";

/**
 * Lets the desk ask the board: runs from `.boot0`, before the firmware, and evaluates what appears in the file `question`.
 * The console itself is no way in, because this interpreter garbles now and then what is typed while it is busy.
 */
export const listenForQuestions = `setInterval(function(){
var f=require("fs"),q;try{q=f.readFileSync("question")}catch(e){}
if(!q)return;f.unlinkSync("question");
try{q=eval(q)}catch(e){q=q.substr(1,q.indexOf(" "))+"failed: "+e}print("\\x10answer "+q)},50);`.replace(
  /\n/g,
  "",
);

/** A string literal the interpreter reads back byte by byte (one character a byte). */
export function latin1Literal(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (character) => {
    const code = character.charCodeAt(0);
    if (code > 255) throw new Error(`the interpreter's strings hold bytes, found U+${code.toString(16)}`);
    return `\\x${code.toString(16).padStart(2, "0")}`;
  });
}

/** What one running interpreter offers; every line it printed is in `console`. */
export interface EspruinoProcess {
  readonly pid: number;
  readonly folder: string;
  readonly console: string[];
  /** Gives what `print` makes of an expression on a board booted with `listenForQuestions`; rejects after `withinMs` (5,000). */
  evaluate(expression: string, withinMs?: number): Promise<string>;
  /** Called with each complete line as it arrives. */
  onLine(listener: (line: string) => void): void;
  /** Nanoseconds the interpreter's own thread has spent on a processor; undefined where the kernel does not say. */
  processorNanoseconds(): number | undefined;
  /** The process ends by itself only by a crash: then true. */
  hasEnded(): boolean;
  /** Ends the process (SIGKILL by its id, it ignores SIGTERM) and removes its folder unless `keepFolder`. */
  stop(options?: { keepFolder?: boolean }): Promise<void>;
}

/** Writes what boots first (`.boot0`) and the program (`.bootcde`) to the Storage in `folder`, by a start of its own. */
async function writeBootCode(
  interpreter: string,
  folder: string,
  first: string,
  program: string,
): Promise<void> {
  const script = join(folder, "write-boot-code.js");
  const boot = program === "" ? "" : `E.setBootCode(${latin1Literal(program)},true);`;
  writeFileSync(script, `require("Storage").write(".boot0",${latin1Literal(first)});${boot}`);
  await run(interpreter, [script], { cwd: folder, timeout: 20_000 });
}

/** A new folder is a new board: its Storage is empty. */
export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), "wick-board-"));
}

/**
 * Starts an interpreter in `folder` (default: a fresh one). With `bootCode` (may be empty) the code is written to Storage
 * by a first start and booted from there by the second, after `prelude` (default: `listenForQuestions`); with `script` it is loaded into RAM from a file;
 * with neither the board starts with what its Storage holds.
 *
 * Booted code is read through a file on Linux (opened, read and closed for every 16 bytes of text), where an ESP32 maps
 * its flash into memory: count variables of booted code, but measure times of a script.
 */
export async function startEspruino(options: {
  interpreter: string;
  folder?: string;
  bootCode?: string;
  prelude?: string;
  script?: string;
}): Promise<EspruinoProcess> {
  const folder = options.folder ?? freshFolder();
  if (options.bootCode !== undefined) {
    await writeBootCode(options.interpreter, folder, options.prelude ?? listenForQuestions, options.bootCode);
  }
  const programArguments: string[] = [];
  if (options.script !== undefined) {
    // A script's process ends once no timer is left, even with a socket open.
    writeFileSync(join(folder, "lamp.js"), `${options.script}\n;setInterval(function(){},1e9);`, "latin1");
    programArguments.push("lamp.js");
  }
  const child = spawn(options.interpreter, programArguments, { cwd: folder, stdio: "pipe" });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  return attach(child, folder);
}

function attach(child: ChildProcessWithoutNullStreams, folder: string): EspruinoProcess {
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  const answers = new Map<number, (value: string) => void>();
  let rest = "";
  let asked = 0;
  let ended = false;
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.once("close", () => {
    ended = true;
  });
  child.stdin.on("error", () => {});
  child.stderr.resume();
  child.stdout.setEncoding("latin1");
  child.stdout.on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) take(part.replace(/\r/g, "").replace(/\u001b\[J/g, ""));
  });

  let lastAnswer: Promise<unknown> = Promise.resolve();
  function ask(expression: string, withinMs: number): Promise<string> {
    asked += 1;
    const id = asked;
    return new Promise((resolve, reject) => {
      const tooLate = setTimeout(() => {
        answers.delete(id);
        const last = lines.slice(-5).join(" | ");
        reject(new Error(`no answer to "${expression}" within ${withinMs} ms; the console says: ${last}`));
      }, withinMs);
      answers.set(id, (value) => {
        clearTimeout(tooLate);
        resolve(value);
      });
      const file = join(folder, "question");
      writeFileSync(`${file}.new`, `"${id} "+(${expression})`, "latin1");
      renameSync(`${file}.new`, file);
    });
  }

  function take(raw: string): void {
    const at = raw.indexOf(answerMark);
    if (at >= 0) {
      const answer = raw.slice(at + answerMark.length);
      const space = answer.indexOf(" ");
      const id = Number(answer.slice(0, space));
      answers.get(id)?.(answer.slice(space + 1));
      answers.delete(id);
      return;
    }
    const line = raw.replace(/^>+/, "");
    if (line === "") return;
    lines.push(line);
    for (const listener of listeners) listener(line);
  }

  return {
    pid: child.pid ?? 0,
    folder,
    console: lines,
    hasEnded: () => ended,
    onLine: (listener) => void listeners.add(listener),
    processorNanoseconds() {
      try {
        return Number(readFileSync(`/proc/${child.pid}/schedstat`, "ascii").split(" ")[0]);
      } catch {
        return undefined;
      }
    },
    evaluate(expression, withinMs = 5_000) {
      const asking = lastAnswer.then(() => ask(expression, withinMs));
      lastAnswer = asking.catch(() => {});
      return asking;
    },
    async stop({ keepFolder = false } = {}) {
      if (!ended) child.kill("SIGKILL");
      await closed;
      if (!keepFolder) rmSync(folder, { recursive: true, force: true });
    },
  };
}
