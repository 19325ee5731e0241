// All sessions that are recorded and compared, each known by its kind and number.
import { lampKinds, lampSession } from "./lamp-sessions.ts";
import { programKinds, programSession } from "./program-sessions.ts";
import type { Session } from "./session.ts";

const lampsEach = 24;
const programsEach: Readonly<Record<string, number>> = {
  expressions: 24,
  json: 24,
  mistakes: 8,
  events: 16,
  timers: 8,
  storage: 12,
  sockets: 24,
};

export const kinds: readonly string[] = [...lampKinds, ...programKinds];

/** The sessions of a kind; their seeds count from 1. */
export function sessionsOf(kind: string): Session[] {
  const make = lampKinds.includes(kind) ? lampSession : programSession;
  const count = lampKinds.includes(kind) ? lampsEach : (programsEach[kind] ?? 0);
  return Array.from({ length: count }, (_, index) => make(kind, index + 1, `${kind} ${index + 1}`));
}

/** Where the interpreter's traces of a kind stand. */
export function tracesOf(kind: string): string {
  return new URL(`traces/${kind}.jsonl`, import.meta.url).pathname;
}
