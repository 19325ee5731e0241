/** esbuild: TypeScript modules and constants to one script, still readable, with its source map. */
import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import type { EncodedSourceMap } from "@jridgewell/trace-mapping";
import { type BuildFailure, build as esbuild, type Plugin } from "esbuild";
import { projectRoot } from "../version.ts";
import { BuildError } from "./build.ts";
import { moduleNames, notKnown, unsupportedNodes } from "./interpreter.ts";

export interface Generated {
  readonly code: string;
  readonly map: EncodedSourceMap;
}

/** What the bundler makes of modules. */
export interface Bundled extends Generated {
  /** Absolute paths of all files that it was made of. */
  readonly sources: readonly string[];
}

/**
 * `require("net")` stays as it is: the dialect check knows which modules the board has. The bundler would write `import()` as something else, by which
 * it would be hidden from that check.
 */
const boardModules: Plugin = {
  name: "board-modules",
  setup: (setup) => {
    setup.onResolve({ filter: /./ }, ({ kind, path }) => {
      if (kind === "dynamic-import")
        return { errors: [{ text: notKnown(unsupportedNodes.ImportExpression ?? "import()") }] };
      if (/^[./]/.test(path)) return undefined;
      if (kind === "require-call") return { path, external: true };
      if (!moduleNames(true).includes(path)) return undefined;
      return {
        errors: [
          { text: `the board's modules come by require: const ${path.toLowerCase()} = require("${path}")` },
        ],
      };
    });
  },
};

/** A file without `import` and `export` is a module too, as the compiler's `strict` has it: a function in a block belongs to the block. */
const strictModules: Plugin = {
  name: "strict-modules",
  setup: (setup) => {
    setup.onLoad({ filter: /\.m?ts$/ }, async ({ path }) => ({
      contents: `${await readFile(path, "utf8")}\nexport {};`,
      loader: "ts",
    }));
  },
};

/** `defines`: the constants as JavaScript source, by name. Throws BuildError with the TypeScript file and line. */
export async function bundle(entry: string, defines: Readonly<Record<string, string>>): Promise<Bundled> {
  try {
    const result = await esbuild({
      // Imported rather than built, the program may export what its tests want without a byte for it in the bundle.
      stdin: { contents: `import ${JSON.stringify(entry)};`, resolveDir: projectRoot },
      bundle: true,
      write: false,
      metafile: true,
      outfile: `${projectRoot}lamp.js`,
      absWorkingDir: projectRoot,
      // No exports are left, so this form adds nothing, and `require` stays the board's own.
      format: "cjs",
      platform: "neutral",
      // Nothing is rewritten into older syntax: what the board cannot parse is an error, not a helper function.
      target: "esnext",
      // But for fields of classes, which become assignments: on the board a field belongs to the class, and all its objects would share it.
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
      supported: { "class-static-blocks": false },
      plugins: [boardModules, strictModules],
      define: defines,
      treeShaking: true,
      charset: "ascii",
      sourcemap: "external",
      legalComments: "none",
      logLevel: "silent",
    });
    const text = (ending: string) =>
      result.outputFiles.find((file) => file.path.endsWith(ending))?.text ?? "";
    const sources = Object.keys(result.metafile.inputs)
      .filter((file) => !/^<.*>$|^<define:/.test(file))
      .map((file) => resolve(projectRoot, file));
    return { code: text(".js"), map: withoutValues(JSON.parse(text(".js.map"))), sources };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    throw new BuildError(
      error.errors.map(({ location, text }) => {
        const place =
          location === null
            ? relative(process.cwd(), entry)
            : `${relative(process.cwd(), resolve(projectRoot, location.file))}:${location.line}:${location.column + 1}`;
        return `${place}: ${text}`;
      }),
    );
  }
}

/** A constant that is an object comes as a source of its own, whose text is the value: secrets have no place in a map. */
function withoutValues(map: EncodedSourceMap): EncodedSourceMap {
  const contents = map.sources.map((source, index) => {
    return source?.startsWith("<define:") ? null : (map.sourcesContent?.[index] ?? null);
  });
  return { ...map, sourcesContent: contents };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}
