/** The ways a command ends other than well, each with its exit code (see main.ts). */

/** The command line is wrong: exit code 2. The message is one line and says what is allowed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** It was tried and failed: exit code 1. The message says what to do about it. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** Ends the command with this exit code; whatever there was to say has been said. */
export class ExitWith extends Error {
  override readonly name = "ExitWith";
  readonly code: number;

  constructor(code: number) {
    super(`exit code ${code}`);
    this.code = code;
  }
}
