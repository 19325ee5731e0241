/** What the simulator needs to know of a board; a board profile (board-profiles/*.json) has at least this. */

export interface BoardProfile {
  /** Reported by the board as `process.env.BOARD`. */
  name: string;
  /** Whether `require("Wifi")` exists. */
  wifi: boolean;
}
