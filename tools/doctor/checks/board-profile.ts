/** Which board is it, and what does its profile warn of? */
import { type Check, configOf, failure, ok } from "../check.ts";

export const boardProfile: Check = {
  name: "board profile",
  needs: ["config"],
  deadlineMs: 1000,
  run(chart) {
    const { name, title, warnings, noLamp } = configOf(chart).profile;
    if (noLamp !== undefined)
      return {
        ...failure(
          `the lamp of this version does not run on ${name}: ${noLamp}`,
          "take another board: npx wick boards",
        ),
        blocks: false,
      };
    const also =
      warnings.length === 0
        ? ""
        : `; ${warnings.length === 1 ? "a hint" : `${warnings.length} hints`}: npx wick boards ${name}`;
    return ok(`${name}, ${title}${also}`);
  },
};
