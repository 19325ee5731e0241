/** The flags that several commands share, and parsers for the values of others. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "./duration.ts";
import { SHARED } from "./help.ts";

export interface CommonOptions {
  /** Config file; undefined is flash.config.json where it exists. */
  readonly config?: string;
  /** Settings from the command line, "path.to.key=value", in order. */
  readonly set: readonly string[];
  /** Name of a board profile; wins over the config file. */
  readonly board?: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Adds --config, --set, --board, --json and --quiet. */
export function commonOptions(command: Command): Command {
  return command
    .addOption(
      shared("--config <file>", "the configuration (default: flash.config.json, where there is one)"),
    )
    .addOption(
      shared("--set <key=value>", "set one key, such as lamp.topic=hall/lamp; repeatable, wins over the file")
        .default([])
        .argParser((value: string, before: readonly string[]) => [...before, value]),
    )
    .addOption(shared("--board <name>", "the board's profile; npx wick boards lists them"))
    .addOption(
      shared("--json", "one JSON object a line on stdout, everything for people on stderr").default(false),
    )
    .addOption(shared("--quiet", "say nothing but errors").default(false));
}

function shared(flags: string, description: string): Option {
  return new Option(flags, description).helpGroup(SHARED);
}

/** For `.option("--port <n>", …, parsePort)`: a TCP port, 0 for any free one. */
export function parsePort(value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65535)
    throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}

/** For `.option("--baud <n>", …, parseBaud)`. */
export function parseBaud(value: string): number {
  const baud = Number(value);
  if (!/^\d+$/.test(value) || baud < 300 || baud > 4_000_000)
    throw new InvalidArgumentError("A baud rate is a number from 300 to 4000000, such as 115200.");
  return baud;
}

/** For `.option("--duration <time>", …, parseDurationOption)`: milliseconds of a time with its unit, such as 10s. */
export function parseDurationOption(value: string): number {
  const milliseconds = parseDuration(value);
  if (milliseconds === undefined) {
    throw new InvalidArgumentError("A time is a number and its unit: 500ms, 10s, 5min or 2h.");
  }
  return milliseconds;
}
