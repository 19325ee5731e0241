/** Does anybody take connections on the broker's port? */

import { openTcp, shownPlace } from "../broker/place.ts";
import { troubleFound } from "../broker/trouble-found.ts";
import { type Check, ok, placeOf } from "../check.ts";

export const brokerPort: Check = {
  name: "broker port",
  needs: ["broker name"],
  deadlineMs: 3000,
  async run(chart, signal) {
    const place = placeOf(chart);
    try {
      (await openTcp(place, 2500 * chart.surroundings.patience, signal)).destroy();
    } catch (error) {
      return troubleFound(error, chart);
    }
    return ok(`${shownPlace(place)} takes connections`);
  },
};
