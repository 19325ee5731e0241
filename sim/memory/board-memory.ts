/** The memory of a board as the desk sees it. */

import type { BoardProfile } from "../profile.ts";
import type { MemoryMeter, MeteredMemory } from "./meter.ts";
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

/** A board's memory; `board.session` is its present power-on. */
export class MemoryView implements BoardMemory {
  readonly total: number;
  readonly watchers = new Set<AllocationListener>();
  private readonly board: { readonly session: { readonly memory: SessionMemory } | undefined };

  constructor(total: number, board: { readonly session: { readonly memory: SessionMemory } | undefined }) {
    this.total = total;
    this.board = board;
  }

  private get meter(): MemoryMeter | undefined {
    return this.board.session?.memory.meter;
  }
  get usage(): number {
    return this.meter?.usage ?? 0;
  }
  get free(): number {
    return this.total - this.usage;
  }
  get peak(): number {
    return this.meter?.peak ?? 0;
  }
  get base(): number {
    return this.meter?.base ?? 0;
  }
  get baseIs(): MemoryBase["is"] {
    return this.meter?.baseIs ?? "estimated";
  }
  get bootBuffers(): number {
    return this.meter?.buffersOfBoot ?? 0;
  }
  get metered(): MeteredMemory {
    return this.meter?.metered ?? NOTHING;
  }

  watchAllocations(listener: AllocationListener): () => void {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  }
}
