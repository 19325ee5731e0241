/** Vitest reporter: at the end, by name, what could not run, and why. */
import type { Reporter, TestModule } from "vitest/node";

/** A skip for lack of the real interpreter is never an error; its reason names this variable. */
const optional = "ESPRUINO_BIN";

export default class NotRunReporter implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[]): void {
    const notRun: { name: string; reason: string }[] = [];
    for (const testModule of testModules) {
      for (const test of testModule.children.allTests("skipped")) {
        const result = test.result();
        const reason = ("note" in result ? result.note : undefined) ?? "";
        notRun.push({ name: test.fullName, reason });
      }
    }
    if (notRun.length === 0) return;
    const lines = notRun.map(({ name, reason }) => `  ${name}${reason === "" ? "" : ` (${reason})`}`);
    process.stdout.write(`\nCould not run:\n${lines.join("\n")}\n`);
    const missing = notRun.filter(({ name, reason }) => !`${name} ${reason}`.includes(optional));
    if (process.env.CI === "true" && missing.length > 0) {
      process.stdout.write(`With CI=true that is an error for ${missing.length} of them.\n`);
      process.exitCode = 1;
    }
  }
}
