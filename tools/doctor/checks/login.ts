/** Does the broker let the lamp in? */
import { shownPlace } from "../broker/place.ts";
import { troubleFound } from "../broker/trouble-found.ts";
import { BrokerVisit } from "../broker/visit.ts";
import { type Check, ok, placeOf, warning } from "../check.ts";

export const login: Check = {
  name: "login",
  needs: ["broker port", "certificate"],
  keys: ["mqtt.username", "mqtt.password"],
  deadlineMs: 4000,
  async run(chart, signal) {
    const place = placeOf(chart);
    try {
      const visit = await BrokerVisit.open(place, { deadlineMs: 3000 * chart.surroundings.patience, signal });
      visit.close();
    } catch (error) {
      return troubleFound(error, chart);
    }
    if (place.password !== undefined && place.tls === undefined && !isPrivate(place.address))
      return warning(
        `${shownPlace(place)} lets the lamp in, but the password goes through the open internet in clear`,
        "--set mqtt.tls=true",
      );
    return ok(
      `${shownPlace(place)} lets the lamp in ${place.username === undefined ? "without a user name" : `as "${place.username}"`}`,
    );
  },
};

/** RFC 1918, RFC 3927, RFC 6598, and this computer. */
function isPrivate(address: string): boolean {
  const [a = 0, b = 0] = address.split(".").map(Number);
  return (
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b < 128)
  );
}
