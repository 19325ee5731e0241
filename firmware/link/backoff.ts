/** How long to wait before the next attempt. */

/** Longest pause, in seconds. */
const CEILING = 30;

/**
 * Whole seconds to wait after `failures` failures in a row (0 for the first): full jitter, that is anything from 1 to
 * twice the bound of the time before, up to 30.
 */
export function backoffSeconds(failures: number): number {
  return 1 + ((Math.random() * (failures > 4 ? CEILING : 1 << failures)) | 0);
}
