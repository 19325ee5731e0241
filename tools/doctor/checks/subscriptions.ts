/** May the lamp listen to its topics? */
import { troubleFound } from "../broker/trouble-found.ts";
import { BrokerVisit, REFUSED } from "../broker/visit.ts";
import { type Check, configOf, type Finding, failure, ok, placeOf, warning } from "../check.ts";
import { account, allowOnBroker, commandFilters } from "../lamp-topics.ts";

export const subscriptions: Check = {
  name: "subscriptions",
  needs: ["login"],
  keys: ["lamp.topic", "lamp.groups"],
  deadlineMs: 6000,
  async run(chart, signal) {
    const { values } = configOf(chart);
    const place = placeOf(chart);
    const qos = Number(values["mqtt.qos"]) as 0 | 1 | 2;
    let visit: BrokerVisit;
    try {
      visit = await BrokerVisit.open(place, { deadlineMs: 2500 * chart.surroundings.patience, signal });
    } catch (error) {
      return troubleFound(error, chart);
    }
    const findings: Finding[] = [];
    const lower: string[] = [];
    const refused: string[] = [];
    const filters = commandFilters(values);
    // One filter a packet, as the lamp does: some brokers end the connection at one that they refuse.
    for (const filter of filters) {
      const granted = (await visit.subscribe([filter], qos))?.[0];
      if (granted === undefined) {
        visit.close();
        return failure(
          `the broker ends the connection, or says nothing, when ${account(place)} subscribes to ${filter}`,
          allowOnBroker(place, `${values["lamp.topic"]}/#`),
        );
      }
      if (granted === REFUSED) refused.push(filter);
      else if (granted < qos) lower.push(filter);
    }
    visit.close();
    if (refused.length > 0)
      findings.push(
        failure(
          `the broker refuses ${account(place)} to listen to ${refused.join(", ")} (SUBACK 0x80)`,
          allowOnBroker(place, `${values["lamp.topic"]}/#`),
        ),
      );
    if (lower.length > 0)
      findings.push(
        warning(
          `the broker grants less than QoS ${qos} for ${lower.join(", ")}`,
          "--set mqtt.qos=0, or allow more on the broker",
        ),
      );
    return findings.length > 0 ? findings : ok(`the lamp may listen to its ${filters.length} topics`);
  },
};
