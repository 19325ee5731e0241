// The formats in which results are told to other programs: TAP, JUnit, JSON.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { reporters } from "../sim/scenario/reporters.ts";
import type { ScenarioResult } from "../sim/scenario/run.ts";

const results: ScenarioResult[] = [
  {
    file: "hall.yaml",
    name: 'Light & "shade" # 1',
    outcome: "passed",
    boardTimeMs: 2004.5,
    notes: [{ t: 1500, text: "two\nlines" }],
  },
  {
    file: "attic.yaml",
    name: "Dark <here>",
    outcome: "failed",
    boardTimeMs: 60_000,
    notes: [],
    failure: {
      line: 12,
      column: 5,
      step: 'expect-console: "<bell>"',
      expected: 'a console line with "<bell>" within 1 s',
      instead: ["on the console since the last line expected:", "  1.5 s \u0007 & ok: not yaml", "  ..."],
    },
    folder: join(process.cwd(), "dist/scenarios/attic"),
  },
  {
    file: "cellar.yaml",
    name: "Broken",
    outcome: "error",
    boardTimeMs: 0,
    notes: [],
    failure: {
      line: 3,
      column: 5,
      step: "wait: 1s",
      expected: undefined,
      instead: ["TypeError: x", "    at y"],
    },
  },
];

function report(name: keyof typeof reporters): string {
  const { begin, result, end } = reporters[name];
  return begin(results.length) + results.map((one, index) => result(one, index + 1)).join("") + end(results);
}

describe("TAP", () => {
  test("is version 14: plan, points, YAML that says where and what", () => {
    expect(report("tap")).toBe(`TAP version 14
1..3
ok 1 - Light & "shade" \\# 1
  ---
  file: hall.yaml
  boardTime: 2.0045 s
  ...
# 1.5 s two lines
not ok 2 - Dark <here>
  ---
  file: attic.yaml
  boardTime: 60 s
  severity: fail
  at: attic.yaml:12:5
  step: 'expect-console: "<bell>"'
  expected: a console line with "<bell>" within 1 s
  instead:
    - "on the console since the last line expected:"
    - "  1.5 s \\a & ok: not yaml"
    - "  ..."
  trace: dist/scenarios/attic
  ...
not ok 3 - Broken
  ---
  file: cellar.yaml
  boardTime: 0 s
  severity: error
  at: cellar.yaml:3:5
  step: "wait: 1s"
  instead:
    - "TypeError: x"
    - "    at y"
  ...
`);
  });

  test("its YAML can be read, and no line of it ends it early", () => {
    const blocks = [...report("tap").matchAll(/^ {2}---\n(.*?)^ {2}\.\.\.\n/gms)].map(([, block = ""]) =>
      parse(block),
    );
    expect(blocks).toHaveLength(3);
    expect(blocks[1]).toMatchObject({
      at: "attic.yaml:12:5",
      instead: results[1]?.failure?.instead,
    });
  });
});

describe("JUnit", () => {
  const python = process.env.PYTHON ?? "python3";
  const reader = `
import json, sys, xml.etree.ElementTree as tree
def told(element):
    return {"tag": element.tag, **element.attrib, "text": (element.text or "").strip(), "inside": [told(child) for child in element]}
print(json.dumps(told(tree.fromstring(sys.stdin.buffer.read()))))
`;
  const isThere = spawnSync(python, ["-c", "import xml.etree.ElementTree"]).status === 0;

  test.skipIf(!isThere)(
    `is XML that others read${isThere ? "" : `: ${python} is missing; set PYTHON`}`,
    () => {
      const { stdout } = spawnSync(python, ["-c", reader], { input: report("junit"), encoding: "utf8" });
      const totals = { tests: "3", failures: "1", errors: "1", time: "62.005" };
      expect(JSON.parse(stdout)).toMatchObject({
        tag: "testsuites",
        ...totals,
        inside: [
          {
            tag: "testsuite",
            ...totals,
            inside: [
              {
                tag: "testcase",
                name: 'Light & "shade" # 1',
                file: "hall.yaml",
                time: "2.005",
                inside: [{ tag: "system-out", text: "1.500 s two\nlines" }],
              },
              {
                tag: "testcase",
                name: "Dark <here>",
                classname: "attic.yaml",
                line: "12",
                inside: [
                  {
                    tag: "failure",
                    message: 'expected a console line with "<bell>" within 1 s',
                    text: expect.stringMatching(
                      /^attic.yaml:12:5: expect-console: "<bell>"\n(.*\n)*.*1.5 s \ufffd & ok/,
                    ),
                  },
                ],
              },
              { name: "Broken", inside: [{ tag: "error", message: "TypeError: x" }] },
            ],
          },
        ],
      });
    },
  );

  test("says so with nothing in it when there are no results", () => {
    expect(reporters.junit.end([])).toContain(
      '<testsuites name="wick" tests="0" failures="0" errors="0" time="0.000">',
    );
  });
});

test("JSON: one object a line", () => {
  const lines = report("json")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines[1]).toMatchObject({ type: "scenario", outcome: "failed", failure: { line: 12 } });
});
