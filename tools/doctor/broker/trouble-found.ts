/** A visit that failed, as a finding of a check. */
import { type Chart, type Finding, failure, placeOf } from "../check.ts";
import { explain } from "./explain.ts";
import { secretsOf } from "./place.ts";
import { BrokerTrouble } from "./trouble.ts";

/** @throws What is no trouble with the broker. */
export function troubleFound(error: unknown, chart: Chart): Finding {
  if (!(error instanceof BrokerTrouble)) throw error;
  const place = placeOf(chart);
  const { message, mend } = explain(error, place, {
    secrets: [...secretsOf(place), ...(chart.config?.secrets ?? [])],
    own: chart.surroundings.ownAddresses(),
  });
  return failure(message, mend);
}
