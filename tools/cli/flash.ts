/** `wick flash`: from a bundle to a lamp that glows, over any cable or over the air. */
import { type Command, InvalidArgumentError } from "commander";
import { type Config, loadConfig } from "../config/load.ts";
import type { BoardConsole } from "../console/board-console.ts";
import type { PortAddress } from "../ports/address.ts";
import { Failure } from "./errors.ts";
import { bundleToFlash } from "./flash/bundle.ts";
import { askForPort, findPort } from "./flash/find-port.ts";
import { checkTogether, type FlashOptions, parseBaud } from "./flash/options.ts";
import { flashOverCable } from "./flash/over-cable.ts";
import { Teller } from "./flash/teller.ts";
import { commonOptions, parseDurationOption } from "./options.ts";
import { Output } from "./output.ts";

const WAIT_MS = 60_000;

export function register(command: Command): void {
  commonOptions(command)
    .option(
      "--port <place>",
      "where the board is: /dev/ttyUSB0, COM3, tcp://HOST:PORT, ble:NAME, or mqtt:TOPIC for a lamp that is online (default: flash.port, else the serial port there is)",
    )
    .option("--baud <number>", "of a serial port (default: flash.baud, 115200)", parseBaud)
    .option("--file <file>", "a bundle that is built already; without it the lamp is built as by wick build")
    .option(
      "--espruino <dir>",
      "first put Espruino itself on the chip: folder or archive of a release, from espruino.com/binaries",
    )
    .option("--erase", "with --espruino: erase all of the flash first, the lamp's settings included", false)
    .option(
      "--compact",
      "make room in the board's Storage where it is full; a power cut meanwhile erases all of it",
      false,
    )
    .option("--wait <time>", "how long the lamp may take to be online, such as 90s (default: 60s)", parseDurationOption)
    .option("--no-wait", "done when the bundle runs; nobody waits until the lamp is online")
    .option("--monitor", "then show the board's console (the default on a terminal)")
    .option("--no-monitor", "end when the lamp is online")
    .addHelpText("after", `\n${example}`)
    .action((options: FlashOptions) => flash(options, new Output(options)));
}

const example = [
  "Plug the board in and run `npx wick flash`: the lamp is built, written beside the one that is",
  "on the board, checked, started, seen online and blinked. Until the new one is complete and",
  "checked the old one stays: whatever goes wrong before that, and even a power cut, leaves it running.",
].join("\n");

async function flash(options: FlashOptions, output: Output): Promise<void> {
  checkTogether(options);
  const config = loadConfig({ file: options.config, set: options.set, board: options.board });
  for (const warning of config.warnings) output.say(`note: ${warning}`);
  const teller = new Teller(output);
  const asks = process.stdin.isTTY && process.stdout.isTTY && !output.json && !output.quiet;
  const found = await findPort({
    written: options.port,
    config,
    list: listSerialPorts,
    ask: asks ? askForPort : undefined,
  });
  teller.say(`Port: ${found.title}`);
  const job: Job = { options, config, teller, output, address: found.address };
  const images = options.espruino === undefined ? undefined : await imagesOf({ ...job, from: options.espruino });
  const bundle = await bundleToFlash(config, options.file, output);
  const console = await untilSignal((signal) => flashThere({ ...job, images, bundle, signal }));
  if (console === undefined) return;
  const watches = options.monitor ?? (process.stdout.isTTY && !output.json && !output.quiet);
  if (watches) await watchBoard(job, console);
  else await console.close();
}

interface Job {
  readonly options: FlashOptions;
  readonly config: Config;
  readonly teller: Teller;
  readonly output: Output;
  readonly address: PortAddress;
}

interface ReadyJob extends Job {
  readonly images: Awaited<ReturnType<typeof imagesOf>> | undefined;
  readonly bundle: Uint8Array;
  readonly signal: AbortSignal;
}

/** Returns the conversation with the board, where there is a cable for one. */
async function flashThere(job: ReadyJob): Promise<BoardConsole | undefined> {
  const { options, config, teller, address, images, bundle, signal } = job;
  const wait = options.wait ?? WAIT_MS;
  if (address.kind === "mqtt") throw new Failure("over the air: not yet");
  const baud = options.baud ?? Number(config.values["flash.baud"]);
  const port = await openPort(address, { baud });
  try {
    if (images !== undefined)
      await putInterpreter(port, images, { config, teller, from: "", erase: options.erase, signal });
    return await flashOverCable(port, {
      ...{ config, bundle, teller, signal, compact: options.compact, wait },
      baud: address.kind === "serial" ? baud : undefined,
    });
  } catch (error) {
    await port.close();
    throw error;
  }
}
