/** `wick init`: asks for board, Wi-Fi, broker, topic and pin, and writes flash.config.json; secrets go to the local file beside it. */
import type { Command } from "commander";
import { settings } from "../../firmware/settings.ts";
import { isLoopback } from "../config/broker-rules.ts";
import type { Config } from "../config/load.ts";
import { thisComputer } from "../doctor/surroundings.ts";
import { boardFinder } from "../init/boards.ts";
import { type InitResult, init } from "../init/init.ts";
import { Terminal } from "../init/terminal.ts";
import { shown } from "../init/write.ts";
import { UsageError } from "./errors.ts";
import { type CommonOptions, commonOptions } from "./options.ts";
import { Output } from "./output.ts";

interface InitCommandOptions extends CommonOptions {
  readonly yes: boolean;
  readonly force: boolean;
}

const NEXT = "npx wick flash";

export function register(command: Command): void {
  commonOptions(command)
    .option("--yes", "no questions: defaults, and what --set and --board say", false)
    .option("--force", "with --yes: put the answers into a file that is there already", false)
    .action(run);
}

/** @throws UsageError for a flag that would change nothing */
export function checkTogether({ force, yes }: Pick<InitCommandOptions, "force" | "yes">): void {
  if (force && !yes) throw new UsageError("--force is for --yes; without it you are asked");
}

async function run(options: InitCommandOptions): Promise<void> {
  const output = new Output(options);
  checkTogether(options);
  const screen = options.json ? process.stderr : process.stdout;
  if (!options.yes && (!process.stdin.isTTY || !screen.isTTY || options.quiet))
    throw new UsageError(
      "wick init asks questions, and nobody is there to answer; add: --yes --set wifi.ssid=NAME --set mqtt.host=ADDRESS",
    );
  const terminal = options.yes ? undefined : new Terminal(process.stdin, screen);
  const result = await init({
    file: options.config,
    set: options.set,
    board: options.board,
    terminal,
    force: options.force,
    surroundings: thisComputer,
    finder: boardFinder,
  });
  const { files, config } = result;
  const lines = [`${shown(files.main)} is written.`];
  if (result.wroteLocal) lines.push(`The secrets are in ${shown(files.local)}, for your eyes only.`);
  if (result.gitignore) lines.push(`${shown(result.gitignore)} keeps that from git.`);
  for (const note of notesOn(result)) lines.push(note);
  lines.push(`Next: ${NEXT}`);
  if (terminal) terminal.end(lines.join("\n"));
  else for (const line of lines) output.say(line);
  output.event({
    type: "init",
    file: files.main,
    localFile: result.wroteLocal ? files.local : null,
    gitignore: result.gitignore ?? null,
    board: config.profile.name,
    settings: shareable(config),
    broker: result.broker ? { answers: result.broker.kind === "open", said: result.broker.said } : null,
    next: NEXT,
  });
}

/** What may go wrong later, said where nobody was asked. */
function notesOn({ config, broker }: InitResult): string[] {
  const notes: string[] = [];
  const host = String(config.values["mqtt.host"]);
  if (broker && config.profile.wifi && isLoopback(host))
    notes.push(
      `Note: mqtt.host is ${host}, which for a board on Wi-Fi is the board itself; see: npx wick doctor`,
    );
  else if (broker && broker.kind !== "open")
    notes.push(`Note: ${broker.said}; ${broker.mend ?? "see"}; npx wick doctor looks again`);
  return notes;
}

/** All values but the secrets. */
function shareable({ values }: Config): object {
  const secret = new Set<string>(settings.filter((setting) => setting.secret).map(({ key }) => key));
  return Object.fromEntries(Object.entries(values).filter(([key]) => !secret.has(key)));
}
