/** The line being typed on the console: text, cursor and history, drawn with the escape sequences the interpreter sends. */

const LONGEST_REMEMBERED = 500;
/** Of the list the tab key shows. */
const COLUMN = 20;
const BACK = "\b";
const ERASE_AFTER_CURSOR = "\x1b[J";
const CURSOR = { right: "\x1b[C", left: "\x1b[D", down: "\x1b[B", up: "\x1b[A" };

/** What outlives `load()`: whether what is typed shows. */
export class Echo {
  /** By `echo(0)`. */
  off = false;
  /** By a line that begins with the character 16. */
  offForLine = false;
  /** The prompt and the line were taken off the screen, to be put back before the next input. */
  lineRemoved = false;
  /** By `E.lockConsole()`; also past `load()` and `reset()`, which forget the password (jsinteractive.h JSIS_SOFTINIT_MASK). */
  locked = false;

  get on(): boolean {
    return !this.off && !this.offForLine;
  }
}

/** Line and column, counted from one and from nought. */
interface Place {
  line: number;
  column: number;
}

export class LineEditor {
  text = "";
  cursor = 0;
  private readonly history: string[] = [];
  private readonly echo: Echo;
  private readonly send: (bytes: string) => void;

  constructor(echo: Echo, send: (bytes: string) => void) {
    this.echo = echo;
    this.send = send;
  }

  /** Takes prompt and line off the screen, because something else is about to be printed. */
  remove(): void {
    if (this.echo.lineRemoved) return;
    this.echo.lineRemoved = true;
    if (this.echo.on) this.send(`${this.moves(this.cursor, 0)}\r${ERASE_AFTER_CURSOR}`);
  }

  /** Puts prompt and line back. */
  restore(): void {
    if (!this.echo.lineRemoved) return;
    this.echo.lineRemoved = false;
    if (this.echo.on)
      this.send(
        `${this.echo.locked ? "password" : ""}>${drawn(this.text)}${this.moves(this.text.length, this.cursor)}`,
      );
  }

  clear(onScreen: boolean): void {
    if (this.text === "") return;
    if (onScreen) this.remove();
    this.text = "";
    this.cursor = 0;
  }

  /** Typed text without line breaks. */
  insert(text: string): void {
    if (this.cursor >= this.text.length) {
      this.text += text;
    } else {
      this.text = this.text.slice(0, this.cursor) + text + this.text.slice(this.cursor);
      this.show(this.restOfLine());
    }
    this.cursor += text.length;
    this.show(text);
  }

  /** A character of a password: it does not show, and the cursor stays. */
  append(character: string): void {
    this.text += character;
  }

  /** A line break that does not run the line. */
  breakLine(): void {
    if (this.atEnd) {
      this.show("\r\n:");
      this.text += "\n";
      this.cursor++;
      return;
    }
    this.show(ERASE_AFTER_CURSOR);
    this.text = `${this.text.slice(0, this.cursor)}\n${this.text.slice(this.cursor)}`;
    this.show(drawn(this.text.slice(this.cursor)) + this.moves(this.text.length, this.cursor + 1));
    this.cursor++;
  }

  /** Nothing but blanks from the cursor on. */
  get atEnd(): boolean {
    return this.text.slice(this.cursor).trim() === "";
  }

  delete(backwards: boolean): void {
    if (backwards ? this.cursor === 0 : this.cursor >= this.text.length) return;
    const at = backwards ? this.cursor - 1 : this.cursor;
    const joinsLines = this.text[at] === "\n";
    if (joinsLines) {
      this.show(ERASE_AFTER_CURSOR);
      if (backwards) this.show(`${BACK} ${this.moves(this.cursor, at)}`);
    }
    this.text = this.text.slice(0, at) + this.text.slice(at + 1);
    this.cursor = at;
    if (joinsLines) this.show(drawn(this.text.slice(at)) + this.moves(this.text.length, at));
    else this.show((backwards ? BACK : "") + this.restOfLine());
  }

  left(): void {
    if (this.cursor === 0 || this.text[this.cursor - 1] === "\n") return;
    this.cursor--;
    this.show(CURSOR.left);
  }

  right(): void {
    if (this.cursor >= this.text.length || this.text[this.cursor] === "\n") return;
    this.cursor++;
    this.show(CURSOR.right);
  }

  home(): void {
    for (; this.cursor > 0 && this.text[this.cursor - 1] !== "\n"; this.cursor--) this.show(BACK);
  }

  end(): void {
    for (; this.cursor < this.text.length && this.text[this.cursor] !== "\n"; this.cursor++)
      this.show(this.text.charAt(this.cursor));
  }

  /** The first character, or the place after the last one. */
  page(down: boolean): void {
    const before = this.cursor;
    this.cursor = down ? this.text.length : 0;
    this.send(this.moves(before, this.cursor));
  }

  /** Through the history from an empty line or a line of it, else within the lines being typed. */
  upOrDown(down: boolean): void {
    const remembered = this.history.includes(this.text);
    if ((this.text === "" || remembered) && this.cursor === this.text.length) this.browse(down);
    else this.moveLine(down ? 1 : -1);
  }

  /** Remembers a line that was run; one that was there already moves to the end. */
  remember(line: string): void {
    if (line === "" || line.length > LONGEST_REMEMBERED) return;
    const known = this.history.indexOf(line);
    if (known >= 0) this.history.splice(known, 1);
    this.history.push(line);
  }

  /** Writes names in two columns under the line, and the line again under them. */
  showBelow(names: readonly string[]): void {
    let text = `${this.moves(this.cursor, this.text.length)}\r\n\r\n`;
    names.forEach((name, index) => {
      text += index % 2 === 0 ? name.padEnd(COLUMN) : `${name}\r\n`;
      if (index % 2 === 0 && name.length >= COLUMN) text += " ";
    });
    this.send(`${text.trimEnd()}\r\n\r\n`);
    this.echo.lineRemoved = true;
    this.restore();
  }

  private browse(down: boolean): void {
    const place = this.history.indexOf(this.text);
    const next = place < 0 ? (down ? undefined : this.history.at(-1)) : this.history[place + (down ? 1 : -1)];
    if (next === undefined && !down) return;
    this.show(this.moves(this.cursor, 0) + ERASE_AFTER_CURSOR + drawn(next ?? ""));
    this.text = next ?? "";
    this.cursor = this.text.length;
  }

  private moveLine(by: number): void {
    const before = this.cursor;
    const { line, column } = this.place(before);
    const lines = this.text.split("\n");
    const wanted = Math.min(Math.max(line + by, 1), lines.length);
    const start = lines.slice(0, wanted - 1).reduce((sum, one) => sum + one.length + 1, 0);
    this.cursor = start + Math.min(column, lines[wanted - 1]?.length ?? 0);
    this.show(this.moves(before, this.cursor));
  }

  private show(bytes: string): void {
    if (this.echo.on && !this.echo.lineRemoved) this.send(bytes);
  }

  /** What follows the cursor in its line, with a blank over what was there before, and back again. */
  private restOfLine(): string {
    const rest = this.text.slice(this.cursor).split("\n", 1)[0] ?? "";
    return `${rest} ${BACK.repeat(rest.length + 1)}`;
  }

  private moves(from: number, to: number): string {
    if (from === to) return "";
    const before = this.place(from);
    const after = this.place(to);
    return (
      CURSOR.right.repeat(Math.max(0, after.column - before.column)) +
      CURSOR.left.repeat(Math.max(0, before.column - after.column)) +
      CURSOR.down.repeat(Math.max(0, after.line - before.line)) +
      CURSOR.up.repeat(Math.max(0, before.line - after.line))
    );
  }

  private place(index: number): Place {
    const before = this.text.slice(0, index).split("\n");
    return { line: before.length, column: before.at(-1)?.length ?? 0 };
  }
}

/** Text with the mark of the lines that go on. */
function drawn(text: string): string {
  return text.replaceAll("\n", "\r\n:");
}
