/** Runs one scenario: a board, a network and a broker of its own, as fast as they go, and the steps one after the other. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { LampFacts } from "../lamp.ts";
import type { BoardProfile } from "../profile.ts";
import { Simulation } from "../simulation.ts";
import { fileSink, makeFolder, TraceFileError } from "../trace/sink.ts";
import { EmbeddedBroker } from "../world/broker.ts";
import { Marks, type StepContext, StepFailure } from "./context.ts";
import type { Scenario } from "./parse.ts";
import { fullSpeed } from "./times.ts";
import { TraceWriter } from "./trace.ts";
import { Witness } from "./witness.ts";

/** A lamp, or another program, as it was built for a scenario. Plain data. */
export interface BuiltLamp {
  profile: BoardProfile;
  bundle: string;
  sourceMap?: string | undefined;
  /** Undefined: the program is no lamp. */
  lamp: LampFacts | undefined;
  /** The port that the bundle connects to. */
  port: number;
}

export interface RunOptions {
  lamp: BuiltLamp;
  /** Used where the scenario names none. Default 1. */
  seed?: number | undefined;
  /** Where screenshots go, and the trace of a scenario that fails; made when there is something to put there. */
  folder: string;
  /** Called with the files of the trace, whether or not the scenario passes. */
  onTrace?: ((files: ReadonlyMap<string, string | Uint8Array>) => void) | undefined;
}

/** Plain data. */
export interface ScenarioResult {
  file: string;
  name: string;
  /** `error`: something is wrong with the simulator, not with the lamp. */
  outcome: "passed" | "failed" | "error";
  /** How much board time it took, in ms. */
  boardTimeMs: number;
  /** What `note` and `screenshot` steps said. */
  notes: readonly { t: number; text: string }[];
  /** The step at which it ended; undefined when it passed. */
  failure?: Failure | undefined;
  /** Folder with the trace and screenshots; undefined when there are none. */
  folder?: string | undefined;
}

export interface Failure {
  line: number;
  column: number;
  /** The step on one line. */
  step: string;
  /** Undefined: it was no expectation. */
  expected: string | undefined;
  /** What happened instead, line by line. */
  instead: readonly string[];
}

/** What steps are not for this board: one line each, "FILE:12:5: what". */
export function misfits({ file, steps }: Scenario, facts: Pick<BuiltLamp, "profile" | "lamp">): string[] {
  return steps.flatMap(({ at, kind, check }) => {
    const sentence = check(facts);
    return sentence === undefined ? [] : [`${file}:${at.line}:${at.column}: ${kind}: ${sentence}`];
  });
}

/**
 * The same scenario, lamp and seed give the same result and the same trace, byte for byte.
 * @throws TraceFileError (the promise is rejected) when the folder of the results cannot be written to
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<ScenarioResult> {
  const { lamp, folder } = options;
  const broker = scenario.broker === "embedded" ? await EmbeddedBroker.create() : undefined;
  const simulation = new Simulation({
    profile: lamp.profile,
    bundle: lamp.bundle,
    sourceMap: lamp.sourceMap,
    lamp: lamp.lamp,
    seed: scenario.seed ?? options.seed,
    network: { kind: "in-process", broker, port: lamp.port },
  });
  const notes: { t: number; text: string }[] = [];
  let hasFiles = false;
  const keep = (name: string, content: string | Uint8Array): void => {
    hasFiles = true;
    writeResult(folder, name, content);
  };
  const witness = new Witness(simulation);
  const trace = new TraceWriter(simulation);
  const context: StepContext = {
    simulation,
    witness,
    marks: new Marks(),
    ...fullSpeed(simulation),
    note: (text) => {
      notes.push({ t: Math.round(simulation.clock.now() * 1000) / 1000, text });
      trace.note(text);
    },
    keep,
  };
  try {
    simulation.start();
    const ended = await runSteps(scenario, context, trace);
    const boardTimeMs = simulation.clock.now();
    // What an earlier run left there would be taken for this one's.
    const files = trace.end();
    for (const [name, content] of files) {
      if (ended) keep(name, content);
      else rmSync(join(folder, name), { force: true });
    }
    options.onTrace?.(files);
    const { file, name } = scenario;
    return {
      file,
      name,
      outcome: ended?.outcome ?? "passed",
      boardTimeMs,
      notes,
      failure: ended?.failure,
      folder: hasFiles ? folder : undefined,
    };
  } finally {
    witness.close();
    simulation.close();
    await broker?.close();
  }
}

/** Does the steps up to the first that fails, and tells of that one. */
async function runSteps(
  { steps }: Scenario,
  context: StepContext,
  trace: TraceWriter,
): Promise<{ outcome: "failed" | "error"; failure: Failure } | undefined> {
  for (const step of steps) {
    trace.step(step, step.at.line);
    try {
      await step.run(context);
    } catch (error) {
      if (error instanceof TraceFileError) throw error;
      const isFailure = error instanceof StepFailure;
      const expected = isFailure ? error.expected : undefined;
      const instead = isFailure ? error.instead : stackOf(error);
      trace.failure(expected, instead);
      return {
        outcome: isFailure ? "failed" : "error",
        failure: { ...step.at, step: step.text, expected, instead },
      };
    }
  }
  return undefined;
}

function writeResult(folder: string, name: string, content: string | Uint8Array): void {
  try {
    makeFolder(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TraceFileError(
      `cannot make the folder ${folder} (${code}); name another one for the results: --results FOLDER`,
    );
  }
  const file = fileSink(join(folder, name));
  file.write(content);
  file.close();
}

function stackOf(error: unknown): string[] {
  return String(error instanceof Error ? error.stack : error).split("\n");
}
