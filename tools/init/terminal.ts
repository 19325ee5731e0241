/** The questions of `wick init` on a terminal, each of which ends everything when it is answered with Ctrl-C. */
import type { Readable, Writable } from "node:stream";
import { confirm, intro, isCancel, log, outro, password, select, text } from "@clack/prompts";
import { Failure } from "../cli/errors.ts";
import { wrapped } from "../cli/wrapped.ts";

/** Columns of the line at the left side, and the blanks behind it. */
const MARGIN = 3;

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly hint?: string;
  /** Shown, but not to be chosen. */
  readonly disabled?: boolean;
}

/** A person at a terminal. Every question throws Failure when it is broken off. */
export class Terminal {
  private readonly streams: { input: Readable; output: Writable & { readonly columns?: number } };

  constructor(input: Readable, output: Writable) {
    this.streams = { input, output };
  }

  begin(title: string): void {
    intro(title, this.streams);
  }

  end(message: string): void {
    outro(this.fitted(message).replaceAll("\n", `\n${" ".repeat(MARGIN)}`), this.streams);
  }

  tell(message: string): void {
    log.info(this.fitted(message), this.streams);
  }

  warn(message: string): void {
    log.warn(this.fitted(message), this.streams);
  }

  good(message: string): void {
    log.success(this.fitted(message), this.streams);
  }

  /** Broken between words, as the terminal itself would break inside of them; the prompts do that for questions only. */
  private fitted(message: string): string {
    const columns = (this.streams.output.columns ?? Number.POSITIVE_INFINITY) - MARGIN;
    const lines = message.split("\n").flatMap((line) => wrapped(line, columns, ""));
    return lines.join("\n");
  }

  /** `mistake` gives what is wrong with a text, undefined when nothing is. */
  async line(
    message: string,
    options: { before?: string; placeholder?: string; mistake?: (text: string) => string | undefined } = {},
  ): Promise<string> {
    const { before, placeholder, mistake } = options;
    return answered(
      await text({
        message,
        ...this.streams,
        ...(before === undefined ? {} : { initialValue: before }),
        ...(placeholder === undefined ? {} : { placeholder }),
        validate: (value) => mistake?.(value ?? ""),
      }),
    );
  }

  /** What is typed is not shown. */
  async secret(message: string, mistake: (text: string) => string | undefined): Promise<string> {
    return (
      answered(await password({ message, ...this.streams, validate: (value) => mistake(value ?? "") })) ?? ""
    );
  }

  async choice<Value extends string>(
    message: string,
    choices: readonly Choice<Value>[],
    before?: Value,
  ): Promise<Value> {
    const chosen = await select<string>({
      message,
      ...this.streams,
      options: choices.map((one) => ({ ...one })),
      maxItems: 12,
      ...(before === undefined ? {} : { initialValue: before }),
    });
    return answered(chosen) as Value;
  }

  async yes(message: string, before = true): Promise<boolean> {
    return answered(await confirm({ message, ...this.streams, initialValue: before }));
  }
}

function answered<Value>(answer: Value): Exclude<Value, symbol> {
  if (isCancel(answer) || typeof answer === "symbol")
    throw new Failure("wick init was broken off; nothing was written");
  return answer as Exclude<Value, symbol>;
}
