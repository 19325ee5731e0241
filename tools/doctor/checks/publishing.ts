/** Does what the lamp publishes arrive? Brokers drop what an ACL forbids without a word, so it is published and waited for. */
import { troubleFound } from "../broker/trouble-found.ts";
import { BrokerVisit, REFUSED } from "../broker/visit.ts";
import { type Check, configOf, failure, ok, placeOf, warning } from "../check.ts";
import { account, allowOnBroker } from "../lamp-topics.ts";

export const publishing: Check = {
  name: "publishing",
  needs: ["login"],
  keys: ["lamp.topic"],
  deadlineMs: 6000,
  async run(chart, signal) {
    const { values } = configOf(chart);
    const place = placeOf(chart);
    const base = String(values["lamp.topic"]);
    let visit: BrokerVisit;
    try {
      visit = await BrokerVisit.open(place, { deadlineMs: 2000 * chart.surroundings.patience, signal });
    } catch (error) {
      return troubleFound(error, chart);
    }
    try {
      // Below the lamp's topics, and none of them: it switches nothing and nobody takes it for a state.
      const topic = probeTopic(base, visit.clientId);
      const mend = allowOnBroker(place, `${base}/#`);
      const granted = await visit.subscribe([topic]);
      const isDeaf = granted === undefined || granted[0] === REFUSED;
      const whole = isDeaf ? await visit.subscribe([`${base}/#`]) : granted;
      if (whole === undefined || whole[0] === REFUSED)
        return warning(
          `it cannot be told whether what ${account(place)} publishes arrives: the broker refuses to let it listen to ${base}/#`,
          mend,
        );
      const qos = Number(values["mqtt.stateQos"]) > 0 ? 1 : 0;
      const isTaken = await visit.publish(topic, visit.clientId, { qos });
      if (!isTaken)
        return failure(
          `the broker ends the connection, or says nothing, when ${account(place)} publishes to ${topic}`,
          mend,
        );
      const back = await visit.message(
        (message) => message.topic === topic,
        1500 * chart.surroundings.patience,
      );
      if (back) return ok(`what the lamp publishes below ${base} arrives`);
      await visit.subscribe([`${base}/status`, `${base}/state`]);
      const told = await visit.message(
        (message) => message.retain && message.topic.startsWith(`${base}/st`),
        500 * chart.surroundings.patience,
      );
      if (told)
        return {
          ...warning(
            `the broker drops without a word what ${account(place)} publishes to ${topic}, yet it has ${told.topic} from a lamp: it may allow single topics only`,
            mend,
          ),
        };
      return failure(`the broker drops without a word what ${account(place)} publishes to ${topic}`, mend);
    } finally {
      visit.close();
    }
  },
};

/** The topic of trials: `base/doctor/<who>`. */
export function probeTopic(base: string, clientId: string): string {
  return `${base}/doctor/${clientId}`;
}
