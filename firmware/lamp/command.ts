/** What a payload asks the lamp to do, pure: payload in, command out. */

/** States a command can ask for; UNKNOWN where it is none, UNCHANGED where it does not say. */
export const OFF = 0;
export const ON = 1;
export const TOGGLE = 2;
export const UNKNOWN = -1;
export const UNCHANGED = 3;

/** `on` `off` `toggle` `1` `0` `true` `false` in any case, with blanks around it: OFF, ON, TOGGLE or UNKNOWN. */
export function switchCommand(payload: string): number {
  // A is no word in small letters: it keeps the place of a third word for toggle.
  return ["off", "on", "toggle", "0", "1", "A", "false", "true"].indexOf(payload.trim().toLowerCase()) % 3;
}

/** A whole number of 0 to 255 in decimal digits, with blanks around it; UNKNOWN for anything else. */
export function brightnessCommand(payload: string): number {
  const word = payload.trim();
  const value = parseInt(word);
  return "" + value === word && isBrightness(value) ? value : UNKNOWN;
}

function isBrightness(value: unknown): boolean {
  return value === ((value as number) & 255);
}

/** What a JSON command says; `error` says why it cannot be obeyed. */
export interface LightCommand {
  error: string;
  /** OFF, ON, TOGGLE or UNCHANGED. */
  state: number;
  /** 0 to 255; UNKNOWN where the command does not say. */
  brightness: number;
}

/**
 * A JSON command of `base/set` (Home Assistant's MQTT light, schema json): `state`, `brightness` where the lamp has it,
 * and `transition` in seconds, which the lamp takes as 0. Every other key is an error, and so is an empty command.
 */
export function lightCommand(payload: string): LightCommand {
  const command = { error: "bad JSON", state: UNCHANGED, brightness: UNKNOWN };
  try {
    // As the one element of a list: on its own the board's parser passes over what follows the closing brace.
    const list: { [key: string]: unknown }[] = JSON.parse("[" + payload + "]");
    // The board's `for..in` throws on what is no object, which is bad JSON too.
    if (list.length === 1)
      for (const key in list[0]) {
        const json = list[0];
        const value = json[key];
        command.error = "bad " + key;
        if (key === "state") {
          if ((command.state = switchCommand("" + value)) < 0) break;
        } else if (LAMP_PWM && key === "brightness") {
          if (!isBrightness(value)) break;
          command.brightness = value as number;
        } else if (key !== "transition" || !((value as number) >= 0)) break;
        command.error = "";
      }
  } catch {}
  return command;
}
