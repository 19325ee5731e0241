/**
 * The `wick` command line: one lazily loaded file a command, the same words for every mistake.
 *
 * Convention for a command file tools/cli/NAME.ts:
 *
 *   import type { Command } from "commander";
 *   import { commonOptions, type CommonOptions } from "./options.ts";
 *   import { Output } from "./output.ts";
 *
 *   export function register(command: Command): void {
 *     commonOptions(command)                      // --config --set --board --json --quiet
 *       .option("--port <n>", "…", parsePort)
 *       .action(async (options: CommonOptions & { port?: number }) => {
 *         const output = new Output(options);     // output.event(object): a JSON line on stdout with --json;
 *         ...                                     // output.say(text): for people, stderr with --json, nothing with --quiet
 *       });
 *   }
 *
 * `command` comes with its name and its one-line description (the list below), so that `wick --help` loads nothing.
 * A command that was tried and failed throws `Failure(message)` (exit code 1), a wrong command line or config throws
 * `UsageError(message)` (exit code 2), both from ./errors.ts; `ExitWith(code)` ends with any other code, such as 42.
 * A command never calls process.exit; it returns when it is done.
 */
import { Command, CommanderError } from "commander";
import { didYouMean } from "../../sim/nearest.ts";
import { ConfigError } from "../config/error.ts";
import { version } from "../version.ts";
import { ExitWith, Failure, UsageError } from "./errors.ts";
import { helpWords } from "./help.ts";
import { Output } from "./output.ts";
import { twiceOn } from "./twice.ts";
import { saying } from "./waiting.ts";

interface CommandEntry {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<{ register(command: Command): void }>;
}

const commands: readonly CommandEntry[] = [
  {
    name: "init",
    description: "ask for board, Wi-Fi, broker, topic and pin; write flash.config.json",
    load: () => import("./init.ts"),
  },
  {
    name: "build",
    description: "type-check, bundle, check the dialect, size and budget; write dist/lamp.js",
    load: () => import("./build.ts"),
  },
  {
    name: "sim",
    description: "run the lamp, or a program of yours, on a simulated board, with a broker of its own",
    load: () => import("./sim.ts"),
  },
  {
    name: "flash",
    description: "put the bundle (and Espruino, if asked) on a board, prove that it runs, watch it",
    load: () => import("./flash.ts"),
  },
  {
    name: "monitor",
    description: "the board's console, with errors in TypeScript, reconnect, filter and log",
    load: () => import("./monitor.ts"),
  },
  {
    name: "web",
    description: "a page that puts the bundle on a board over Bluetooth or USB, from the browser",
    load: () => import("./web.ts"),
  },
  {
    name: "boards",
    description: "list the board profiles; `wick boards NAME` shows pins, limits and warnings",
    load: () => import("./boards.ts"),
  },
  {
    name: "doctor",
    description: "check config, broker, credentials, port and board, and say what to do about each failure",
    load: () => import("./doctor.ts"),
  },
];

/**
 * Runs one command line (without `node` and the script's name) and returns the exit code: 0 done, 1 tried and failed,
 * 2 the command line or the config is wrong, or what the command asked for.
 */
export async function main(written: readonly string[]): Promise<number> {
  const program = new Command("wick")
    .description("MQTT lamp firmware for Espruino: build it, simulate it, put it on a board")
    .version(version, "-V, --version", "this version")
    .helpCommand(false)
    .helpOption("-h, --help", "this text")
    .addHelpText("after", "\nnpx wick help COMMAND says what one can do.")
    .configureHelp(helpWords)
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  const commandLine = written[0] === "help" ? askingForHelp(written.slice(1)) : written;
  const named = commandLine.find((word) => !word.startsWith("-"));
  try {
    for (const entry of commands) {
      const command = program
        .command(entry.name)
        .description(entry.description)
        .exitOverride()
        .configureOutput({ outputError: () => {} });
      if (entry.name !== named) continue;
      const { register } = await saying(`Loading wick ${named}`, entry.load, { quiet: isQuiet(commandLine) });
      register(command);
      const twice = twiceOn(command);
      command.hook("preAction", () => {
        const output = new Output(command.opts());
        for (const sentence of twice()) output.note(sentence);
      });
    }
    if (commandLine.length === 0) {
      program.outputHelp();
      return 0;
    }
    if (named !== undefined && !commands.some((entry) => entry.name === named)) throw unknownCommand(named);
    await program.parseAsync([...commandLine], { from: "user" });
    return process.exitCode === undefined ? 0 : Number(process.exitCode);
  } catch (error) {
    return report(error, named);
  }
}

/** Before the command line is read for good. */
function isQuiet(commandLine: readonly string[]): boolean {
  return commandLine.includes("--quiet");
}

/** `wick help COMMAND` is `wick COMMAND --help`; what else is written there is looked at as usual. */
function askingForHelp(words: readonly string[]): string[] {
  return [...words.filter((word) => word !== "help"), "--help"];
}

function unknownCommand(named: string): UsageError {
  const names = commands.map((entry) => entry.name);
  return new UsageError(
    `unknown command "${named}"${didYouMean(named, names)}; commands: ${names.join(", ")}; see: npx wick --help`,
  );
}

/** Says on stderr, in one line, what went wrong, and returns the exit code for it. */
function report(error: unknown, named: string | undefined): number {
  if (error instanceof ExitWith) return error.code;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0; // --help and --version
    const where = named === undefined ? "wick" : `wick ${named}`;
    const sentence = error.message
      .replace(/^error: /, "")
      .replace(/\s*\n\s*/g, " ")
      .replace(/\.$/, "");
    complain(`${where}: ${sentence}; see: npx ${where} --help`);
    return 2;
  }
  if (error instanceof UsageError || error instanceof ConfigError) {
    complain(error.message);
    return 2;
  }
  if (error instanceof Failure) {
    complain(error.message);
    return 1;
  }
  // A fault of Wick itself: here a stack trace is what is wanted.
  complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 1;
}

function complain(message: string): void {
  process.stderr.write(`${message}\n`);
}
