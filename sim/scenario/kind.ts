/** What a step kind is: one line of a scenario, one message of the page, one live command. */
import type { LampFacts } from "../lamp.ts";
import { didYouMean } from "../nearest.ts";
import type { BoardProfile } from "../profile.ts";
import { isLampTopic, NO_LAMP, type StepContext } from "./context.ts";
import type { Place } from "./place.ts";
import type { Schema, ValueKind } from "./values.ts";

/** The board that steps are for, and its lamp; undefined: the program on it is none. */
export interface BoardFacts {
  readonly profile: BoardProfile;
  readonly lamp: LampFacts | undefined;
}

export interface StepKind {
  /** As it is written: "expect-pin". */
  readonly name: string;
  /** One sentence, for the schema. */
  readonly description: string;
  /** Of its value. */
  readonly schema: Schema;
  /** Undefined after at least one mistake was put down at `place`. */
  parse(value: unknown, place: Place): ParsedStep | undefined;
}

/** A step with its value, ready to be done. */
export interface ParsedStep {
  /** What cannot be on this board, such as a pin it does not have: one sentence, or undefined. */
  check(facts: BoardFacts): string | undefined;
  /** @throws StepFailure when an expectation is not met or the step cannot be done */
  run(context: StepContext): Promise<void>;
}

/** Makes a step kind of the kind of value it takes and what it does. */
export function stepKind<T>(parts: {
  name: string;
  description: string;
  value: ValueKind<T>;
  check?(value: T, facts: BoardFacts): string | undefined;
  run(value: T, context: StepContext): Promise<void> | void;
}): StepKind {
  const { name, description, value: kind } = parts;
  return {
    name,
    description,
    schema: { description, ...kind.schema },
    parse(found, place) {
      const before = place.mistakes.length;
      const value = kind.read(found, place) as T;
      if (place.mistakes.length > before) return undefined;
      return {
        check: (facts) => parts.check?.(value, facts),
        run: async (context) => parts.run(value, context),
      };
    },
  };
}

/** Says so when the board has no pin of that name; undefined names none. */
export function checkPin(pin: string | undefined, { profile }: BoardFacts): string | undefined {
  const names = Object.keys(profile.pins ?? {});
  if (pin === undefined || !profile.pins || names.includes(pin)) return undefined;
  return `${profile.name} has no pin ${pin}${didYouMean(pin, names)}; its pins are ${names.join(", ")}`;
}

/** Says so when the step is about a lamp and the program is none; `instead`: what to write. */
export function checkLamp({ lamp }: BoardFacts, instead: string): string | undefined {
  return lamp ? undefined : `${NO_LAMP}; ${instead}`;
}

/** Says so when a topic is the lamp's, or below it, and the program is no lamp. */
export function checkTopic(written: string | undefined, facts: BoardFacts): string | undefined {
  return isLampTopic(written)
    ? checkLamp(facts, "name a whole topic, such as topic: hall/sensor")
    : undefined;
}
