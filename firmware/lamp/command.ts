/** What a payload asks the lamp to do, pure: payload in, command out. */

/** States a command can ask for; UNKNOWN where it is none. */
export const OFF = 0;
export const ON = 1;
export const TOGGLE = 2;
export const UNKNOWN = -1;

/** `on` `off` `toggle` `1` `0` `true` `false` in any case, with blanks around it: OFF, ON, TOGGLE or UNKNOWN. */
export function switchCommand(payload: string): number {
  // A is no word in small letters: it keeps the place of a third word for toggle.
  return ["off", "on", "toggle", "0", "1", "A", "false", "true"].indexOf(payload.trim().toLowerCase()) % 3;
}

/** A number of decimal digits, perhaps with a fraction, with blanks around it; NaN for anything else. */
function decimal(payload: string): number {
  const word = payload.trim();
  // What is anchored comes last: where it fails the board looks at no other alternative.
  return /[^\d.]|\..*\.|^0\d/.test(word) ? NaN : parseFloat(word);
}

/** A number that rounds to 0 to 255; UNKNOWN for anything else. */
export function brightnessCommand(payload: string): number {
  const value = Math.round(decimal(payload));
  return value < 256 ? value : UNKNOWN;
}

/** What a command asks for. */
export interface LightCommand {
  /** Why it is refused, or which of its keys are not known; else empty. */
  error: string;
  /** OFF, ON or TOGGLE; UNKNOWN where the command does not say, or is refused. */
  state: number;
  /** 0 to 255; UNKNOWN likewise. */
  brightness: number;
}

/**
 * What the payload of a command asks for. `kind` "state" or "brightness": it is the value of that key. Else it is JSON
 * (Home Assistant's MQTT light, schema json): `state`, `brightness` where the lamp has it, and `transition` in seconds,
 * which the lamp takes as 0. A bad value of one of them refuses the whole command; other keys are named in `error`, and the
 * rest is obeyed.
 */
export function lightCommand(payload: string, kind?: string): LightCommand {
  let error = "bad JSON";
  let unknown = "";
  let state = UNKNOWN;
  let brightness = state;
  const take = (key: string, value: string) => {
    let number = 0;
    error = "bad " + key;
    // What is no text throws.
    if (key === "state") number = state = switchCommand(value);
    else if (LAMP_PWM && key === "brightness") number = brightness = brightnessCommand(value);
    else if (key === "transition") number = decimal(value);
    else unknown += (unknown ? ", " : "unknown key ") + JSON.stringify(key);
    if (!(number >= 0)) throw key;
    error = unknown;
  };
  try {
    if (kind) take(kind, payload);
    else {
      // Numbers become texts, so that one rule holds for both.
      const text = payload.trim().replace(/"\s*:\s*([\dtf][-+.\w]*)/g, '":"$1"');
      // The board's parser calls itself for each list and object within another, and has a stack of 15 KB on some boards.
      const json: { [key: string]: string } = JSON.parse(text.split(/\{|\[/).length > 20 ? "" : text);
      try {
        // The board's parser passes over what follows a value: only of one that ends the text the last brace is missed.
        JSON.parse(text.replace(/}$/, ""));
      } catch {
        // Own keys alone: what an object inherits is the sender's too, who may write "__proto__".
        for (const key of Object.keys(json)) take(key, json[key] as string);
      }
    }
  } catch {
    state = brightness = UNKNOWN;
  }
  return { error, state, brightness };
}
