/** Text broken at blanks, for terminals. */

/** `text` behind `first`, broken at blanks; further lines stand below its beginning, or behind `further`. */
export function wrapped(
  text: string,
  columns: number,
  first: string,
  further = " ".repeat(first.length),
): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line.trimEnd());
      line = further;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line.trimEnd()];
}
