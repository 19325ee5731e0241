/** The step `temperature: 21.5`. */
import { hasThermometer } from "../../thermometer.ts";
import { stepKind } from "../kind.ts";
import { numberFrom } from "../values.ts";

export default stepKind({
  name: "temperature",
  description:
    "Sets the temperature of the chip in degrees Celsius, which E.getTemperature() gives from now on.",
  // What the chips are made for.
  value: numberFrom(-40, 125),
  check: (_value, { profile }) =>
    hasThermometer(profile)
      ? undefined
      : `the interpreter on ${profile.name} reads no temperature: E.getTemperature() is NaN there`,
  run(value, { simulation }) {
    simulation.board.temperature = value;
    simulation.tell({ type: "fault", what: `chip at ${value} °C` });
  },
});
