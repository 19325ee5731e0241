/** How results are told: lines for people, TAP, JUnit, JSON lines. Each gives text, result by result and at the end. */
import { relative } from "node:path";
import { stringify } from "yaml";
import { junit } from "./junit.ts";
import { moment } from "./measures.ts";
import type { ScenarioResult } from "./run.ts";

export interface Reporter {
  /** Before the first result. */
  begin(count: number): string;
  /** `number` counts from 1. */
  result(result: ScenarioResult, number: number): string;
  /** After the last. */
  end(results: readonly ScenarioResult[]): string;
}

/** "FILE:12:5", the place at which a scenario ended. */
export function placeOf({ file, failure }: ScenarioResult): string {
  return failure ? `${file}:${failure.line}:${failure.column}` : file;
}

/** For people. */
const lines: Reporter = {
  begin: () => "",
  result(result) {
    const { file, name, outcome, boardTimeMs, notes, failure, folder } = result;
    const mark = { passed: "ok    ", failed: "FAILED", error: "ERROR " }[outcome];
    const text = [`${mark} ${name}  (${file}, ${moment(boardTimeMs)} of board time)`];
    for (const note of notes) text.push(`         ${moment(note.t)} ${note.text}`);
    if (failure) {
      text.push(`       ${placeOf(result)}: ${failure.step}`);
      if (failure.expected !== undefined) text.push(`         expected ${failure.expected}`);
      const [first = "", ...more] = failure.instead;
      text.push(`         ${failure.expected === undefined ? "but" : "instead"} ${first}`);
      for (const line of more) text.push(`           ${line}`);
      if (folder !== undefined) text.push(`         trace in ${shownFolder(folder)}`);
    }
    return `${text.join("\n")}\n`;
  },
  end(results) {
    const count = (outcome: string): number => results.filter((one) => one.outcome === outcome).length;
    const parts = [
      `${count("passed")} passed`,
      ...(count("failed") ? [`${count("failed")} failed`] : []),
      ...(count("error") ? [`${count("error")} ended by a fault of the simulator`] : []),
    ];
    return `${results.length} scenario${results.length === 1 ? "" : "s"}: ${parts.join(", ")}\n`;
  },
};

/** TAP version 14, https://testanything.org/tap-version-14-specification.html */
const tap: Reporter = {
  begin: (count) => `TAP version 14\n1..${count}\n`,
  result(result, number) {
    const { file, name, outcome, boardTimeMs, notes, failure, folder } = result;
    const point = `${outcome === "passed" ? "ok" : "not ok"} ${number} - ${tapEscaped(name)}\n`;
    const said = notes.map(({ t, text }) => `# ${moment(t)} ${oneLine(text)}\n`).join("");
    const diagnostics = {
      file,
      boardTime: moment(boardTimeMs),
      ...(failure
        ? {
            severity: outcome === "failed" ? "fail" : "error",
            at: placeOf(result),
            step: failure.step,
            ...(failure.expected === undefined ? {} : { expected: failure.expected }),
            instead: failure.instead,
          }
        : {}),
      ...(folder === undefined ? {} : { trace: shownFolder(folder) }),
    };
    const yaml = stringify(diagnostics, { lineWidth: 0 }).replace(/^(?=.)/gm, "  ");
    return `${point}  ---\n${yaml}  ...\n${said}`;
  },
  end: () => "",
};

/** `#` would begin a directive. */
function tapEscaped(text: string): string {
  return oneLine(text).replace(/[\\#]/g, "\\$&");
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, " ");
}

const json: Reporter = {
  begin: () => "",
  result: (result) => `${JSON.stringify({ type: "scenario", ...result })}\n`,
  end: () => "",
};

/** All results at the end, as the whole file begins with their number. */
const junitXml: Reporter = { begin: () => "", result: () => "", end: (results) => junit(results) };

export const reporters = { lines, tap, junit: junitXml, json } satisfies Record<string, Reporter>;
export type ReporterName = keyof typeof reporters;

/** Below the current folder as a relative path. */
export function shownFolder(folder: string): string {
  const shown = relative(process.cwd(), folder);
  return shown.startsWith("..") ? folder : shown;
}
