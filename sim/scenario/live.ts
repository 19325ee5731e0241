/** Steps for a simulation that runs on its own: what the page sends and what a person types. */
import type { Simulation } from "../simulation.ts";
import { Marks, type StepContext, StepFailure } from "./context.ts";
import { parseStep, parseStepText, type Step } from "./steps.ts";
import { paced } from "./times.ts";
import { Witness } from "./witness.ts";

export interface LiveOptions {
  /** Gets what `note` and `screenshot` steps say. */
  note?(text: string): void;
  /** Gets the files of `screenshot` steps; without it those steps are refused. */
  keep?(name: string, content: string): void;
}

export class LiveSteps {
  private readonly context: StepContext;
  private readonly witness: Witness;

  /** Begin before the board is switched on, so that expectations know of all that happened. */
  constructor(simulation: Simulation, options: LiveOptions = {}) {
    this.witness = new Witness(simulation);
    this.context = {
      simulation,
      witness: this.witness,
      marks: new Marks(),
      ...paced(simulation, this.witness),
      note: (text) => options.note?.(text),
      keep: (name, content) => {
        if (!options.keep) throw new StepFailure(undefined, ["files cannot be kept here"]);
        options.keep(name, content);
      },
    };
  }

  /**
   * Does a step; resolves when it is done, which takes as long as the board's clock takes for it.
   * @throws StepFailure (the promise is rejected) when it cannot be done or, for an expectation, when it is not met
   */
  async do(step: Step): Promise<void> {
    const unfit = step.check(this.context.simulation);
    if (unfit !== undefined) throw new StepFailure(undefined, [unfit]);
    await step.run(this.context);
  }

  /**
   * Does a step as a page sends it, `{KIND: VALUE}`.
   * @throws StepMistake or StepFailure (the promise is rejected)
   */
  async perform(value: unknown): Promise<void> {
    await this.do(parseStep(value));
  }

  /**
   * Does a step as a person types it, "KIND: VALUE".
   * @throws StepMistake or StepFailure (the promise is rejected)
   */
  async performText(line: string): Promise<void> {
    await this.do(parseStepText(line));
  }

  close(): void {
    this.witness.close();
  }
}
