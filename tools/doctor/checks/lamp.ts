/** Is the lamp online, and does it answer? It is asked for its state, and not switched. */
import { troubleFound } from "../broker/trouble-found.ts";
import { BrokerVisit } from "../broker/visit.ts";
import { type Check, configOf, failure, ok, placeOf, warning } from "../check.ts";

export const lamp: Check = {
  name: "lamp",
  needs: ["login"],
  keys: ["lamp.topic"],
  deadlineMs: 7000,
  async run(chart, signal) {
    const { values } = configOf(chart);
    const base = String(values["lamp.topic"]);
    const { patience } = chart.surroundings;
    let visit: BrokerVisit;
    try {
      visit = await BrokerVisit.open(placeOf(chart), { deadlineMs: 1500 * patience, signal });
    } catch (error) {
      return troubleFound(error, chart);
    }
    const listen = (kind: string) => visit.subscribe([base + kind]);
    try {
      await listen("/status");
      await visit.settled();
      const status = await visit.message(({ topic }) => topic === `${base}/status`, 500 * patience);
      chart.lampOnline = status?.payload === "online";
      if (!status)
        return warning(`no lamp has ever said on ${base}/status that it is there`, "npx wick flash");
      if (!chart.lampOnline)
        return {
          ...failure(
            `the lamp at ${base} is offline`,
            "switch it on; what its console says: npx wick monitor",
          ),
          blocks: false,
        };
      for (const kind of ["/get", "/state", "/json"]) await listen(kind);
      await visit.settled();
      await visit.publish(`${base}/get`, "");
      const isAnswer = ({ topic, retain }: { topic: string; retain: boolean }) =>
        !retain && (topic === `${base}/state` || topic === `${base}/json`);
      const answer = await visit.message(isAnswer, 2500 * patience);
      if (answer) {
        const state = await visit.message(({ topic }) => topic === `${base}/state`, 500 * patience);
        return ok(`online at ${base}, answers, and is ${state?.payload === "on" ? "on" : "off"}`);
      }
      const asked = visit.messages.some(({ topic, retain }) => topic === `${base}/get` && !retain);
      if (!asked)
        return warning(
          `the lamp at ${base} is online, but it cannot be asked: what is published to ${base}/get does not arrive`,
          `allow this account to publish to ${base}/get`,
        );
      return {
        ...failure(
          `the broker says that the lamp at ${base} is online, but it does not answer to ${base}/get`,
          `wait ${Math.ceil(Number(values["mqtt.keepAlive"]) * 1.5)} s, after which the broker notices a lost lamp; then look at its console: npx wick monitor`,
        ),
        blocks: false,
      };
    } finally {
      visit.close();
    }
  },
};
