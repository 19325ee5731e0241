/** Board time: alarms in time order, equal times first in, first out. Nothing in sim/ but the pacer touches the host's timers. */

/** One thing to be done at a moment of board time. */
export interface Alarm {
  /** Board time in milliseconds. */
  readonly at: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** What the parts of a board may know of time. */
export interface Clock {
  /** Milliseconds of board time since the clock was made. */
  now(): number;
  /** Runs `run` at board time `at` (ms); a moment in the past means now, after what is due already. */
  schedule(at: number, run: () => void): Alarm;
  cancel(alarm: Alarm): void;
  /** For what happens outside of board time (a host's socket): runs `run` at the board time that corresponds to this moment. */
  fromOutside(run: () => void): Alarm;
  /** Says that host I/O is attached, so that `VirtualClock.advance` has to let it settle; returns how to take that back. */
  attachOutside(): () => void;
  /**
   * Says that something was handed to a party in this process that works through the host's event loop, without I/O: `VirtualClock.advance`
   * lets it finish before time goes on. What it does then takes the same number of turns in every run, so that runs can be repeated.
   */
  stirOutside(): void;
}

/**
 * Turns of the host's event loop without news after which the outside counts as settled. Aedes, the embedded broker, was never seen to work for
 * more than 2 turns between two things it says (`test/sim-broker.test.ts`).
 */
const QUIET_TURNS = 8;

/** An alarm in the clock's queue. */
interface Entry {
  readonly alarm: Alarm;
  /** Of scheduling: decides between alarms of the same moment. */
  readonly order: number;
}

/** A clock that stands still until it is told to go on. */
export class VirtualClock implements Clock {
  private readonly queue = new AlarmQueue();
  private time = 0;
  private scheduled = 0;
  private arrivals = 0;
  private outsiders = 0;
  private stirred = false;
  private settling = false;
  /** Set by a pacer: the board time of this moment. */
  outsideNow: (() => number) | undefined;
  /** Set by a pacer: called when an alarm became the next one. */
  onEarlier: ((at: number) => void) | undefined;

  now(): number {
    return this.time;
  }

  schedule(at: number, run: () => void): Alarm {
    // What is no time is now: nothing may stand in the queue that never comes.
    const alarm: Alarm = { at: at > this.time ? at : this.time, run, cancelled: false };
    this.queue.add({ alarm, order: this.scheduled++ });
    if (this.queue.first()?.alarm === alarm) this.onEarlier?.(alarm.at);
    return alarm;
  }

  cancel(alarm: Alarm): void {
    alarm.cancelled = true;
  }

  fromOutside(run: () => void): Alarm {
    this.arrivals++;
    // What is answered while time stands still for it is answered now.
    return this.schedule(this.settling ? this.time : (this.outsideNow?.() ?? this.time), run);
  }

  attachOutside(): () => void {
    this.outsiders++;
    let attached = true;
    return () => {
      if (attached) this.outsiders--;
      attached = false;
    };
  }

  stirOutside(): void {
    this.stirred = true;
  }

  /** The time of the next alarm (ms), or undefined when nothing is planned. */
  next(): number | undefined {
    return this.firstValid()?.alarm.at;
  }

  /** Runs everything due up to `until` (ms of board time), synchronously, and stops there. */
  runUntil(until: number): void {
    for (let entry = this.firstValid(); entry && entry.alarm.at <= until; entry = this.firstValid()) {
      this.queue.removeFirst();
      this.time = entry.alarm.at;
      entry.alarm.run();
    }
    this.time = Math.max(this.time, until);
  }

  /** Lets `ms` of board time pass. Between two moments host I/O of attached parties gets its turn until it is quiet. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    for (;;) {
      if (this.outsiders > 0 || this.stirred) await this.settle();
      const at = this.next();
      if (at === undefined || at > until) break;
      // All of one moment in one go: what is scheduled for the same moment meanwhile runs too.
      this.runUntil(at);
    }
    this.time = until;
    await hostTurn();
  }

  /**
   * Like `runUntil`, but parties that work through the host's event loop finish before time goes on. Returns a promise where that was needed.
   * Host I/O is not waited for: it is on real time.
   */
  follow(until: number): Promise<void> | undefined {
    for (let at = this.next(); ; at = this.next()) {
      if (this.stirred) return this.settle().then(() => this.follow(until));
      if (at === undefined || at > until) break;
      this.runUntil(at);
    }
    this.time = Math.max(this.time, until);
    return undefined;
  }

  private async settle(): Promise<void> {
    this.settling = true;
    try {
      for (let quiet = 0; quiet < QUIET_TURNS; ) {
        this.stirred = false;
        const before = this.arrivals;
        await hostTurn();
        const arrived = this.arrivals !== before;
        if (arrived) this.runUntil(this.time);
        quiet = arrived || this.stirred ? 0 : quiet + 1;
      }
    } finally {
      this.settling = false;
    }
  }

  private firstValid(): Entry | undefined {
    let entry = this.queue.first();
    while (entry?.alarm.cancelled) {
      this.queue.removeFirst();
      entry = this.queue.first();
    }
    return entry;
  }
}

/** A binary heap of alarms. */
class AlarmQueue {
  private readonly heap: Entry[] = [];

  first(): Entry | undefined {
    return this.heap[0];
  }

  add(entry: Entry): void {
    let index = this.heap.push(entry) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.heap[above];
      if (!parent || !earlier(entry, parent)) break;
      this.heap[index] = parent;
      index = above;
    }
    this.heap[index] = entry;
  }

  removeFirst(): void {
    const last = this.heap.pop();
    if (!last || this.heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = this.heap[2 * index + 1];
      const right = this.heap[2 * index + 2];
      const child = left && right && earlier(right, left) ? right : left;
      if (!child || !earlier(child, last)) break;
      this.heap[index] = child;
      index = 2 * index + (child === left ? 1 : 2);
    }
    this.heap[index] = last;
  }
}

function earlier(one: Entry, other: Entry): boolean {
  const { at } = one.alarm;
  return at < other.alarm.at || (at === other.alarm.at && one.order < other.order);
}

/** One turn of the host's event loop: its sockets, streams and promises go on. */
function hostTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
