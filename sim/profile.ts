/** What the simulator needs to know of a board; the files in board-profiles/ have all of this. */

export interface BoardProfile {
  /** Reported by the board as `process.env.BOARD`. */
  name: string;
  /** Whether `require("Wifi")` exists. */
  wifi: boolean;
  /** The pins by name and what each can do; D0 to D31, input, output and PWM, when left out. */
  pins?: Readonly<Record<string, { readonly can: readonly string[] }>>;
  /** The interpreter's pool: how many variables of how many bytes. */
  memory?: { variables: number; blockSize: number };
}
