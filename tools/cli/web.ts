/** `wick web`: builds the bundle and serves the page that puts it on a board from the browser. */
import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { loadConfig } from "../config/load.ts";
import { offeredBundle } from "../web/offered-bundle.ts";
import { serveBoardPage } from "../web/server.ts";
import { Failure } from "./errors.ts";
import { bundleToFlash } from "./flash/bundle.ts";
import { type CommonOptions, commonOptions, parsePort } from "./options.ts";
import { Output } from "./output.ts";
import { untilSignal } from "./until-signal.ts";

const PAGE_PORT = 8090;

interface WebCommandOptions extends CommonOptions {
  readonly port: number;
  readonly file?: string;
}

export function register(command: Command): void {
  commonOptions(command)
    .option(
      "--port <number>",
      "where on 127.0.0.1 the page is; the next free port where that is taken",
      parsePort,
      PAGE_PORT,
    )
    .option("--file <file>", "a bundle that is built already; without it the lamp is built as by wick build")
    .action((options: WebCommandOptions) => run(options, new Output(options)));
}

async function run(options: WebCommandOptions, output: Output): Promise<void> {
  const config = loadConfig({ file: options.config, set: options.set, board: options.board });
  for (const warning of config.warnings) output.say(`note: ${warning}`);
  const bytes = await bundleToFlash(config, options.file, output);
  const bundle = offeredBundle(config, bytes, options.file ?? "built from the configuration");
  // The bundle holds passwords: nobody else on this computer is to find it.
  const path = `/${randomBytes(12).toString("base64url")}/`;
  const server = await serveBoardPage({ port: options.port, bundle: () => bundle, path }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new Failure(`no port from ${options.port} on for the page (${error.code}); try: --port 0`);
    },
  );
  try {
    if (options.port !== 0 && server.port !== options.port)
      output.say(`Port ${options.port} is taken; the page is on ${server.port}.`);
    output.say(`Open ${server.url} in Chrome, Edge or Opera, on this computer. Ctrl-C ends it.`);
    output.event({ type: "web", url: server.url, board: config.profile.name, bundleBytes: bytes.length });
    await untilSignal(
      (signal) => new Promise<void>((stop) => signal.addEventListener("abort", () => stop())),
    );
  } finally {
    await server.close();
  }
}
