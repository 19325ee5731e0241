/** What the expectations have in common: how long they look, and how they tell of what happened instead. */
import { type StepContext, StepFailure } from "./context.ts";
import { moment, time, writtenTime } from "./measures.ts";
import type { Changing, ConsoleLine, PublishedMessage } from "./witness.ts";

/** How long an expectation without `within` waits, in ms of board time. */
export const DEFAULT_WITHIN_MS = 1000;

/** Keys of every expectation of a state. */
export const stateTimes = { within: time, for: time };

/** Something that is to be in a certain state soon, and perhaps to stay in it. */
export interface ExpectedState {
  /** "the level of D2" */
  what: string;
  /** "to be high" */
  wanted: string;
  fits(): boolean;
  /** What is there now: "is 0, since 1.002 s (before: 1)". */
  found(): string;
  times: { readonly within?: number | undefined; readonly for?: number | undefined };
}

/** @throws StepFailure when it does not come or does not stay */
export async function expectState(context: StepContext, state: ExpectedState): Promise<void> {
  const { within = DEFAULT_WITHIN_MS, for: forMs } = state.times;
  const expected = `${state.what} ${state.wanted} within ${writtenTime(within)}`;
  const lasting = forMs === undefined ? "" : `, and for ${writtenTime(forMs)}`;
  if (!(await context.until(() => state.fits(), within)))
    throw new StepFailure(expected + lasting, [`${state.what} ${state.found()}`, ...surroundings(context)]);
  if (forMs === undefined) return;
  const start = context.simulation.clock.now();
  if (await context.until(() => !state.fits(), forMs)) {
    const after = writtenTime(context.simulation.clock.now() - start);
    throw new StepFailure(expected + lasting, [
      `${state.what} was so for ${after} only, and ${state.found()}`,
      ...surroundings(context),
    ]);
  }
}

/** "is 0, since 1.002 s (before: 1)" */
export function foundChanging<T>(
  { value, since, before }: Changing<T>,
  written: (value: T) => string,
): string {
  const history =
    since === undefined
      ? ", and never was anything else"
      : `, since ${moment(since)}${before === undefined ? "" : ` (before: ${written(before)})`}`;
  return `is ${written(value)}${history}`;
}

/** Takes the first sighting that fits, of those there are already or within `withinMs`; undefined when none comes. */
export async function lookFor<T>(
  context: StepContext,
  found: () => T | undefined,
  withinMs: number,
): Promise<T | undefined> {
  let first: T | undefined;
  await context.until(() => {
    first ??= found();
    return first !== undefined;
  }, withinMs);
  return first;
}

/** The newest messages and console lines, for a failure's report. */
function surroundings({ witness }: StepContext): string[] {
  return [
    ...section("last messages", witness.messages.newest(3).map(writtenMessage)),
    ...section("last on the console", witness.console.newest(3).map(writtenLine)),
  ];
}

/** A heading and its lines, indented; "HEADING: none" when there are none. */
export function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [`${heading}: none`] : [`${heading}:`, ...lines.map((line) => `  ${line}`)];
}

/** "1.002 s home/office/lamp/state "on" (QoS 1, retained)" */
export function writtenMessage({ t, topic, payload, qos, retain }: PublishedMessage): string {
  const shown = payload.length > 200 ? `${payload.slice(0, 197)}...` : payload;
  return `${moment(t)} ${topic} ${JSON.stringify(shown)} (QoS ${qos}${retain ? ", retained" : ""})`;
}

export function writtenLine({ t, text }: ConsoleLine): string {
  return `${moment(t)} ${text.length > 200 ? `${text.slice(0, 197)}...` : text}`;
}
