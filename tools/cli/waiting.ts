/** One line on stderr about what takes long, for somebody at a terminal; it goes when that is over. */
import type { WriteStream } from "node:tty";

/** So long after the start of the program people take it as it comes. */
const PATIENCE_MS = 700;

export interface WaitingFor {
  /** Where to say it; process.stderr unless given. */
  readonly terminal?: Pick<WriteStream, "isTTY" | "write">;
  /** Milliseconds since the program was started. */
  readonly now?: () => number;
  /** `--quiet`. */
  readonly quiet?: boolean;
}

/** Runs `run`, and says `what` while it lasts once people begin to wonder. Elsewhere than on a terminal nothing is said. */
export async function saying<Result>(
  what: string,
  run: () => Promise<Result>,
  { terminal = process.stderr, now = () => performance.now(), quiet = false }: WaitingFor = {},
): Promise<Result> {
  if (!terminal.isTTY || quiet || process.env.TERM === "dumb") return run();
  let isSaid = false;
  const say = (): void => {
    isSaid = true;
    terminal.write(`${what}…`);
  };
  // Work that keeps this thread busy lets no timer through: it is said before rather than never.
  const left = PATIENCE_MS - now();
  const timer = left <= 0 ? undefined : setTimeout(say, left);
  if (timer === undefined) say();
  try {
    return await run();
  } finally {
    clearTimeout(timer);
    if (isSaid) terminal.write("\r\x1b[K");
  }
}
