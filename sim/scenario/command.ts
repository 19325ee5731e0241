/** A whole run of scenario files, as a command line asks for it: names in, report out, exit code. */
import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { scenarioFiles } from "./files.ts";
import { type PlannedScenario, runScenarios } from "./parallel.ts";
import { parseScenario, type Scenario, ScenarioMistakes } from "./parse.ts";
import { type ReporterName, reporters } from "./reporters.ts";
import { type BuiltLamp, misfits } from "./run.ts";

/**
 * Builds a lamp with settings of a scenario ("lamp.topic": "hall"), for a board where it names one; or the program that it names (an absolute path)
 * in place of the lamp. Anything it throws ends the command, but for `ScenarioMistakes`: those are reported with the place of the settings or of the
 * program.
 */
export type BuildLamp = (wanted: {
  board: string | undefined;
  settings: Readonly<Record<string, unknown>>;
  program?: Scenario["program"];
}) => Promise<BuiltLamp>;

export interface ScenarioCommand {
  /** Files, folders of them, patterns. */
  names: readonly string[];
  build: BuildLamp;
  reporter?: ReporterName | undefined;
  /** Of scenarios that name none. Default 1. */
  seed?: number | undefined;
  /** Threads. Default: as many as pay. */
  jobs?: number | undefined;
  /** Of relative names; the current folder unless given. */
  folder?: string | undefined;
  /** Where traces and screenshots go, in a folder for each scenario; dist/scenarios unless given. */
  results?: string | undefined;
  /** Gets the report, piece by piece. */
  write(text: string): void;
}

export const EXIT_CODES = { passed: 0, simulatorFault: 1, mistakes: 2, failed: 42 } as const;

export interface ScenarioOutcome {
  exitCode: (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
  /** What is wrong with the scenarios, one line each; then nothing was run. */
  mistakes: readonly string[];
}

/**
 * Reads all scenarios, builds what they need, runs them and reports.
 * @throws TraceFileError (the promise is rejected) when the results cannot be written; and what `build` throws
 */
export async function runScenarioCommand(command: ScenarioCommand): Promise<ScenarioOutcome> {
  const { folder = process.cwd(), results = join(folder, "dist/scenarios") } = command;
  const mistakes: string[] = [];
  const files = scenarioFiles(command.names, folder, mistakes);
  const read = files.flatMap((file) => readScenario(file, folder, mistakes));
  if (mistakes.length > 0) return { exitCode: EXIT_CODES.mistakes, mistakes };
  const lamps = await buildLamps(
    read.map(({ scenario }) => scenario),
    { ...command, folder },
    mistakes,
  );
  if (mistakes.length > 0) return { exitCode: EXIT_CODES.mistakes, mistakes };

  const folders = folderNames(files);
  const planned = read.flatMap(({ scenario, text }, index): PlannedScenario[] => {
    const lamp = lamps.get(buildKey(scenario, folder));
    const own = resolve(results, folders[index] ?? "");
    return lamp ? [{ file: scenario.file, text, lamp, folder: own, seed: command.seed }] : [];
  });
  const reporter = reporters[command.reporter ?? "lines"];
  command.write(reporter.begin(planned.length));
  const outcomes = await runScenarios(planned, {
    jobs: command.jobs,
    onResult: (result, index) => command.write(reporter.result(result, index + 1)),
  });
  command.write(reporter.end(outcomes));
  const is = (wanted: string): boolean => outcomes.some(({ outcome }) => outcome === wanted);
  const exitCode = is("error") ? "simulatorFault" : is("failed") ? "failed" : "passed";
  return { exitCode: EXIT_CODES[exitCode], mistakes: [] };
}

function readScenario(
  file: string,
  folder: string,
  mistakes: string[],
): { scenario: Scenario; text: string }[] {
  try {
    const text = readFileSync(resolve(folder, file), "utf8");
    return [{ scenario: parseScenario(text, file), text }];
  } catch (error) {
    if (error instanceof ScenarioMistakes) mistakes.push(...error.mistakes);
    else mistakes.push(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`);
    return [];
  }
}

/** One build for all scenarios with the same settings. */
async function buildLamps(
  scenarios: readonly Scenario[],
  { build, folder }: { build: BuildLamp; folder: string },
  mistakes: string[],
): Promise<Map<string, BuiltLamp>> {
  const lamps = new Map<string, BuiltLamp>();
  const tried = new Set<string>();
  for (const scenario of scenarios) {
    const { board, settings, file } = scenario;
    const key = buildKey(scenario, folder);
    if (!tried.has(key)) {
      tried.add(key);
      try {
        lamps.set(key, await build({ board, settings, program: programOf(scenario, folder) }));
      } catch (error) {
        if (!(error instanceof ScenarioMistakes)) throw error;
        const { line, column } = scenario[`${error.about}At`];
        mistakes.push(...error.mistakes.map((mistake) => `${file}:${line}:${column}: ${mistake}`));
      }
    }
    const lamp = lamps.get(key);
    if (lamp) mistakes.push(...misfits(scenario, lamp));
  }
  return lamps;
}

function buildKey(scenario: Scenario, folder: string): string {
  const { board, settings } = scenario;
  return JSON.stringify([board, settings, programOf(scenario, folder)]);
}

/** Its path as others can use it. */
function programOf({ file, program }: Scenario, folder: string): Scenario["program"] {
  if (!program) return undefined;
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(folder, dirname(file), path);
  return { entry: absolute(program.entry), bundle: absolute(program.bundle) };
}

/** The names of the files, without their ending; numbered where two would be the same. */
function folderNames(files: readonly string[]): string[] {
  const taken = new Set<string>();
  return files.map((file) => {
    const name = basename(file).replace(/\.ya?ml$/, "");
    let own = name;
    for (let count = 2; taken.has(own); count++) own = `${name}-${count}`;
    taken.add(own);
    return own;
  });
}
