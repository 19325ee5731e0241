/** Flags of `wick sim` that would change nothing beside the others: those that say something else than what happens are refused, the rest is said. */
import { resolve } from "node:path";
import { type Setting, settings } from "../../../firmware/settings.ts";
import { UsageError } from "../errors.ts";
import type { SimOptions } from "./options.ts";

/** @throws UsageError in one sentence for a flag that would be taken in vain */
export function refuseInVain(options: SimOptions): void {
  const { headless, port, json, quiet, reporter, speed, seed } = options;
  if (headless && port !== undefined)
    throw new UsageError("--port is of the board's page, and --headless is without; leave one of them out");
  if (json && reporter !== undefined)
    throw new UsageError(
      "--json reports scenarios as JSON lines, whatever --reporter says; leave one of them out",
    );
  if (quiet && reporter !== undefined)
    throw new UsageError(
      "--quiet leaves nothing to report, so --reporter has no effect; leave one of them out",
    );
  const timed = options.replay === undefined ? (options.scenario ? "--scenario" : undefined) : "--replay";
  if (timed !== undefined && speed === "real")
    throw new UsageError(
      `${timed} is played as fast as it goes, so --speed real has no effect; leave it out`,
    );
  if (options.replay !== undefined && seed !== undefined)
    throw new UsageError("--replay has the seed of its recording, so --seed has no effect; leave it out");
  if (options.realLamp) refuseBesideRealLamp(options);
  refuseOneFileForTwo(options);
  for (const key of setKeys(options)) refuseSet(key, options);
}

/** Sentences about flags that ask for what is so anyway. */
export function saidInVain(options: SimOptions): string[] {
  const { headless, speed, replay, scenario, realLamp, broker, bundle } = options;
  const notes: string[] = [];
  const whole = replay === undefined ? (scenario ? "--scenario" : undefined) : "--replay";
  const without = whole ?? (realLamp ? "--real-lamp" : speed === "max" ? "--speed max" : undefined);
  if (headless && without !== undefined)
    notes.push(`--headless changes nothing beside ${without}, which has no page and no drawing`);
  if (speed === "max" && whole !== undefined)
    notes.push(`--speed max changes nothing beside ${whole}, which is played as fast as it goes`);
  if (whole === undefined && !realLamp && !broker && bundle === undefined)
    for (const key of setKeys(options).filter((one) => OF_THE_BROKER.has(one)))
      notes.push(
        `--set ${key} changes nothing beside the built-in broker; name yours with --broker mqtt://HOST:PORT`,
      );
  return notes;
}

function refuseBesideRealLamp(options: SimOptions): void {
  const { duration, seed, config, set, board } = options;
  const extra = [
    ...(duration === undefined ? [] : ["--duration"]),
    ...(seed === undefined ? [] : ["--seed"]),
    ...(config === undefined ? [] : ["--config"]),
    ...(set.length === 0 ? [] : ["--set"]),
    ...(board === undefined ? [] : ["--board"]),
  ][0];
  if (extra !== undefined)
    throw new UsageError(
      `${extra} has no effect on a lamp that is not simulated; leave it or --real-lamp out`,
    );
}

/** Whichever was written last would be all that is left. */
function refuseOneFileForTwo({ storage, vcd, pcap, record, replay }: SimOptions): void {
  const flags = new Map<string, string>();
  for (const [flag, path] of Object.entries({ storage, vcd, pcap, record, replay })) {
    if (path === undefined) continue;
    const before = flags.get(resolve(path));
    if (before !== undefined)
      throw new UsageError(`--${before} and --${flag} name the same file, ${path}; each needs its own`);
    flags.set(resolve(path), flag);
  }
}

/** What `--broker`, or the broker that Wick brings along, decides. */
const OF_THE_BROKER: ReadonlySet<string> = new Set(["mqtt.host", "mqtt.port", "mqtt.tls"]);
const OF_A_LOGIN: Readonly<Record<string, "username" | "password">> = {
  "mqtt.username": "username",
  "mqtt.password": "password",
};
/** Of a bundle they say where it looks for its broker, and what is not to be shown. */
const FOR_BUNDLES: ReadonlySet<string> = new Set([
  "board",
  "mqtt.port",
  ...(settings as readonly Setting[]).filter(({ secret }) => secret).map(({ key }) => key),
]);

function refuseSet(key: string, { broker, bundle, realLamp }: SimOptions): void {
  if (bundle !== undefined && !FOR_BUNDLES.has(key))
    throw new UsageError(
      `--set ${key} has no effect on a bundle, which was built already; leave it out, or build anew: npx wick build --set ${key}=VALUE`,
    );
  if (broker === undefined || bundle !== undefined || realLamp) return;
  const login = OF_A_LOGIN[key];
  if (OF_THE_BROKER.has(key) || (login !== undefined && broker[login] !== undefined))
    throw new UsageError(`--set ${key} has no effect beside --broker, which says it; leave one of them out`);
}

/** Keys as they were written; what is no key is told elsewhere. */
function setKeys({ set }: SimOptions): string[] {
  return set.map((one) => one.split("=")[0]?.trim() ?? "");
}
