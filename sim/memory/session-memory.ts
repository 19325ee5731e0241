/** The memory of one power-on as the parts of the board see it: what they take, what happens when nothing is left, and who is told. */
import type { Power, Realm, Value } from "../realm.ts";
import { meterBuffers } from "./buffer-constructors.ts";
import { bufferVariables, VIEW } from "./costs.ts";
import { MemoryMeter, type MemoryParts } from "./meter.ts";

/** Something made that the firmware should have made at boot. */
export interface Allocation {
  readonly kind: "buffer" | "timer" | "listener";
  /** Of a buffer. */
  readonly bytes?: number;
  /** Where: "firmware/mqtt/client.ts:12:3", or a place in the bundle when it has no source map. */
  readonly at: string;
}

export type AllocationListener = (allocation: Allocation) => void;

/** What is thrown through the program when memory has run out. The interpreter's programs cannot catch it. */
export class OutOfMemory extends Error {
  override readonly name = "OutOfMemory";
}

/** In the order in which `E.getErrorFlags` lists them. */
const ERROR_FLAGS = ["CALLBACK", "LOW_MEMORY", "MEMORY"] as const;
type ErrorFlag = (typeof ERROR_FLAGS)[number];

/** jsvar.h: JSV_ARRAYBUFFER_MAX_LENGTH. */
const LARGEST_BUFFER_BYTES = 0xffffff;

/** The power-on whose memory it is. */
export interface MemoryUser extends MemoryParts {
  readonly realm: Realm;
  /** While `gone` is set, whatever the program asks of the board ends it. */
  readonly power: Power;
  printLine(text: string): void;
  /** The places of a host's stack trace in the program's sources, innermost first. */
  placesIn(stack: string): string[];
  /** Calls the listeners of E's event `errorFlag`. */
  tellErrorFlags(flags: string[]): void;
}

export class SessionMemory {
  readonly meter: MemoryMeter;
  /** Memory ran out in this pass of the idle loop: intervals that are due in it are removed. */
  interrupted = false;
  private readonly flags = new Set<ErrorFlag>();
  private toldFlags: ReadonlySet<ErrorFlag> = new Set();

  private readonly user: MemoryUser;
  private readonly watchers: ReadonlySet<AllocationListener>;

  /** `total`: variables there are. `watchers`: those who want to know of what is made after boot. */
  constructor(user: MemoryUser, total: number, watchers: ReadonlySet<AllocationListener>) {
    this.user = user;
    this.watchers = watchers;
    this.meter = new MemoryMeter(total, user, this);
    meterBuffers(user.realm, this);
  }

  /** A buffer is about to be made, with a typed array (`views` 1) or by itself. @throws OutOfMemory */
  before(bytes: number, views: number): void {
    const { realm } = this.user;
    if (bytes < 0) throw realm.error("Error", "Invalid length for ArrayBuffer");
    if (bytes > LARGEST_BUFFER_BYTES) throw realm.error("Error", "ArrayBuffer too long");
    this.report("buffer", bytes);
    this.meter.require(bufferVariables(bytes) + views * VIEW);
  }

  made(buffer: object, bytes: number, views: number): void {
    this.meter.holds(buffer, bufferVariables(bytes) + views * VIEW);
  }

  view(view: object): void {
    this.meter.require(VIEW);
    this.meter.holds(view, VIEW);
  }

  /** A timer or a listener is about to be made. @throws OutOfMemory */
  allocates(kind: "timer" | "listener", variables: number): void {
    this.report(kind);
    this.meter.require(variables);
  }

  /** Memory has run out: ends what is running. @throws OutOfMemory */
  exhausted(): never {
    const { user } = this;
    // Said once until the flag has been read.
    if (!this.flags.has("MEMORY")) {
      user.printLine("OUT OF MEMORY");
      for (const place of user.placesIn(hostStack())) user.printLine(`    at ${place}`);
    }
    this.flags.add("LOW_MEMORY").add("MEMORY");
    const cut = new OutOfMemory("the board has no memory left");
    user.power.gone ??= cut;
    throw cut;
  }

  /** The program's text has run. */
  ran(): void {
    if (this.returned() || this.interrupted) this.user.printLine("Execution Interrupted");
    this.interrupted = false;
    this.tellFlags();
    this.meter.booted();
  }

  /** A function of the program has returned or was cut short; true when it was because memory had run out. */
  returned(): boolean {
    const { power } = this.user;
    if (!(power.gone instanceof OutOfMemory)) return false;
    power.gone = undefined;
    this.interrupted = true;
    return true;
  }

  /** A pass of the idle loop is over in which something happened. */
  passed(): void {
    if (this.interrupted) this.user.printLine("Execution Interrupted during event processing.");
    this.interrupted = false;
    this.tellFlags();
    this.meter.passed();
  }

  /** An interval was cut short, or came after something that was, and is removed as after Ctrl-C. */
  removesInterval(): void {
    this.user.printLine("ERROR: Ctrl-C while processing interval - removing it.");
    this.flags.add("CALLBACK");
  }

  /** `E.getErrorFlags()`: what went wrong since it was last asked. */
  takeErrorFlags(): string[] {
    const taken = ERROR_FLAGS.filter((flag) => this.flags.has(flag));
    this.flags.clear();
    return taken;
  }

  /** `process.memory()` */
  describe(collects: boolean, blockSize: number): Value {
    const { realm } = this.user;
    const { usage, total } = this.meter;
    const queue = (size: number): Value => Object.assign(realm.object(), { used: 0, total: size });
    return Object.assign(
      realm.object(),
      { free: total - usage, usage, total, history: 0 },
      collects ? { gc: 0, gctime: 0 } : {},
      { blocksize: blockSize, rx: queue(1024), tx: queue(256) },
    );
  }

  /** jsinteractive.c jsiCheckErrors: flags are told when they are new. A low memory alone is not worth telling. */
  private tellFlags(): void {
    const fresh = ERROR_FLAGS.filter((flag) => this.flags.has(flag) && !this.toldFlags.has(flag));
    this.toldFlags = new Set(this.flags);
    if (fresh.length === 0) return;
    this.user.tellErrorFlags(fresh);
    this.user.printLine(`New interpreter error: ${fresh.join(",")}`);
  }

  private report(kind: Allocation["kind"], bytes?: number): void {
    if (this.watchers.size === 0 || !this.meter.hasBooted) return;
    const at = this.user.placesIn(hostStack())[0] ?? "the board itself";
    const allocation = bytes === undefined ? { kind, at } : { kind, bytes, at };
    for (const listener of this.watchers) listener(allocation);
  }
}

/** The stack of this moment, deep enough to reach the program. */
function hostStack(): string {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const { stack = "" } = new Error();
  Error.stackTraceLimit = before;
  return stack;
}
