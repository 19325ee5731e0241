/** What a check of `wick doctor` is, what it finds, and what it may look at. */
import type { Config, LoadOptions } from "../config/load.ts";
import type { FoundEspruino } from "../console/identify.ts";
import type { Port } from "../console/port.ts";
import type { BrokerPlace } from "./broker/place.ts";
import type { Surroundings } from "./surroundings.ts";

export type Status = "ok" | "warning" | "failure" | "skipped";

export interface Finding {
  readonly status: Status;
  /** One sentence without a full stop: what was found. Never holds a secret. */
  readonly message: string;
  /** What to do about it: a command, or a place and what to put there. */
  readonly mend?: string | undefined;
  /** Whether a failure keeps the checks that need this one from being done. Default true. */
  readonly blocks?: boolean;
}

/** What the checks know, and what they found out for those after them. */
export interface Chart {
  readonly load: LoadOptions;
  readonly surroundings: Surroundings;
  /** Where the board is: `--port`, else `flash.port`, once the configuration is read. */
  port: string | undefined;
  /** Set by the check "config". */
  config?: Config;
  /** Keys whose values cannot be used: something stands in their places in `config`. */
  readonly unusable: Set<string>;
  /** What the configuration's checks said of lamp.pin and lamp.pwm: set by the check "config". */
  readonly aboutPins: { readonly mistakes: string[]; readonly warnings: string[] };
  /** Set by the check "broker name". */
  place?: BrokerPlace;
  /** Set by the check "port", and closed when all checks are done. */
  cable?: Port;
  /** Set by the check "board". */
  espruino?: FoundEspruino;
  /** Whether the broker says that the lamp is online; undefined while nobody has looked. */
  lampOnline?: boolean;
}

export interface Check {
  /** Unique, in the users' words. */
  readonly name: string;
  /** Checks that come before this one; when one of them fails or is skipped, this one is skipped. */
  readonly needs: readonly string[];
  /** Keys of the configuration that it relies on; when one is unusable, it is skipped. */
  readonly keys?: readonly string[];
  /** The longest it may take, in ms. Shorter ones of its own give better messages. */
  readonly deadlineMs: number;
  /** Ends what it began when `signal` says so. At least one finding. */
  run(
    chart: Chart,
    signal: AbortSignal,
  ): Finding | readonly Finding[] | Promise<Finding | readonly Finding[]>;
}

export function ok(message: string): Finding {
  return { status: "ok", message };
}

export function warning(message: string, mend?: string): Finding {
  return { status: "warning", message, mend };
}

export function failure(message: string, mend: string): Finding {
  return { status: "failure", message, mend };
}

export function skipped(message: string, mend?: string): Finding {
  return { status: "skipped", message, mend };
}

/** A sentence of tools/config is what was found, and its mend behind the last semicolon. */
export function fromSentence(status: "warning" | "failure", sentence: string): Finding {
  return split(status, sentence, sentence.lastIndexOf("; "));
}

/** A sentence of the ports and the console is what was found, and its mend behind the first semicolon or colon; what others said stands in quotes. */
export function fromPortSentence(status: "warning" | "failure", sentence: string): Finding {
  const unquoted = sentence.replace(/"[^"]*"/g, (quoted) => "x".repeat(quoted.length));
  return split(status, sentence, unquoted.search(/; (?!it says )|: /));
}

function split(status: "warning" | "failure", sentence: string, at: number): Finding {
  if (at < 0) return { status, message: sentence.replace(/\.$/, "") };
  return {
    status,
    message: sentence.slice(0, at),
    mend: sentence.slice(at + 2).replace(/^or (?=add: )/, ""),
  };
}

/** The configuration, in a check that needs "config". */
export function configOf(chart: Chart): Config {
  if (chart.config === undefined) throw new Error("a check that reads the configuration must need it");
  return chart.config;
}

/** The broker, in a check that needs "broker name". */
export function placeOf(chart: Chart): BrokerPlace {
  if (chart.place === undefined) throw new Error("a check that visits the broker must need its name");
  return chart.place;
}
