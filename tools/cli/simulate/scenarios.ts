/** `wick sim --scenario`: plays scenario files and reports. */
import { relative } from "node:path";
import { type ReporterName, runScenarioCommand, ScenarioMistakes } from "../../../sim/scenario/index.ts";
import { ConfigError } from "../../config/error.ts";
import { parseSet } from "../../config/parse.ts";
import { ExitWith, UsageError } from "../errors.ts";
import { configureLamp } from "./lamp.ts";
import { makeProgram, type ProgramChoice, ProgramMistake } from "./program.ts";
import { asFailure } from "./traces.ts";

export interface ScenarioOptions {
  readonly names: readonly string[];
  /** Wins over what the scenarios name. */
  readonly choice: ProgramChoice;
  readonly config?: string | undefined;
  readonly set: readonly string[];
  readonly board?: string | undefined;
  readonly seed: number;
  readonly jobs?: number | undefined;
  readonly results?: string | undefined;
  readonly reporter: ReporterName;
  /** The report goes here; nothing with --quiet. */
  readonly write: (text: string) => void;
}

/**
 * The config file, then what the scenario sets, then the command line, each over the one before.
 * @throws UsageError for mistakes in scenarios, ExitWith(42) for a failed expectation, ExitWith(1) for a fault of the simulator.
 */
export async function playScenarios(options: ScenarioOptions): Promise<void> {
  const { names, choice, seed, jobs, results, reporter, write } = options;
  // Told once, and as a mistake of the command line, not of each scenario.
  const mistakes: string[] = [];
  for (const argument of options.set) parseSet(argument, process.cwd(), mistakes);
  if (mistakes.length > 0) throw new ConfigError(mistakes.join("\n"));
  const played = await runScenarioCommand({
    names,
    reporter,
    seed,
    jobs,
    results,
    write,
    async build({ board, settings, program }) {
      try {
        const config = configureLamp({
          file: options.config,
          set: [...Object.entries(settings).map(asArgument), ...options.set],
          board: options.board ?? board,
        });
        const isNamed = choice.entry === undefined && choice.bundle === undefined;
        const { code, map, lamp } = await makeProgram(isNamed ? fromHere(program) : choice, config, KEYS);
        return {
          profile: config.profile,
          bundle: code,
          sourceMap: map,
          lamp,
          port: Number(config.values["mqtt.port"]),
        };
      } catch (error) {
        if (!(error instanceof ConfigError || error instanceof UsageError)) throw error;
        throw new ScenarioMistakes(
          error.message.split("\n").map((line) => line.replace(/^--set: /, "set: ")),
          error instanceof ProgramMistake ? "program" : "settings",
        );
      }
    },
  }).catch((error: unknown) => {
    throw asFailure(error);
  });
  if (played.mistakes.length > 0) throw new UsageError(played.mistakes.join("\n"));
  if (played.exitCode !== 0) throw new ExitWith(played.exitCode);
}

/** How messages name the keys. */
const KEYS = { entry: "entry", bundle: "bundle" };

/** As people would name it in this folder. */
function fromHere({ entry, bundle }: ProgramChoice = {}): ProgramChoice {
  const named = (path: string | undefined) => path && (relative(process.cwd(), path) || ".");
  return { entry: named(entry), bundle: named(bundle) };
}

/** As it would stand behind --set. */
function asArgument([key, value]: [string, unknown]): string {
  return `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`;
}
