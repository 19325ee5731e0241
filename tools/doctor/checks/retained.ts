/** Does the broker keep retained messages, as the lamp's state and its being online are? What is left with it is taken away again. */
import { troubleFound } from "../broker/trouble-found.ts";
import { BrokerVisit } from "../broker/visit.ts";
import { type Check, configOf, failure, ok, placeOf } from "../check.ts";
import { probeTopic } from "./publishing.ts";

export const retained: Check = {
  name: "retained",
  needs: ["publishing"],
  keys: ["lamp.topic"],
  deadlineMs: 5000,
  async run(chart, signal) {
    const { values } = configOf(chart);
    let visit: BrokerVisit;
    try {
      // Not with the signal: at an abort the message is taken away before the goodbye.
      visit = await BrokerVisit.open(placeOf(chart), { deadlineMs: 1500 * chart.surroundings.patience });
    } catch (error) {
      return troubleFound(error, chart);
    }
    const topic = probeTopic(String(values["lamp.topic"]), visit.clientId);
    const leave = (): void => {
      void visit.publish(topic, "", { retain: true });
      visit.close();
    };
    signal.addEventListener("abort", leave, { once: true });
    try {
      await visit.publish(topic, visit.clientId, { qos: 1, retain: true });
      await visit.subscribe([topic]);
      const kept = await visit.message((message) => message.retain, 1500 * chart.surroundings.patience);
      if (!kept)
        return failure(
          "the broker does not keep retained messages, so nobody hears of a lamp that is silent",
          "allow them on the broker (Mosquitto: retain_available true)",
        );
      await visit.publish(topic, "", { qos: 1, retain: true });
      return ok("the broker keeps them, and removes them");
    } finally {
      signal.removeEventListener("abort", leave);
      leave();
    }
  },
};
