/** Is this computer's clock right enough to judge certificates? */
import { type Check, ok, warning } from "../check.ts";

/** Clocks that are set later than the files were copied by less than this are right. */
const TOLERANCE_MS = 24 * 3600 * 1000;

export const clock: Check = {
  name: "clock",
  needs: [],
  deadlineMs: 1000,
  run({ surroundings }) {
    const now = surroundings.now();
    const day = new Date(now).toISOString().slice(0, 10);
    return now < surroundings.writtenAt() - TOLERANCE_MS
      ? warning(
          `this computer's clock says ${day}, which is before Wick was written`,
          "set the clock: certificates are judged by it",
        )
      : ok(`this computer's clock says ${day}`);
  },
};
