/** What the board profile says of the pin that the lamp is to use. */
import type { SettingValue } from "../../firmware/settings.ts";
import { didYouMean } from "../../sim/nearest.ts";
import type { BoardProfile, Pin, PinCapability } from "./profile.ts";

/** One thing that is wrong with a pin (`mistake`: it cannot work) or to beware of (`warning`). */
export interface PinFinding {
  readonly key: "lamp.pin" | "lamp.pwm";
  readonly level: "mistake" | "warning";
  /** What was found: "lamp.pin is D12: …". */
  readonly found: string;
  /** What to do about it: "add: --set lamp.pin=D13". */
  readonly mend: string;
}

/** Values by key, such as those of a Config; only the settings of the lamp are looked at. */
export interface PinSettings {
  readonly values: { readonly [key: string]: SettingValue };
  readonly profile: BoardProfile;
}

/**
 * Every finding about lamp.pin and lamp.pwm, mistakes and warnings, in that order of keys. What the settings leave open counts as the profile's
 * own LED, which needs no warning.
 */
export function pinFindings(settings: PinSettings): PinFinding[] {
  return [...lampPin(settings), ...lampPwm(settings)];
}

/** The sentence for people, without the place. */
export function sentenceOf({ found, mend }: PinFinding): string {
  return `${found}; ${mend}`;
}

function lampPin({ values, profile }: PinSettings): PinFinding[] {
  const key = "lamp.pin";
  const name = String(values[key] ?? profile.led.pin);
  const pin = profile.pins[name];
  const useless = uselessness(name, profile);
  if (pin === undefined || useless !== undefined) return useless === undefined ? [] : [useless];
  if (name === profile.led.pin) return [];
  const warn = (found: string, mend: string): PinFinding => ({ key, level: "warning", found, mend });
  const findings: PinFinding[] = [];
  const other = saferPin(profile, values["lamp.pwm"] !== false);
  const instead = other === undefined ? "take another pin" : `without that: --set lamp.pin=${other}`;
  if (pin.strapping !== undefined)
    findings.push(warn(`lamp.pin is ${name}: ${open(pin.strapping)}`, instead));
  if (name === profile.button?.pin)
    findings.push(
      warn(`lamp.pin is ${name}, where the board has a button: pressed it shorts the output`, instead),
    );
  if (pin.inverted) {
    const switched = values["lamp.activeLow"] !== true;
    findings.push(
      warn(
        `lamp.pin is ${name}, whose levels the interpreter turns round on this chip`,
        `if the lamp is lit when it should be dark, add: --set lamp.activeLow=${switched}`,
      ),
    );
  }
  findings.push(...printedOtherwise(name, profile));
  if (!pin.can.includes("pwm") && values["lamp.pwm"] === undefined && name !== profile.relay?.pin) {
    findings.push(
      warn(
        `lamp.pin is ${name}, which has no PWM: the lamp is only on and off`,
        `with brightness: ${pwmPins(profile)}`,
      ),
    );
  }
  return findings;
}

function lampPwm({ values, profile }: PinSettings): PinFinding[] {
  const name = String(values["lamp.pin"] ?? profile.led.pin);
  const pin = profile.pins[name];
  if (values["lamp.pwm"] !== true || pin === undefined || pin.can.includes("pwm")) return [];
  const why = name === profile.relay?.pin ? " (a relay is no dimmer)" : "";
  return [
    {
      key: "lamp.pwm",
      level: "mistake",
      found: `lamp.pwm is true, but ${name} of ${profile.name} has no PWM${why}; allowed with PWM: ${pwmPins(profile)}`,
      mend: "or add: --set lamp.pwm=false",
    },
  ];
}

/** Why a pin cannot be the lamp, if so. */
function uselessness(name: string, profile: BoardProfile): PinFinding | undefined {
  const pin = profile.pins[name];
  const why = reason(pin, name, profile);
  if (why === undefined) return undefined;
  const able = pinsThatCan(profile, "output");
  const hint = pin === undefined ? didYouMean(name, able) : "";
  return {
    key: "lamp.pin",
    level: "mistake",
    found: `lamp.pin is ${name}, which on ${profile.name} is of no use (${why})${hint}, allowed is: ${able.join(", ")}`,
    mend: `or add: --set lamp.pin=${profile.led.pin}`,
  };
}

function reason(pin: Pin | undefined, name: string, { pixels }: BoardProfile): string | undefined {
  if (pin === undefined) return "does not exist";
  if (name === pixels?.pin)
    return `data line of the ${pixels.type} on the board, which this version does not drive`;
  if (pin.reserved !== undefined) return open(pin.reserved);
  if (pin.can.includes("output")) return undefined;
  return pin.note === undefined ? "cannot be an output" : open(pin.note);
}

/** A board may have other names beside its pins than the interpreter, and people read the board. */
function printedOtherwise(name: string, { pins }: BoardProfile): PinFinding[] {
  const printed = pins[name]?.printed;
  const meant = Object.keys(pins).find((other) => pins[other]?.printed === name);
  if (printed === undefined || meant === undefined || meant === name) return [];
  return [
    {
      key: "lamp.pin",
      level: "warning",
      found: `lamp.pin is ${name}, which is printed ${printed} on the board`,
      mend: `if you mean the one printed ${name}, add: --set lamp.pin=${meant}`,
    },
  ];
}

/** The first pin that nothing speaks against. */
function saferPin(profile: BoardProfile, wantsPwm: boolean): string | undefined {
  const taken = new Set([profile.led.pin, profile.button?.pin, profile.relay?.pin]);
  return pinsThatCan(profile, wantsPwm ? "pwm" : "output").find((name) => {
    const pin = profile.pins[name];
    return !taken.has(name) && pin?.strapping === undefined && pin?.note === undefined && !pin?.inverted;
  });
}

function pwmPins(profile: BoardProfile): string {
  return pinsThatCan(profile, "pwm").join(", ");
}

/** Names of the pins that are free and can do it. */
export function pinsThatCan(profile: BoardProfile, capability: PinCapability): string[] {
  return Object.keys(profile.pins).filter((name) => {
    const pin = profile.pins[name];
    return (
      pin !== undefined &&
      pin.reserved === undefined &&
      pin.can.includes(capability) &&
      !(capability !== "input" && name === profile.pixels?.pin)
    );
  });
}

/** A sentence without its full stop, to be gone on with. */
function open(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
