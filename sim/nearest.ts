/** The "did you mean" of scenarios, configuration and command line. */
import { distance } from "fastest-levenshtein";

/** The candidate most like `found` (case ignored), or undefined when none is near enough to be meant. */
export function nearest(found: string, candidates: Iterable<string>): string | undefined {
  const wanted = found.toLowerCase();
  const limit = Math.max(1, Math.ceil(found.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const steps = distance(wanted, candidate.toLowerCase());
    if (steps < bestDistance) {
      bestDistance = steps;
      best = candidate;
    }
  }
  return best;
}

/** ` (did you mean "x"?)` for a message, or nothing when no candidate is near. */
export function didYouMean(found: string, candidates: Iterable<string>): string {
  return suggestion(nearest(found, candidates));
}

/** The same for a candidate already chosen. */
export function suggestion(candidate: string | undefined): string {
  return candidate === undefined ? "" : ` (did you mean "${candidate}"?)`;
}
