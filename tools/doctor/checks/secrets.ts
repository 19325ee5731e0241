/** Are the secrets where only their owner reads them, and out of git's reach? */
import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { promisify } from "node:util";
import { settings } from "../../../firmware/settings.ts";
import { parseConfig } from "../../config/parse.ts";
import { readConfigText } from "../../config/text.ts";
import { holdsVariable } from "../../config/variables.ts";
import { type Check, configOf, type Finding, ok, warning } from "../check.ts";

const run = promisify(execFile);
const secretKeys = settings
  .filter((setting) => setting.secret && setting.kind !== "file")
  .map(({ key }) => key);

export const secrets: Check = {
  name: "secrets",
  needs: ["config"],
  deadlineMs: 3000,
  async run(chart, signal) {
    const { files } = configOf(chart);
    const local = files.find((file) => /\.local\.jsonc?$|\.local$/.test(file));
    const main = files.find((file) => file !== local);
    const findings: Finding[] = [];
    for (const key of main === undefined ? [] : secretsIn(main)) {
      findings.push(
        warning(
          `${basename(main ?? "")} holds ${key}, and that file is shared`,
          `move it to ${basename(main ?? "").replace(/(\.jsonc?)?$/, (ending) => `.local${ending || ".json"}`)}, or write \${NAME} for an environment variable`,
        ),
      );
    }
    if (local !== undefined) findings.push(...(await judgeLocal(local, signal)));
    if (findings.length > 0) return findings;
    return ok(local === undefined ? "none in the configuration" : `${basename(local)} is yours alone`);
  },
};

/** Keys whose secret stands there in clear: no `${NAME}`. */
function secretsIn(file: string): string[] {
  const entries = parseConfig(readConfigText(file, basename(file)), basename(file), dirname(file), []);
  return entries
    .filter(({ key, value }) => secretKeys.some((secret) => secret === key) && !holdsVariable(value))
    .map(({ key }) => key);
}

async function judgeLocal(file: string, signal: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = [];
  const name = basename(file);
  // Windows has no such bits.
  if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) {
    findings.push(warning(`${name} can be read by others on this computer`, `chmod 600 ${name}`));
  }
  const git = (...words: string[]) =>
    run("git", ["-C", dirname(file), ...words, name], { signal, timeout: 2000 }).then(
      () => true,
      (error: { code?: unknown }) => (error.code === 1 ? false : undefined),
    );
  // With 128 or no git at all there is nothing to be committed to.
  if (await git("ls-files", "--error-unmatch", "--")) {
    findings.push(
      warning(
        `git has ${name} among its files`,
        `git rm --cached ${name}, and change what was in it: it is in the history`,
      ),
    );
  } else if ((await git("check-ignore", "-q", "--")) === false) {
    findings.push(warning(`git does not ignore ${name}`, `add a line to .gitignore: ${name}`));
  }
  return findings;
}
