/** Programs that ran from the board's flash since its start, so that errors in them are told with their places, as the interpreter tells them. */
import { parse } from "acorn";
import { calledName, storedPlaceLines, syntaxErrorLines } from "./console/error-place.ts";
import { STARTED } from "./flash/boot-code.ts";
import type { FlashFiles } from "./flash/files.ts";
import type { Realm } from "./realm.ts";

/** One line of a stack trace of V8's; `file` is undefined for what is no program text. */
export interface StackFrame {
  readonly file: string | undefined;
  /** Counted from one. */
  readonly row: number;
  readonly column: number;
}

interface StoredProgram {
  readonly file: string;
  readonly source: string;
  /** What the interpreter calls its top level (the name that it gives to jspEvaluateVar). */
  readonly topLevel: string;
  /** The program that evaluates it: the end of that is where its top level was called from. */
  readonly caller: string | undefined;
}

export class StoredPrograms {
  private readonly programs = new Map<string, StoredProgram>();

  /**
   * Runs a program of the flash; `topLevel` is what the interpreter calls its top level. One that only evaluates another, as a loader does, is as if
   * that ran by itself, under the name of its file. @throws what it throws
   */
  run(realm: Realm, files: FlashFiles, program: { file: string; code: string; topLevel: string }): void {
    const { file, code, topLevel } = program;
    this.programs.set(file, { file, source: code, topLevel, caller: undefined });
    const expression = evaluatedBy(code);
    if (expression === undefined) {
      realm.run(code, file);
      return;
    }
    const text = realm.run(expression, file);
    if (typeof text !== "string" || text === "") return;
    // Of files alike, the one that the loader says it chose.
    const holders = files.names().filter((name) => files.read(name) === text);
    const name = holders.find((holder) => holder.endsWith(`.${realm.global[STARTED]}`)) ?? holders[0] ?? "";
    this.programs.set(name, { file: name, source: text, topLevel: "eval", caller: file });
    realm.run(text, name);
  }

  /** Whether a stack trace's `file` is one of them. */
  knows(file: string | undefined): file is string {
    return file !== undefined && this.programs.has(file);
  }

  /** The lines for the frame number `index` of a stack; `title` is what the error says. */
  lines(frames: readonly StackFrame[], index: number, title: string): string[] {
    const frame = frames[index];
    const program = this.programs.get(frame?.file ?? "");
    if (!frame || !program) return [];
    // A function goes by the name by which it was called; what the interpreter itself called has none.
    const next = frames[index + 1];
    const caller = this.programs.get(next?.file ?? "");
    const name = next && caller ? calledName(caller.source, next.row, next.column) : undefined;
    const { row, column } = frame;
    const { lines, isTopLevel } = storedPlaceLines(program, {
      row,
      column,
      title,
      name,
      isThrower: index === 0,
    });
    return isTopLevel ? [...lines, ...this.callerLines(program)] : lines;
  }

  /** The lines for a syntax error in one of them; undefined when `stack` is of something else. */
  syntaxError(stack: string): string[] | undefined {
    const program = this.programs.get(/^(.*):\d+\n/.exec(stack)?.[1] ?? "");
    if (!program || /^\s+at /.test(stack)) return undefined;
    return [...syntaxErrorLines(stack, program.source, program), ...this.callerLines(program)];
  }

  private callerLines({ caller: file }: StoredProgram): string[] {
    const caller = this.programs.get(file ?? "");
    if (!caller) return [];
    const last = caller.source.trimEnd().replace(/;$/, "").length;
    const rows = caller.source.slice(0, last).split("\n");
    const frame = {
      row: rows.length,
      column: rows.at(-1)?.length ?? 1,
      title: "",
      name: undefined,
      isThrower: false,
    };
    return storedPlaceLines(caller, frame).lines;
  }
}

/**
 * The expression in a program that is nothing but `eval(expression)`, with blanks before it so that its columns stay: such a program starts
 * another one. Undefined for all other programs.
 */
function evaluatedBy(source: string): string | undefined {
  if (!source.startsWith("eval(")) return undefined;
  try {
    const { body } = parse(source, { ecmaVersion: "latest" });
    const [statement] = body;
    if (body.length !== 1 || statement?.type !== "ExpressionStatement") return undefined;
    const { expression } = statement;
    const [only] = expression.type === "CallExpression" ? expression.arguments : [];
    if (expression.type !== "CallExpression" || expression.arguments.length !== 1 || !only) return undefined;
    if (expression.callee.type !== "Identifier" || only.type === "SpreadElement") return undefined;
    return `    (${source.slice(only.start, only.end)}\n)`;
  } catch {
    return undefined;
  }
}
