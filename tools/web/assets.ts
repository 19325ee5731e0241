/** The files of the page for a board, made when the server starts: there is no build step to remember. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import type { Asset } from "../../sim/web/assets.ts";

/** By name, beside the page; the page itself is "". */
export type PageFiles = ReadonlyMap<string, Asset>;

const folder = new URL("./page/", import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, folder));
let made: Promise<PageFiles> | undefined;

/** Made once a process. @throws Error of esbuild, or because @espruino-tools/core is not what it was. */
export function pageFiles(): Promise<PageFiles> {
  made ??= make();
  return made;
}

async function make(): Promise<PageFiles> {
  const plugin = coreInItsPlace();
  const [{ outputFiles }, html, icon] = await Promise.all([
    build({
      entryPoints: { board: path("main.ts"), style: path("style.css") },
      bundle: true,
      minify: true,
      write: false,
      outdir: "/",
      format: "esm",
      target: "es2022",
      legalComments: "none",
      logLevel: "silent",
      plugins: [plugin],
    }),
    readFile(path("index.html")),
    readFile(new URL("../../sim/web/page/icon.svg", import.meta.url)),
  ]);
  const built = (ending: string): Buffer =>
    Buffer.from(outputFiles.find((file) => file.path.endsWith(ending))?.contents ?? []);
  return new Map([
    ["", { type: "text/html; charset=utf-8", body: html }],
    ["board.js", { type: "text/javascript; charset=utf-8", body: built("board.js") }],
    ["style.css", { type: "text/css; charset=utf-8", body: built("style.css") }],
    ["icon.svg", { type: "image/svg+xml", body: icon }],
  ]);
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
