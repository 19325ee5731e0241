/** From TypeScript and a configuration to the one file that runs on the board. */
import { relative, resolve } from "node:path";
import { TraceMap, traceSegment } from "@jridgewell/trace-mapping";
import { parse } from "acorn";
import type { Config } from "../config/load.ts";
import { projectRoot } from "../version.ts";
import { scopeBlocks } from "./block-scopes.ts";
import { bundle, type Generated } from "./bundle.ts";
import { fitClasses } from "./classes.ts";
import {
  type ConstantValue,
  constantSources,
  firmwareConstants,
  PinName,
  secretConstants,
} from "./constants.ts";
import { declareFirst } from "./declare-first.ts";
import { checkDialect, type DialectMistake, type DialectOptions } from "./dialect.ts";
import { entryTrouble } from "./entry.ts";
import { internalNames, textsOutside, wordsIn } from "./internal-names.ts";
import { minify, minifyOwn, removeDeadCode } from "./minify.ts";
import { singleInstances } from "./single-instance.ts";
import { bundleBudget, measure, type Sizes } from "./sizes.ts";

export interface BuildOptions {
  readonly config: Config;
  /** TypeScript file to start from; firmware/main.ts unless given. Relative to the current folder. */
  readonly entry?: string;
  /** false leaves names and blanks as they are, for reading; the dialect check is the same. */
  readonly minify?: boolean;
}

export interface BuildResult {
  /** ASCII only: one character is one byte. */
  readonly code: string;
  /** Source map of `code`, JSON; sources are relative to the project's root, and no secret is in it. */
  readonly map: string;
  readonly sizes: Sizes;
  /** Absolute paths of all files that the program was made of. */
  readonly sources: readonly string[];
  /** What the constants were, without the secret ones. */
  readonly constants: Readonly<Record<string, Exclude<ConstantValue, PinName>>>;
}

/** The program cannot run on the board; one line for each place, "file:line:column: what". */
export class BuildError extends Error {
  override readonly name = "BuildError";
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join("\n"));
    this.mistakes = mistakes;
  }
}

/** A program made and not yet checked. */
export interface Draft {
  readonly result: BuildResult;
  /** Holds the program against what the interpreter has. @throws BuildError for what the board could not run. */
  check(): Promise<void>;
}

/**
 * Bundles, checks and minifies. Does not check types (see typecheck.ts) nor the budget (`sizes.overBudget` tells).
 * @throws BuildError for what esbuild or the dialect check find.
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const { result, check } = await draft(options);
  await check();
  return result;
}

/**
 * The same program, with the check left for later: it takes as long as the rest.
 * @throws BuildError for what esbuild finds.
 */
export async function draft(options: BuildOptions): Promise<Draft> {
  const { config } = options;
  const lamp = resolve(projectRoot, "firmware/main.ts");
  const entry = resolve(options.entry ?? lamp);
  const trouble = entryTrouble(entry);
  if (trouble !== undefined) throw new BuildError([trouble]);
  const constants = firmwareConstants(config, entry === lamp ? "lamp" : "own");
  const { pins, wifi, interpreter, noLamp, name } = config.profile;
  if (entry === lamp && noLamp !== undefined) throw new BuildError([cannotRunLamp(name, noLamp)]);
  const dialect: DialectOptions = { pins: Object.keys(pins), hasWifi: wifi, lacks: interpreter.lacks };
  const bundled = fitClasses(await bundle(entry, constantSources(constants)));
  // The lamp is written for it; another program may call its only client what it likes, and keep it where it likes.
  const whole = entry === lamp ? singleInstances(bundled) : bundled;
  const isOwn = entry !== lamp;
  const shortened =
    options.minify === false
      ? await removeDeadCode(whole)
      : isOwn
        ? await minifyOwn(whole, dialect.pins, ownNames(bundled.sources))
        : await minify(whole, dialect.pins);
  const small = declareFirst(scopeBlocks(shortened));
  // In the board's flash a length of a multiple of 256 could leave a header that nothing can be written over (tools/flash/storage-changes.ts).
  const code = small.code.length % 256 === 0 ? `${small.code}\n` : small.code;
  return {
    result: {
      code,
      map: JSON.stringify(small.map),
      sizes: measure(code, small.map, entry === lamp ? bundleBudget(config) : ownBudget(config)),
      sources: bundled.sources,
      constants: publicConstants(constants),
    },
    async check() {
      requireDialect(bundled, await removeDeadCode(whole), dialect);
      // The minifier writes newer syntax where it is shorter; nothing that the board cannot parse may come of it.
      requireDialect(small, small, { ...dialect, syntaxOnly: true });
    },
  };
}

/** What may be renamed in a program of people's own, and what its texts hold. */
function ownNames(files: readonly string[]): Parameters<typeof minifyOwn>[2] {
  return { internal: internalNames(), words: wordsIn(textsOutside(files)) };
}

function cannotRunLamp(board: string, why: string): string {
  return `${board}: the lamp of this version cannot run on it: ${why}; take another board (npx wick boards), or build a program of your own with --entry FILE`;
}

/** The profile's budget is the lamp's. Another program may fill an eighth of the board's memory if it is loaded into RAM. */
function ownBudget({ profile }: Config): number {
  const { variables, blockSize } = profile.memory;
  return Math.floor((variables * blockSize) / 8);
}

function publicConstants(constants: Readonly<Record<string, ConstantValue>>): BuildResult["constants"] {
  const shown: Record<string, Exclude<ConstantValue, PinName>> = {};
  for (const [name, value] of Object.entries(constants)) {
    if (!secretConstants.has(name)) shown[name] = value instanceof PinName ? value.name : value;
  }
  return shown;
}

/**
 * Places are taken from `text`, whose source map knows every word. What is said of `living`, which lacks the parts that
 * the constants have switched off, is what counts: a board without Wi-Fi is not blamed for code about Wi-Fi.
 */
function requireDialect(text: Generated, living: Generated, options: DialectOptions): void {
  // The newest standard, so that everything TypeScript may write is understood and can be named.
  const check = ({ code }: Generated) =>
    checkDialect(parse(code, { ecmaVersion: "latest", sourceType: "script" }), options);
  const lasting = new Set((text === living ? [] : check(living)).map(({ sentence }) => sentence));
  const mistakes = check(text).filter(({ sentence, isSyntax }) => isSyntax || lasting.has(sentence));
  if (mistakes.length === 0) return;
  const trace = new TraceMap(text.map);
  throw new BuildError([
    ...new Set(mistakes.map((mistake) => `${placeOf(mistake, text.code, trace)}: ${mistake.sentence}`)),
  ]);
}

/** "firmware/lamp/lamp.ts:12:7" of an offset in the generated text; columns count from 1. */
function placeOf(mistake: DialectMistake, code: string, trace: TraceMap): string {
  const before = code.slice(0, mistake.offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length - 1;
  const segment = traceSegment(trace, line, mistake.offset - lineStart);
  const source = segment?.length === 1 || segment == null ? undefined : trace.sources[segment[1]];
  if (segment == null || segment.length === 1 || source == null)
    return `bundle:${line + 1}:${mistake.offset - lineStart + 1}`;
  // The map names the beginning of the expression; inside of it the text is as it was written, but for the blanks before a statement.
  const column = segment[3] + before.slice(lineStart + segment[0]).trimStart().length + 1;
  return `${relative(process.cwd(), resolve(projectRoot, source))}:${segment[2] + 1}:${column}`;
}
