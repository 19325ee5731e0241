/** Keeps the board alive: a watchdog that reboots it when the program no longer runs. */

/** Seconds; above the longest name look-up, which blocks. */
const WATCHDOG = 60;

/** From here on `alive` must be called at least every 60 seconds. */
export function startWatchdog(): void {
  E.enableWatchdog(WATCHDOG, false);
}

/** Tells the watchdog that the program runs. */
export function alive(): void {
  E.kickWatchdog();
}
