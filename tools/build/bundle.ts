/** esbuild: TypeScript modules and constants to one script, still readable, with its source map. */
import { relative, resolve } from "node:path";
import type { EncodedSourceMap } from "@jridgewell/trace-mapping";
import { type BuildFailure, build as esbuild, type Plugin } from "esbuild";
import { projectRoot } from "../version.ts";
import { BuildError } from "./build.ts";

/** A program and the files that it was made of. */
export interface Bundled extends Generated {
  /** Absolute paths of everything that was read. */
  readonly sources: readonly string[];
}

export interface Generated {
  readonly code: string;
  readonly map: EncodedSourceMap;
}

/** `require("net")` stays as it is: the dialect check knows which modules the board has. */
const boardModules: Plugin = {
  name: "board-modules",
  setup: (setup) => {
    setup.onResolve({ filter: /^[^./]/ }, ({ kind, path }) =>
      kind === "require-call" ? { path, external: true } : undefined,
    );
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
      outfile: `${projectRoot}lamp.js`,
      absWorkingDir: projectRoot,
      // No exports are left, so this form adds nothing, and `require` stays the board's own.
      format: "cjs",
      platform: "neutral",
      // Nothing is rewritten into older syntax: what the board cannot parse is an error, not a helper function.
      target: "esnext",
      // The board keeps a field's value for all objects of the class, and parses none without a value: the constructor sets them.
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
      plugins: [boardModules],
      define: defines,
      treeShaking: true,
      charset: "ascii",
      sourcemap: "external",
      metafile: true,
      legalComments: "none",
      logLevel: "silent",
    });
    const text = (ending: string) =>
      result.outputFiles.find((file) => file.path.endsWith(ending))?.text ?? "";
    return {
      code: text(".js"),
      map: withoutValues(JSON.parse(text(".js.map"))),
      // Constants and this call's own text are no files.
      sources: Object.keys(result.metafile.inputs)
        .filter((path) => !path.startsWith("<"))
        .map((path) => resolve(projectRoot, path)),
    };
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
