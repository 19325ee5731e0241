/** A question whose answer cannot be taken for anything the board prints: both ends of the answer bear a mark made for it alone, and a checksum follows. */

import { crc32 } from "./bundle-hash.ts";
import type { Watcher } from "./conversation.ts";
import { latin1, NAK } from "./frames.ts";
import { printable } from "./heard.ts";
import { printableCode, unescaped } from "./literal.ts";

export type Answer =
  /** JSON; nothing for undefined, which `JSON.stringify` of the interpreter makes null. */
  | { readonly kind: "value"; readonly json: string }
  /** The board's exception, on one line, in its words. */
  | { readonly kind: "thrown"; readonly said: string }
  /** An answer came, and is not as it was sent. */
  | { readonly kind: "damaged" }
  /** The board did not understand the packet; whatever it was did not run. */
  | { readonly kind: "refused" };

/** What the board told of itself, and whether it acknowledged the packet. */
export interface ProbeAnswer {
  readonly facts: string;
  readonly packets: boolean;
}

/** After NAK the board's words about it follow at once; without any for so long there are none. */
export const WORDS_AFTER_NAK_MS = 300;

/** The acknowledgement of a packet follows at once what was printed on its behalf. */
const ACK_AFTER_PRINT_MS = 200;

/** So much of what is said instead of an answer is looked at. */
const MOST_WORDS = 2000;

let asked = 0;

/** Who asks: begins the marks of a conversation, so that answers to somebody else, or to somebody before us, are not taken for ours. Always three characters: where one is lost it is nobody's. */
export function newAsker(): string {
  return Math.floor(Math.random() * 46_656)
    .toString(36)
    .padStart(3, "0");
}

export class Question {
  readonly mark: string;
  /** These stand in the answer and not in the code that makes it, which the board may echo. */
  private readonly opens: string;
  private readonly closes: string;
  private readonly ends: string;

  constructor(asker: string) {
    this.mark = `${asker}.${(asked++).toString(36)}`;
    this.opens = `<${this.mark}<`;
    this.closes = `>${this.mark}>`;
    this.ends = `!${this.mark}!`;
  }

  /** Code whose value is the marked answer. */
  code(expression: string): string {
    const { mark } = this;
    return `(function(v,s){s=v===undefined?"":JSON.stringify(v);return"<${mark}"+"<"+s+">${mark}"+">"+(E.CRC32?E.CRC32(s):"")+";"})((${printableCode(expression)}))`;
  }

  /** The same as lines to type, for boards that know no packets: the second tells that the first is done, whatever became of it. */
  lines(expression: string): string {
    return `\x10print(${this.code(expression)})\n\x10print("!${this.mark}"+"!")\n`;
  }

  /** What to type or send so that the mark comes back with a few facts: `VERSION`, free variables. */
  probe(): string {
    return `print("<${this.mark}"+"<"+process.env.VERSION+" "+process.memory().free+">${this.mark}"+">;")`;
  }

  /** Looks for the answer in a packet, or for the NAK instead of it; `after` runs something so many milliseconds later. */
  inPacket(done: (answer: Answer) => void, after: (ms: number, run: () => void) => void): Watcher {
    let awaited = 0;
    return {
      look: (unjudged) => {
        const turn = ++awaited;
        const found = this.find(unjudged, true);
        if (found) {
          if (found.answer) done(found.answer);
          return found;
        }
        const nak = refusalIn(unjudged);
        if (!nak) return { talk: this.talk(unjudged), drop: 0 };
        if (nak.words !== undefined) {
          done(thrownOrRefused(nak.words));
          return { talk: nak.at, drop: 1 };
        }
        // Words would follow at once; with none the board did not understand. What else it prints meanwhile shows that the NAK was part of that.
        after(WORDS_AFTER_NAK_MS, () => {
          if (turn === awaited) done({ kind: "refused" });
        });
        return { talk: nak.at, drop: 0 };
      },
    };
  }

  /** Looks for the answer among what is printed, or for the sign that there is none. */
  inText(done: (answer: Answer) => void): Watcher {
    let words = "";
    const pass = (unjudged: string, talk: number, until = talk): { talk: number; drop: number } => {
      words = (words + unjudged.slice(0, talk)).slice(-MOST_WORDS);
      return { talk, drop: until - talk };
    };
    return {
      look: (unjudged) => {
        const found = this.find(unjudged, false);
        const end = unjudged.indexOf(this.ends);
        if (found && (end < 0 || found.talk < end)) {
          if (!found.answer || end < 0) return pass(unjudged, found.talk);
          done(found.answer);
          return pass(unjudged, found.talk, lineEnd(unjudged, end + this.ends.length));
        }
        if (end < 0) return pass(unjudged, this.talk(unjudged));
        const passed = pass(unjudged, end, lineEnd(unjudged, end + this.ends.length));
        done(thrownOrRefused(words));
        return passed;
      },
    };
  }

  /**
   * Looks for the answer to `probe`: the text between the marks, and whether the board acknowledged a packet. `typed`: the probe was run as a line, so
   * that nothing need follow; `after` runs something so many milliseconds later.
   */
  inProbe(
    typed: boolean,
    done: (answer: ProbeAnswer) => void,
    after: (ms: number, run: () => void) => void,
  ): Watcher {
    return {
      look: (unjudged) => {
        const { facts } = this;
        if (facts !== undefined) {
          const acknowledged = /\x06\x10\x01[\s\S]{0,2}?(?:null|undefined)/.exec(unjudged);
          if (!acknowledged) return { talk: this.talk(unjudged), drop: 0 };
          done({ facts, packets: true });
          return { talk: acknowledged.index, drop: acknowledged[0].length };
        }
        const start = unjudged.indexOf(this.opens);
        if (start < 0) return { talk: this.talk(unjudged), drop: 0 };
        const end = unjudged.indexOf(`${this.closes};`, start);
        if (end < 0) return { talk: start, drop: 0 };
        const printed = unjudged.slice(start + this.opens.length, end);
        this.facts = printed;
        if (typed) after(ACK_AFTER_PRINT_MS, () => done({ facts: printed, packets: false }));
        return { talk: start, drop: lineEnd(unjudged, end + this.closes.length + 1) - start };
      },
    };
  }

  /** What `probe` printed. */
  private facts: string | undefined;

  /** The answer and where it stands; without `answer` when its end has not come. */
  private find(
    unjudged: string,
    inPacket: boolean,
  ): { talk: number; drop: number; answer?: Answer } | undefined {
    const start = unjudged.indexOf(this.opens);
    if (start < 0) return undefined;
    // The header's length may have lost a byte to flow control, so it is not looked at.
    const frame = inPacket ? /\x06?(?:\x10\x01[\s\S]{0,2}")?$/.exec(unjudged.slice(0, start)) : undefined;
    const talk = frame?.index ?? start;
    const from = start + this.opens.length;
    const end = unjudged.indexOf(this.closes, from);
    if (end < 0) return { talk, drop: 0 };
    const tail = /^(\d*);"?/.exec(unjudged.slice(end + this.closes.length));
    const wanted = inPacket ? /^\d*;"/ : /^\d*;/;
    if (!tail || !wanted.test(tail[0])) {
      if (!/^\d{0,10};?$/.test(unjudged.slice(end + this.closes.length)))
        return { talk, drop: end + this.closes.length - talk, answer: { kind: "damaged" } };
      return { talk, drop: 0 };
    }
    const raw = unjudged.slice(from, end);
    const json = inPacket ? unescaped(raw) : raw;
    const right = tail[1] === "" || Number(tail[1]) === crc32(latin1(json));
    const drop = end + this.closes.length + tail[0].length - talk;
    return { talk, drop, answer: right ? { kind: "value", json } : { kind: "damaged" } };
  }

  /** How much of the beginning cannot be part of an answer whose rest is still to come. */
  private talk(unjudged: string): number {
    const tail = unjudged.slice(-(this.opens.length + 6));
    const before = unjudged.length - tail.length;
    const at = tail.search(/[\x06\x10<!]/);
    return at < 0 ? unjudged.length : before + at;
  }
}

function lineEnd(text: string, at: number): number {
  const end = /^\r?\n?/.exec(text.slice(at))?.[0].length ?? 0;
  return at + end;
}

/** The first NAK that could be an answer: with the board's words after it when they are complete, without while there are none. */
function refusalIn(unjudged: string): { at: number; words?: string } | undefined {
  for (let at = unjudged.indexOf(NAK); at >= 0; at = unjudged.indexOf(NAK, at + 1)) {
    const rest = unjudged.slice(at + 1).replace(/^(?:\r|\x08|>|\x1b\[[A-Z])*/, "");
    if (/^(?:Uncaught |Execution Interrupted)[^\n]*\n/.test(rest)) return { at, words: rest };
    const beginning = /^(?:Uncaught |Execution Interrupted)/.test(rest);
    if (beginning || "Uncaught ".startsWith(rest) || "Execution Interrupted".startsWith(rest)) return { at };
  }
  return undefined;
}

/** `words`: what the board said where an answer was expected. */
function thrownOrRefused(words: string): Answer {
  const said = /(?:Uncaught |Execution Interrupted)([^\r\n]*)/.exec(words);
  if (!said) return { kind: "refused" };
  return { kind: "thrown", said: printable(said[1] || said[0], 300) };
}
