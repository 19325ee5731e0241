/** From an open cable to a lamp that glows: what is on the board, does the lamp belong there, install, prove. */
import type { Config } from "../../config/load.ts";
import { loadProfile, profileNames } from "../../config/profile.ts";
import { BoardConsole } from "../../console/board-console.ts";
import { ConsoleError } from "../../console/errors.ts";
import { type ConsoleClock, hostClock } from "../../console/host-clock.ts";
import { type FoundEspruino, identify } from "../../console/identify.ts";
import type { Port } from "../../console/port.ts";
import { type Installed, installBundle } from "../../flash/install.ts";
import { InstallError, lampLeft } from "../../flash/install-error.ts";
import { misfit } from "../../flash/profile-fit.ts";
import { seconds } from "../../flash/progress.ts";
import { linesOf } from "../../flash/restart.ts";
import { Failure } from "../errors.ts";
import { describeEspruino, describeMisfortune } from "./found.ts";
import { notSeen, Proof } from "./proof.ts";
import { keepReplaced } from "./replaced.ts";
import type { Teller } from "./teller.ts";

export interface CableOptions {
  readonly config: Config;
  readonly bundle: Uint8Array;
  readonly teller: Teller;
  /** Of a serial line; undefined where there is no such thing. */
  readonly baud?: number | undefined;
  readonly compact: boolean;
  /** A program other than the lamp, as people call it: it is proved by running without an error, not at the broker. */
  readonly program?: string | undefined;
  /** How long the lamp may take to be online, or the program is watched, in ms; false: nobody waits. */
  readonly wait: number | false;
  readonly signal?: AbortSignal | undefined;
  /** Where copies of programs that are replaced go. Default: `dist/replaced` in the current folder. */
  readonly replacedFolder?: string | undefined;
  /** Of the conversation with the board. Default: the host's time. */
  readonly clock?: ConsoleClock | undefined;
}

/**
 * The conversation goes on for whoever wants it, and the port stays open.
 * @throws Failure in one line, saying which lamp the board has now; the conversation is over then
 */
export async function flashOverCable(port: Port, options: CableOptions): Promise<BoardConsole> {
  const { config, bundle, teller, clock = hostClock, compact, signal, wait, program } = options;
  const found = await unlessStopped(signal, find(port, options));
  teller.say(describeEspruino(found));
  const unfit = misfit(
    found,
    config.profile,
    profileNames().map((name) => loadProfile(name)),
  );
  if (unfit !== undefined) throw new Failure(`${unfit}; nothing was written`);
  const console = new BoardConsole(port, { clock, packets: found.packets });
  const printed: string[] = [];
  const what = program === undefined ? "lamp" : "program";
  const watchMs = program === undefined || wait === false ? undefined : wait;
  const proof =
    wait === false || program !== undefined
      ? undefined
      : await Proof.prepare({ config, teller, signal, withinMs: wait });
  const stopListening = console.onText((text) => printed.push(text));
  try {
    const from = clock.now();
    const installed = await install(console, bundle, {
      ...{ clock, compact, signal, pageBytes: config.profile.flash?.pageBytes, watchMs, what },
      keep: (file, content) => keepReplaced(file, content, { teller, folder: options.replacedFolder }),
      onProgress: (sent, total) => teller.progress(sent, total),
      onStep(step) {
        teller.step(step);
        if (step.step === "restart") {
          printed.length = 0;
          if (proof instanceof Proof) proof.restarting();
        }
        if (step.step === "running" && proof instanceof Proof) proof.begin();
      },
    });
    teller.installed(installed, from);
    if (watchMs !== undefined) {
      teller.say(`${program} has run for ${seconds(watchMs)} without an error`);
      teller.event({ type: "ran", ms: watchMs });
    }
    if (proof instanceof Proof) await proof.run(() => linesOf(printed.join("")));
    else if (proof) throw notSeen(`cannot be seen from here: ${proof.whyNot}`, linesOf(printed.join("")));
    return console;
  } catch (error) {
    console.release();
    throw error;
  } finally {
    stopListening();
    teller.endOfBar();
    if (proof instanceof Proof) await proof.close();
  }
}

async function find(port: Port, { config, baud, clock, teller }: CableOptions): Promise<FoundEspruino> {
  const found = await identify(port, { clock }).catch((error: unknown) => {
    throw error instanceof ConsoleError ? new Failure(error.message) : error;
  });
  teller.event({ type: "board", port: port.name, ...found });
  if (found.kind === "espruino") return found;
  const profileBaud = config.profile.interpreter.console.baud;
  throw new Failure(describeMisfortune(found, { port: port.name, baud, profileBaud }));
}

function install(...[console, bundle, options]: Parameters<typeof installBundle>): Promise<Installed> {
  return installBundle(console, bundle, options).catch((error: unknown) => {
    if (!(error instanceof InstallError)) throw error;
    throw new Failure(`${error.message}; ${lampLeft(error.lamp, options?.what)}`);
  });
}

/** Before anything is written, Ctrl-C needs no more than to be heard. */
export function unlessStopped<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (!signal) return work;
  work.catch(() => {});
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Failure("stopped; nothing was written"));
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
