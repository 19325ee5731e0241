/** Tells people and programs how an installation goes: a bar where there is a terminal, plain lines and events elsewhere. */
import type { WriteStream } from "node:tty";
import { createLogUpdate } from "log-update";
import type { Installed, InstallStep } from "../../flash/install.ts";
import { slotFiles } from "../../flash/loader.ts";
import { progressLine, seconds, thousands } from "../../flash/progress.ts";
import type { Output } from "../output.ts";

/** No eye and no terminal wants more pictures a second. */
const FRAME_MS = 40;
/** Without a terminal a line for each quarter. */
const QUARTERS = 4;

export class Teller {
  private readonly output: Output;
  private readonly terminal: WriteStream | undefined;
  private readonly update: ReturnType<typeof createLogUpdate> | undefined;
  private readonly now: () => number;
  private uploadFrom = 0;
  private quarter = 0;
  private drawnAt = Number.NEGATIVE_INFINITY;
  private drawing = false;

  /** `now`: milliseconds of whatever time the installation runs on. */
  constructor(output: Output, now: () => number = () => performance.now()) {
    this.output = output;
    this.now = now;
    const stream = output.json ? process.stderr : process.stdout;
    if (stream.isTTY && !output.quiet) {
      this.terminal = stream;
      this.update = createLogUpdate(stream);
    }
  }

  say(text: string): void {
    this.endOfBar();
    this.output.say(text);
  }

  event(event: object): void {
    this.output.event(event);
  }

  step(step: InstallStep): void {
    const { plan, look, ...short } = { plan: undefined, look: undefined, ...step };
    this.event({ type: "step", ...short, ...(plan === undefined ? {} : { slot: plan.slot }) });
    switch (step.step) {
      case "plan":
        if (step.alreadyThere) this.say("The board has this very bundle already: nothing is sent");
        else
          this.say(
            step.plan.active === undefined
              ? `Writing ${slotFiles[step.plan.slot]}; what is on the board now goes on until it is complete`
              : `Writing ${slotFiles[step.plan.slot]}, beside ${slotFiles[step.plan.active]}, which goes on meanwhile`,
          );
        break;
      case "compact":
        this.say("Compacting the board's Storage: do not pull the plug now");
        break;
      case "upload":
        this.uploading();
        break;
      case "restart":
        this.say("The board's own hash of it is right; it is chosen; restarting the board");
        break;
      case "back":
        this.say(`The new lamp does not start; going back to ${slotFiles[step.slot]}`);
        break;
      default:
    }
  }

  /** From now on counts how long an upload takes. */
  uploading(): void {
    this.uploadFrom = this.now();
    this.quarter = 0;
  }

  progress(sent: number, total: number): void {
    this.event({ type: "progress", sent, total });
    const now = this.now();
    const progress = { sent, total, elapsedMs: now - this.uploadFrom };
    if (this.update && this.terminal) {
      if (now - this.drawnAt < FRAME_MS && sent < total) return;
      this.drawnAt = now;
      this.drawing = true;
      this.update(progressLine(progress, this.terminal.columns || 80));
      return;
    }
    const quarter = Math.floor((sent / total) * QUARTERS);
    if (quarter <= this.quarter) return;
    this.quarter = quarter;
    this.output.say(progressLine(progress));
  }

  installed({ slot, bytes, hash, variables, uploaded, verifiedBy }: Installed, fromMs: number): void {
    const used = variables
      ? `, with ${thousands(variables.used)} of ${thousands(variables.total)} variables`
      : "";
    this.say(`${slotFiles[slot]} runs${used}; ${seconds(this.now() - fromMs)} in all`);
    this.event({
      type: "installed",
      slot,
      bytes,
      hash,
      verifiedBy,
      uploaded,
      ...(variables ? { variables } : {}),
    });
  }

  /** The last picture of the bar stays. */
  endOfBar(): void {
    if (!this.drawing) return;
    this.drawing = false;
    this.update?.done();
  }
}
