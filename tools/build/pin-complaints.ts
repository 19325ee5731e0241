/** What the compiler says of pins, in the board's words. */
import { readFileSync } from "node:fs";
import { didYouMean } from "../../sim/nearest.ts";
import { pinPattern } from "../config/check.ts";
import { pinsThatCan } from "../config/pin-findings.ts";
import type { BoardProfile, PinCapability } from "../config/profile.ts";

/** What a function of firmware/board.d.ts wants of a pin. */
const WANTED: Readonly<Record<string, { verb: string; can: PinCapability }>> = {
  InputPin: { verb: "be read", can: "input" },
  AnalogInputPin: { verb: "be read as an analog input", can: "adc" },
  OutputPin: { verb: "be an output", can: "output" },
  AnalogOutputPin: { verb: "be dimmed", can: "pwm" },
};

/**
 * Lines of the compiler, "file:line:column: text (TScode)" and indented details below, with those about a pin that the board does not have or
 * that cannot do it put in the board's words.
 */
export function aboutPins(lines: readonly string[], profile: BoardProfile): string[] {
  const told: string[] = [];
  let isOurs = false;
  for (const line of lines) {
    if (/^\s/.test(line) && isOurs) continue;
    const ours = missing(line, profile) ?? unable(line, profile);
    isOurs = ours !== undefined;
    told.push(ours ?? line);
  }
  return told;
}

function missing(line: string, profile: BoardProfile): string | undefined {
  const found = /^(.*?:\d+:\d+: )Cannot find name '(\w+)'.* \((TS\d+)\)$/.exec(line);
  const [, place, name, code] = found ?? [];
  if (name === undefined || !pinPattern.test(name)) return undefined;
  const names = Object.keys(profile.pins);
  return `${place}${profile.name} has no pin ${name}${didYouMean(name, names)}; it has: ${names.join(", ")} (${code})`;
}

/** The compiler says either what the argument is or what it lacks. */
const NOT_ASSIGNABLE =
  /^((.*?):(\d+):(\d+): )(?:Argument of type '.*' is not assignable to parameter of type|Property '\w+' is missing in type '.*' but required in type) '(\w+)'.* \((TS\d+)\)$/;

function unable(line: string, profile: BoardProfile): string | undefined {
  const [, place, file = "", row, column, type = "", code] = NOT_ASSIGNABLE.exec(line) ?? [];
  const wanted = Object.hasOwn(WANTED, type) ? WANTED[type] : undefined;
  if (wanted === undefined) return undefined;
  const name = /^[A-Z]\d{1,2}\b/.exec(textAt(file, Number(row), Number(column)))?.[0] ?? "";
  const pin = Object.hasOwn(profile.pins, name) ? profile.pins[name] : undefined;
  if (pin === undefined) return undefined;
  if (pin.reserved !== undefined)
    return `${place}${name} of ${profile.name} is not for programs: ${pin.reserved.replace(/\.$/, "")} (${code})`;
  const why = pin.note === undefined ? "" : ` (${pin.note.replace(/\.$/, "")})`;
  const able = pinsThatCan(profile, wanted.can);
  return `${place}${name} of ${profile.name} cannot ${wanted.verb}${why}; these can: ${able.join(", ")} (${code})`;
}

/** The source from there on; columns count from 1. "" when there is no such file any more. */
function textAt(file: string, row: number, column: number): string {
  try {
    return (
      readFileSync(file, "utf8")
        .split("\n")
        [row - 1]?.slice(column - 1) ?? ""
    );
  } catch {
    return "";
  }
}
