/** What people type at a terminal while lines come in above it. */
import { createInterface } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";

export interface Typing {
  /** Calls `line` with each line that is typed; returns how to stop that. */
  readonly lines: (line: (text: string) => void) => () => void;
  /** Writes a line above what is being typed. */
  show(line: string): void;
  /** The terminal is as it was. */
  close(): void;
}

/** Both are terminals. Ctrl-C and Ctrl-D call `end` and nothing else: they are not for the board. */
export function typeAt(input: ReadStream, output: WriteStream, end: () => void): Typing {
  const reader = createInterface({ input, output, terminal: true, prompt: "", historySize: 200 });
  reader.on("SIGINT", end);
  reader.on("close", end);
  return {
    lines(line) {
      reader.on("line", line);
      return () => reader.off("line", line);
    },
    show(line) {
      if (reader.line === "") {
        output.write(`${line}\n`);
        return;
      }
      // The line being typed may take several rows.
      const { rows } = reader.getCursorPos();
      output.write(`${rows > 0 ? `\x1b[${rows}A` : ""}\r\x1b[J${line}\n`);
      // It stands on one row again; readline would go up by as many as there were.
      Object.assign(reader, { prevRows: 0 });
      reader.prompt(true);
    },
    close() {
      reader.removeListener("close", end);
      // What was half typed stays on a line of its own.
      if (reader.line !== "") output.write("\n");
      reader.close();
    },
  };
}
