/** `wick doctor`: checks config, broker, credentials, port and board, and says what to do about each failure. */
import type { Command } from "commander";
import { examine } from "../doctor/doctor.ts";
import { countLine, findingLine, findingObject } from "../doctor/report.ts";
import { ExitWith } from "./errors.ts";
import { type CommonOptions, commonOptions } from "./options.ts";
import { Output } from "./output.ts";

interface DoctorCommandOptions extends CommonOptions {
  readonly port?: string;
}

export function register(command: Command): void {
  commonOptions(command)
    .option(
      "--port <place>",
      "where the board is, in place of flash.port: a serial path, tcp://host:port or ble:NAME",
    )
    .action(run);
}

async function run(options: DoctorCommandOptions): Promise<void> {
  const output = new Output(options);
  const stop = new AbortController();
  const interrupted = (): void => stop.abort();
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", interrupted);
  const people = options.json ? process.stderr : process.stdout;
  const inColour = people.isTTY === true && !process.env.NO_COLOR;
  try {
    const count = await examine({
      load: { file: options.config, set: options.set, board: options.board },
      port: options.port,
      signal: stop.signal,
      onResult({ check, findings }) {
        for (const finding of findings) {
          output.event(findingObject(check, finding));
          const line = findingLine(check, finding, inColour);
          if (finding.status === "failure" && options.quiet) output.warn(line);
          else output.say(line);
        }
      },
    });
    output.event({ type: "doctor", ...count });
    output.say(countLine(count));
    if (stop.signal.aborted || count.failure > 0) throw new ExitWith(1);
  } finally {
    process.removeListener("SIGINT", interrupted);
    process.removeListener("SIGTERM", interrupted);
  }
}
