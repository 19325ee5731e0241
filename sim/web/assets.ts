/** The files of the page, made when the server starts: there is no build step to remember. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface Asset {
  type: string;
  body: Buffer;
}

/** By path. */
export type Assets = ReadonlyMap<string, Asset>;

const folder = new URL("./page/", import.meta.url);
let made: Promise<Assets> | undefined;

/** Made once a process. @throws Error of esbuild. */
export function pageAssets(): Promise<Assets> {
  made ??= make();
  return made;
}

async function make(): Promise<Assets> {
  const path = (name: string): string => fileURLToPath(new URL(name, folder));
  const [{ outputFiles }, html, icon] = await Promise.all([
    build({
      entryPoints: { page: path("main.ts"), style: path("style.css") },
      bundle: true,
      minify: true,
      write: false,
      outdir: "/",
      format: "esm",
      target: "es2022",
      legalComments: "none",
      logLevel: "silent",
    }),
    readFile(path("index.html")),
    readFile(path("icon.svg")),
  ]);
  const built = (ending: string): Buffer =>
    Buffer.from(outputFiles.find((file) => file.path.endsWith(ending))?.contents ?? []);
  return new Map([
    ["/", { type: "text/html; charset=utf-8", body: html }],
    ["/page.js", { type: "text/javascript; charset=utf-8", body: built("page.js") }],
    ["/style.css", { type: "text/css; charset=utf-8", body: built("style.css") }],
    ["/icon.svg", { type: "image/svg+xml", body: icon }],
  ]);
}
