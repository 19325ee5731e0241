/** Tells people and programs how an installation goes: a bar where there is a terminal, plain lines and events elsewhere. */
import type { WriteStream } from "node:tty";
import { createLogUpdate } from "log-update";
import type { Installed, InstallStep } from "../../flash/install.ts";
import type { Installable } from "../../flash/install-error.ts";
import { slotFiles } from "../../flash/loader.ts";
import { progressLine, seconds, thousands } from "../../flash/progress.ts";
import type { WayBack } from "../../flash/way-back.ts";
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
  private readonly what: Installable;
  private uploadFrom = 0;
  private quarter = 0;
  private drawnAt = Number.NEGATIVE_INFINITY;
  private drawing = false;
  private hasBeenTried = false;

  /** `now`: milliseconds of whatever time the installation runs on; `what` is installed. */
  constructor(output: Output, now: () => number = () => performance.now(), what: Installable = "lamp") {
    this.what = what;
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
    const { plan, look, wayBack, ...short } = {
      ...{ plan: undefined, look: undefined, wayBack: undefined },
      ...step,
    };
    this.event({
      ...{ type: "step", ...short },
      ...(plan === undefined ? {} : { slot: plan.slot, wayBack: wayBack?.kind }),
    });
    switch (step.step) {
      case "plan":
        this.hasBeenTried = false;
        this.say(
          step.alreadyThere
            ? "The board has this very bundle already: nothing is sent"
            : `Writing ${slotFiles[step.plan.slot]}${besides(step.wayBack, step.plan.eraseLast, this.what)}`,
        );
        if (step.wayBack.kind === "none" && step.wayBack.because !== undefined)
          this.say(
            `note: should the new ${this.what} not start, there is no way back: ${step.wayBack.because}`,
          );
        break;
      case "end-trial":
        this.say(
          `${slotFiles[step.slot]} is on trial, sent over the air: ending that, and starting the lamp before again`,
        );
        break;
      case "compact":
        this.say("Compacting the board's Storage: do not pull the plug now");
        break;
      case "upload":
        this.uploading();
        break;
      case "trial":
        this.hasBeenTried = true;
        this.say("The board's own hash of it is right; starting it once, before it counts");
        break;
      case "restart":
        this.say(
          `${this.hasBeenTried ? "It starts well" : "The board's own hash of it is right"}; it is chosen; restarting the board`,
        );
        break;
      case "back":
        this.say(`The new ${this.what} does not start; going back to ${step.file}`);
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

/** What becomes of the programs that are there, whose files are `replaced`. */
function besides(wayBack: WayBack, replaced: readonly string[], what: Installable): string {
  const files = `what is in ${replaced.join(" and ")}`;
  if (wayBack.kind === "slot") return `, beside ${slotFiles[wayBack.slot]}, which goes on meanwhile`;
  if (wayBack.kind === "trial") return `; ${files} goes on meanwhile, until the new ${what} has started well`;
  if (wayBack.kind === "copy")
    return `; ${files} goes on meanwhile, and stays in ${slotFiles[wayBack.slot]} should the new ${what} not start`;
  return replaced.length === 0 ? "" : `; ${files} goes on until it is complete`;
}
