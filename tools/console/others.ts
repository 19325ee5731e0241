/** Notices that another program uses the same console, as a console on TCP lets it: the board answers questions that nobody asked here. */

/**
 * The end of an answer to a question of ours or of another Wick (question.ts): in a packet a quotation mark follows, as a line a line break. Or a
 * piece of such a question in what the board says about a line that it does not understand.
 */
const TRACE =
  />(?<answered>[0-9a-z]{3}\.[0-9a-z]{1,6})>(?<checksum>\d{0,10});(?<after>["\r\n])|(?<sign>[<>!])(?<asked>[0-9a-z]{3}\.[0-9a-z]{1,6})"\+"\k<sign>/g;
/** None is longer. */
const LONGEST_TRACE = 28;
/** After so long without a sign of somebody else that one has gone. */
const GONE_MS = 30_000;

/**
 * A board answers in the order in which it was asked. So an answer to somebody else that comes after one to us is to a question asked after ours: by
 * a program that runs at this moment. Before the first answer to us it may be a late one, to somebody who was here before.
 */
export class Others {
  private tail = "";
  private isAnswered = false;
  private readonly early = new Set<string>();
  private readonly since = new Set<string>();
  private works = false;
  private lastAt = Number.NEGATIVE_INFINITY;
  private readonly own: string;

  /** `asker`: who asks here, as `newAsker` gave it. */
  constructor(asker: string) {
    this.own = `${asker}.`;
  }

  /** `text`: what came, flow control taken out; `now`: milliseconds of the clock. */
  add(text: string, now: number): void {
    const fresh = this.tail + text;
    let end = 0;
    for (const found of fresh.matchAll(TRACE)) {
      end = found.index + found[0].length;
      const { answered, asked, checksum, after } = found.groups ?? {};
      if ((answered ?? asked ?? "").startsWith(this.own)) {
        if (answered !== undefined) this.isAnswered = true;
        continue;
      }
      (this.isAnswered ? this.since : this.early).add(answered ?? asked ?? "");
      // Only the answer to the first question of all has no checksum; who does nothing but watch does not ask that.
      if (this.isAnswered && answered !== undefined && (after === '"' || checksum === "")) this.works = true;
      this.lastAt = now;
    }
    this.tail = fresh.slice(end).slice(-LONGEST_TRACE);
  }

  /** Reason enough for an answer of ours that did not come, or came damaged. */
  get areThere(): boolean {
    return this.since.size > 0 || (!this.isAnswered && this.early.size > 1);
  }

  /** Somebody works on the board, such as another `wick flash`; a monitor only watches, and asks one line now and then. */
  get areWorking(): boolean {
    return this.works;
  }

  /** They go on at this moment: both would leave something on the board that neither meant. */
  areInTheWay(now: number): boolean {
    return this.works && this.since.size > 1 && now - this.lastAt < GONE_MS;
  }
}
