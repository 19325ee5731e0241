/** May the lamp announce itself to Home Assistant? What is published means nothing: the removal of a device that is not there. */
import { troubleFound } from "../broker/trouble-found.ts";
import { BrokerVisit, REFUSED } from "../broker/visit.ts";
import { type Check, configOf, ok, placeOf, skipped, warning } from "../check.ts";
import { account, allowOnBroker } from "../lamp-topics.ts";

const STATUS = "homeassistant/status";

export const discovery: Check = {
  name: "discovery",
  needs: ["login"],
  deadlineMs: 6000,
  async run(chart, signal) {
    if (configOf(chart).values["lamp.homeAssistant"] !== true) return skipped("lamp.homeAssistant is false");
    const place = placeOf(chart);
    let visit: BrokerVisit;
    try {
      visit = await BrokerVisit.open(place, { deadlineMs: 1500 * chart.surroundings.patience, signal });
    } catch (error) {
      return troubleFound(error, chart);
    }
    try {
      const topic = `homeassistant/light/${visit.clientId}/config`;
      const allow = `${allowOnBroker(place, "homeassistant/#")}; or without Home Assistant: --set lamp.homeAssistant=false`;
      const heard = await visit.subscribe([STATUS]);
      const granted = await visit.subscribe([topic]);
      if (
        heard?.[0] === undefined ||
        heard[0] === REFUSED ||
        granted?.[0] === undefined ||
        granted[0] === REFUSED
      )
        return warning(
          `the broker refuses ${account(place)} to listen to ${heard?.[0] === 0 ? topic : STATUS}`,
          allow,
        );
      await visit.publish(topic, "");
      const back = await visit.message(
        (message) => message.topic === topic,
        1500 * chart.surroundings.patience,
      );
      return back
        ? ok("the lamp may announce itself below homeassistant/")
        : warning(`the broker drops without a word what ${account(place)} publishes to ${topic}`, allow);
    } finally {
      visit.close();
    }
  },
};
