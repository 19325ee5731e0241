/** `wick flash`: from a bundle to a lamp that glows, over any cable or over the air. */
import type { Command } from "commander";
import type { Config } from "../config/load.ts";
import type { BoardConsole } from "../console/board-console.ts";
import { ConsoleError } from "../console/errors.ts";
import { identify } from "../console/identify.ts";
import type { Port } from "../console/port.ts";
import { confirmErasing, imagesFor, mustBeCable, putEspruino } from "../flash/espruino/command.ts";
import type { PortAddress } from "../ports/address.ts";
import { listPorts } from "../ports/list.ts";
import { openPort } from "../ports/open.ts";
import { returningPort } from "../ports/returning.ts";
import { Failure } from "./errors.ts";
import { bundleToFlash } from "./flash/bundle.ts";
import { askForPort, findPort, requireSerialFor } from "./flash/find-port.ts";
import { describeBefore } from "./flash/found.ts";
import { checkTogether, type FlashOptions, saidInVain } from "./flash/options.ts";
import { flashOverCable, unlessStopped } from "./flash/over-cable.ts";
import { flashOverTheAir } from "./flash/over-the-air.ts";
import { Teller } from "./flash/teller.ts";
import { commonOptions, parseBaud, parseDurationOption } from "./options.ts";
import { Output } from "./output.ts";
import { configFor } from "./program-settings.ts";
import { untilSignal } from "./until-signal.ts";

const WAIT_MS = 60_000;
/** So long a program other than the lamp is watched. */
const WATCH_MS = 5000;

export function register(command: Command): void {
  commonOptions(command)
    .option(
      "--port <place>",
      "where the board is: /dev/ttyUSB0, COM3, tcp://HOST:PORT, ble:NAME, or mqtt:TOPIC for a lamp that is online (default: flash.port, else the serial port there is)",
    )
    .option("--baud <number>", "speed of a serial port (default: flash.baud, else 115200)", parseBaud)
    .option("--file <file>", "a bundle that is built already; without it the lamp is built as by wick build")
    .option("--entry <file>", "a program of yours in TypeScript, built and put there in place of the lamp")
    .option(
      "--espruino <dir>",
      "first put Espruino itself on the chip: folder or archive of a release from espruino.com/binaries",
    )
    .option("--erase", "with --espruino: erase all of the flash first, the board's Storage included", false)
    .option("--yes", "with --erase: do not ask before", false)
    .option(
      "--compact",
      "make room in the board's Storage where it is full; a power cut meanwhile erases all of it",
      false,
    )
    .option(
      "--wait <time>",
      "how long the lamp may take to be online, such as 90s (default: 60s), with mqtt:TOPIC to answer (15s); with --entry how long the program must run without an error (5s)",
      parseDurationOption,
    )
    .option(
      "--no-wait",
      "done when the bundle runs; nobody waits until the lamp is online, or watches the program",
    )
    .option("--monitor", "then show the board's console (the default on a terminal)")
    .option("--no-monitor", "end when the lamp is online")
    .addHelpText("after", `\n${example}`)
    .action((options: FlashOptions) => flash(options, new Output(options)));
}

const example = [
  "Plug the board in and run `npx wick flash`: the lamp is built, written beside",
  "the one that is on the board, checked, started, seen online and blinked. Until",
  "the new one is complete and checked the old one stays: whatever goes wrong",
  "before that, even a power cut, leaves it as it is.",
].join("\n");

async function flash(options: FlashOptions, output: Output): Promise<void> {
  checkTogether(options);
  const { entry } = options;
  const config = configFor(entry, { file: options.config, set: options.set, board: options.board });
  for (const warning of config.warnings) output.say(`note: ${warning}`);
  const teller = new Teller(output, undefined, entry === undefined ? "lamp" : "program");
  const isWatched = process.stdout.isTTY === true && !output.json && !output.quiet;
  const { address, title } = await findPort({
    written: options.port,
    config,
    list: listPorts,
    ask: isWatched && process.stdin.isTTY ? askForPort : undefined,
  });
  requireSerialFor(options.baud, address);
  for (const note of saidInVain(options, address)) output.note(note);
  teller.say(`Port: ${title}`);
  const job: Job = { options, config, teller, output };
  if (address.kind === "mqtt")
    return untilSignal((signal) => flashOverTheAir(address.topic, { ...job, signal }));
  const console = await untilSignal((signal) => flashByCable(address, { ...job, signal }));
  if (options.monitor ?? isWatched) await watchBoard(address, job, console);
  else await console.close();
}

interface Job {
  readonly options: FlashOptions;
  readonly config: Config;
  readonly teller: Teller;
  readonly output: Output;
}

/** Returns the conversation with the board, which goes on. What can be said without the board is said before its port is opened. */
async function flashByCable(
  address: Exclude<PortAddress, { kind: "mqtt" }>,
  { options, config, teller, output, signal }: Job & { readonly signal: AbortSignal },
): Promise<BoardConsole> {
  const { profile, values } = config;
  if (options.espruino !== undefined) mustBeCable(address);
  const images = options.espruino === undefined ? undefined : await imagesFor(options.espruino, profile);
  if (images && options.erase) await confirmErasing(options.yes);
  const { entry } = options;
  const bundle = await bundleToFlash(config, options.file, output, entry);
  const baud = options.baud ?? Number(values["flash.baud"]);
  const open = (): Promise<Port> => openPort(address, { baud, signal });
  const port = returningPort(await open(), open);
  try {
    if (images) {
      await tellWhatIsThere(port, { teller, signal });
      await putEspruino(port, images, { profile, teller, erase: options.erase, signal });
    }
    return await flashOverCable(port, {
      ...{ config, bundle, teller, signal, compact: options.compact, program: entry },
      wait: options.wait ?? (entry === undefined ? WAIT_MS : WATCH_MS),
      baud: address.kind === "serial" ? baud : undefined,
    });
  } catch (error) {
    await port.close();
    throw error;
  }
}

/** A chip that says nothing needs no long look: its loader will tell. */
const LOOK_MS = 4000;

async function tellWhatIsThere(
  port: Port,
  { teller, signal }: { readonly teller: Teller; readonly signal: AbortSignal },
): Promise<void> {
  const found = await unlessStopped(signal, identify(port, { deadlineMs: LOOK_MS })).catch(
    (error: unknown) => {
      throw error instanceof ConsoleError ? new Failure(error.message) : error;
    },
  );
  teller.event({ type: "board", port: port.name, ...found });
  teller.say(describeBefore(found));
}

async function watchBoard(address: PortAddress, job: Job, console: BoardConsole): Promise<void> {
  const { options, config, teller, output } = job;
  teller.say("The board's console follows; Ctrl-C ends.");
  const { monitorBoard } = await import("../monitor/monitor-board.ts");
  await monitorBoard({
    address,
    baud: options.baud ?? Number(config.values["flash.baud"]),
    first: console,
    json: output.json,
    quiet: output.quiet,
    secrets: config.secrets,
  });
}
