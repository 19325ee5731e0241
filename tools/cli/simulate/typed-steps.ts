/** Steps of scenarios typed while the lamp is drawn: the terminal echoes nothing then, so the line that is typed is part of the drawing. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { ReadStream } from "node:tty";
import { LiveSteps, StepFailure, StepMistake, stepNames } from "../../../sim/scenario/index.ts";
import type { Attachment, Session } from "./session.ts";

/** Does what is typed at `input`, line by line; Ctrl-C and Ctrl-D call `end`, as the terminal sends no signal meanwhile. */
export function attachTypedSteps(session: Session, input: ReadStream, end: () => void): Attachment {
  const steps = new LiveSteps(session.simulation, { note: session.say });
  // It edits the line, and what it writes about that is not wanted: the drawing shows it.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input, output: nowhere, terminal: true, prompt: "", completer: complete });
  const show = (): void => session.typing({ text: reader.line, cursor: reader.cursor });
  reader.on("line", (line) => {
    const step = line.trim();
    show();
    if (step === "") return;
    session.say(`> ${step}`);
    steps.performText(step).catch((error: unknown) => {
      if (!(error instanceof StepMistake || error instanceof StepFailure)) throw error;
      session.complain(error.message);
    });
  });
  reader.on("SIGINT", end);
  reader.on("close", end);
  input.on("keypress", show);
  show();
  return {
    close() {
      input.removeListener("keypress", show);
      reader.removeListener("close", end);
      reader.close();
      steps.close();
    },
  };
}

/** The first word is the name of a step. */
function complete(line: string): [hits: string[], part: string] {
  return [stepNames.filter((name) => name.startsWith(line)).map((name) => `${name}: `), line];
}
