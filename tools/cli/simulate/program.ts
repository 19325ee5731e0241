/** What a simulated board runs: the lamp, a program of one's own that is built for it, or a bundle as it is. */
import { relative, resolve } from "node:path";
import type { LampFacts } from "../../../sim/lamp.ts";
import { findLamp } from "../../build/kept-builds.ts";
import { typecheck } from "../../build/typecheck.ts";
import type { Config } from "../../config/load.ts";
import { bundleHash } from "../../console/bundle-hash.ts";
import { projectRoot } from "../../version.ts";
import { tryBuild } from "../build.ts";
import { UsageError } from "../errors.ts";
import { ProgramFileError, readBundle, requireFile } from "../program-file.ts";
import { buildLamp, lampFacts } from "./lamp.ts";

/** Files, at most one of them; neither: the lamp. */
export interface ProgramChoice {
  /** TypeScript that the program starts with. */
  readonly entry?: string | undefined;
  /** A bundle, which is not looked at but run. */
  readonly bundle?: string | undefined;
}

export interface Program {
  /** One character a byte. */
  readonly code: string;
  /** Source map as JSON; a bundle has none. */
  readonly map: string | undefined;
  /** Undefined: it is no lamp. */
  readonly lamp: LampFacts | undefined;
  /** Absolute paths of the files that it was made of. */
  readonly sources: readonly string[];
}

/** A file that is named for a program cannot be taken. */
export class ProgramMistake extends UsageError {}

const LAMP = resolve(projectRoot, "firmware/main.ts");

/** Whether the choice is the lamp, by whatever name. */
export function isLamp({ entry, bundle }: ProgramChoice): boolean {
  return bundle === undefined && (entry === undefined || resolve(entry) === LAMP);
}

/** What people call it: the file as it was named; undefined for the lamp. */
export function programName(choice: ProgramChoice): string | undefined {
  if (isLamp(choice)) return undefined;
  const file = choice.entry ?? choice.bundle ?? "";
  return relative(process.cwd(), resolve(file));
}

/** The facts of the lamp; undefined where the program is none. */
export function factsOf(choice: ProgramChoice, config: Config): LampFacts | undefined {
  return isLamp(choice) ? lampFacts(config) : undefined;
}

/** @throws UsageError when a file that the command line names cannot be taken */
export function requireProgram({ entry }: ProgramChoice): void {
  if (entry !== undefined) told("--entry", entry, () => requireFile(entry));
}

/**
 * @throws Failure with one line for each place that cannot be built, or where the board could not run it; UsageError for a file that cannot be taken,
 * `named` by whoever named it.
 */
export async function makeProgram(
  choice: ProgramChoice,
  config: Config,
  named: { readonly entry: string; readonly bundle: string } = { entry: "--entry", bundle: "--bundle" },
): Promise<Program> {
  const { entry, bundle } = choice;
  const lamp = factsOf(choice, config);
  if (bundle !== undefined) {
    const code = told(named.bundle, bundle, () => readBundle(bundle, config.profile));
    return { code, map: undefined, lamp, sources: [resolve(bundle)] };
  }
  if (entry !== undefined) told(named.entry, entry, () => requireFile(entry));
  const { code, map, sources } =
    entry === undefined || lamp
      ? await buildLamp(config)
      : await tryBuild(config, entry, typecheck(entry, config.profile));
  return { code, map, lamp, sources };
}

/**
 * The same, for people to look at: a bundle that `wick build` made here is known by its hash, and shown as the lamp that it is. Where bundles are
 * tried, as by scenarios, what they are must not depend on what was built before.
 */
export async function makeShownProgram(choice: ProgramChoice, config: Config): Promise<Program> {
  const program = await makeProgram(choice, config);
  if (choice.bundle === undefined) return program;
  const lamp = findLamp(await bundleHash(Buffer.from(program.code, "latin1")));
  // Built for another board it is no lamp here.
  return lamp && lamp.pin in config.profile.pins ? { ...program, lamp } : program;
}

function told<Result>(by: string, file: string, take: () => Result): Result {
  try {
    return take();
  } catch (error) {
    throw error instanceof ProgramFileError ? new ProgramMistake(`${by} ${file}: ${error.message}`) : error;
  }
}
