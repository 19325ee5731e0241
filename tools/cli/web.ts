/** `wick web`: builds the bundle and serves the page that puts it on a board from the browser. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { BuildError, build } from "../build/build.ts";
import { type Config, loadConfig } from "../config/load.ts";
import { offeredBundle } from "../web/offered-bundle.ts";
import { serveBoardPage } from "../web/server.ts";
import { Failure, UsageError } from "./errors.ts";
import { type CommonOptions, commonOptions, parsePort } from "./options.ts";
import { Output } from "./output.ts";

const PAGE_PORT = 8090;
/** More is no lamp. */
const LONGEST_BUNDLE_BYTES = 1024 * 1024;

interface WebCommandOptions extends CommonOptions {
  readonly port: number;
  readonly file?: string;
}

export function register(command: Command): void {
  commonOptions(command)
    .option(
      "--port <number>",
      "of the page on 127.0.0.1; the next free one where it is taken",
      parsePort,
      PAGE_PORT,
    )
    .option("--file <bundle>", "offer this bundle, such as dist/lamp.js, and build nothing", parseFile)
    .action((options: WebCommandOptions) => run(options, new Output(options)));
}

function parseFile(value: string): string {
  if (value === "") throw new InvalidArgumentError("A file has a name, such as dist/lamp.js.");
  return value;
}

async function run(options: WebCommandOptions, output: Output): Promise<void> {
  const config = loadConfig({ file: options.config, set: options.set, board: options.board });
  for (const warning of config.warnings) output.say(`note: ${warning}`);
  const bytes = options.file === undefined ? await builtBundle(config) : readBundle(options.file);
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
    output.say(`${bytes.length} bytes for ${config.profile.title}`);
    output.say(`Open ${server.url} in Chrome, Edge or Opera, on this computer. Ctrl-C ends it.`);
    output.event({ type: "web", url: server.url, board: config.profile.name, bundleBytes: bytes.length });
    await untilStopped();
  } finally {
    await server.close();
  }
}

/** @throws Failure with one line for each place that cannot be built, or because the bundle is too large for the board. */
async function builtBundle(config: Config): Promise<Uint8Array> {
  const { code, sizes } = await build({ config }).catch((error: unknown) => {
    throw error instanceof BuildError ? new Failure(error.message) : error;
  });
  if (sizes.overBudget > 0)
    throw new Failure(
      `the bundle has ${sizes.total} bytes, ${sizes.overBudget} above the budget of ${config.profile.name}; see: npx wick build`,
    );
  return Buffer.from(code, "latin1");
}

/** @throws UsageError */
function readBundle(file: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new UsageError(`--file: ${file} cannot be read (${reason}); make it with: npx wick build`);
  }
  if (bytes.length === 0) throw new UsageError(`--file: ${file} is empty; make it anew with: npx wick build`);
  if (bytes.length > LONGEST_BUNDLE_BYTES)
    throw new UsageError(
      `--file: ${file} has ${bytes.length} bytes, which is no bundle; allowed: ${LONGEST_BUNDLE_BYTES}`,
    );
  return bytes;
}

/** Ctrl-C, SIGTERM, or a pipe that nobody reads any more. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.removeListener("SIGINT", stop);
      process.removeListener("SIGTERM", stop);
      process.stdout.removeListener("error", unread);
      resolve();
    };
    const unread = (error: NodeJS.ErrnoException): void => {
      if (error.code !== "EPIPE") throw error;
      stop();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    process.stdout.on("error", unread);
  });
}
