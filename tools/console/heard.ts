/** What came over the cable so far, and what can be told from it: noise, restarts, a locked console. */

/** More than this is not kept. */
const KEPT_CHARACTERS = 8192;
/** From so many bytes on, noise can be told from text. */
const ENOUGH_BYTES = 8;
const MOST_NOISE = 0.3;

export class Heard {
  /** The newest characters, one a byte. */
  text = "";
  bytes = 0;
  /** When the first and the newest byte came, in milliseconds of the clock. */
  firstAt: number | undefined;
  lastAt: number | undefined;
  private noise = 0;

  add(text: string, now: number): void {
    this.firstAt ??= now;
    this.lastAt = now;
    this.bytes += text.length;
    for (const character of text) if (!isPlain(character)) this.noise++;
    this.text = (this.text + text).slice(-KEPT_CHARACTERS);
  }

  /** The share of bytes that no text has, 0 to 1. */
  get unprintable(): number {
    return this.bytes === 0 ? 0 : this.noise / this.bytes;
  }

  /** Nobody talks like this: the baud rate is wrong, or the cable bad. */
  get isNoise(): boolean {
    return this.bytes >= ENOUGH_BYTES && this.unprintable > MOST_NOISE;
  }

  /** The console asks for its password (jsinteractive.c). */
  get isLocked(): boolean {
    return /Invalid password\r?\npassword>|(?:^|[\r\n])password>\s*$/.test(this.text);
  }
}

/** Printable ASCII, line breaks, and the control characters with which the console talks: bell, backspace, tab, escape, ACK, NAK, packets. */
function isPlain(character: string): boolean {
  return /[\x20-\x7e\x06-\x0d\x15\x1b\x10\x01\x05]/.test(character);
}

/** `text` for people, on one line: without control sequences, at most `most` characters of its end. */
export function printable(text: string, most = 120): string {
  const plain = text
    .replace(/\x1b\[[\d;?]*[A-Za-z]/g, "")
    .replace(/[^\x20-\x7e\n\r]+/g, "")
    .replace(/\s*[\r\n]+\s*/g, " | ")
    .replace(/^[\s|>]+|[\s|>]+$/g, "");
  return plain.length <= most ? plain : `…${plain.slice(1 - most)}`;
}
