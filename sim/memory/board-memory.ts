/** The memory of a board as the desk sees it. */

import type { BoardProfile } from "../profile.ts";
import type { MeteredMemory } from "./meter.ts";
import type { MemoryBase } from "./records.ts";
import type { AllocationListener, SessionMemory } from "./session-memory.ts";

export interface BoardMemory {
  /** Variables there are, used now, and left; a board that is off uses none. */
  readonly total: number;
  readonly usage: number;
  readonly free: number;
  /** The largest use at the end of a pass of the idle loop since boot. */
  readonly peak: number;
  /** Of `usage`, what the program itself takes: read on the interpreter for this very bundle, or estimated from others. */
  readonly base: number;
  readonly baseIs: MemoryBase["is"];
  /** Of `base`, what buffers take that the program made at boot and kept. */
  readonly bootBuffers: number;
  /** The rest of `usage`, in variables by what takes them. */
  readonly metered: MeteredMemory;
  /**
   * Calls `listener` for each buffer, timer and listener that the program makes from now on, but not while the board boots; returns how to
   * stop that.
   */
  watchAllocations(listener: AllocationListener): () => void;
}

/** The interpreter's pool where the profile does not say: that of the Linux build. */
const DEFAULT_POOL = { variables: 16383, blockSize: 14 };

/** How many variables of how many bytes a board has. */
export function memoryOf(profile: BoardProfile): { variables: number; blockSize: number } {
  return profile.memory ?? DEFAULT_POOL;
}

const NOTHING: MeteredMemory = {
  buffers: 0,
  sockets: 0,
  socketData: 0,
  timers: 0,
  watches: 0,
  listeners: 0,
  events: 0,
};

/** `session` gives the memory of the present power-on. */
export function boardMemory(
  total: number,
  watchers: Set<AllocationListener>,
  session: () => SessionMemory | undefined,
): BoardMemory {
  const meter = () => session()?.meter;
  return {
    total,
    get usage() {
      return meter()?.usage ?? 0;
    },
    get free() {
      return total - this.usage;
    },
    get peak() {
      return meter()?.peak ?? 0;
    },
    get base() {
      return meter()?.base ?? 0;
    },
    get baseIs() {
      return meter()?.baseIs ?? "estimated";
    },
    get bootBuffers() {
      return meter()?.buffersOfBoot ?? 0;
    },
    get metered() {
      return meter()?.metered ?? NOTHING;
    },
    watchAllocations(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
  };
}
