/** The step `set-pin: { pin: D4, level: high }`, or `{ pin: D34, voltage: 0.42 }`. */
import { type BoardFacts, checkPin, stepKind } from "../kind.ts";
import { checked, fields, list, numberFrom, oneOf, text } from "../values.ts";

const levels = oneOf("high", "low", 1, 0, "release");
const voltages = numberFrom(0, 1);

export default stepKind({
  name: "set-pin",
  description:
    "Drives a pin from outside, until it is released: high, low, or with a voltage, 0 to 1 as analogRead gives it.",
  value: checked(
    fields({ pin: text("the name of a pin, such as D4") }, { level: levels, voltage: voltages }),
    ({ level, voltage }) => {
      if (level !== undefined && voltage !== undefined)
        return "has both level and voltage; leave one of them out";
      return level === undefined && voltage === undefined
        ? `needs level: ${levels.allowed}, or voltage: ${voltages.allowed}`
        : undefined;
    },
  ),
  check: ({ pin, voltage }, facts) =>
    checkPin(pin, facts) ?? (voltage === undefined ? undefined : checkAnalog(pin, facts)),
  run({ pin, level, voltage }, { simulation }) {
    const { pins } = simulation.board;
    if (level === "release") pins.release(pin);
    else pins.drive(pin, voltage ?? (level === "high" || level === 1 ? 1 : 0));
    simulation.tell({
      type: "fault",
      what: level === "release" ? `${pin} let go` : `${pin} driven ${level ?? `to ${voltage}`}`,
    });
  },
});

/** Says so when the pin has no converter: `analogRead` would never see the voltage. */
function checkAnalog(pin: string, { profile }: BoardFacts): string | undefined {
  const { pins, name } = profile;
  if (!pins || pins[pin]?.can.includes("adc")) return undefined;
  const analog = Object.keys(pins).filter((one) => pins[one]?.can.includes("adc"));
  if (analog.length === 0) return `${name} has no analog inputs; set a level, such as level: high`;
  const others = analog.length === 1 ? `its only one is ${analog[0]}` : `those are ${list(analog)}`;
  return `${pin} is no analog input of ${name}; ${others}`;
}
