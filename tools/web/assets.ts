/** The files of the page for a board, made when the server starts; @espruino-tools/core is fitted in on the way. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { type Assets, bundlePage } from "../../sim/web/assets.ts";

const folder = new URL("./page/", import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, folder));
let made: Promise<Assets> | undefined;

/** Made once a process. @throws Error of esbuild, or because @espruino-tools/core is not what it was. */
export function pageFiles(): Promise<Assets> {
  made ??= bundlePage({ folder, script: "board", plugins: [coreInItsPlace()] });
  return made;
}

/** What the module of connections finds in its surroundings. */
const SEEN = ["document", "window", "navigator", "console", "setTimeout"];

/**
 * Bundles @espruino-tools/core with what of it is used: connections that see our surroundings instead of the browser, no styles for a chooser
 * that is not drawn, and no compiler from TypeScript to calls, which has eight times the size of everything else.
 */
function coreInItsPlace(): Plugin {
  return {
    name: "core-in-its-place",
    setup(esbuild) {
      let seen = 0;
      esbuild.onResolve({ filter: /^@espruino-tools\/transpiler$/ }, () => ({
        path: path("core/left-out.ts"),
      }));
      esbuild.onResolve({ filter: /^\.\/styles\/modal$/ }, ({ importer }) =>
        /[\\/]@espruino-tools[\\/]uart[\\/]/.test(importer) ? { path: path("core/left-out.ts") } : undefined,
      );
      esbuild.onLoad(
        { filter: /[\\/]@espruino-tools[\\/]uart[\\/]lib[\\/]uart\.js$/ },
        async ({ path: file }) => {
          seen++;
          const source = await readFile(file, "utf8");
          const surroundings = JSON.stringify(path("core/surroundings.ts"));
          return {
            contents: `const { ${SEEN.join(", ")} } = require(${surroundings});\n${source}`,
            loader: "js",
          };
        },
      );
      esbuild.onEnd(() => {
        if (seen === 0)
          throw new Error("@espruino-tools/core connects by other means than it did; see docs/web.md");
      });
    },
  };
}
