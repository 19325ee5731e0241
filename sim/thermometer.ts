/** The thermometer in the chip, as far as the interpreter reads one (jshReadTemperature in jshardware.c of each target). */
import type { PoweredBoard } from "./powered-board.ts";
import type { BoardProfile } from "./profile.ts";

/** What it shows, in degrees Celsius, until somebody says otherwise. */
const ROOM = 25;

const WITH_THERMOMETER = /^(?:ESP32$|STM32F[14])/;
/** Chips whose interpreter complains when it is asked. */
const COMPLAINING = /^ESP32-/;

export function hasThermometer({ chip = "ESP32" }: Pick<BoardProfile, "chip">): boolean {
  return WITH_THERMOMETER.test(chip);
}

/** What `E.getTemperature` gives in the beginning: NaN where there is none. */
export function firstTemperature(profile: Pick<BoardProfile, "chip">): number {
  return hasThermometer(profile) ? ROOM : Number.NaN;
}

/** What the interpreter does when it is asked. */
export function readTemperature(board: Pick<PoweredBoard, "profile" | "temperature" | "printLine">): number {
  const { chip = "ESP32" } = board.profile;
  if (COMPLAINING.test(chip)) board.printLine("ERROR: >> jshReadTemperature Not implemented");
  return board.temperature;
}
