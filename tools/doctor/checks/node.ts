/** Is this Node one that Wick runs on? */
import { readFileSync } from "node:fs";
import { projectRoot } from "../../version.ts";
import { type Check, failure, ok } from "../check.ts";

export const node: Check = {
  name: "node",
  needs: [],
  deadlineMs: 1000,
  run({ surroundings }) {
    const { engines } = JSON.parse(readFileSync(`${projectRoot}package.json`, "utf8"));
    const least = String(engines.node).replace(/^>=/, "");
    const version = surroundings.nodeVersion;
    return isAtLeast(version, least)
      ? ok(`Node ${version}`)
      : failure(
          `Node ${version} is older than ${least}, the oldest that Wick runs on`,
          "install a newer Node: https://nodejs.org/en/download",
        );
  },
};

/** Compares versions of numbers and dots; what is missing is 0. */
export function isAtLeast(version: string, least: string): boolean {
  const found = version.split(".").map(Number);
  for (const [index, wanted] of least.split(".").map(Number).entries()) {
    const part = found[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
