/** `wick init` without its command line: from nothing, or from what is there, to two files that loadConfig takes. */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { Failure, UsageError } from "../cli/errors.ts";
import { ConfigError } from "../config/error.ts";
import type { Config } from "../config/load.ts";
import { parseConfig } from "../config/parse.ts";
import { loadProfile } from "../config/profile.ts";
import { readConfigText } from "../config/text.ts";
import { judgeWifiName, judgeWifiPassword } from "../config/wifi-rules.ts";
import type { Surroundings } from "../doctor/surroundings.ts";
import { projectRoot } from "../version.ts";
import { type Answers, answersFromFlags } from "./answers.ts";
import type { BoardFinder } from "./boards.ts";
import { type Answer, tryAddress } from "./brokers.ts";
import { changedConfig, changedLocal, freshConfig } from "./config-text.ts";
import { askAll } from "./questions.ts";
import type { Terminal } from "./terminal.ts";
import { type ConfigFiles, filesOf, ignoreLocal, shown, writeFiles } from "./write.ts";

export interface InitOptions {
  /** Config file; undefined: flash.config.json in the current folder. */
  readonly file?: string | undefined;
  readonly set: readonly string[];
  readonly board?: string | undefined;
  /** Without questions; undefined: nobody is there to be asked. */
  readonly terminal?: Terminal | undefined;
  /** Without questions: an existing file may be changed. */
  readonly force: boolean;
  readonly surroundings: Surroundings;
  readonly finder: BoardFinder;
}

export interface InitResult {
  readonly config: Config;
  readonly files: ConfigFiles;
  readonly wroteLocal: boolean;
  /** .gitignore, where a line was added. */
  readonly gitignore: string | undefined;
  /** What the broker answered, where nobody was asked. */
  readonly broker: Answer | undefined;
}

/** @throws UsageError, ConfigError, Failure; then nothing was written */
export async function init(options: InitOptions): Promise<InitResult> {
  const mistakes: string[] = [];
  const answers = answersFromFlags(options, mistakes);
  if (mistakes.length > 0) throw new UsageError(mistakes.join("\n"));
  const files = filesOf(resolve(options.file ?? "flash.config.json"));
  if (!statSync(dirname(files.main), { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--config: there is no folder ${shown(dirname(files.main))}; make it first`);
  const old = readOld(files);
  const { terminal } = options;
  let keeps = old.main !== undefined;
  if (terminal) {
    terminal.begin("wick init");
    if (old.main !== undefined && !old.isUnfilled) keeps = await askAboutOld(files, old.mistakes, terminal);
    const before = keeps ? old.values : new Map<string, unknown>();
    await askAll(answers, { terminal, surroundings: options.surroundings, finder: options.finder, before });
  } else {
    if (old.main !== undefined && !old.isUnfilled && !options.force)
      throw new UsageError(
        `wick init: ${shown(files.main)} is there already; add --force to put the answers into it, or name another with --config FILE`,
      );
    if (old.mistakes[0] !== undefined) throw new UsageError(old.mistakes[0]);
    completeByDefaults(answers, old.values);
  }
  const main =
    keeps && old.main !== undefined
      ? changedConfig(old.main, answers)
      : freshConfig(answers, schemaFrom(files.main), basename(files.local));
  const local = changedLocal(old.local, answers);
  const config = writeFiles(files, { main, local });
  const gitignore = local === undefined ? undefined : ignoreLocal(files);
  return {
    config,
    files,
    wroteLocal: local !== undefined,
    gitignore,
    broker: terminal ? undefined : await visitBroker(config, options.surroundings),
  };
}

function readOld(files: ConfigFiles) {
  const read = (path: string): string | undefined => {
    if (!existsSync(path)) return undefined;
    try {
      return readConfigText(path, shown(path));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new Failure(`${error.message.replace(/; name another .*$/, "")}; nothing was written`);
    }
  };
  const main = read(files.main);
  const local = read(files.local);
  const mistakes: string[] = [];
  const values = new Map<string, unknown>();
  for (const [path, text] of [
    [files.main, main],
    [files.local, local],
  ] as const) {
    if (text === undefined) continue;
    for (const { key, value } of parseConfig(text, shown(path), dirname(path), mistakes))
      values.set(key, value);
  }
  // As it comes with the repository: a file that names no network and no broker is there to be filled in.
  const isUnfilled = mistakes.length === 0 && !values.has("wifi.ssid") && !values.has("mqtt.host");
  return { main, local, values, mistakes, isUnfilled };
}

/** Whether what it says stays where no answer replaces it. @throws Failure when it must not be touched */
async function askAboutOld(
  files: ConfigFiles,
  mistakes: readonly string[],
  terminal: Terminal,
): Promise<boolean> {
  const name = shown(files.main);
  if (mistakes[0] !== undefined) terminal.warn(mistakes[0]);
  const choice = await terminal.choice(`${name} is there already.`, [
    ...(mistakes.length === 0
      ? [
          {
            value: "keep",
            label: "put the answers into it",
            hint: "everything else in it stays, comments too",
          } as const,
        ]
      : []),
    { value: "anew", label: "write it anew", hint: "what it says now is lost" },
    { value: "stop", label: "leave it alone" },
  ]);
  if (choice === "stop") throw new Failure(`${name} stays as it is; nothing was written`);
  return choice === "keep";
}

/** Without questions: what is required and was not said ends it. */
function completeByDefaults(answers: Answers, before: ReadonlyMap<string, unknown>): void {
  if (!answers.has("board") && !before.has("board")) answers.set("board", "esp32-devkitc");
  const profile = loadProfile(String(answers.get("board") ?? before.get("board")));
  if (profile.noLamp !== undefined)
    throw new UsageError(
      `--board: the lamp of this version does not run on ${profile.name}: ${profile.noLamp}; take another: npx wick boards`,
    );
  const required = [
    ...(profile.wifi ? [{ key: "wifi.ssid", example: "NAME" }] : []),
    { key: "mqtt.host", example: "ADDRESS" },
  ];
  const missing = required.filter(({ key }) => !answers.has(key) && !before.has(key));
  if (missing.length > 0) {
    const keys = missing.map(({ key }) => key).join(" and ");
    const flags = missing.map(({ key, example }) => `--set ${key}=${example}`).join(" ");
    throw new UsageError(
      `wick init --yes: ${keys} ${missing.length === 1 ? "is" : "are"} missing; add: ${flags}`,
    );
  }
  if (profile.wifi) {
    const found = [
      answers.has("wifi.ssid") ? judgeWifiName(String(answers.get("wifi.ssid"))) : undefined,
      judgeWifiPassword(answers.get("wifi.password")),
    ];
    const wrong = found.find((finding) => finding?.status === "failure");
    if (wrong) throw new UsageError(`${wrong.message}; ${wrong.mend}`);
  }
  if (!answers.has("lamp.topic") && !before.has("lamp.topic")) answers.set("lamp.topic", "home/office/lamp");
}

function visitBroker({ values, tls }: Config, surroundings: Surroundings): Promise<Answer> {
  const text = (key: "mqtt.username" | "mqtt.password") =>
    values[key] === undefined ? undefined : String(values[key]);
  return tryAddress(
    {
      host: String(values["mqtt.host"]),
      port: Number(values["mqtt.port"]),
      tls,
      username: text("mqtt.username"),
      password: text("mqtt.password"),
    },
    surroundings,
  );
}

/** Where the schema is, from the config file, with slashes. */
function schemaFrom(file: string): string {
  const path = relative(dirname(file), `${projectRoot}flash.config.schema.json`).split(sep).join("/");
  return path.startsWith(".") ? path : `./${path}`;
}
