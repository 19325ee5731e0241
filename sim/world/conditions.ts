/** The state of the network around a board: one object that scenario, page and live command turn the knobs of. */

/** What is done to every connection of the board. All of it may be changed at any time; the default is a network without faults. */
export interface NetworkSettings {
  /** From one end to the other, one way, in ms of board time; 0 or more. Comes on top of what the network below takes. */
  latencyMs: number;
  /** At most so many ms more, evenly spread, drawn anew for each piece; 0 or more. The order of bytes is kept, as TCP keeps it. */
  jitterMs: number;
  /** Each way; 0: unlimited. */
  bandwidthBytesPerSecond: number;
  /** The largest piece in which bytes reach the board, a whole number; 0: as they come. */
  chunkBytes: number;
  /** The most that is under way from the board; 0: nothing leaves any more, Infinity: no limit of its own. */
  drainBytes: number;
  /** Connects are refused, as by a host on which no broker runs. */
  refuse: boolean;
  /** The broker's name cannot be looked up. */
  unknownHost: boolean;
  /**
   * Nothing is delivered, either way, and nobody is told; an attempt to connect stays an attempt. Switched off again, what was sent meanwhile
   * arrives, as TCP sends again what nobody acknowledged.
   */
  halfOpen: boolean;
}

export interface NetworkConditions extends NetworkSettings {
  /**
   * Cuts every connection, for both sides. `end`: what is under way arrives first; `reset`: it is lost. (The interpreter takes both for an end.)
   */
  cut(how: "end" | "reset"): void;
  /** Puts every setting back to its default. */
  reset(): void;
  /** Calls `listener` after each change and each cut, until the returned function is called. */
  watch(listener: (change: ConditionsChange) => void): () => void;
}

/** The name of the setting that changed, or the cut. */
export type ConditionsChange = { setting: keyof NetworkSettings } | { cut: "end" | "reset" };

/** A network without faults. */
export const NO_FAULTS: Readonly<NetworkSettings> = {
  latencyMs: 0,
  jitterMs: 0,
  bandwidthBytesPerSecond: 0,
  chunkBytes: 0,
  drainBytes: Number.POSITIVE_INFINITY,
  refuse: false,
  unknownHost: false,
  halfOpen: false,
};

/**
 * Conditions to be handed to `impair`. Assigning a setting takes effect at once.
 * @throws RangeError when a setting is given a value out of its range.
 */
export function createConditions(initial: Partial<NetworkSettings> = {}): NetworkConditions {
  const settings: NetworkSettings = { ...NO_FAULTS };
  const listeners = new Set<(change: ConditionsChange) => void>();
  const tell = (change: ConditionsChange): void => {
    for (const listener of [...listeners]) listener(change);
  };
  const conditions = {
    cut: (how: "end" | "reset") => tell({ cut: how }),
    reset: () => {
      Object.assign(conditions, NO_FAULTS);
    },
    watch: (listener: (change: ConditionsChange) => void) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  } as NetworkConditions;
  for (const setting of Object.keys(NO_FAULTS) as (keyof NetworkSettings)[]) {
    Object.defineProperty(conditions, setting, {
      enumerable: true,
      get: () => settings[setting],
      set: (value: unknown) => {
        check(setting, value);
        if (settings[setting] === value) return;
        Object.assign(settings, { [setting]: value });
        tell({ setting });
      },
    });
  }
  return Object.assign(conditions, initial);
}

function check(setting: keyof NetworkSettings, value: unknown): void {
  if (typeof NO_FAULTS[setting] === "boolean") {
    if (typeof value !== "boolean") throw new RangeError(`${setting} is ${value}: it must be true or false`);
    return;
  }
  if (typeof value !== "number" || !(value >= 0)) {
    throw new RangeError(`${setting} is ${value}: it must be a number, 0 or more`);
  }
  if (setting === "chunkBytes" && !Number.isInteger(value)) {
    throw new RangeError(`chunkBytes is ${value}: it must be a whole number of bytes, or 0 for no limit`);
  }
}
