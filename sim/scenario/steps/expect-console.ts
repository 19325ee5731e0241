/** The step `expect-console: Wi-Fi`. */
import { StepFailure } from "../context.ts";
import { DEFAULT_WITHIN_MS, lookFor, section, writtenLine } from "../expectation.ts";
import { stepKind } from "../kind.ts";
import { time, writtenTime } from "../measures.ts";
import { checked, fields, pattern, shortOr, text } from "../values.ts";

const full = checked(
  fields({}, { contains: text(), matches: pattern, within: time, never: time }),
  ({ contains, matches, within, never }) => {
    if ((contains === undefined) === (matches === undefined)) return "needs either contains or matches";
    return within !== undefined && never !== undefined
      ? "has both within and never; leave one of them out"
      : undefined;
  },
);

export default stepKind({
  name: "expect-console",
  description:
    "Expects a line on the console, of which those count that came since the last one expected; or, with never, expects none from now on.",
  value: shortOr(text("the text that a line is to contain"), (contains) => ({ contains }), full),
  async run({ contains, matches, within = DEFAULT_WITHIN_MS, never }, context) {
    const { witness, marks } = context;
    const from = never === undefined ? marks.console : witness.console.count;
    const found = await lookFor(
      context,
      () => {
        for (const sighting of witness.console.from(from)) {
          const { text } = sighting.one;
          if (contains === undefined ? matches?.test(text) : text.includes(contains)) return sighting;
        }
        return undefined;
      },
      never ?? within,
    );
    const what =
      contains === undefined
        ? `console line that matches /${matches?.source}/`
        : `console line with ${JSON.stringify(contains)}`;
    if (never !== undefined) {
      if (!found) return;
      throw new StepFailure(`no ${what} for ${writtenTime(never)}`, [`it came: ${writtenLine(found.one)}`]);
    }
    if (found) {
      marks.console = found.number + 1;
      return;
    }
    const since = [...witness.console.from(from)].map(({ one }) => writtenLine(one));
    throw new StepFailure(
      `a ${what} within ${writtenTime(within)}`,
      section("on the console since the last line expected", since.slice(-8)),
    );
  },
});
