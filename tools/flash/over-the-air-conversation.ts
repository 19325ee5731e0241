/** Questions and answers between the desk and one lamp: what is lost is said again, what is not signed does not count. */
import { Failure } from "../cli/errors.ts";
import type { ConsoleClock } from "../console/host-clock.ts";
import type { UpdateLink } from "./over-the-air-link.ts";
import { type Answer, parseAnswer } from "./over-the-air-messages.ts";

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
/** So often a lamp is asked whose answers the key does not fit. */
const STRANGER_TRIES = 3;

export class Conversation {
  readonly key: string;
  private readonly options: ConversationOptions;
  private readonly stop: () => void;
  private take: ((answer: Answer) => void) | undefined;
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
      return await this.until(
        (again) => {
          // It will not answer otherwise; where it is but somebody who forges answers, the lamp has had its time.
          if (this.stranger && again >= STRANGER_TRIES) throw new Silence("only a stranger answers");
          return new Uint8Array();
        },
        () => true,
        withinMs,
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
   * Says `message` again and again until a signed answer passes `look`; `again` counts from 0.
   * @throws Failure when none does within the time, and what `look` throws
   */
  async until(
    message: (again: number) => Uint8Array,
    look: (answer: Answer) => boolean,
    withinMs: number,
  ): Promise<Answer> {
    const { link, clock, topic, signal } = this.options;
    const end = clock.now() + withinMs;
    for (let again = 0; clock.now() < end; again++) {
      if (signal?.aborted) throw stopped();
      const said = message(again);
      const answer = this.next(look, Math.min(end, clock.now() + AGAIN_MS));
      link.publish(`${topic}/update`, said);
      const heard = await answer;
      if (heard) return heard;
    }
    throw new Silence(
      `nothing more is heard of the lamp at ${topic}; it works as it was or comes back so: try again`,
    );
  }

  /** The next answer that passes; undefined when `at` has come. */
  private next(look: (answer: Answer) => boolean, at: number): Promise<Answer | undefined> {
    const { clock, signal } = this.options;
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
          if (look(answer)) done(() => resolve(answer));
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
    if (answer?.isSigned) this.take?.(answer);
    else if (answer) this.stranger = answer;
  }
}

/** No answer in time. */
class Silence extends Failure {}

function stopped(): Failure {
  return new Failure("stopped; the lamp goes on with what it has");
}
