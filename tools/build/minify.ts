/** terser: the same program in as few bytes as the board's interpreter can take. */
import { readFileSync } from "node:fs";
import { type CompressOptions, type MangleOptions, type MinifyOptions, minify as terser } from "terser";
import { projectRoot } from "../version.ts";
import { declaredMembers } from "./board-declarations.ts";
import type { Generated } from "./bundle.ts";
import { knownGlobals, knownMembers } from "./interpreter.ts";

/** Shortens everything that is not the board's: names in `pins`, built-in members, board.d.ts and quoted keys stay. */
export async function minify(readable: Generated, pins: readonly string[]): Promise<Generated> {
  return run(readable, minifyOptions(pins));
}

/**
 * Shortens a program of people's own, which then means what it means in TypeScript. Of the properties only `internal` ones are renamed, and to no
 * word of `words`, which are all that the program outside of the firmware holds.
 */
export async function minifyOwn(
  readable: Generated,
  pins: readonly string[],
  { internal, words }: { readonly internal: readonly string[]; readonly words: ReadonlySet<string> },
): Promise<Generated> {
  const own = internal.filter((name) => !words.has(name));
  const { compress, mangle, ...others } = minifyOptions(pins);
  return run(readable, {
    ...others,
    compress: { ...(compress as CompressOptions), ...exact },
    mangle: {
      ...(mangle as MangleOptions),
      // The console of the board asks for these, whatever runs.
      reserved: [...pins, ...boardWords, ...knownGlobals],
      properties: {
        builtins: true,
        keep_quoted: true,
        reserved: [...boardNames(), ...words],
        regex: new RegExp(`^(?:${own.join("|")})$`),
      },
    },
  });
}

/** What the firmware does without, and others need not. */
const exact: CompressOptions = {
  pure_getters: "strict",
  keep_fargs: true,
  unsafe: false,
  unsafe_arrows: false,
  unsafe_math: false,
  unsafe_methods: false,
};

async function run(readable: Generated, options: MinifyOptions): Promise<Generated> {
  const result = await terser(readable.code, {
    ...options,
    sourceMap: { content: JSON.stringify(readable.map), includeSources: true, asObject: true },
  });
  return { code: result.code ?? "", map: result.map as Generated["map"] };
}

/**
 * Removes what the constants have switched off and nothing else, so that only what will run is checked: a board without
 * Wi-Fi is not blamed for code about Wi-Fi.
 */
export async function removeDeadCode(readable: Generated): Promise<Generated> {
  return run(readable, {
    ecma: 2015,
    toplevel: true,
    compress: {
      defaults: false,
      conditionals: true,
      dead_code: true,
      evaluate: true,
      reduce_vars: true,
      top_retain: hotFunctions,
      side_effects: true,
      toplevel: true,
      unused: true,
      passes: 2,
    },
    mangle: false,
    format: { ascii_only: true, beautify: true, comments: false, keep_quoted_props: true },
  });
}

/**
 * Functions that stay functions even where they are called once. Written in place they would be read, and made anew,
 * whenever the hot path around them runs; all others are better in place, as each function kept costs some nine variables.
 */
const hotFunctions = [
  "receive",
  "act",
  "release",
  "repeated",
  "control",
  "deliver",
  "unusual",
  "apply",
  "drained",
  "closed",
  "greet",
  "command",
  "lampTopic",
];

/** How the minifier works for this interpreter, which runs the program from its text. */
export function minifyOptions(pins: readonly string[]): MinifyOptions {
  return {
    ecma: 2015, // arrow functions and short methods, but nothing of 2016 and later
    toplevel: true,
    compress: {
      passes: 3, // a fourth changes nothing and takes a quarter of the time
      toplevel: true,
      pure_getters: true, // the firmware has no getter with an effect
      keep_fargs: false,
      unsafe: true, // built-ins are what they are: nobody replaces them
      unsafe_arrows: true, // no function is both called with `new` and written as a function
      unsafe_methods: true,
      unsafe_math: true,
      top_retain: hotFunctions,
      drop_debugger: false,
      hoist_funs: false, // the interpreter does not hoist either; order stays as written
    },
    mangle: {
      toplevel: true,
      reserved: [...pins, ...boardWords],
      properties: { builtins: true, keep_quoted: true, reserved: boardNames() },
    },
    format: { ascii_only: true, comments: false },
  };
}

/** Reserved words there, and names like any other in the language that the minifier knows. */
const boardWords = ["of", "static", "let", "undefined"];

/** Property names that mean something to the board. */
function boardNames(): string[] {
  const declarations = readFileSync(`${projectRoot}firmware/board.d.ts`, "utf8");
  return [...boardWords, ...knownMembers, ...knownGlobals, ...declaredMembers(declarations)];
}
