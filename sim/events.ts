/** The events of a simulated board, exactly the JSON lines that `wick sim --json` prints. */

export type BoardEvent = { /** Milliseconds of board time. */ t: number } & BoardEventBody;

export type BoardEventBody =
  | { type: "boot" }
  | { type: "wifi"; state: "connected" | "disconnected" }
  | { type: "socket"; state: "open" }
  | { type: "socket"; state: "closed"; reason: string }
  /** `value` is the level or the duty cycle, 0 to 1, sent on every change. */
  | { type: "pin"; pin: string; value: number }
  | { type: "console"; text: string }
  | { type: "fault"; what: string }
  | { type: "error"; message: string };

export type Emit = (event: BoardEventBody) => void;
