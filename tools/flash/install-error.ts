/** How an installation ends other than well: what happened, what to do, and which lamp the board has now. */

/**
 * `room`: the new lamp finds no safe place in the board's Storage. `corrupted`: what the board holds is not what was sent. `unsuitable`: the
 * interpreter lacks what an installation needs. `console`: the conversation with the board failed. `aborted`: the user said so.
 * `not-running`: the board does not start the new lamp. `threw`: the new lamp stopped with an exception.
 */
export type InstallErrorCode =
  | "room"
  | "corrupted"
  | "unsuitable"
  | "console"
  | "aborted"
  | "not-running"
  | "threw";

/**
 * What starts when the board starts next: `unchanged` is what was there before, and so is `on-trial`, while the new lamp runs until then; `copy` is
 * that too, from a slot; `unsure` the old or the new one, both whole.
 */
export type LampLeft = "unchanged" | "on-trial" | "copy" | "new" | "unsure";

/** What is installed, for messages. */
export type Installable = "lamp" | "program";

/** The message is one sentence for people, without a full stop. */
export class InstallError extends Error {
  override readonly name = "InstallError";
  readonly code: InstallErrorCode;
  readonly lamp: LampLeft;

  constructor(code: InstallErrorCode, lamp: LampLeft, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.lamp = lamp;
  }
}

/** What the board does now, to be said after the reason. */
export function lampLeft(lamp: LampLeft, what: Installable = "lamp"): string {
  if (lamp === "unchanged") return "what was on the board before is as it was";
  if (lamp === "on-trial")
    return `the new ${what} is not kept: press the board's reset button (EN), or take its power, and what was on it before starts`;
  if (lamp === "copy") return "what was on the board before runs again, from a copy of it in a slot";
  if (lamp === "new") return `the new ${what} is on the board`;
  return `the board starts the old ${what} or the new one, both are whole`;
}
