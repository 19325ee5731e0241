/** What every part of the page works with: the model, and ways to ask the server for something. */
import type { Control } from "../protocol.ts";
import type { Connection } from "./connection.ts";
import { Model } from "./model.ts";

export class Page {
  readonly model = new Model();
  /** The last thing that could not be done, for everybody to see. */
  problem: string | undefined;
  /** Set by main.ts: draws the page anew with the next frame. */
  redraw: () => void = () => {};
  connection: Connection | undefined;

  /** Carries out a step as a scenario has it; what goes wrong is shown. Returns whether it was done. */
  step(step: object): Promise<boolean> {
    return this.tell(this.connection?.request({ type: "step", step }));
  }

  control(control: Control): Promise<boolean> {
    return this.tell(this.connection?.request({ type: "control", ...control }));
  }

  hold(down: boolean): Promise<boolean> {
    return this.tell(this.connection?.request({ type: "hold", down }));
  }

  private async tell(done: Promise<void> | undefined): Promise<boolean> {
    try {
      await done;
      this.say(undefined);
      return true;
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  private say(problem: string | undefined): void {
    if (this.problem === problem) return;
    this.problem = problem;
    this.redraw();
  }
}
