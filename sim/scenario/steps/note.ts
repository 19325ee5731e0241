/** The step `note: now the router goes down`. */
import { stepKind } from "../kind.ts";
import { text } from "../values.ts";

export default stepKind({
  name: "note",
  description: "Says something to the reader of the output and of the trace.",
  value: text(),
  run: (words, context) => context.note(words),
});
