/** `wick doctor`: checks config, broker, credentials, port and board, and says what to do about each failure. */
import type { Command } from "commander";
import { examine } from "../doctor/doctor.ts";
import { countLine, findingLine, findingObject } from "../doctor/report.ts";
import { ExitWith } from "./errors.ts";
import { type CommonOptions, commonOptions } from "./options.ts";
import { Output } from "./output.ts";
import { untilSignal } from "./until-signal.ts";

interface DoctorCommandOptions extends CommonOptions {
  readonly port?: string;
}

export function register(command: Command): void {
  commonOptions(command)
    .option(
      "--port <place>",
      "where the board is: /dev/ttyUSB0, COM3, tcp://HOST:PORT or ble:NAME (default: flash.port)",
    )
    .action(run);
}

async function run(options: DoctorCommandOptions): Promise<void> {
  const output = new Output(options);
  const people = options.json ? process.stderr : process.stdout;
  const inColour = people.isTTY === true && !process.env.NO_COLOR;
  await untilSignal(async (signal) => {
    const count = await examine({
      load: { file: options.config, set: options.set, board: options.board },
      port: options.port,
      signal,
      onResult({ check, findings }) {
        for (const finding of findings) {
          output.event(findingObject(check, finding));
          const columns = people.isTTY ? people.columns || 80 : undefined;
          const line = findingLine(check, finding, { inColour, columns });
          if (finding.status === "failure" && options.quiet) output.warn(line);
          else output.say(line);
        }
      },
    });
    output.event({ type: "doctor", ...count });
    output.say(countLine(count));
    if (signal.aborted || count.failure > 0) throw new ExitWith(1);
  });
}
