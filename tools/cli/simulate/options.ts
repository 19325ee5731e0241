/** The flags of `wick sim`: what they may be, and which of them go together. */
import { InvalidArgumentError } from "commander";
import type { ReporterName } from "../../../sim/scenario/index.ts";
import { UsageError } from "../errors.ts";
import type { CommonOptions } from "../options.ts";
import type { ConsolePlace } from "./attachments.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { refuseInVain } from "./in-vain.ts";
import type { Attachment } from "./session.ts";

export interface SimOptions extends CommonOptions {
  readonly entry?: string;
  readonly bundle?: string;
  readonly broker?: BrokerAddress;
  readonly port?: number;
  readonly headless: boolean;
  readonly watch: boolean;
  readonly console?: ConsolePlace;
  readonly bare: boolean;
  readonly storage?: string;
  readonly duration?: number;
  /** Default: real. */
  readonly speed?: "real" | "max";
  /** Default: 1. */
  readonly seed?: number;
  readonly vcd?: string;
  readonly pcap?: string;
  readonly record?: string;
  readonly realLamp?: ListenPlace;
  readonly replay?: string;
  readonly scenario?: readonly string[];
  readonly reporter?: ReporterName;
  readonly jobs?: number;
  readonly results?: string;
}

/** Where to listen. */
export interface ListenPlace {
  readonly host: string;
  readonly port: number;
}

type Flag = Exclude<keyof SimOptions, keyof CommonOptions>;

/** A scenario or a recording says for itself what happens, where and for how long. */
const OF_A_SESSION: readonly Flag[] = [
  "broker",
  "port",
  "watch",
  "console",
  "bare",
  "storage",
  "duration",
  "vcd",
  "pcap",
  "record",
];
const OF_SCENARIOS: readonly Flag[] = ["jobs", "results", "reporter"];

/** @throws UsageError naming two flags that do not go together, or one that is missing. */
export function checkTogether(options: SimOptions): void {
  const given = (flag: Flag): boolean => options[flag] !== undefined && options[flag] !== false;
  if (given("entry") && given("bundle"))
    throw new UsageError("--entry and --bundle do not go together; leave one of them out");
  if (given("bundle") && options.broker?.username !== undefined)
    throw new UsageError(
      "a bundle has the user name and password that it was built with; leave those of --broker out",
    );
  for (const whole of ["replay", "scenario"] as const) {
    const extra = given(whole) ? OF_A_SESSION.find(given) : undefined;
    if (extra) throw new UsageError(`--${whole} and --${extra} do not go together; leave one of them out`);
  }
  if (given("realLamp")) {
    if (!given("broker") || !given("record"))
      throw new UsageError(
        "--real-lamp records what passes between a lamp and its broker; add --broker URL and --record FILE",
      );
    const extra = (
      [
        "vcd",
        "pcap",
        "storage",
        "console",
        "bare",
        "watch",
        "port",
        "replay",
        "scenario",
        "entry",
        "bundle",
      ] as const
    ).find(given);
    if (extra) throw new UsageError(`--${extra} is of a simulated board; leave it or --real-lamp out`);
  }
  if (given("replay") && given("scenario"))
    throw new UsageError("--replay and --scenario do not go together; leave one of them out");
  const ofALamp = given("bare") ? (["watch", "record", "entry", "bundle"] as const).find(given) : undefined;
  if (ofALamp)
    throw new UsageError(
      `--bare and --${ofALamp} do not go together, as a bare board runs no ${ofALamp === "watch" || ofALamp === "record" ? "lamp" : "program"}; leave one of them out`,
    );
  const stray = given("scenario") ? undefined : OF_SCENARIOS.find(given);
  if (stray) throw new UsageError(`--${stray} is of scenarios; add --scenario FILE, or leave it out`);
  refuseInVain(options);
  if (options.speed !== "max" || given("scenario") || given("replay")) return;
  if (given("broker")) {
    throw new UsageError(
      "--speed max needs a network inside of this process, so it cannot go with --broker; leave one of them out",
    );
  }
  const paced = (["watch", "console", "bare", "port"] as const).find(given);
  if (paced) throw new UsageError(`--${paced} is for people, who need real time; leave --speed max out`);
  if (!given("duration")) throw new UsageError("--speed max needs an end; add one, such as --duration 1h");
}

/** Makes the attachments one after the other; where one fails the ones before it are closed again. */
export async function collect(
  makers: readonly (() => Promise<Attachment | readonly Attachment[]> | Attachment | readonly Attachment[])[],
): Promise<Attachment[]> {
  const made: Attachment[] = [];
  try {
    for (const make of makers) made.push(...[await make()].flat());
  } catch (error) {
    for (const attachment of made) await attachment.close?.();
    throw error;
  }
  return made;
}

export function parseListenPlace(text: string): ListenPlace {
  const [, host = "127.0.0.1", digits] = /^(?:([^:\s]+):)?(\d{1,5})$/.exec(text) ?? [];
  if (digits === undefined || Number(digits) > 65535)
    throw new InvalidArgumentError(
      "The place to listen at is PORT, or ADDRESS:PORT to be reached from the network.",
    );
  return { host, port: Number(digits) };
}

export function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > 0xffffffff)
    throw new InvalidArgumentError("A seed is a whole number from 0 to 4294967295.");
  return seed;
}

export function parseJobs(text: string): number {
  const jobs = Number(text);
  if (!/^\d+$/.test(text) || jobs < 1 || jobs > 256)
    throw new InvalidArgumentError("Jobs are a whole number from 1 to 256.");
  return jobs;
}

export function parseConsole(text: string): ConsolePlace {
  if (text === "pty") return "pty";
  const port = Number(/^tcp:(\d+)$/.exec(text)?.[1]);
  if (!(port <= 65535))
    throw new InvalidArgumentError("A console is offered at tcp:PORT, such as tcp:2323, or pty.");
  return { tcp: port };
}
