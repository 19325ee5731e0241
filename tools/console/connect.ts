/** Finds out whether Espruino listens, and whether it takes packets, without breaking off what it runs: only a board that does not answer hears Ctrl-C. */
import { type Conversation, shared } from "./conversation.ts";
import { ConsoleError } from "./errors.ts";
import { latin1, packetType, textPacket } from "./frames.ts";
import { printable } from "./heard.ts";
import { type ProbeAnswer, Question } from "./question.ts";

export interface Listening {
  /** Whether it takes framed packets. */
  readonly packets: boolean;
  /** Of the interpreter, as `2v29.277`. */
  readonly version: string;
  /** Variables that were free. */
  readonly freeVariables: number;
}

const ANSWER_MS = 700;
/** A packet that somebody left unfinished swallows what follows until the board gives it up after 5 s. */
export const CONNECT_MS = 8_000;

/**
 * The probe's length as the second byte of the packet's header. To a board that knows no packets header and probe are a line: ` ~print(…)`, which
 * runs when a line feed follows. So one probe tells both kinds of board apart.
 */
const PROBE_BYTES = "~".charCodeAt(0);

/** `isHopeless`: asked after each attempt, to give up early. @throws ConsoleError: "gone", "locked", "garbled", "silent", or "timeout" when something talks that does not answer. */
export async function connect(
  talk: Conversation,
  deadlineMs = CONNECT_MS,
  isHopeless: () => boolean = () => false,
): Promise<Listening> {
  const { clock } = talk;
  const until = clock.now() + deadlineMs;
  for (let attempt = 0; attempt === 0 || clock.now() < until; attempt++) {
    const listening = await probe(talk);
    if (listening) return listening;
    if (talk.heard.isLocked) throw locked(talk);
    if (isHopeless()) break;
    // Once, for a board that is busy for ever or has a line half typed.
    if (attempt === 0) await talk.send(latin1("\x03"));
    await talk.pause(ANSWER_MS);
  }
  throw unanswered(talk);
}

/** Asks as a packet, then has the same bytes run as a line. */
async function probe(talk: Conversation): Promise<Listening | undefined> {
  const question = new Question(talk.asker);
  const { clock } = talk;
  const after = (ms: number, run: () => void): void => void clock.schedule(clock.now() + ms, run);
  const ask = (bytes: Uint8Array, typed: boolean) =>
    talk.ask<ProbeAnswer>(bytes, (done) => question.inProbe(typed, done, after), ANSWER_MS);
  const packet = textPacket(packetType.eval, question.probe().padEnd(PROBE_BYTES));
  const answer = (await ask(packet, false)) ?? (await ask(latin1("\n"), true));
  return answer && listening(answer);
}

function listening(answer: ProbeAnswer): Listening {
  const [version = "", free = ""] = answer.facts.split(" ");
  return { packets: answer.packets, version, freeVariables: Number(free) || 0 };
}

export function locked(talk: Conversation): ConsoleError {
  return new ConsoleError(
    "locked",
    `the console on ${talk.port.name} is locked by a password: unlock it (type the password in \`wick monitor\`) and try again`,
  );
}

/** Why nobody answered, from what was heard. */
export function unanswered(talk: Conversation): ConsoleError {
  const { heard, port } = talk;
  if (heard.bytes === 0) {
    return new ConsoleError(
      "silent",
      `nothing answers on ${port.name}: check that the board has power, that this is its port, and the baud rate (Espruino on ESP32: 115200)`,
    );
  }
  if (heard.isLocked) return locked(talk);
  if (talk.others.areThere) return shared(port);
  if (heard.isNoise) {
    return new ConsoleError(
      "garbled",
      `what comes from ${port.name} is no text (${Math.round(heard.unprintable * 100)} % unprintable): try another baud rate (flash.baud; Espruino on ESP32: 115200)`,
    );
  }
  return new ConsoleError(
    "timeout",
    `${port.name} talks but does not answer; it said: "${printable(heard.text)}": restart the board (reset button) and try again`,
  );
}
