/** `wick sim`: builds the bundle and runs it on a simulated board against a real broker. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { FileStorage } from "../../sim/storage.ts";
import { EmbeddedBroker } from "../../sim/world/broker.ts";
import { UsageError } from "./errors.ts";
import { type CommonOptions, commonOptions, parseDurationOption } from "./options.ts";
import { Output } from "./output.ts";
import { type BrokerAddress, insideOnly, listen, MQTT_PORT, parseBroker } from "./simulate/broker-address.ts";
import { configureLamp } from "./simulate/lamp.ts";
import { runSession } from "./simulate/session.ts";
import { watchLamp } from "./simulate/watch.ts";

interface SimOptions extends CommonOptions {
  readonly broker?: BrokerAddress;
  readonly headless: boolean;
  readonly duration?: number;
  readonly seed: number;
  readonly speed: "real" | "max";
  readonly storage?: string;
  readonly watch: boolean;
}

export function register(command: Command): void {
  commonOptions(command)
    .option(
      "--broker <url>",
      "mqtt://[user:password@]host[:port]; without it a broker is started on 127.0.0.1",
      parseBroker,
    )
    .option("--headless", "plain lines in place of the drawn lamp", false)
    .option("--duration <time>", "stop after this much board time, such as 10s or 5min", parseDurationOption)
    .option("--seed <number>", "of everything random on the board", parseSeed, 1)
    .addOption(
      new Option("--speed <speed>", "max: as fast as it goes, with the built-in broker only")
        .choices(["real", "max"])
        .default("real"),
    )
    .option("--storage <file>", "keep the board's flash in this file, from run to run")
    .option("--watch", "build again and restart the board when firmware/ or the config changes", false)
    .action((options: SimOptions) => simulate(options, new Output(options)));
}

async function simulate(options: SimOptions, output: Output): Promise<void> {
  const { speed, duration } = options;
  if (speed === "max" && options.broker) {
    throw new UsageError(
      "--speed max needs a network inside of this process, so it cannot go with --broker; leave one of them out",
    );
  }
  if (speed === "max" && options.watch)
    throw new UsageError("--watch runs in real time; leave --speed max out");
  if (speed === "max" && duration === undefined)
    throw new UsageError("--speed max needs an end; add one, such as --duration 1h");
  const stop = stopOnSignals();
  const embedded = options.broker ? undefined : await EmbeddedBroker.create();
  try {
    // At full speed nobody outside could keep up: no port then.
    const address = options.broker ?? (embedded && speed === "real" ? await listen(embedded) : insideOnly());
    if (embedded && address.port !== MQTT_PORT)
      output.say(`Port ${MQTT_PORT} is taken; the built-in broker is on ${address.port}.`);
    const configure = () =>
      configureLamp({
        file: options.config,
        set: options.set,
        board: options.board,
        address,
        embedded: embedded !== undefined,
      });
    const config = configure();
    for (const warning of config.warnings) output.say(warning);
    await runSession(
      {
        config,
        address,
        embedded,
        speed,
        seed: options.seed,
        durationMs: duration,
        storage: options.storage === undefined ? undefined : new FileStorage(options.storage),
        drawn: process.stdout.isTTY && !output.json && !output.quiet && !options.headless && speed === "real",
      },
      stop.signal,
      output,
      async (session) => (options.watch ? [watchLamp({ configure, config, session })] : []),
    );
  } finally {
    await embedded?.close();
    stop.release();
  }
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > 0xffffffff)
    throw new InvalidArgumentError("A seed is a whole number from 0 to 4294967295.");
  return seed;
}

/** Ctrl-C and SIGTERM end the run in good order instead of the process; so does a pipe that nobody reads any more. */
function stopOnSignals(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const unread = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
    controller.abort();
  };
  process.on("SIGINT", abort);
  process.on("SIGTERM", abort);
  process.stdout.on("error", unread);
  return {
    signal: controller.signal,
    release: () => {
      process.removeListener("SIGINT", abort);
      process.removeListener("SIGTERM", abort);
      process.stdout.removeListener("error", unread);
    },
  };
}
