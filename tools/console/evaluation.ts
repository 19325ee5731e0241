/** Evaluates an expression on the board: asks, judges the answer, asks again where that does no harm, and says in one sentence why there is none. */
import { locked, unanswered } from "./connect.ts";
import { type Conversation, shared } from "./conversation.ts";
import { ConsoleError } from "./errors.ts";
import { latin1, MOST_PACKET_BYTES, packetType, textPacket } from "./frames.ts";
import { type Answer, Question } from "./question.ts";

export interface EvaluateOptions {
  /** From when the question has left. Default 5,000. */
  deadlineMs?: number | undefined;
  /** The expression may be evaluated more than once: it is asked again when an answer is late or damaged. Default false. */
  repeatable?: boolean | undefined;
}

const DEADLINE_MS = 5_000;
const ATTEMPTS = 3;

/** The value as JSON carries it. @throws ConsoleError */
export async function evaluated(
  talk: Conversation,
  packets: boolean,
  expression: string,
  { deadlineMs = DEADLINE_MS, repeatable = false }: EvaluateOptions = {},
): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    if (packets) talk.mustBeAlone();
    const answer = await answerTo(talk, packets, expression, deadlineMs);
    if (answer?.kind === "value") return parsed(answer.json);
    // What was refused did not run, nor did what is no JavaScript: it may have been torn on its way.
    const isUnread = answer?.kind === "refused" || (answer?.kind === "thrown" && isSyntaxError(answer.said));
    if (answer?.kind === "thrown" && !(isUnread && attempt === 1))
      throw new ConsoleError("thrown", `the board says: ${answer.said}`);
    const again = repeatable ? ATTEMPTS : isUnread ? 2 : 1;
    if (attempt < again) continue;
    if (talk.others.areThere && !talk.heard.isLocked) throw shared(talk.port);
    if (answer?.kind === "damaged") throw damaged(talk);
    if (answer?.kind === "refused") throw refused(talk);
    throw talk.heard.isLocked ? locked(talk) : late(talk, expression);
  }
}

function isSyntaxError(said: string): boolean {
  return said.startsWith("SyntaxError");
}

function answerTo(
  talk: Conversation,
  packets: boolean,
  expression: string,
  deadlineMs: number,
): Promise<Answer | undefined> {
  const question = new Question(talk.asker);
  if (!packets)
    return talk.ask<Answer>(latin1(question.lines(expression)), (done) => question.inText(done), deadlineMs);
  const code = question.code(expression);
  const most = MOST_PACKET_BYTES - PADDING_BYTES;
  if (code.length > most)
    throw new ConsoleError(
      "refused",
      `an expression of ${code.length} characters is too long: at most ${most}`,
    );
  const { clock } = talk;
  const after = (ms: number, run: () => void): void => void clock.schedule(clock.now() + ms, run);
  const bytes = textPacket(packetType.eval, code);
  return talk.ask<Answer>(bytes, (done) => question.inPacket(done, after), deadlineMs);
}

/** Blanks that make a length safe. */
const PADDING_BYTES = 2;

function parsed(json: string): unknown {
  if (json === "") return undefined;
  // Older interpreters write escapes that JSON does not have.
  const mended = json
    .replace(/\\x([0-9A-Fa-f]{2})/g, "\\u00$1")
    .replace(/\\v/g, "\\u000b")
    .replace(/\\(\d)/g, "\\u000$1");
  for (const text of [json, mended]) {
    try {
      return JSON.parse(text);
    } catch {
      // The next way of reading it, or the error below.
    }
  }
  throw new ConsoleError(
    "refused",
    "the board's answer is no JSON: ask for numbers, strings, and lists and objects of them",
  );
}

function late(talk: Conversation, expression: string): ConsoleError {
  if (talk.heard.bytes === 0) return unanswered(talk);
  const shown = expression.length > 40 ? `${expression.slice(0, 39)}…` : expression;
  return new ConsoleError(
    "timeout",
    `no answer from ${talk.port.name} to ${shown}: restart the board (reset button) and try again`,
  );
}

function damaged({ port }: Conversation): ConsoleError {
  return new ConsoleError(
    "garbled",
    `an answer from ${port.name} arrived damaged: check cable and baud rate, then try again`,
  );
}

function refused({ port }: Conversation): ConsoleError {
  return new ConsoleError(
    "refused",
    `${port.name} does not take what is sent: restart the board (reset button) and try again`,
  );
}
