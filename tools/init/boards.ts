/** The boards on this computer's ports: what the port itself tells, and what the board says when it is asked. */

/** A port that may have a board. */
export interface NearbyPort {
  /** Such as /dev/ttyUSB0. */
  readonly path: string;
  /** What is plugged in there, for people: "CP2102 (Silicon Labs)". */
  readonly title: string;
  /** Profiles that its USB numbers speak for; empty when they say nothing. */
  readonly profiles: readonly string[];
}

/** What a board answered. */
export interface BoardAnswer {
  /** `process.env.BOARD`; undefined when it is no Espruino. */
  readonly board: string | undefined;
  /** One sentence for people. */
  readonly said: string;
}

export interface BoardFinder {
  /** Those that look like a board. Never throws: without the package for serial ports there are none. */
  ports(): Promise<readonly NearbyPort[]>;
  ask(port: NearbyPort): Promise<BoardAnswer>;
}

/** Nobody looks. */
export const noFinder: BoardFinder = {
  ports: async () => [],
  ask: async () => ({ board: undefined, said: "" }),
};
