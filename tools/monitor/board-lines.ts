/** Makes lines of what comes over a console: whatever bytes, in whatever pieces, in bounded memory. Runs in browsers too. */

/** A line longer than this comes in pieces. */
export const LONGEST_LINE = 4096;

export interface BoardLine {
  /** Printable: UTF-8 where it is, else bytes as `\xNN`. */
  readonly text: string;
  /** False when the rest of the line is still to come, as a line of its own. */
  readonly ended: boolean;
}

export interface LineOptions {
  /** Hides what must not be seen, each character by one. */
  readonly mask?: ((text: string) => string) | undefined;
  /** Length in characters of the longest text that `mask` hides. */
  readonly longestMasked?: number | undefined;
  /** How many characters at the end of a half said line may be the beginning of something to hide. */
  readonly maybeHidden?: ((text: string) => number) | undefined;
}

/** Of an escape sequence so long no more is kept; such sequences have some ten characters. */
const LONGEST_ESCAPE = 64;

export class LineReader {
  private line = "";
  /** Of `line`, shown already. */
  private shown = 0;
  private escape = "";
  private returned = false;
  private readonly tell: (line: BoardLine) => void;
  private readonly mask: (text: string) => string;
  private readonly cutAt: number;
  private readonly maybeHidden: (text: string) => number;

  constructor(tell: (line: BoardLine) => void, options: LineOptions = {}) {
    this.tell = tell;
    this.mask = options.mask ?? ((text) => text);
    this.cutAt = LONGEST_LINE + (options.longestMasked ?? 0);
    this.maybeHidden = options.maybeHidden ?? (() => 0);
  }

  /** What is half said. */
  get half(): string {
    return this.line.slice(this.shown);
  }

  /** The next characters, one a byte. */
  push(text: string): void {
    for (const character of text) this.take(character);
  }

  /** Tells what is half said, as a line that has not ended. */
  tellHalf(): void {
    const masked = this.mask(this.line);
    const upTo = this.line.length - this.maybeHidden(this.line);
    if (upTo <= this.shown) return;
    this.tell({ text: printable(masked.slice(this.shown, upTo)), ended: false });
    this.shown = upTo;
  }

  /** Nothing more comes: what is half said is told as it is. */
  end(): void {
    if (this.half !== "") this.endLine();
    this.forget();
  }

  private take(character: string): void {
    if (this.escape !== "") {
      this.takeEscape(character);
      return;
    }
    if (character === "\x1b") {
      this.escape = character;
      return;
    }
    if (character === "\n") {
      this.returned = false;
      this.endLine();
      return;
    }
    // Only "\r\r\n", "\r\n", or the beginning of an erasure: what else follows would be written over the line.
    if (character === "\r") {
      this.returned = true;
      return;
    }
    if (this.returned) {
      this.returned = false;
      if (this.half !== "") this.endLine();
    }
    if (character === "\b" || character === "\x7f")
      this.line = this.line.slice(0, Math.max(this.shown, this.line.length - 1));
    else if (character !== "\0" && character !== "\x07") this.line += character;
    if (this.line.length >= this.cutAt) this.cut();
  }

  /** ECMA-48: `ESC [`, parameters, a letter; or `ESC` and one character. The interpreter erases its prompt by "\r", ESC [ J before it prints. */
  private takeEscape(character: string): void {
    this.escape += character;
    const isOver = this.escape[1] !== "[" || (this.escape.length > 2 && /[@-~]/.test(character));
    if (!isOver && this.escape.length < LONGEST_ESCAPE) return;
    const erases = /^\[[02]?[JK]$/.test(this.escape.slice(1));
    this.escape = "";
    if (!erases || !this.returned) return;
    this.returned = false;
    if (this.shown > 0) this.endLine();
    else this.forget();
  }

  private endLine(): void {
    const text = this.mask(this.line).slice(this.shown);
    // Of a line that was told half, an end without text is no news.
    if (text !== "" || this.shown === 0) this.tell({ text: printable(text), ended: true });
    this.forget();
  }

  /** The first piece of a line that is too long; the rest stays masked, so that what the cut goes through is not seen. */
  private cut(): void {
    const masked = this.mask(this.line);
    this.tell({ text: printable(masked.slice(this.shown, LONGEST_LINE)), ended: false });
    this.line = masked.slice(LONGEST_LINE);
    this.shown = 0;
  }

  private forget(): void {
    this.line = "";
    this.shown = 0;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Bytes as people read them: UTF-8, or where they are none each unprintable one as `\xNN`. */
export function printable(bytes: string): string {
  if (!/[^ -~\t]/.test(bytes)) return bytes;
  try {
    return escaped(utf8.decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0))), UNPRINTABLE);
  } catch {
    return escaped(bytes, /[^ -~\t]/g);
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

function escaped(text: string, pattern: RegExp): string {
  return text.replace(pattern, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
