/** What a rule about one setting finds; the build, `wick doctor` and `wick init` have the same rules and tell it in their own ways. */

export interface Judgement {
  /** `failure`: it cannot work. `warning`: it is probably not meant. */
  readonly status: "failure" | "warning";
  /** One sentence without a full stop. Never holds a secret. */
  readonly message: string;
  /** What to do about it. */
  readonly mend: string;
  /** `false`: it fails on the board, and may be meant all the same, as for a board in a simulator. */
  readonly blocks?: false;
}

export function failure(message: string, mend: string): Judgement {
  return { status: "failure", message, mend };
}

export function warning(message: string, mend: string): Judgement {
  return { status: "warning", message, mend };
}
