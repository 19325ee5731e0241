/** All step kinds, and how one step is read: the one vocabulary of scenarios, of the page and of live commands. */
import { parseDocument, stringify } from "yaml";
import type { ParsedStep, StepKind } from "./kind.ts";
import { Place, shown } from "./place.ts";
import broker from "./steps/broker.ts";
import clock from "./steps/clock.ts";
import expectConsole from "./steps/expect-console.ts";
import expectLamp from "./steps/expect-lamp.ts";
import expectLink from "./steps/expect-link.ts";
import expectMessage from "./steps/expect-message.ts";
import expectPin from "./steps/expect-pin.ts";
import expectWifi from "./steps/expect-wifi.ts";
import network from "./steps/network.ts";
import note from "./steps/note.ts";
import powerCut from "./steps/power-cut.ts";
import powerOn from "./steps/power-on.ts";
import press from "./steps/press.ts";
import publish from "./steps/publish.ts";
import reset from "./steps/reset.ts";
import screenshot from "./steps/screenshot.ts";
import setPin from "./steps/set-pin.ts";
import temperature from "./steps/temperature.ts";
import wait from "./steps/wait.ts";
import wifi from "./steps/wifi.ts";
import { isMapping } from "./values.ts";

/** In the order of the documentation: what is done, what goes wrong, what is expected, the rest. */
export const stepKinds: readonly StepKind[] = [
  publish,
  press,
  setPin,
  temperature,
  wait,
  wifi,
  network,
  broker,
  powerCut,
  powerOn,
  reset,
  clock,
  expectLamp,
  expectPin,
  expectMessage,
  expectConsole,
  expectWifi,
  expectLink,
  screenshot,
  note,
];
export const stepNames: readonly string[] = stepKinds.map(({ name }) => name);
const kindOf = new Map(stepKinds.map((kind) => [kind.name, kind]));

export interface Step extends ParsedStep {
  /** Name of its kind. */
  readonly kind: string;
  /** The step as it would be written on one line: "expect-lamp: on". */
  readonly text: string;
}

/** A step is wrong; the message is one line. */
export class StepMistake extends Error {
  override readonly name = "StepMistake";
}

/**
 * Reads one step, `{KIND: VALUE}`.
 * @throws StepMistake
 */
export function parseStep(value: unknown): Step {
  const place = new Place();
  const step = readStep(value, place);
  if (!step) throw new StepMistake(place.mistakes.map(({ sentence }) => sentence).join("; "));
  return step;
}

/**
 * Reads one step as it stands in a scenario, without the dash: "press: 200ms".
 * @throws StepMistake
 */
export function parseStepText(line: string): Step {
  const document = parseDocument(line.trim().replace(/^- +/, ""));
  const [error] = document.errors;
  if (error) throw new StepMistake(`not YAML: ${error.message.split("\n")[0]?.replace(/ at line .*$/, "")}`);
  return parseStep(document.toJS());
}

/** Reads one step; undefined after at least one mistake was put down at `place`. */
export function readStep(value: unknown, place: Place): Step | undefined {
  const example = 'such as "publish: on"';
  if (!isMapping(value))
    return typeof value === "string" && kindOf.has(value)
      ? place.wrong(`step ${value} lacks its value, ${example}`)
      : place.wrong(`a step is ${shown(value)}; allowed is one KIND: VALUE, ${example}`);
  const [name, ...others] = Object.keys(value);
  if (name === undefined) return place.wrong(`a step is empty; allowed is one KIND: VALUE, ${example}`);
  if (others.length > 0)
    return place.wrong(
      `a step has ${others.length + 1} keys (${[name, ...others].join(", ")}); allowed is one, each step with a dash of its own`,
    );
  const kind = kindOf.get(name);
  if (!kind) return place.unknownStep(name, [...kindOf.keys()]);
  const parsed = kind.parse(value[name], place.at(name));
  return parsed && { ...parsed, kind: name, text: written(value) };
}

/** On one line, however it was written. */
function written(step: object): string {
  return stringify(step, { collectionStyle: "flow", lineWidth: 0 })
    .trim()
    .replace(/^\{ (.*) \}$/s, "$1");
}
