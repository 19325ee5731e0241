// What two plays of a session must have in common: everything that happened, in the same order.
import { InterpreterStage } from "./interpreter-stage.ts";
import { play } from "./player.ts";
import type { Session } from "./session.ts";
import { SimulatorStage } from "./simulator-stage.ts";
import type { Trace, TraceEvent } from "./trace.ts";

/** Where two traces part: the event before, and what each has then. Undefined where they are the same. */
export function firstDifference(
  one: readonly TraceEvent[],
  other: readonly TraceEvent[],
): string | undefined {
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const [a, b] = [one[index], other[index]].map((event) => JSON.stringify(event) ?? "nothing more");
    if (a !== b) return `after ${JSON.stringify(one[index - 1])}:\n  ${a}\nbut:\n  ${b}`;
  }
  return undefined;
}

export function playOnSimulator(session: Session): Promise<Trace> {
  return play(session, new SimulatorStage());
}

/** Plays that end differently in real time: a busy machine may stop an interpreter for longer than there is between two timers. */
const tries = 3;

/** Plays a session on the interpreter; where it is a matter of real time, again while it differs from `expected`. */
export async function playOnInterpreter(
  session: Session,
  interpreter: string,
  expected: readonly TraceEvent[],
): Promise<Trace> {
  for (let left = session.time.kind === "real" ? tries : 1; ; left--) {
    const trace = await play(session, new InterpreterStage(interpreter));
    if (left <= 1 || firstDifference(trace.events, expected) === undefined) return trace;
  }
}
