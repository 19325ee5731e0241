/** Vitest reporter: at the end, by name, what could not run, and why. */
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Tests against the real interpreter say so in their names; for lack of it nothing is an error. */
const optional = /interpreter|ESPRUINO_BIN/;

export default class NotRunReporter implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[]): void {
    const tests = testModules.flatMap((testModule) => [...testModule.children.allTests("skipped")]);
    // With a name filter (-t) what is left out was not wanted.
    if (tests.length === 0 || tests[0]?.project.globalConfig.testNamePattern !== undefined) return;
    process.stdout.write(`\nCould not run:\n${linesOf(tests).join("\n")}\n`);
    const missing = tests.filter((test) => !optional.test(`${test.fullName} ${reasonOf(test)}`));
    if (process.env.CI === "true" && missing.length > 0) {
      process.stdout.write(`With CI=true that is an error for ${missing.length} of them.\n`);
      process.exitCode = 1;
    }
  }
}

/** One line for a test, or for a whole group of which none could run. */
function linesOf(tests: readonly TestCase[]): string[] {
  const groups = new Map<string, { skipped: number; line: string }>();
  for (const test of tests) {
    const { parent } = test;
    const isWhole =
      parent.type === "suite" &&
      [...parent.children.allTests()].every((other) => other.result().state === "skipped");
    const name = isWhole ? parent.fullName : test.fullName;
    const reason = reasonOf(test);
    const line = `  ${name}${reason === "" ? "" : ` (${reason})`}`;
    const group = groups.get(`${test.module.moduleId} ${line}`);
    if (group === undefined) groups.set(`${test.module.moduleId} ${line}`, { skipped: 1, line });
    else group.skipped++;
  }
  return [...groups.values()].map(({ skipped, line }) =>
    skipped === 1 ? line : `${line}: ${skipped} tests`,
  );
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  return ("note" in result ? result.note : undefined) ?? "";
}
