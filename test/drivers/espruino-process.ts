// One Espruino interpreter for Linux as a process: a fresh folder, a console that stays open, code booted from Storage.
import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Marks an answer of `evaluate` on the console; a firmware never prints it. */
const answerMark = "\u0010answer ";

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
  /** Runs an expression on the console and gives what `print` made of it; rejects after `withinMs` (default
   *  5,000). May run it more than once: it should change nothing, or the same each time. */
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

/** Writes `code` to `.bootcde` of the Storage in `folder`, as `E.setBootCode(code, true)` on a first start does. */
export async function writeBootCode(interpreter: string, folder: string, code: string): Promise<void> {
  const script = join(folder, "write-boot-code.js");
  writeFileSync(script, `E.setBootCode(${latin1Literal(code)},true);`);
  await run(interpreter, [script], { cwd: folder, timeout: 20_000 });
}

/** A new folder is a new board: its Storage is empty. */
export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), "wick-board-"));
}

/**
 * Starts an interpreter in `folder` (default: a fresh one). With `bootCode` the code is written to Storage by a first
 * start and booted from there by the second; with `script` it is loaded into RAM from a file; with neither the board
 * starts with what its Storage holds.
 *
 * Booted code is read through a file on Linux (opened, read and closed for every 16 bytes of text), where an ESP32 maps
 * its flash into memory: count variables of booted code, but measure times of a script.
 */
export async function startEspruino(options: {
  interpreter: string;
  folder?: string;
  bootCode?: string;
  script?: string;
}): Promise<EspruinoProcess> {
  const folder = options.folder ?? freshFolder();
  if (options.bootCode !== undefined) await writeBootCode(options.interpreter, folder, options.bootCode);
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

  // A long line in one piece loses characters: the interpreter reads its console beside its other work.
  let typing = Promise.resolve();
  function type(text: string): void {
    typing = typing.then(async () => {
      for (let at = 0; at < text.length && !ended; at += 64) {
        if (at > 0) await new Promise((resolve) => setTimeout(resolve, 10));
        child.stdin.write(text.slice(at, at + 64), "latin1");
      }
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
      asked += 1;
      const id = asked;
      const line = `\u0010print("\\x10answer ${id} "+(${expression}))\n`;
      return new Promise((resolve, reject) => {
        // Characters typed while the interpreter is busy are now and then garbled by it; the empty line ends such a mess.
        const again = setInterval(() => type(`\n${line}`), 700);
        const tooLate = setTimeout(() => {
          clearInterval(again);
          answers.delete(id);
          const last = lines.slice(-5).join(" | ");
          reject(new Error(`no answer to "${expression}" within ${withinMs} ms; the console says: ${last}`));
        }, withinMs);
        answers.set(id, (value) => {
          clearInterval(again);
          clearTimeout(tooLate);
          resolve(value);
        });
        type(line);
      });
    },
    async stop({ keepFolder = false } = {}) {
      if (!ended) child.kill("SIGKILL");
      await closed;
      if (!keepFolder) rmSync(folder, { recursive: true, force: true });
    },
  };
}
