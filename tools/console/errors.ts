/** The ways a conversation with a board's console ends other than well, each with a code for programs and a sentence for people. */

/**
 * `timeout`: the board answered before, and then not in time. `gone`: the cable was lost. `thrown`: the board's own exception, in its words.
 * `locked`: the console asks for a password. `garbled`: what comes is no text, as with the wrong baud rate, or an answer arrived damaged.
 * `refused`: the board does not take what was sent. `silent`: not one byte came. `shared`: another program uses the same console meanwhile.
 */
export type ConsoleErrorCode =
  | "timeout"
  | "gone"
  | "thrown"
  | "locked"
  | "garbled"
  | "refused"
  | "silent"
  | "shared";

export class ConsoleError extends Error {
  override readonly name = "ConsoleError";
  readonly code: ConsoleErrorCode;

  /** `message` is one sentence that says what to do. */
  constructor(code: ConsoleErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A packet whose beginning the board has given up before the rest had left. */
export class LinkTooSlow extends ConsoleError {
  constructor(port: string, bytes: number, left: number) {
    super(
      "timeout",
      `${port} is too slow: of a packet of ${bytes} bytes only ${left} had left after 5 s, when the board gave it up: bring the board nearer, or take another cable`,
    );
  }
}
