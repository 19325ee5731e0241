/** What a page may do: those steps of scenarios that change the world around a board. */
import { LiveSteps } from "../scenario/live.ts";
import { parseStep, StepMistake } from "../scenario/steps.ts";
import type { Simulation } from "../simulation.ts";
import type { PageActions } from "./server.ts";

/** None of them waits for something to happen, none writes a file. */
const ALLOWED = [
  "publish",
  "press",
  "set-pin",
  "temperature",
  "wifi",
  "network",
  "broker",
  "power-cut",
  "power-on",
  "clock",
];

/** Steps of scenarios, carried out on `simulation` one by one as they come. */
export function scenarioActions(simulation: Simulation): PageActions {
  const steps = new LiveSteps(simulation, { note: (text) => simulation.tell({ type: "fault", what: text }) });
  return {
    async perform(found) {
      const step = parseStep(found);
      if (!ALLOWED.includes(step.kind))
        throw new StepMistake(
          `a page cannot do ${step.kind}; what it can do is ${ALLOWED.slice(0, -1).join(", ")} and ${ALLOWED.at(-1)}`,
        );
      await steps.do(step);
    },
  };
}
