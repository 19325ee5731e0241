/** Where a command's words go: people read stdout, or stderr when a program reads stdout (--json). */

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

export class Output {
  readonly json: boolean;
  readonly quiet: boolean;

  constructor(options: OutputOptions) {
    this.json = options.json;
    this.quiet = options.quiet;
  }

  /** One JSON object on a line of stdout; nothing without --json. */
  event(object: object): void {
    if (this.json) process.stdout.write(`${JSON.stringify(object)}\n`);
  }

  /** A line for people; nothing with --quiet. */
  say(text: string): void {
    if (this.quiet) return;
    (this.json ? process.stderr : process.stdout).write(`${text}\n`);
  }

  /** Text that was asked for, as it is, on stdout; nothing with --quiet. */
  print(text: string): void {
    if (!this.quiet) process.stdout.write(text);
  }

  /** A line for people about how the command was called: on stderr, as what is on stdout may be a report; nothing with --quiet. */
  note(text: string): void {
    if (!this.quiet) process.stderr.write(`note: ${text}\n`);
  }

  /** A line for people that even --quiet lets through, always on stderr. */
  warn(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}
