/** Results as a JUnit XML report, the dialect that GitHub, GitLab and Jenkins read. */
import type { ScenarioResult } from "./run.ts";

/** The whole file. Times are seconds of board time, so that the same run gives the same report. */
export function junit(results: readonly ScenarioResult[]): string {
  const count = (outcome: string): number => results.filter((one) => one.outcome === outcome).length;
  const totals = {
    tests: results.length,
    failures: count("failed"),
    errors: count("error"),
    time: seconds(results.reduce((sum, { boardTimeMs }) => sum + boardTimeMs, 0)),
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    element("testsuites", { name: "wick", ...totals }, [
      element("testsuite", { name: "scenarios", ...totals, skipped: 0 }, results.map(testCase)),
    ]),
    "",
  ].join("\n");
}

function testCase(result: ScenarioResult): string {
  const { file, name, outcome, boardTimeMs, notes, failure } = result;
  const inside: string[] = [];
  if (failure) {
    const { line, column, step, expected, instead } = failure;
    const message = expected === undefined ? (instead[0] ?? "") : `expected ${expected}`;
    const text = [`${file}:${line}:${column}: ${step}`, message, "instead:", ...instead].join("\n");
    inside.push(
      element(outcome === "failed" ? "failure" : "error", { message, type: outcome }, [escaped(text)]),
    );
  }
  if (notes.length > 0)
    inside.push(
      element("system-out", {}, [escaped(notes.map(({ t, text }) => `${seconds(t)} s ${text}`).join("\n"))]),
    );
  return element(
    "testcase",
    { name, classname: file, file, ...(failure ? { line: failure.line } : {}), time: seconds(boardTimeMs) },
    inside,
  );
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function element(
  name: string,
  attributes: Record<string, string | number>,
  content: readonly string[],
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const tag = `${name}${written.join("")}`;
  if (content.length === 0) return `<${tag}/>`;
  const isText = !content[0]?.startsWith("<");
  return isText ? `<${tag}>${content.join("")}</${name}>` : `<${tag}>\n${content.join("\n")}\n</${name}>`;
}

/** For attributes and text alike. XML 1.0 section 2.2 has no place for most control characters. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"\t\n\r]/g, (character) => ENTITIES[character] ?? character);
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};
