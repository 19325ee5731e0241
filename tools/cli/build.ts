/** `wick build`: the bundle on disk, with a table of what it weighs. */
import { existsSync, rmSync } from "node:fs";
import { dirname, isAbsolute, relative } from "node:path";
import type { Command } from "commander";
import { makeFolder } from "../../sim/trace/sink.ts";
import { BuildError, type BuildResult, build } from "../build/build.ts";
import { BUILDS_FOLDER, keepBuild } from "../build/kept-builds.ts";
import { pretokenise } from "../build/pretokenise.ts";
import { bundleBudget, certificateBytes, type Sizes } from "../build/sizes.ts";
import { typecheck } from "../build/typecheck.ts";
import type { Config } from "../config/load.ts";
import { writePrivate } from "../private-file.ts";
import { Failure, UsageError } from "./errors.ts";
import { type CommonOptions, commonOptions } from "./options.ts";
import { Output } from "./output.ts";
import { ProgramFileError, requireFile } from "./program-file.ts";
import { configFor, requireUsed } from "./program-settings.ts";
import { saying } from "./waiting.ts";

interface BuildCommandOptions extends CommonOptions {
  readonly out: string;
  readonly entry?: string;
  readonly pretokenise: boolean;
}

export function register(command: Command): void {
  commonOptions(command)
    .option("--out <file>", "where the bundle goes; its source map is put beside it", "dist/lamp.js")
    .option("--entry <file>", "a program of yours in TypeScript, in place of the lamp")
    .option(
      "--pretokenise",
      "words and operators as the interpreter's own bytes: smaller, for the board only",
      false,
    )
    .action(run);
}

async function run(options: BuildCommandOptions): Promise<void> {
  const output = new Output(options);
  const { entry } = options;
  const config = configFor(entry, { file: options.config, set: options.set, board: options.board });
  const newFolder = folderToMake(options.out);
  for (const warning of config.warnings) output.say(`note: ${warning}`);
  const result = await buildWithinBudget(config, entry, output);
  const program = options.pretokenise ? pretokenise(result.code) : result.code;
  const bytes = write(options.out, result, program);
  if (newFolder !== undefined) output.say(`The folder ${newFolder} is new.`);
  await keepForMonitor(result, program, output);
  output.say(
    `${sizeTable(result.sizes)}\n${bufferLine(config)}\n${options.out}, ${bytes} bytes, is for ${config.profile.title}`,
  );
  output.event({
    type: "build",
    file: options.out,
    board: config.profile.name,
    ...result.sizes,
    warnings: config.warnings,
  });
}

/**
 * Type-checks, bundles, checks the dialect and holds the result against the board's budget; says the table of sizes when it is above.
 * @throws Failure with one line for each mistake; UsageError where `entry` is no file, or needs a setting that has no value
 */
export async function buildWithinBudget(
  config: Config,
  entry: string | undefined,
  output: Output,
): Promise<BuildResult> {
  if (entry !== undefined) requireEntry(entry);
  const result = await saying(
    `Building ${entry ?? "the lamp"}`,
    () => tryBuild(config, entry, typecheck(entry, config.profile)),
    { quiet: output.quiet },
  );
  if (entry !== undefined) requireUsed(result.code, config);
  if (result.sizes.overBudget === 0) return result;
  output.say(sizeTable(result.sizes));
  throw new Failure(overBudget(result.sizes, config));
}

function requireEntry(entry: string): void {
  try {
    requireFile(entry);
  } catch (error) {
    throw error instanceof ProgramFileError ? new UsageError(`--entry ${entry}: ${error.message}`) : error;
  }
}

/** Keeps the source map of what may go onto a board; says so where it cannot. `program`: the bytes, one character each. */
export async function keepForMonitor(result: BuildResult, program: string, output: Output): Promise<void> {
  await keepBuild(result, { program }).catch((error: NodeJS.ErrnoException) => {
    const loss = "wick monitor will not know this build";
    output.say(`note: ${BUILDS_FOLDER} cannot be written (${error.code}): ${loss}`);
  });
}

/** Both what the types say and what the board would say is reported, so that one run shows everything. */
export async function tryBuild(
  config: Config,
  entry: string | undefined,
  complaints: Promise<string>,
): Promise<BuildResult> {
  const [types, built] = await Promise.all([
    complaints,
    build(entry === undefined ? { config } : { config, entry }).catch((error: unknown) => {
      if (error instanceof BuildError) return error;
      throw error;
    }),
  ]);
  const lacking = built instanceof BuildError ? built.message : "";
  const mistakes = [withoutTwins(types, lacking), lacking].filter((text) => text !== "");
  if (built instanceof BuildError || mistakes.length > 0) throw new Failure(mistakes.join("\n"));
  return built;
}

/** A name that does not exist, as TypeScript says it: its advice is to change compiler options. */
const NO_SUCH_NAME = /\(TS(?:2304|2339|2550|2551|2552|2583|2584)\)$/;

/** What types say of a name is left out where the board's own sentence about it is there: that one knows what to write instead. */
function withoutTwins(types: string, lacking: string): string {
  const placeOf = (line: string) => line.slice(0, line.indexOf(": "));
  const places = new Set(lacking.split("\n").map(placeOf));
  const lines = types.split("\n");
  return lines.filter((line) => !(NO_SUCH_NAME.test(line) && places.has(placeOf(line)))).join("\n");
}

/**
 * The folder of `file` where it has to be made, and is to be told; dist/ is where bundles go.
 * @throws Failure where it lies elsewhere than below the current folder: that is more likely a slip than meant
 */
function folderToMake(file: string): string | undefined {
  const folder = dirname(file);
  if (existsSync(folder)) return undefined;
  const below = relative(process.cwd(), folder);
  if (below.startsWith("..") || isAbsolute(below))
    throw new Failure(`${file}: the folder ${folder} does not exist; make it first: mkdir -p ${folder}`);
  return below === "dist" ? undefined : below;
}

/** Returns the number of bytes of the bundle on disk. A source map fits only the program as text. */
function write(file: string, result: BuildResult, program: string): number {
  try {
    makeFolder(dirname(file));
    writePrivate(file, program, "latin1");
    if (program !== result.code) rmSync(`${file}.map`, { force: true });
    else writePrivate(`${file}.map`, result.map);
    return program.length;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new Failure(
      `${relative(process.cwd(), file)}: cannot be written (${reason}); name another place with --out FILE`,
    );
  }
}

/** Bytes by module, largest first, and the total against the budget. */
export function sizeTable(sizes: Sizes): string {
  const rows = sizes.modules.map(({ file, bytes }) => `${bytes.toString().padStart(7)}  ${file}`);
  return [...rows, `${sizes.total.toString().padStart(7)}  total, budget ${sizes.budget}`].join("\n");
}

/** What is certain about memory before anything runs: the fixed buffers, in the board's variables. */
function bufferLine({ values, profile }: Config): string {
  // As firmware/mqtt/receive.ts and client.ts make them: 128 bytes above rxBuffer, and the identifiers of QoS 2 messages.
  const identifiers = Number(values["mqtt.qos"]) === 2 || values["mqtt.cleanSession"] !== true ? 128 : 0;
  const bytes = Number(values["mqtt.rxBuffer"]) + 128 + identifiers;
  const variables = Math.ceil(bytes / profile.memory.blockSize);
  return `${bytes.toString().padStart(7)}  bytes of RAM for fixed MQTT buffers, at least ${variables} of ${profile.memory.variables} variables`;
}

/** Where the budget of the lamp's bundle stands, for a message. */
export function budgetSource(config: Config): string {
  const { name, budget } = config.profile;
  const certificates = certificateBytes(config);
  return (
    `board-profiles/${name}.json: budget.bundleBytes is ${budget.bundleBytes}` +
    (certificates > 0 ? `, and certificates of ${certificates} bytes are let in besides` : "")
  );
}

function overBudget(sizes: Sizes, config: Config): string {
  const { name } = config.profile;
  const isLamp = sizes.budget === bundleBudget(config);
  const source = isLamp ? budgetSource(config) : `an eighth of its memory, ${sizes.budget} bytes`;
  return (
    `the bundle has ${sizes.total} bytes, ${sizes.overBudget} above the budget of ${name} ` +
    `(${source}); switch something off, such as: ` +
    "--set mqtt.qos=0 --set mqtt.cleanSession=true --set lamp.pwm=false"
  );
}
