/** The files of a page, made when the server starts: there is no build step to remember. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

export interface Asset {
  type: string;
  body: Buffer;
}

/** By name, beside the page; the page itself is "". */
export type Assets = ReadonlyMap<string, Asset>;

export interface PageSources {
  /** With index.html, main.ts and style.css; ends with "/". */
  folder: URL;
  /** What index.html calls the script that is made of main.ts, without its ending. */
  script: string;
  plugins?: Plugin[];
}

const ownFolder = new URL("./page/", import.meta.url);
let made: Promise<Assets> | undefined;

/** Of the page of a simulation; made once a process. @throws Error of esbuild. */
export function pageAssets(): Promise<Assets> {
  made ??= bundlePage({ folder: ownFolder, script: "page" });
  return made;
}

/** Every page has the icon of this one. @throws Error of esbuild or of a plugin. */
export async function bundlePage({ folder, script, plugins = [] }: PageSources): Promise<Assets> {
  const path = (name: string): string => fileURLToPath(new URL(name, folder));
  const [{ outputFiles }, html, icon] = await Promise.all([
    build({
      entryPoints: { [script]: path("main.ts"), style: path("style.css") },
      bundle: true,
      minify: true,
      write: false,
      outdir: "/",
      format: "esm",
      target: "es2022",
      legalComments: "none",
      logLevel: "silent",
      plugins,
    }),
    readFile(path("index.html")),
    readFile(new URL("icon.svg", ownFolder)),
  ]);
  const built = (ending: string): Buffer =>
    Buffer.from(outputFiles.find((file) => file.path.endsWith(ending))?.contents ?? []);
  return new Map([
    ["", { type: "text/html; charset=utf-8", body: html }],
    [`${script}.js`, { type: "text/javascript; charset=utf-8", body: built(".js") }],
    ["style.css", { type: "text/css; charset=utf-8", body: built(".css") }],
    ["icon.svg", { type: "image/svg+xml", body: icon }],
  ]);
}
