/** The step `expect-message: { topic: ~/state, payload: on }`. */
import { StepFailure, topicOf } from "../context.ts";
import { DEFAULT_WITHIN_MS, lookFor, section, writtenLine, writtenMessage } from "../expectation.ts";
import { checkTopic, stepKind } from "../kind.ts";
import { time, writtenTime } from "../measures.ts";
import { anything, checked, fields, flag, isMapping, oneOf, pattern, type Read, text } from "../values.ts";
import type { PublishedMessage } from "../witness.ts";

const value = checked(
  fields(
    { topic: text('a topic, "~" standing for the lamp\'s, such as ~/state') },
    {
      payload: text(),
      matches: pattern,
      json: anything,
      retain: flag,
      qos: oneOf(0, 1, 2),
      within: time,
      never: time,
    },
  ),
  ({ payload, matches, json, within, never }) => {
    if ([payload, matches, json].filter((one) => one !== undefined).length > 1)
      return "has more than one of payload, matches and json; leave one";
    return within !== undefined && never !== undefined
      ? "has both within and never; leave one of them out"
      : undefined;
  },
);
type Wanted = Read<typeof value>;

export default stepKind({
  name: "expect-message",
  description:
    "Expects the board to publish a message, of which those count that came since the last one expected on the same topic; or, with never, expects none from now on.",
  value,
  check: ({ topic }, facts) => checkTopic(topic, facts),
  async run(wanted, context) {
    const { witness, marks, simulation } = context;
    const topic = topicOf(wanted.topic, simulation);
    const { within = DEFAULT_WITHIN_MS, never } = wanted;
    const from = never === undefined ? marks.message(topic) : witness.messages.count;
    const found = await lookFor(
      context,
      () => {
        for (const sighting of witness.messages.from(from))
          if (sighting.one.topic === topic && fits(sighting.one, wanted)) return sighting;
        return undefined;
      },
      never ?? within,
    );
    const what = `message to ${topic}${described(wanted)}`;
    if (never !== undefined) {
      if (!found) return;
      throw new StepFailure(`no ${what} for ${writtenTime(never)}`, [
        `it came: ${writtenMessage(found.one)}`,
      ]);
    }
    if (found) return marks.takeMessages(topic, found.number + 1);
    const since = [...witness.messages.from(from)].map(({ one }) => one);
    const onTopic = since.filter((one) => one.topic === topic);
    throw new StepFailure(`a ${what} within ${writtenTime(within)}`, [
      ...section(`published to ${topic} since the last one expected`, onTopic.slice(-5).map(writtenMessage)),
      ...section(
        "last messages to other topics",
        witness.messages
          .newest(20)
          .filter((one) => one.topic !== topic)
          .slice(-3)
          .map(writtenMessage),
      ),
      ...section("last on the console", witness.console.newest(3).map(writtenLine)),
    ]);
  },
});

function fits(message: PublishedMessage, wanted: Wanted): boolean {
  const { payload, matches, json, retain, qos } = wanted;
  return (
    (payload === undefined || message.payload === payload) &&
    (matches === undefined || matches.test(message.payload)) &&
    (json === undefined || holds(parsed(message.payload), json)) &&
    (retain === undefined || message.retain === retain) &&
    (qos === undefined || message.qos === qos)
  );
}

/** Whether `found` has all that `wanted` has; a mapping may have more. */
function holds(found: unknown, wanted: unknown): boolean {
  if (isMapping(wanted))
    return isMapping(found) && Object.entries(wanted).every(([key, value]) => holds(found[key], value));
  if (Array.isArray(wanted))
    return (
      Array.isArray(found) &&
      found.length === wanted.length &&
      wanted.every((value, index) => holds(found[index], value))
    );
  return found === wanted;
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

function described({ payload, matches, json, retain, qos }: Wanted): string {
  return [
    payload === undefined ? "" : ` that is ${JSON.stringify(payload)}`,
    matches === undefined ? "" : ` that matches /${matches.source}/`,
    json === undefined ? "" : ` that holds ${JSON.stringify(json)}`,
    retain === undefined ? "" : retain ? ", retained" : ", not retained",
    qos === undefined ? "" : `, QoS ${qos}`,
  ].join("");
}
