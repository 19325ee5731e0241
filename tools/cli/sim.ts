/** `wick sim`: builds the bundle and runs it on a simulated board against a real broker. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { BoardEvent } from "../../sim/events.ts";
import { runLamp } from "../../sim/run.ts";
import { eventLine, messageLine } from "../../sim/terminal/lines.ts";
import { LampModel, linesToTry } from "../../sim/terminal/model.ts";
import { Screen } from "../../sim/terminal/screen.ts";
import { EmbeddedBroker } from "../../sim/world/broker.ts";
import { BuildError, build } from "../build/build.ts";
import { type Config, loadConfig, type Settings } from "../config/load.ts";
import { Failure, UsageError } from "./errors.ts";
import { type CommonOptions, commonOptions, parseDurationOption } from "./options.ts";
import { Output } from "./output.ts";

interface SimOptions extends CommonOptions {
  readonly broker?: BrokerAddress;
  readonly headless: boolean;
  readonly duration?: number;
  readonly seed: number;
  readonly speed: "real" | "max";
}

interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const BROKER_HOST = "127.0.0.1";
const MQTT_PORT = 1883;
/** A simulated access point lets everybody in. */
const SIMULATED_WIFI: Settings = { "wifi.ssid": "simulated", "wifi.password": "simulated" };

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
    .action((options: SimOptions) => simulate(options, new Output(options)));
}

async function simulate(options: SimOptions, output: Output): Promise<void> {
  if (options.speed === "max" && options.broker) {
    throw new UsageError(
      "--speed max needs a network inside of this process, so it cannot go with --broker; leave one of them out",
    );
  }
  if (options.speed === "max" && options.duration === undefined) {
    throw new UsageError("--speed max needs an end; add one, such as --duration 1h");
  }
  const stop = stopOnSignals();
  const embedded = options.broker ? undefined : await EmbeddedBroker.create();
  try {
    const address = options.broker ?? {
      ...(await listen(embedded, options, output)),
      username: undefined,
      password: undefined,
    };
    const config = loadConfig({
      file: options.config,
      set: options.set,
      board: options.board,
      defaults: SIMULATED_WIFI,
      overrides: brokerSettings(address, embedded !== undefined),
    });
    if (config.tls)
      throw new UsageError(
        "mqtt.tls is on, but the simulated board speaks plain MQTT only; add: --set mqtt.tls=false",
      );
    for (const warning of config.warnings) output.say(warning);
    await run(options, config, address, embedded, stop.signal, output);
  } finally {
    await embedded?.close();
    stop.release();
  }
}

async function run(
  options: SimOptions,
  config: Config,
  address: BrokerAddress,
  embedded: EmbeddedBroker | undefined,
  stop: AbortSignal,
  output: Output,
): Promise<void> {
  const { code, map } = await build({ config }).catch((error: unknown) => {
    throw error instanceof BuildError ? new Failure(error.message) : error;
  });
  const { profile, values } = config;
  const model = new LampModel({
    topic: String(values["lamp.topic"]),
    pin: String(values["lamp.pin"]),
    activeLow: values["lamp.activeLow"] === true,
    gamma: Number(values["lamp.gamma"] ?? 1),
    hasWifi: profile.wifi,
    board: profile.name,
    broker: { host: address.host, port: address.port, embedded: embedded !== undefined },
  });
  const drawn =
    process.stdout.isTTY && !output.json && !output.quiet && !options.headless && options.speed === "real";
  const screen = drawn ? new Screen(model, process.stdout) : undefined;
  if (!drawn)
    for (const line of ["Try this in another terminal:", ...linesToTry(model.facts)]) output.say(line);

  const onEvent = (event: BoardEvent): void => {
    model.event(event);
    output.event(event);
    if (screen) screen.changed();
    // With --json the events are on stdout already.
    else if (!output.json) output.say(eventLine(event));
  };
  try {
    await runLamp(
      {
        profile,
        bundle: code,
        sourceMap: map,
        seed: options.seed,
        pace:
          embedded && options.speed === "max"
            ? { speed: "max", broker: embedded, port: address.port }
            : { speed: "real" },
        onEvent,
        onMessage: (t, message) => {
          model.message(t, message);
          if (screen) screen.changed();
          else if (!output.json) output.say(messageLine(t, message));
        },
      },
      options.duration,
      stop,
    );
  } finally {
    screen?.stop();
  }
}

/** Starts the embedded broker, on the next free port where 1883 is taken. At full speed nobody outside could keep up: no port then. */
async function listen(
  broker: EmbeddedBroker | undefined,
  options: SimOptions,
  output: Output,
): Promise<{ host: string; port: number }> {
  if (!broker || options.speed === "max") return { host: BROKER_HOST, port: MQTT_PORT };
  try {
    const port = await broker.listen(MQTT_PORT);
    if (port !== MQTT_PORT) output.say(`Port ${MQTT_PORT} is taken; the built-in broker is on ${port}.`);
    return { host: BROKER_HOST, port };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      `no port from ${MQTT_PORT} on for the built-in broker (${code}); use another broker: --broker mqtt://HOST`,
    );
  }
}

function brokerSettings(address: BrokerAddress, embedded: boolean): Settings {
  return {
    "mqtt.host": address.host,
    "mqtt.port": address.port,
    ...(embedded ? { "mqtt.tls": false } : {}),
    ...(address.username === undefined ? {} : { "mqtt.username": address.username }),
    ...(address.password === undefined ? {} : { "mqtt.password": address.password }),
  };
}

function parseBroker(text: string): BrokerAddress {
  // The URL may hold a password: it is not repeated in the message.
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new InvalidArgumentError("A broker is a URL such as mqtt://127.0.0.1:1883.");
  }
  if (url.protocol === "mqtts:")
    throw new InvalidArgumentError("The simulated board speaks plain MQTT only: mqtt://HOST.");
  if (url.protocol !== "mqtt:" || url.hostname === "" || (url.pathname !== "" && url.pathname !== "/")) {
    throw new InvalidArgumentError("A broker is a URL such as mqtt://127.0.0.1:1883.");
  }
  const decoded = (part: string): string | undefined => (part === "" ? undefined : decodeURIComponent(part));
  return {
    host: url.hostname,
    port: url.port === "" ? MQTT_PORT : Number(url.port),
    username: decoded(url.username),
    password: decoded(url.password),
  };
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
