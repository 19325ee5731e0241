/** The step `power-cut: 3s`. */
import type { Simulation } from "../../simulation.ts";
import { stepKind } from "../kind.ts";
import { size, time } from "../measures.ts";
import { fields, orWord, shortOr } from "../values.ts";

const downTime = orWord("ever", undefined, time);

export default stepKind({
  name: "power-cut",
  description:
    "Pulls the plug, now or (at-byte) when so many bytes more have gone to the flash; power is back after for, and the next step follows at once. for: ever leaves the board without power, until power-on.",
  value: shortOr(downTime, (forMs) => ({ for: forMs }), fields({ for: downTime }, { "at-byte": size })),
  run({ for: downMs, "at-byte": atByte }, { simulation }) {
    const { board, clock } = simulation;
    const { flash } = board.storage;
    ordered.get(simulation)?.();
    if (atByte === undefined) return simulation.powerCut(downMs);
    flash.cutAfterBytes(atByte);
    const stop = simulation.onEvent((event) => {
      if (event.type !== "fault" || event.what !== "power cut") return;
      stop();
      if (downMs !== undefined) clock.schedule(clock.now() + downMs, () => board.boot());
    });
    ordered.set(simulation, () => {
      stop();
      flash.keepPower();
    });
  },
});

/** Takes back a cut that waits for its byte. */
const ordered = new WeakMap<Simulation, () => void>();
