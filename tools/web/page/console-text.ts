/** What a board says, as lines: bounded, without the bytes that move a terminal's cursor. */

const MOST_LINES = 500;
const LONGEST_LINE = 2000;

export interface Line {
  /** Counts up, so that a list can tell lines apart. */
  readonly id: number;
  readonly text: string;
}

export class ConsoleText {
  /** Oldest first; the last one may go on. Put in place anew with every change. */
  lines: readonly Line[] = [{ id: 0, text: "" }];
  private newest = 0;
  /** Within a control sequence of a terminal (ECMA-48, 5.4): `\x1b`, `[`, parameters, a letter. */
  private sequence: "none" | "begun" | "parameters" = "none";

  private isAtStart = false;

  add(said: string): void {
    const lines = [...this.lines];
    let current = lines.pop()?.text ?? "";
    for (const character of said) {
      if (this.isOfSequence(character)) continue;
      if (character === "\n") {
        lines.push({ id: this.newest++, text: current });
        current = "";
      } else if (character === "\b") current = current.slice(0, -1);
      else if ((character >= " " && character !== "\x7f") || character === "\t") {
        // What follows a carriage return takes the place of the line: so a prompt makes way for what the board prints.
        if (this.isAtStart) current = "";
        // A prompt follows each answer to this page; one is enough.
        const isPrompt = character === ">" && current === ">";
        if (!isPrompt && current.length < LONGEST_LINE) current += character;
      }
      this.isAtStart = character === "\r";
    }
    lines.push({ id: this.newest, text: current });
    this.lines = lines.slice(-MOST_LINES);
  }

  /** What moves a cursor or paints is a line editor's, and of no use here. */
  private isOfSequence(character: string): boolean {
    if (character === "\x1b") this.sequence = "begun";
    else if (this.sequence === "begun") {
      this.sequence = character === "[" ? "parameters" : "none";
      return character === "[";
    } else if (this.sequence === "parameters") {
      if (character >= "@") this.sequence = "none";
    } else return false;
    return true;
  }

  /** A line of the page's own, on a line of its own. */
  note(text: string): void {
    this.add(`${this.lines.at(-1)?.text === "" ? "" : "\n"}${text}\n`);
  }

  clear(): void {
    this.newest++;
    this.lines = [{ id: this.newest, text: "" }];
  }

  /** All of it, to be copied. */
  get all(): string {
    return this.lines.map(({ text }) => text).join("\n");
  }
}
