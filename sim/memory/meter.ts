/** The variables of one power-on: a base from the interpreter, and on it what the program has made or been sent since. */
import { LiveBuffers } from "./live-buffers.ts";
import { type MemoryBase, measuredMemory, memoryBase } from "./records.ts";

/** Variables by what takes them. */
export interface MeteredMemory {
  /** ArrayBuffers and the typed arrays on them, made after boot. */
  readonly buffers: number;
  /** Sockets, open or opening. */
  readonly sockets: number;
  /** What sockets hold: not sent yet, or received and not yet handed over. */
  readonly socketData: number;
  readonly timers: number;
  readonly watches: number;
  readonly listeners: number;
  /** Queued events that were not delivered yet. */
  readonly events: number;
}

export type MeteredKind = keyof MeteredMemory;

/** The parts of the board that hold something: each counts its variables at this moment. */
export interface MemoryParts {
  readonly sockets: { readonly variables: number; readonly dataVariables: number };
  readonly timers: { readonly variables: number };
  readonly watches: { readonly variables: number };
  readonly loop: { readonly queuedVariables: number };
  readonly listenerVariables: number;
  /** The text that runs as `.bootcde`. */
  readonly programText: string;
}

export class MemoryMeter {
  /** Variables there are. */
  readonly total: number;
  private readonly parts: MemoryParts;
  private readonly owner: { exhausted(): never };
  private readonly bootBuffers = new LiveBuffers();
  private bootBufferVariables: number | undefined;
  private readonly buffers = new LiveBuffers();
  /** Set once the bundle has run: what was metered then is part of the base. */
  private atBoot: MeteredMemory | undefined;
  /** Set with the first data that comes in: the base is that of a program that is online from then on. */
  private atFirstData: MeteredMemory | undefined;
  private known: MemoryBase | undefined;
  /** The most that was metered at the end of a pass, before and after the first data. */
  private most: [offline: number, online: number] = [0, 0];
  /** So many variables can be given out before it has to be looked what is really free. */
  private slack = 0;

  /** `owner` ends what is running when memory has run out. */
  constructor(total: number, parts: MemoryParts, owner: { exhausted(): never }) {
    this.total = total;
    this.parts = parts;
    this.owner = owner;
  }

  /** The bundle has run to its end. */
  booted(): void {
    this.atBoot = this.counted(0);
    this.most = [sum(this.atBoot), 0];
    // Nothing is looked up for boards that stay far from their limit: a text takes less than its length, booted from flash.
    this.slack = this.total - this.parts.programText.length - sum(this.atBoot);
  }

  get hasBooted(): boolean {
    return this.atBoot !== undefined;
  }

  /** Data has come in. */
  heard(): void {
    this.atFirstData ??= this.counted(0);
  }

  get baseIs(): MemoryBase["is"] {
    return this.program.is;
  }

  /** Variables of the program itself; what is metered comes on top. */
  get base(): number {
    return this.baseWhen(this.atFirstData !== undefined);
  }

  /** Variables by kind, those of the time of boot included. */
  get metered(): MeteredMemory {
    return this.counted(this.buffers.variables() + (this.atBoot ? 0 : this.bootBuffers.variables()));
  }

  get usage(): number {
    return Math.min(this.total, this.base + sum(this.metered));
  }

  get free(): number {
    return this.total - this.usage;
  }

  /** The largest use at the end of a pass of the idle loop since boot, without buffers made since. */
  get peak(): number {
    const [offline, online] = this.most;
    return Math.max(this.baseWhen(false) + offline, this.atFirstData ? this.baseWhen(true) + online : 0);
  }

  /** To be called at the end of each pass in which something happened. */
  passed(): void {
    const phase = this.atFirstData ? 1 : 0;
    this.most[phase] = Math.max(this.most[phase], sum(this.counted(0)));
  }

  /** How many of `variables` more there still are: all, unless memory has run out. They count as taken. */
  room(variables: number): number {
    this.slack -= variables;
    if (this.slack >= 0) return variables;
    const { free } = this;
    this.slack = Math.max(0, free - variables);
    return Math.min(free, variables);
  }

  /** Before `variables` more are taken. @throws OutOfMemory where there are not so many. */
  require(variables: number): void {
    if (this.room(variables) < variables) this.owner.exhausted();
  }

  /** A buffer has been made, for which `require` has been called. */
  holds(buffer: object, variables: number): void {
    (this.atBoot ? this.buffers : this.bootBuffers).add(buffer, variables);
  }

  private counted(buffers: number): MeteredMemory {
    const { sockets, timers, watches, loop, listenerVariables } = this.parts;
    return {
      buffers,
      sockets: sockets.variables,
      socketData: sockets.dataVariables,
      timers: timers.variables,
      watches: watches.variables,
      listeners: listenerVariables,
      events: loop.queuedVariables,
    };
  }

  private baseWhen(online: boolean): number {
    if (!this.atBoot) return measuredMemory().idle;
    const { program } = this;
    const base = program.boot - sum(this.atBoot);
    if (!online || !this.atFirstData) return base;
    return base + program.online - program.boot - (lasting(this.atFirstData) - lasting(this.atBoot));
  }

  /** Variables of the buffers that were made at boot and could be reached when this, or the base, was first asked for. */
  get buffersOfBoot(): number {
    if (!this.atBoot) return 0;
    this.bootBufferVariables ??= this.bootBuffers.variables();
    // They are part of the base from now on, whatever becomes of them.
    this.bootBuffers.clear();
    return this.bootBufferVariables;
  }

  private get program(): MemoryBase {
    this.known ??= memoryBase(this.parts.programText, () => this.buffersOfBoot);
    return this.known;
  }
}

function sum(metered: MeteredMemory): number {
  return Object.values(metered).reduce((total: number, variables: number) => total + variables, 0);
}

/** Without what is only on its way. */
function lasting({ sockets, timers, watches, listeners }: MeteredMemory): number {
  return sockets + timers + watches + listeners;
}
