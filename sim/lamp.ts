/** What a simulation is told of the lamp on its board, for those who show it and those who press its button. */

export interface LampFacts {
  /** The base topic, such as `home/office/lamp`. */
  topic: string;
  pin: string;
  activeLow: boolean;
  /** Exponent between brightness as the eye sees it and duty cycle. */
  gamma: number;
  /** Undefined on a board or a lamp without a button. */
  button?: { pin: string; activeLow: boolean } | undefined;
}

/** Share of the time that the lamp is lit, 0 to 1, for the value at its pin (level or duty cycle). */
export function dutyOf(lamp: LampFacts, value: number): number {
  return lamp.activeLow ? 1 - value : value;
}

/** How bright the lamp looks, 0 to 1, for the value at its pin. */
export function brightnessOf(lamp: LampFacts, value: number): number {
  return dutyOf(lamp, value) ** (1 / lamp.gamma);
}
