/** Questions and answers between the desk and one lamp: what is lost is said again, what is not signed or was said to an earlier question does not count. */
import { randomBytes } from "node:crypto";
import { Failure } from "../cli/errors.ts";
import type { ConsoleClock } from "../console/host-clock.ts";
import type { UpdateLink } from "./over-the-air-link.ts";
import { type Answer, parseAnswer, questionMessage } from "./over-the-air-messages.ts";

export interface ConversationOptions {
  readonly link: UpdateLink;
  readonly topic: string;
  readonly key: string;
  /** The profile the key is for. */
  readonly board: string;
  readonly clock: ConsoleClock;
  readonly signal?: AbortSignal | undefined;
}

/** After so long a message or its answer counts as lost. */
const AGAIN_MS = 2000;
/** It is asked no faster than that, whatever comes in. */
const HINT_MS = 200;
/** So often a lamp is asked whose answers the key does not fit. */
const STRANGER_TRIES = 3;
const NONCE_BYTES = 8;

export class Conversation {
  readonly key: string;
  private readonly options: ConversationOptions;
  private readonly stop: () => void;
  private take: ((answer: Answer) => void) | undefined;
  /** Drawn anew for each wait: what a lamp said before, and somebody kept, answers no question that comes after. */
  private nonce = "";
  /** Of the lamp's start, as its last answer to a question of this desk had it. */
  private challenge: string | undefined;
  /** An answer that the key does not fit. */
  private stranger: Answer | undefined;
  /** What the broker keeps of the lamp: "online", "offline". */
  private status: string | undefined;

  constructor(options: ConversationOptions) {
    this.options = options;
    this.key = options.key;
    this.stop = options.link.onMessage((topic, payload) => this.hear(topic, payload));
  }

  close(): void {
    this.stop();
  }

  /** @throws Failure that says why no lamp can be updated there */
  async find(withinMs: number): Promise<Answer> {
    const { topic, board } = this.options;
    try {
      return await this.ask(
        () => true,
        withinMs,
        "",
        (again) => {
          // It will not answer otherwise; where it is but somebody who forges answers, the lamp has had its time.
          if (this.stranger && again >= STRANGER_TRIES) throw new Silence("only a stranger answers");
        },
      );
    } catch (error) {
      if (!(error instanceof Silence)) throw error;
      const { stranger, status } = this;
      if (stranger && stranger.board !== board)
        throw new Failure(
          `the lamp at ${topic} was built for ${stranger.board}, this bundle is for ${board}; add: --board ${stranger.board}`,
        );
      if (stranger)
        throw new Failure(
          `the lamp at ${topic} was flashed with another update.key; use that one, or flash it once by cable`,
        );
      if (status === "online")
        throw new Failure(
          `the lamp at ${topic} is online but takes no updates: it was built without update.key; flash it once by cable`,
        );
      if (status === "offline")
        throw new Failure(`the lamp at ${topic} is offline; switch it on and try again`);
      throw new Failure(`no lamp answers at ${topic}; check the topic and the broker: npx wick doctor`);
    }
  }

  /**
   * Asks again and again until an answer to this question passes `look`; `each` is called before each time, which counts from 0.
   * @throws Failure that says `silence` when none does within the time, and what `look` and `each` throw
   */
  ask(
    look: (answer: Answer) => boolean,
    withinMs: number,
    silence: string,
    each: (again: number) => void = () => {},
  ): Promise<Answer> {
    const messages = (again: number): Uint8Array[] => {
      each(again);
      return [questionMessage(this.nonce)];
    };
    const counts = ({ nonce }: Answer): boolean => nonce === this.nonce;
    return this.until(messages, { counts, look, withinMs, silence, isHint: true });
  }

  /**
   * Says `message`, which was signed for the start of the lamp that the last question found, again and again until an answer passes `look`. What
   * is not answered is followed by a question: only what answers that can tell of another start.
   * @throws Failure that says `silence` when none does within the time, and what `look` and `message` throw
   */
  tell(
    message: (again: number) => Uint8Array,
    look: (answer: Answer) => boolean,
    withinMs: number,
    silence: string,
  ): Promise<Answer> {
    const messages = (again: number): Uint8Array[] => {
      const said = message(again);
      return again > 0 ? [questionMessage(this.nonce), said] : [said];
    };
    const counts = ({ challenge }: Answer): boolean => challenge === this.challenge;
    return this.until(messages, { counts, look, withinMs, silence, isHint: false });
  }

  private async until(messages: (again: number) => Uint8Array[], wait: Wait): Promise<Answer> {
    const { link, clock, topic, signal } = this.options;
    const end = clock.now() + wait.withinMs;
    this.nonce = randomBytes(NONCE_BYTES).toString("hex");
    for (let again = 0; clock.now() < end; again++) {
      if (signal?.aborted) throw stopped();
      const said = messages(again);
      const answer = this.next(wait, Math.min(end, clock.now() + AGAIN_MS));
      for (const message of said) link.publish(`${topic}/update`, message);
      const heard = await answer;
      if (heard) return heard;
    }
    throw new Silence(wait.silence);
  }

  /** The next answer that passes; undefined when `at` has come, or when it is worth while to ask again now. */
  private next({ counts, look, isHint }: Wait, at: number): Promise<Answer | undefined> {
    const { clock, signal } = this.options;
    const began = clock.now();
    return new Promise((resolve, reject) => {
      const done = (act: () => void): void => {
        clock.cancel(alarm);
        signal?.removeEventListener("abort", onAbort);
        this.take = undefined;
        act();
      };
      const onAbort = (): void => done(() => reject(stopped()));
      const alarm = clock.schedule(at, () => done(() => resolve(undefined)));
      signal?.addEventListener("abort", onAbort, { once: true });
      this.take = (answer) => {
        try {
          if (!counts(answer)) {
            if (isHint && clock.now() - began >= HINT_MS) done(() => resolve(undefined));
          } else if (look(answer)) done(() => resolve(answer));
        } catch (error) {
          done(() => reject(error));
        }
      };
    });
  }

  private hear(topic: string, payload: Uint8Array): void {
    if (topic === `${this.options.topic}/status`) this.status = Buffer.from(payload).toString();
    if (topic !== `${this.options.topic}/update/state`) return;
    const answer = parseAnswer(payload, this.key);
    if (answer && !answer.isSigned) this.stranger = answer;
    if (!answer?.isSigned) return;
    if (answer.nonce === this.nonce) this.challenge = answer.challenge;
    this.take?.(answer);
  }
}

interface Wait {
  /** Which of the answers that are signed are looked at; and whether another one, such as the lamp gives by itself, is a reason to ask. */
  readonly counts: (answer: Answer) => boolean;
  readonly isHint: boolean;
  readonly look: (answer: Answer) => boolean;
  readonly withinMs: number;
  readonly silence: string;
}

/** No answer in time. */
class Silence extends Failure {}

function stopped(): Failure {
  return new Failure("stopped; the lamp goes on with what it has");
}
