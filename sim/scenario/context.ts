/** What a step works with: a simulation, what it did so far, and a way to let board time pass. */
import type { LampFacts } from "../lamp.ts";
import type { Simulation } from "../simulation.ts";
import type { Witness } from "./witness.ts";

export interface StepContext {
  readonly simulation: Simulation;
  readonly witness: Witness;
  /** How far expectations have looked: see `Marks`. */
  readonly marks: Marks;
  /** Lets `ms` of board time pass. */
  wait(ms: number): Promise<void>;
  /** Lets board time pass until `holds`, at most `withinMs`; tells whether it held. Not asked after every instant, but after all that happened in one. */
  until(holds: () => boolean, withinMs: number): Promise<boolean>;
  /** Says something to whoever watches. */
  note(text: string): void;
  /** Puts a file where the results go. */
  keep(name: string, content: string): void;
}

/**
 * What expectations have taken already. A message is taken by the step that it satisfied, and with it all that came before it on the same topic;
 * everything newer is there for the steps to come, however long ago it arrived. The same goes for the lines of the console.
 */
export class Marks {
  /** Number of the console line from which the next expectation looks. */
  console = 0;
  private readonly topics = new Map<string, number>();

  /** Number of the message from which the next expectation about `topic` looks. */
  message(topic: string): number {
    return this.topics.get(topic) ?? 0;
  }

  /** Takes all messages to `topic` before number `next`. */
  takeMessages(topic: string, next: number): void {
    this.topics.set(topic, next);
  }
}

/** A step that could not be done, or an expectation that was not met. */
export class StepFailure extends Error {
  override readonly name = "StepFailure";
  /** Undefined: it was no expectation. */
  readonly expected: string | undefined;
  /** What happened instead, line by line; or why it could not be done. */
  readonly instead: readonly string[];

  constructor(expected: string | undefined, instead: readonly string[]) {
    super(expected === undefined ? instead.join("; ") : `expected ${expected}, but ${instead.join("; ")}`);
    this.expected = expected;
    this.instead = instead;
  }
}

export const NO_LAMP = "the program on this board is no lamp";

/** @throws StepFailure when the program on the board is none */
export function lampOf({ lamp }: Pick<Simulation, "lamp">): LampFacts {
  if (!lamp) throw new StepFailure(undefined, [NO_LAMP]);
  return lamp;
}

/** Whether a topic is the lamp's or below it. Nothing at all is the lamp's topic itself. */
export function isLampTopic(written = "~"): boolean {
  return /^~(?=\/|$)/.test(written);
}

/** "~/state" with the lamp's topic in place of "~". @throws StepFailure where that has none */
export function topicOf(written: string | undefined, simulation: Pick<Simulation, "lamp">): string {
  if (written !== undefined && !isLampTopic(written)) return written;
  return lampOf(simulation).topic + (written ?? "~").slice(1);
}
