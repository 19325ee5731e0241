/** The step `expect-pin: high`. */
import { lampOf } from "../context.ts";
import { expectState, foundChanging, stateTimes } from "../expectation.ts";
import { checkLamp, checkPin, stepKind } from "../kind.ts";
import { share } from "../measures.ts";
import { checked, fields, oneOf, shortOr, text } from "../values.ts";

/** Of a PWM of 10 bits half a step is 0.05 %; nobody sees ten times as much. */
export const DEFAULT_TOLERANCE = 0.005;

const level = oneOf("high", "low", 1, 0);
const full = checked(
  fields(
    {},
    {
      pin: text("the name of a pin, such as D2"),
      level,
      duty: share,
      tolerance: share,
      ...stateTimes,
    },
  ),
  ({ level, duty, tolerance }) => {
    if ((level === undefined) === (duty === undefined))
      return "needs either level or duty, such as level: high";
    return level !== undefined && tolerance !== undefined
      ? "has a tolerance, which belongs to duty"
      : undefined;
  },
);

export default stepKind({
  name: "expect-pin",
  description: "Expects a level or a duty cycle at a pin, the lamp's unless another is named.",
  value: shortOr(level, (level) => ({ level }), full),
  check: ({ pin }, facts) =>
    checkPin(pin, facts) ??
    (pin === undefined
      ? checkLamp(facts, "name a pin, such as expect-pin: { pin: D2, level: high }")
      : undefined),
  run(value, context) {
    const { level, duty, tolerance = DEFAULT_TOLERANCE } = value;
    const pin = value.pin ?? lampOf(context.simulation).pin;
    const now = () => context.witness.pin(pin);
    const wanted = duty ?? (level === "high" || level === 1 ? 1 : 0);
    const within = duty === undefined ? 0 : tolerance;
    return expectState(context, {
      what: pin,
      wanted:
        duty === undefined
          ? `to be ${wantedLevel(wanted)}`
          : `to have a duty cycle of ${percent(duty)} (± ${percent(tolerance)})`,
      fits: () => Math.abs(now().value - wanted) <= within,
      found: () => foundChanging(now(), writtenLevel),
      times: value,
    });
  },
});

function wantedLevel(value: number): string {
  return value === 1 ? "high" : "low";
}

/** "high", "low", or the duty cycle of what is neither. */
function writtenLevel(value: number): string {
  return value === 1 || value === 0 ? wantedLevel(value) : `at a duty cycle of ${percent(value)}`;
}

/** "21.95 %" */
export function percent(value: number): string {
  return `${Math.round(value * 10_000) / 100} %`;
}
