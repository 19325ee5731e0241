/** `wick flash --port mqtt:TOPIC`: a lamp that is online already, without a cable. */
import type { Config } from "../../config/load.ts";
import { type OverTheAirProgress, updateKeyFor, updateOverTheAir } from "../../flash/over-the-air.ts";
import { versionIn } from "../../flash/over-the-air-bundle.ts";
import { seconds } from "../../flash/progress.ts";
import { linesForLamp } from "../../flash/try-lines.ts";
import { Failure, UsageError } from "../errors.ts";
import type { Output } from "../output.ts";
import { bundleToFlash } from "./bundle.ts";
import type { FlashOptions } from "./options.ts";
import type { Teller } from "./teller.ts";

export interface OverTheAirJob {
  readonly options: FlashOptions;
  readonly config: Config;
  readonly teller: Teller;
  readonly output: Output;
  readonly signal: AbortSignal;
}

const said: Readonly<Record<OverTheAirProgress["step"], string>> = {
  looking: "Asking the lamp what it runs",
  sending: "Sending; the lamp goes on meanwhile",
  restarting: "All of it is on the lamp and reads right; it restarts",
  trial: "The new lamp is on trial: it stays when it is healthy for a minute",
};

/** @throws Failure when the lamp does not take it or goes back; UsageError for what the config rules out */
export async function flashOverTheAir(topic: string, job: OverTheAirJob): Promise<void> {
  const { options, config, teller, output, signal } = job;
  checkWithoutCable(options);
  updateKeyFor(config, topic);
  const bundle = Buffer.from(await bundleToFlash(config, options.file, output)).toString("latin1");
  let step: OverTheAirProgress["step"] | undefined;
  const { outcome, version, before, sendingMs } = await updateOverTheAir({
    ...{ config, topic, signal, wait: options.wait !== false },
    findMs: options.wait === false ? undefined : options.wait,
    bundle,
    version: versionOf(bundle, job),
    onProgress(progress) {
      if (progress.step !== step) teller.say(said[progress.step]);
      if (progress.step !== step && progress.step === "sending") teller.uploading();
      step = progress.step;
      if (step === "sending") teller.progress(progress.done, progress.total);
      else teller.event({ type: "step", ...progress });
    },
  }).finally(() => teller.endOfBar());
  teller.event({ type: "update", outcome, version, before, sendingMs: Math.round(sendingMs) });
  if (outcome === "rolled back")
    throw new Failure(
      `the lamp tried version ${version} and went back to ${before}, which runs again; what was wrong its console says: npx wick monitor`,
    );
  teller.say(
    outcome === "kept"
      ? `Version ${version} is kept; sent in ${seconds(sendingMs)}; before it ran ${before}`
      : `Version ${version} is on trial: the lamp keeps it after a minute online, or goes back to ${before} within six`,
  );
  teller.say("Try this in another terminal:");
  for (const line of linesForLamp(config)) teller.say(line);
}

/** A bundle that was built before tells its version, unless the command line says what it is to be. */
function versionOf(bundle: string, { config, options }: OverTheAirJob): number {
  const isTold = options.set.some((one) => one.startsWith("update.version="));
  const told = Number(config.values["update.version"]);
  return isTold || options.file === undefined ? told : (versionIn(bundle, config.profile.name) ?? told);
}

/** @throws UsageError for what needs a cable */
export function checkWithoutCable({ entry, espruino, compact, monitor }: FlashOptions): void {
  if (entry !== undefined)
    throw new UsageError(
      "--entry is a program other than the lamp, and --port mqtt: updates lamps only; name a cable, such as --port /dev/ttyUSB0",
    );
  const cable =
    espruino !== undefined ? "--espruino" : compact ? "--compact" : monitor ? "--monitor" : undefined;
  if (cable !== undefined)
    throw new UsageError(
      `${cable} needs a cable, and --port mqtt: has none; name one, such as --port /dev/ttyUSB0`,
    );
}
