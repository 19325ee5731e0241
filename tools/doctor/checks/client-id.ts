/** Is the client identifier the lamp's alone? Two clients of one name throw each other off the broker, for ever. */
import { BrokerTrouble } from "../broker/trouble.ts";
import { troubleFound } from "../broker/trouble-found.ts";
import { BrokerVisit } from "../broker/visit.ts";
import { type Chart, type Check, configOf, type Finding, failure, ok, placeOf } from "../check.ts";

/** Clients that are thrown off come back after a second or so. */
const WATCH_MS = 2500;

export const clientId: Check = {
  name: "client id",
  needs: ["login", "lamp"],
  keys: ["mqtt.clientId", "lamp.topic"],
  deadlineMs: 6000,
  async run(chart, signal) {
    const own = String(configOf(chart).values["mqtt.clientId"] ?? "");
    if (own === "") return ok("lamp- and the chip's serial number, so no two lamps share it");
    try {
      return await (chart.lampOnline ? watchLamp(own, chart, signal) : takeItsPlace(own, chart, signal));
    } catch (error) {
      if (error instanceof BrokerTrouble) return troubleFound(error, chart);
      throw error;
    }
  },
};

const mend =
  "give each lamp its own: --set mqtt.clientId=NAME, or leave it out and each has its chip's number";

/** The lamp is there: to use its name would throw it off. Two of one name show as a status that goes and comes. */
async function watchLamp(name: string, chart: Chart, signal: AbortSignal): Promise<Finding> {
  const { patience } = chart.surroundings;
  const visit = await BrokerVisit.open(placeOf(chart), { deadlineMs: 1500 * patience, signal });
  await visit.subscribe([`${configOf(chart).values["lamp.topic"]}/status`]);
  const gone = await visit.message(({ payload }) => payload === "offline", WATCH_MS * patience);
  visit.close();
  return gone
    ? failure(
        `the lamp went offline while it was watched: another client calls itself "${name}" too, or its Wi-Fi is weak`,
        mend,
      )
    : ok(`"${name}" is the lamp, and stays online`);
}

/** The lamp is not there: whoever else has its name is thrown off by us, and comes back to throw us off. Its waiting messages stay with the broker. */
async function takeItsPlace(name: string, chart: Chart, signal: AbortSignal): Promise<Finding> {
  const { values } = configOf(chart);
  const { patience } = chart.surroundings;
  const visit = await BrokerVisit.open(placeOf(chart), {
    clientId: name,
    cleanSession: values["mqtt.cleanSession"] === true,
    deadlineMs: 1500 * patience,
    signal,
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const undisturbed = new Promise<"undisturbed">((resolve) => {
    timer = setTimeout(() => resolve("undisturbed"), WATCH_MS * patience);
  });
  const end = await Promise.race([visit.ended, undisturbed]);
  clearTimeout(timer);
  visit.close();
  return end === "by-the-broker"
    ? failure(`another client calls itself "${name}" too and takes its place on the broker`, mend)
    : ok(`nobody else calls itself "${name}"`);
}
