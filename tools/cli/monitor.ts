/** `wick monitor`: the board's console, line by line, with errors in TypeScript, for as long as one likes. */
import { type Command, InvalidArgumentError } from "commander";
import { loadConfig, type Settings } from "../config/load.ts";
import { monitorBoard } from "../monitor/monitor-board.ts";
import { listPorts } from "../ports/list.ts";
import { UsageError } from "./errors.ts";
import { askForPort, findPort, requireSerialFor } from "./flash/find-port.ts";
import { type CommonOptions, commonOptions, parseBaud, parseDurationOption } from "./options.ts";

interface MonitorCommandOptions extends CommonOptions {
  readonly port?: string;
  readonly baud?: number;
  readonly filter?: RegExp;
  readonly log?: string;
  readonly duration?: number;
  readonly timestamps: boolean;
}

/** Of a lamp's settings a monitor needs none; those that are written are still checked, and their secrets kept. */
const UNNEEDED: Settings = { "wifi.ssid": "any", "wifi.password": "", "mqtt.host": "any" };

export function register(command: Command): void {
  commonOptions(command)
    .option(
      "--port <place>",
      "where the board is: /dev/ttyUSB0, COM3, tcp://HOST:PORT or ble:NAME (default: flash.port, else the serial port there is)",
    )
    .option("--baud <number>", "speed of a serial port (default: flash.baud, else 115200)", parseBaud)
    .option("--filter <pattern>", "show only lines that match this regular expression", parsePattern)
    .option("--log <file>", "append everything to this file, filtered or not")
    .option("--duration <time>", "stop after this time, such as 10s or 5min", parseDurationOption)
    .option("--no-timestamps", "lines without the time before them")
    .addHelpText("after", `\n${typingHelp}`)
    .action(run);
}

const typingHelp = [
  "In a terminal each line you type is sent to the board; Ctrl-C ends the monitor",
  "and is not sent.",
  "A line .break sends Ctrl-C to the board: it breaks off what runs there.",
].join("\n");

/** @throws UsageError for a flag that would change nothing */
export function checkTogether({
  json,
  timestamps,
}: Pick<MonitorCommandOptions, "json" | "timestamps">): void {
  if (json && !timestamps)
    throw new UsageError(
      "--json gives each line its time, so --no-timestamps has no effect; leave one of them out",
    );
}

async function run(options: MonitorCommandOptions): Promise<void> {
  const { set, board, json, quiet, filter, log, duration, timestamps } = options;
  checkTogether(options);
  const config = loadConfig({ file: options.config, set, board, defaults: UNNEEDED });
  const { address } = await findPort({
    written: options.port,
    config,
    list: listPorts,
    overTheAir: false,
    ask: process.stdin.isTTY && process.stdout.isTTY && !json && !quiet ? askForPort : undefined,
  });
  requireSerialFor(options.baud, address);
  await monitorBoard({
    address,
    baud: options.baud ?? Number(config.values["flash.baud"]),
    json,
    quiet,
    timestamps,
    filter,
    log,
    durationMs: duration,
    secrets: config.secrets,
  });
}

function parsePattern(value: string): RegExp {
  try {
    return new RegExp(value);
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: /, "");
    throw new InvalidArgumentError(
      `It is no regular expression: ${reason}; a backslash makes a character plain: \\(`,
    );
  }
}
