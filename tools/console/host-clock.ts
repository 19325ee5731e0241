/** Time for a conversation with a board: the host's, or a simulated board's, on which tests run. */
import type { Clock } from "../../sim/clock.ts";

/** What a conversation needs of a clock; `VirtualClock` of the simulator is one. */
export type ConsoleClock = Pick<Clock, "now" | "schedule" | "cancel">;

/** The time of this computer, in Node and in browsers. */
export const hostClock: ConsoleClock = {
  now: () => performance.now(),
  schedule(at, run) {
    const alarm = { at, run, cancelled: false };
    const timer = setTimeout(
      () => {
        if (!alarm.cancelled) run();
      },
      Math.max(0, at - performance.now()),
    );
    timers.set(alarm, timer);
    return alarm;
  },
  cancel(alarm) {
    alarm.cancelled = true;
    const timer = timers.get(alarm);
    if (timer !== undefined) clearTimeout(timer);
  },
};

const timers = new WeakMap<object, ReturnType<typeof setTimeout>>();
