/** Two ways in which the board time of steps passes: as fast as it goes, or with a clock that somebody else paces. */
import type { Simulation } from "../simulation.ts";
import type { StepContext } from "./context.ts";
import type { Witness } from "./witness.ts";

/** Moves the clock itself, from alarm to alarm. */
export function fullSpeed({ clock }: Simulation): Pick<StepContext, "wait" | "until"> {
  return {
    wait: (ms) => clock.advance(ms),
    async until(holds, withinMs) {
      const end = clock.now() + withinMs;
      // What is due at this very moment comes first.
      await clock.advance(0);
      while (!holds()) {
        if (clock.now() >= end) return false;
        await clock.advance(Math.min(clock.next() ?? end, end) - clock.now());
      }
      return true;
    },
  };
}

/** Waits for a clock that runs already, or stands still until somebody lets it go on. */
export function paced({ clock }: Simulation, witness: Witness): Pick<StepContext, "wait" | "until"> {
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        clock.schedule(clock.now() + ms, resolve);
      }),
    until: (holds, withinMs) =>
      new Promise((resolve) => {
        const done = (): void => {
          stop();
          clock.cancel(end);
          resolve(holds());
        };
        const stop = witness.onNews(() => {
          if (holds()) done();
        });
        const end = clock.schedule(clock.now() + withinMs, done);
        if (holds()) done();
      }),
  };
}
