/** What a scenario file consists of: its keys and its list of steps. */
import { type Place, shown } from "./place.ts";
import { readStep, type Step } from "./steps.ts";
import { checked, fields, isMapping, numberFrom, oneOf, type Read, text, type ValueKind } from "./values.ts";

/** Settings for the build, by key. Their values are checked by the build, which knows them. */
const settings: ValueKind<Readonly<Record<string, unknown>>> = {
  allowed: "a mapping of settings, such as lamp.topic: hall/lamp",
  schema: {
    type: "object",
    description: "Settings for the build, by key, as in flash.config.json: lamp.topic, mqtt.keepAlive, …",
    propertyNames: { pattern: "^[A-Za-z]+(\\.[A-Za-z]+)*$" },
  },
  read: (found, place) => (isMapping(found) ? found : place.notAllowed(found, settings.allowed)),
};

const steps: ValueKind<readonly { step: Step; index: number }[]> = {
  allowed: "a list of steps, each with a dash",
  schema: { type: "array", minItems: 1, items: { $ref: "#/definitions/step" } },
  read(found, place) {
    if (!Array.isArray(found) || found.length === 0) return place.notAllowed(found, steps.allowed);
    const read = found.map((value: unknown, index) => ({ step: readStep(value, place.at(index)), index }));
    return read.filter((one): one is { step: Step; index: number } => one.step !== undefined);
  },
};

/** The whole file. */
export const scenario = checked(
  fields(
    { name: described(text(), "What it shows, in a few words: the name of the test case."), steps },
    {
      version: described(oneOf(1), "Of this format."),
      seed: described(
        numberFrom(0, 0xffffffff, { whole: true }),
        "Of everything random on the board and around it.",
      ),
      board: described(text(), "Name of a board profile."),
      set: settings,
      broker: described(
        oneOf("embedded", "none"),
        "Whether a broker listens where the lamp connects to; embedded unless given.",
      ),
      entry: described(
        text("the TypeScript file of a program", /\S/),
        "A program of one's own that is built and run in place of the lamp; its path from this file.",
      ),
      bundle: described(
        text("the file of a bundle", /\S/),
        "A bundle that is run as it is in place of the lamp; its path from this file.",
      ),
    },
  ),
  ({ entry, bundle }) =>
    entry !== undefined && bundle !== undefined
      ? "has both entry and bundle; leave one of them out"
      : undefined,
);

/** Reads a whole scenario; undefined after at least one mistake was put down at `place`. */
export function readDocument(content: unknown, place: Place): Read<typeof scenario> | undefined {
  if (isMapping(content)) return scenario.read(content, place);
  return place.wrong(`a scenario is ${shown(content)}; allowed is ${scenario.allowed}`);
}

function described<T>(kind: ValueKind<T>, description: string): ValueKind<T> {
  return { ...kind, schema: { description, ...kind.schema } };
}
