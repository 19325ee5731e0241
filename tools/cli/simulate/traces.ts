/** Files that a session leaves behind: `--vcd`, `--pcap`, `--record`; and `--replay`, which holds a lamp against one of them. */

import { once } from "node:events";
import { existsSync } from "node:fs";
import { isAbsolute, normalize } from "node:path";
import { eventLine } from "../../../sim/terminal/lines.ts";
import { recordPcap } from "../../../sim/trace/pcap.ts";
import { recordTcp } from "../../../sim/trace/proxy.ts";
import { record } from "../../../sim/trace/recorder.ts";
import { type Recording, type RecordingHeader, readRecording } from "../../../sim/trace/recording.ts";
import { describeReplay, replay } from "../../../sim/trace/replay.ts";
import { fileSink, type Sink, TraceFileError } from "../../../sim/trace/sink.ts";
import { recordVcd } from "../../../sim/trace/vcd.ts";
import type { Config } from "../../config/load.ts";
import { isFutureKey } from "../../config/parse.ts";
import { ExitWith, Failure, UsageError } from "../errors.ts";
import type { Output } from "../output.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { configureLamp, type LampOptions } from "./lamp.ts";
import type { ListenPlace } from "./options.ts";
import { makeProgram, type ProgramChoice, programName } from "./program.ts";
import type { Attachment, Session } from "./session.ts";

export interface TraceFiles {
  readonly vcd?: string | undefined;
  readonly pcap?: string | undefined;
  readonly record?: string | undefined;
  /** What runs on the board. */
  readonly choice: ProgramChoice;
}

/** Traces from now until the power is cut. @throws Failure when a file cannot be written. */
export function attachTraces(
  { simulation, bundle, complain }: Session,
  files: TraceFiles,
  config: Config,
  seed: number,
): Attachment[] {
  const { epochMs } = simulation;
  return [
    ...attach(files.vcd, complain, (sink) => recordVcd(simulation, sink, epochMs)),
    ...attach(files.pcap, complain, (sink) => recordPcap(simulation, sink, epochMs)),
    ...attach(files.record, complain, (sink) =>
      record(
        simulation,
        {
          ...{ bundle, seed, epochMs, secrets: config.secrets, settings: openSettings(config) },
          program: recordedProgram(files.choice),
        },
        sink,
      ),
    ),
  ];
}

function attach(
  path: string | undefined,
  complain: (text: string) => void,
  trace: (sink: Sink) => () => void,
): Attachment[] {
  if (path === undefined) return [];
  return traceFile(() => {
    let complained = false;
    const file = fileSink(path, ({ message }) => {
      complained = true;
      complain(message);
    });
    const stop = trace(file.write);
    return [
      {
        ended: () =>
          traceFile(() => {
            stop();
            try {
              file.close();
            } catch (error) {
              throw complained ? new ExitWith(1) : error;
            }
          }),
      },
    ];
  });
}

function traceFile<Result>(use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    throw asFailure(error);
  }
}

/** A file that cannot be read or written is told in one line. */
export function asFailure(error: unknown): unknown {
  return error instanceof TraceFileError ? new Failure(error.message) : error;
}

/**
 * Stands between a real lamp and its broker and takes down what passes, until `stop`.
 * @throws Failure when the port is taken or the file cannot be written
 */
export async function recordRealLamp(
  place: ListenPlace,
  broker: BrokerAddress,
  file: string,
  stop: AbortSignal,
  output: Output,
): Promise<void> {
  const recording = await recordTcp({
    listenHost: place.host,
    listenPort: place.port,
    broker: { host: broker.host, port: broker.port },
    file,
    onNews: (text) => output.say(text),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof TraceFileError) throw asFailure(error);
    throw new Failure(`cannot listen at ${place.host}:${place.port} (${error.code}); try another port`);
  });
  output.say(
    `Recording to ${file}. Let the lamp connect to ${place.host}:${recording.port}; Ctrl-C ends it.`,
  );
  if (!stop.aborted) await once(stop, "abort");
  await recording.close().catch((error: unknown) => {
    throw asFailure(error);
  });
}

/** By its path from here, so that the recording can be played elsewhere. */
function recordedProgram(choice: ProgramChoice): RecordingHeader["program"] {
  const path = programName(choice);
  if (path === undefined) return undefined;
  return choice.entry === undefined ? { bundle: path } : { entry: path };
}

/** What the lamp was built with, but for the secrets: enough to build it again. */
function openSettings({ values, secrets }: Config): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !secrets.includes(String(value))));
}

/**
 * Builds the lamp as it was recorded, or the program that was (in place of it: `choice`), with what `options` say over it, and plays the recording to it.
 * @throws Failure with the first difference, UsageError when the file is no recording, or its program is not here
 */
export async function replayRecording(
  file: string,
  options: LampOptions,
  output: Output,
  choice: ProgramChoice = {},
): Promise<void> {
  const recording = recordingIn(file);
  const program = isChosen(choice) ? choice : programOf(recording, file);
  const config = configureLamp(asRecorded(recording, options));
  const { code, map } = await makeProgram(program, config);
  const result = replay(recording, {
    profile: config.profile,
    bundle: code,
    sourceMap: map,
    secrets: config.secrets,
    onEvent: (event) => {
      output.event(event);
      if (!output.json) output.say(eventLine(event));
    },
  });
  const lines = describeReplay(result, file);
  if (result.difference) throw new Failure(lines.join("\n"));
  for (const line of lines) output.say(line);
}

function recordingIn(file: string): Recording {
  try {
    return readRecording(file);
  } catch (error) {
    throw error instanceof TraceFileError ? new UsageError(error.message) : error;
  }
}

function isChosen({ entry, bundle }: ProgramChoice): boolean {
  return entry !== undefined || bundle !== undefined;
}

/**
 * The program that a recording names. A recording may be anybody's: only what lies below the current folder is taken.
 * @throws UsageError when it has to be named
 */
function programOf({ header: { program } }: Recording, file: string): ProgramChoice {
  if (program === undefined) return {};
  const isEntry = program?.entry !== undefined;
  const path = isEntry ? program.entry : program?.bundle;
  const flag = isEntry ? "--entry" : "--bundle";
  const isBelow = typeof path === "string" && !isAbsolute(path) && !/^\.\.(?:[\\/]|$)/.test(normalize(path));
  if (isBelow && existsSync(path)) return isEntry ? { entry: path } : { bundle: path };
  const named = typeof path === "string" ? ` ${path.replace(/[\p{Cc}\p{Cf}]/gu, "?")}` : "";
  throw new UsageError(
    `${file} was recorded with the program${named}, which is not taken from here by itself; name it: --replay ${file} ${flag} FILE`,
  );
}

function asRecorded({ header }: Recording, options: LampOptions): LampOptions {
  const { board, ...settings } = header.settings ?? {};
  const recorded = Object.entries(settings)
    // Of an older version, which had the key without the feature.
    .filter(([key]) => !isFutureKey(key))
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return { ...options, set: [...recorded, ...(options.set ?? [])], board: options.board ?? header.board };
}
