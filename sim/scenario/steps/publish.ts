/** The step `publish: on`. */
import { StepFailure, topicOf } from "../context.ts";
import { checkTopic, stepKind } from "../kind.ts";
import { anything, checked, fields, flag, oneOf, shortOr, text } from "../values.ts";

const full = checked(
  fields({}, { topic: topicText(), payload: text(), json: anything, qos: oneOf(0, 1, 2), retain: flag }),
  ({ payload, json }) =>
    payload !== undefined && json !== undefined
      ? "has both payload and json; leave one of them out"
      : undefined,
);

/** Where something is published to. */
function topicText() {
  return text('a topic without wildcards, "~" standing for the lamp\'s', /^[^#+\0]+$/);
}

export default stepKind({
  name: "publish",
  description: "Publishes a message through the broker, to the lamp's topic unless another is named.",
  value: shortOr(text(), (payload) => ({ payload }), full),
  check: ({ topic }, facts) => checkTopic(topic, facts),
  async run({ topic, payload, json, qos, retain }, { simulation }) {
    const { broker } = simulation;
    if (!broker?.running)
      throw new StepFailure(undefined, [
        broker
          ? "nothing can be published while the broker is stopped; start it first: broker: start"
          : "publish needs the broker that Wick brings along, and this simulation runs without it",
      ]);
    const bytes = payload ?? (json === undefined ? "" : JSON.stringify(json));
    await broker.publish(topicOf(topic, simulation), bytes, { qos: qos ?? 1, retain: retain ?? false });
  },
});
