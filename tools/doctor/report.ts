/** How results are told: a line for each finding, or an object. */
import { styleText } from "node:util";
import { wrapped } from "../cli/wrapped.ts";
import type { Finding, Status } from "./check.ts";
import type { Result } from "./run.ts";

const words: Readonly<Record<Status, string>> = {
  ok: "ok",
  warning: "warning",
  failure: "FAILURE",
  skipped: "skipped",
};
const colours = { ok: "green", warning: "yellow", failure: "red", skipped: "gray" } as const;

const STATUS_WIDTH = 9;
const NAME_WIDTH = 15;
/** In fewer columns there is no room beside the names. */
const NARROWEST = 60;

export interface LineOptions {
  readonly inColour?: boolean;
  /** Of a terminal: what is longer is broken at blanks, and the mend begins below. Undefined: one line, whatever its length. */
  readonly columns?: number | undefined;
}

/** Status, check, what was found, and the mend behind an arrow. */
export function findingLine(
  check: string,
  finding: Finding,
  { inColour, columns }: LineOptions = {},
): string {
  const word = words[finding.status].padEnd(STATUS_WIDTH);
  const head = `${word}${check.padEnd(NAME_WIDTH)}`;
  const mend = finding.mend === undefined ? "" : ` -> ${finding.mend}`;
  let text = `${head}${finding.message}${mend}`;
  if (columns !== undefined && text.length > columns && columns >= NARROWEST) {
    const below = " ".repeat(head.length);
    const lines = wrapped(finding.message, columns, head, below);
    if (finding.mend !== undefined) lines.push(...wrapped(finding.mend, columns, `${below}-> `));
    text = lines.join("\n");
  }
  return inColour ? styleText(colours[finding.status], word) + text.slice(word.length) : text;
}

/** For programs: one object a finding. */
export function findingObject(check: string, { status, message, mend }: Finding): object {
  return { type: "check", check, status, message, ...(mend === undefined ? {} : { mend }) };
}

export type Count = Readonly<Record<Status, number>>;

/** How many checks came to what; a check counts as its gravest finding. */
export function count(results: readonly Result[], gravest: (result: Result) => Status): Count {
  const total = { ok: 0, warning: 0, failure: 0, skipped: 0 };
  for (const result of results) total[gravest(result)] += 1;
  return total;
}

/** "12 checks ok, 1 warning, 2 failures, 3 skipped". */
export function countLine({ ok, warning, failure, skipped }: Count): string {
  const parts = [
    `${ok} ${ok === 1 ? "check" : "checks"} ok`,
    warning > 0 ? `${warning} ${warning === 1 ? "warning" : "warnings"}` : "",
    failure > 0 ? `${failure} ${failure === 1 ? "failure" : "failures"}` : "",
    skipped > 0 ? `${skipped} skipped` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}
