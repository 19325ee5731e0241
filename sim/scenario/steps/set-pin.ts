/** The step `set-pin: { pin: D4, level: high }`. */
import { checkPin, stepKind } from "../kind.ts";
import { fields, oneOf, text } from "../values.ts";

export default stepKind({
  name: "set-pin",
  description: "Drives a pin from outside, until it is released.",
  value: fields(
    { pin: text("the name of a pin, such as D4"), level: oneOf("high", "low", 1, 0, "release") },
    {},
  ),
  check: ({ pin }, facts) => checkPin(pin, facts),
  run({ pin, level }, { simulation }) {
    const { pins } = simulation.board;
    if (level === "release") pins.release(pin);
    else pins.drive(pin, level === "high" || level === 1 ? 1 : 0);
    simulation.tell({
      type: "fault",
      what: level === "release" ? `${pin} let go` : `${pin} driven ${level}`,
    });
  },
});
