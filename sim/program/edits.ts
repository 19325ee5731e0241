/** Changes to a text at places of the text as it was. */
export interface Edit {
  readonly at: number;
  /** Characters of the old text that go. */
  readonly cut: number;
  readonly text: string;
}

/** What is put in at one place stands there in the order of the list. */
export function edited(code: string, edits: readonly Edit[]): string {
  let text = code;
  for (const { at, cut, text: fresh } of edits.toReversed().toSorted((one, other) => other.at - one.at))
    text = text.slice(0, at) + fresh + text.slice(at + cut);
  return text;
}
