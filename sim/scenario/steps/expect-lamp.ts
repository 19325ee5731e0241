/** The step `expect-lamp: on`. */
import { dutyOf } from "../../lamp.ts";
import { lampOf } from "../context.ts";
import { expectState, foundChanging, stateTimes } from "../expectation.ts";
import { checkLamp, stepKind } from "../kind.ts";
import { share } from "../measures.ts";
import { checked, fields, oneOf, shortOr } from "../values.ts";
import { DEFAULT_TOLERANCE, percent } from "./expect-pin.ts";

const word = oneOf("on", "off");
const full = checked(
  fields({}, { is: word, duty: share, tolerance: share, ...stateTimes }),
  ({ is, duty, tolerance }) => {
    if ((is === undefined) === (duty === undefined)) return "needs either is or duty, such as is: on";
    return is !== undefined && tolerance !== undefined ? "has a tolerance, which belongs to duty" : undefined;
  },
);

export default stepKind({
  name: "expect-lamp",
  description:
    "Expects the lamp to be lit, dark, or lit for a share of the time, whether or not its pin is active low.",
  value: shortOr(word, (is) => ({ is }), full),
  check: (_value, facts) =>
    checkLamp(facts, "expect something of a pin, such as expect-pin: { pin: D2, level: high }"),
  run(value, context) {
    const { is, duty, tolerance = DEFAULT_TOLERANCE } = value;
    const lamp = lampOf(context.simulation);
    const now = () => context.witness.pin(lamp.pin);
    const lit = () => dutyOf(lamp, now().value);
    return expectState(context, {
      what: `the lamp on ${lamp.pin}`,
      wanted:
        duty === undefined
          ? `to be ${is}`
          : `to be lit for ${percent(duty)} (± ${percent(tolerance)}) of the time`,
      fits: () => (duty === undefined ? lit() > 0 === (is === "on") : Math.abs(lit() - duty) <= tolerance),
      found: () =>
        foundChanging(now(), (value) => {
          const share = dutyOf(lamp, value);
          return share === 0 ? "off" : share === 1 ? "fully on" : `lit for ${percent(share)} of the time`;
        }),
      times: value,
    });
  },
});
