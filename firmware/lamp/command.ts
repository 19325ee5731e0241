/** What a payload asks the lamp to do, pure: payload in, command out. */

/** A switch command: off, on, or the other way round. */
export const OFF = 0;
export const ON = 1;
export const TOGGLE = 2;
/** The payload is no command. */
export const UNKNOWN = -1;

/** `on` `off` `toggle` `1` `0` `true` `false` in any case, with blanks around it; UNKNOWN for anything else. */
export function switchCommand(payload: string): number {
  const word = payload.trim().toLowerCase();
  return word === "on" || word === "1" || word === "true"
    ? ON
    : word === "off" || word === "0" || word === "false"
      ? OFF
      : word === "toggle"
        ? TOGGLE
        : UNKNOWN;
}

/** A whole number of 0 to 255 in decimal digits, with blanks around it; UNKNOWN for anything else. */
export function brightnessCommand(payload: string): number {
  const word = payload.trim();
  const value = parseInt(word);
  return "" + value === word && isBrightness(value) ? value : UNKNOWN;
}

function isBrightness(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value < 256 && value === (value | 0);
}

/** What a JSON command says; `error` says why it cannot be obeyed. */
export interface LightCommand {
  error?: string;
  /** OFF, ON or TOGGLE; undefined where the command does not say. */
  state?: number;
  /** 0 to 255. */
  brightness?: number;
}

/**
 * A JSON command of `base/set` (Home Assistant's MQTT light, schema json): `state`, `brightness` where the lamp has it,
 * and `transition` in seconds, which the lamp takes as 0. Every other key is an error, and so is an empty command.
 */
export function lightCommand(payload: string): LightCommand {
  const command: LightCommand = {};
  let json: { [key: string]: unknown };
  try {
    json = JSON.parse(payload);
  } catch (error) {
    json = [] as never;
  }
  // The board's parser passes over what follows the closing brace.
  if (!json || payload.trim()[0] !== "{" || !payload.trim().endsWith("}")) json = [] as never;
  command.error = "bad JSON";
  for (const key in json) {
    const value = json[key];
    command.error = "bad " + key;
    if (key === "state") {
      command.state = ["OFF", "ON", "TOGGLE"].indexOf(("" + value).toUpperCase());
      if (command.state < 0) return command;
    } else if (LAMP_PWM && key === "brightness") {
      if (!isBrightness(value)) return command;
      command.brightness = value as number;
    } else if (key !== "transition" || typeof value !== "number" || !(value >= 0)) return command;
    command.error = "";
  }
  return command;
}
