/** The "did you mean" of scenarios. */
import { distance } from "fastest-levenshtein";

/** ` (did you mean NAME?)` with the candidate most like `found`, or nothing when none is near enough to be meant. */
export function didYouMean(found: string, candidates: Iterable<string>): string {
  const wanted = found.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.ceil(found.length / 3)) + 1;
  for (const candidate of candidates) {
    const steps = distance(wanted, candidate.toLowerCase());
    if (steps < bestDistance) {
      best = candidate;
      bestDistance = steps;
    }
  }
  return best === undefined ? "" : ` (did you mean ${best}?)`;
}
