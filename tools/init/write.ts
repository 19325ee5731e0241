/** Puts the two files where they belong: both complete and tried by loadConfig first, then moved into place; nothing is ever half written. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { Failure } from "../cli/errors.ts";
import { ConfigError } from "../config/error.ts";
import { type Config, loadConfig } from "../config/load.ts";

export interface ConfigFiles {
  /** Absolute path of flash.config.json, or what stands in its place. */
  readonly main: string;
  /** The local file beside it. */
  readonly local: string;
}

/** As loadConfig finds the local file of a config file. */
export function filesOf(main: string): ConfigFiles {
  return { main, local: main.replace(/(\.jsonc?)?$/, (ending) => `.local${ending || ".json"}`) };
}

export interface NewText {
  readonly main: string;
  /** undefined: the local file stays as it is. */
  readonly local: string | undefined;
}

/**
 * Writes both, the local file readable by its owner alone, and returns the configuration that they are.
 * @throws ConfigError when loadConfig would refuse them, Failure when they cannot be written; then both are as they were
 */
export function writeFiles(
  files: ConfigFiles,
  text: NewText,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const folder = dirname(files.main);
  const trial = filesOf(join(folder, `.wick-init-${randomBytes(4).toString("hex")}.json`));
  try {
    const local = text.local ?? (existsSync(files.local) ? readFileSync(files.local, "utf8") : undefined);
    writeAll(trial.main, text.main, 0o644);
    if (local !== undefined) writeAll(trial.local, local, 0o600);
    const config = tryConfig(trial, files, environment);
    if (local !== undefined) renameSync(trial.local, files.local);
    renameSync(trial.main, files.main);
    return config;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure(
      `${shown(files.main)}: cannot be written (${code ?? message}); name another place with --config FILE`,
    );
  } finally {
    for (const path of [trial.main, trial.local]) if (existsSync(path)) rmSync(path);
  }
}

function writeAll(path: string, text: string, mode: number): void {
  const file = openSync(path, "wx", mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Messages name the files as they will be called. */
function tryConfig(
  trial: ConfigFiles,
  files: ConfigFiles,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const load = (more: Readonly<Record<string, string>>) =>
    loadConfig({ file: trial.main, folder: dirname(files.main), environment: { ...more, ...environment } });
  try {
    return load({});
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // A variable that is set only where the lamp is built is no mistake in the file.
    const unset = [...error.message.matchAll(/environment variable (\w+), which is not set/g)].map(
      ([, name]) => name,
    );
    if (unset.length === error.message.split("\n").length)
      return load(Object.fromEntries(unset.map((name) => [name ?? "", "stands-for-it"])));
    const renamed = error.message
      .replaceAll(trial.local, shown(files.local))
      .replaceAll(basename(trial.local), basename(files.local))
      .replaceAll(trial.main, shown(files.main))
      .replaceAll(basename(trial.main), basename(files.main));
    throw new ConfigError(renamed);
  }
}

/** Whether git would not take the local file already; then a line for it is added to .gitignore. Returns that file's path when it was changed. */
export function ignoreLocal({ local }: ConfigFiles): string | undefined {
  const folder = dirname(local);
  const name = basename(local);
  if (isIgnored(folder, name)) return undefined;
  const list = join(folder, ".gitignore");
  const before = existsSync(list) ? readFileSync(list, "utf8") : "";
  appendFileSync(list, `${before === "" || before.endsWith("\n") ? "" : "\n"}${name}\n`);
  return list;
}

function isIgnored(folder: string, name: string): boolean {
  try {
    execFileSync("git", ["-C", folder, "check-ignore", "-q", "--", name], { stdio: "ignore", timeout: 5000 });
    return true;
  } catch (error) {
    if ((error as { status?: number }).status === 1) return false;
  }
  // No git, or no working tree of it yet: what the file itself says.
  const list = join(folder, ".gitignore");
  const lines = existsSync(list) ? readFileSync(list, "utf8").split(/\r?\n/) : [];
  return lines.some((line) => [name, `/${name}`, "*.local.json", "*.local.*"].includes(line.trim()));
}

/** As the user would write it. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
