/** From flash.config.json, the local file, the environment and --set to checked values. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Setting, type SettingKey, type SettingValue, settings } from "../../firmware/settings.ts";
import { readCertificate } from "./certificate.ts";
import { check } from "./check.ts";
import { crossCheck } from "./cross-check.ts";
import { ConfigError } from "./error.ts";
import { type Entry, parseConfig, parseSet, shown } from "./parse.ts";
import { type BoardProfile, loadProfile } from "./profile.ts";
import { REPLACEMENT, readConfigText } from "./text.ts";
import { resolveVariables } from "./variables.ts";

export interface LoadOptions {
  /** Config file; undefined: flash.config.json where there is one; null: none at all. */
  readonly file?: string | null | undefined;
  /** "path.to.key=value" in order; win over the files. */
  readonly set?: readonly string[] | undefined;
  /** Board profile; wins over all. */
  readonly board?: string | undefined;
  /** Used where nothing was written, in place of the table's default: a simulator needs no Wi-Fi name, say. */
  readonly defaults?: Settings;
  /** Win over everything that was written: a simulator's broker, say. */
  readonly overrides?: Settings;
  /** `false`: not held against the rules about Wi-Fi and the broker's name; the caller does that. */
  readonly networkRules?: false;
  /** Where `${NAME}` is looked up; process.env unless given. */
  readonly environment?: Environment;
  /** Folder of relative paths; the current one unless given. */
  readonly folder?: string;
}

/** Values by key; a key that is absent is off or has no value. */
export type Settings = { readonly [key in SettingKey]?: SettingValue };

type Environment = Readonly<Record<string, string | undefined>>;

export interface Config {
  readonly values: Settings;
  readonly profile: BoardProfile;
  /** undefined: no TLS. Each text is DER in base64. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  /** Sentences, one each, about what is allowed but probably not meant. */
  readonly warnings: readonly string[];
  /** Every secret text in `values` and `tls`: whoever prints must not print these. */
  readonly secrets: readonly string[];
  /** The files that were read, in order. */
  readonly files: readonly string[];
}

/**
 * Reads and checks the whole configuration.
 * @throws ConfigError with one line for each mistake: place, key, what was found, what is allowed, what to do.
 */
export function loadConfig(options: LoadOptions = {}): Config {
  const folder = options.folder ?? process.cwd();
  const mistakes: string[] = [];
  const { entries, files } = readFiles(options, folder, mistakes);
  // What a file that cannot be read would have said is not missing.
  const isUnreadable = mistakes.some((mistake) => /: (?:not JSON|nested deeper)/.test(mistake));
  takeSet(options.set, folder, entries, mistakes);
  const mainFile = basename(files[0] ?? "flash.config.json");

  const environment = options.environment ?? process.env;
  const profile = profileFor(options, entries.get("board"), environment, mistakes);

  const values: { [key: string]: SettingValue } = {};
  const places = new Map<string, string>();
  const secrets: string[] = [];
  for (const setting of settings) {
    if (setting.key === "board") continue;
    const override = options.overrides?.[setting.key];
    if (override !== undefined) {
      values[setting.key] = override;
      if (setting.secret) secrets.push(String(override));
      continue;
    }
    const entry = entries.get(setting.key);
    if (entry === undefined) {
      const value = options.defaults?.[setting.key] ?? setting.default;
      if (value !== undefined) values[setting.key] = value;
      else if (!isUnreadable && isRequired(setting, profile))
        mistakes.push(missing(setting, mainFile, profile));
      continue;
    }
    places.set(setting.key, entry.where);
    // A network the board does not have needs no password from the environment.
    if (setting.key.startsWith("wifi.") && profile?.wifi === false) continue;
    const written = checkedEntry(setting, entry, environment, mistakes, fixFor(setting, profile));
    if (written === undefined) continue;
    values[setting.key] = written;
    if (setting.secret && setting.kind !== "file") secrets.push(String(written));
  }
  if (profile !== undefined) values.board = profile.name;

  const tls = readTls(entries, values, options.overrides, folder, mistakes, secrets);
  if (
    values["mqtt.port"] === 1883 &&
    tls !== undefined &&
    !places.has("mqtt.port") &&
    options.overrides?.["mqtt.port"] === undefined
  ) {
    values["mqtt.port"] = 8883;
  }
  values["mqtt.stateQos"] ??= values["mqtt.qos"] ?? 1;
  const warnings: string[] = [];
  if (profile !== undefined)
    crossCheck({
      values,
      profile,
      tls: tls !== undefined,
      networkRules: options.networkRules ?? true,
      isWritten: (key) => places.has(key),
      place: (key) => places.get(key) ?? entries.get(key)?.where ?? mainFile,
      mistakes,
      warnings,
    });
  if (mistakes.length > 0 || profile === undefined) throw new ConfigError(mistakes.join("\n"));
  return {
    values: values as Settings,
    profile,
    tls,
    warnings,
    secrets: secrets.filter((text) => text !== ""),
    files,
  };
}

/**
 * The board that was written, in the file or on the command line, whatever the rest of the configuration is like; undefined where none was.
 * @throws ConfigError for what is wrong with the file, with `set` or with the name
 */
export function writtenBoard(options: LoadOptions = {}): BoardProfile | undefined {
  const folder = options.folder ?? process.cwd();
  const mistakes: string[] = [];
  const { entries } = readFiles(options, folder, mistakes);
  takeSet(options.set, folder, entries, mistakes);
  const entry = entries.get("board");
  const isWritten = entry !== undefined || options.board !== undefined;
  const profile = isWritten
    ? profileFor(options, entry, options.environment ?? process.env, mistakes)
    : undefined;
  if (mistakes.length > 0) throw new ConfigError(mistakes.join("\n"));
  return profile;
}

function takeSet(
  written: LoadOptions["set"] = [],
  folder: string,
  entries: Map<string, Entry>,
  mistakes: string[],
): void {
  for (const argument of written) {
    const entry = parseSet(argument, folder, mistakes);
    if (entry !== undefined) entries.set(entry.key, entry);
  }
}

/** Reads the config file and the local file beside it; what the local one says wins. */
function readFiles(options: LoadOptions, folder: string, mistakes: string[]) {
  const entries = new Map<string, Entry>();
  const files: string[] = [];
  if (options.file === null) return { entries, files };
  const main = resolve(folder, options.file ?? "flash.config.json");
  if (options.file !== undefined && !existsSync(main)) {
    throw new ConfigError(
      `--config: there is no file ${options.file}; without --config it is flash.config.json`,
    );
  }
  const local = main.replace(/(\.jsonc?)?$/, (ending) => `.local${ending || ".json"}`);
  for (const path of [main, local]) {
    if (!existsSync(path)) continue;
    files.push(path);
    const name =
      path === main
        ? (options.file ?? "flash.config.json")
        : join(dirname(options.file ?? ""), basename(local));
    for (const entry of parseConfig(readConfigText(path, name), name, dirname(path), mistakes))
      entries.set(entry.key, entry);
  }
  return { entries, files };
}

/** The board decides what else may be written; undefined once its mistake is told. */
function profileFor(
  options: LoadOptions,
  entry: Entry | undefined,
  environment: Environment,
  mistakes: string[],
): BoardProfile | undefined {
  const asked = options.board ?? options.overrides?.board;
  const setting = settingOf("board");
  const name =
    asked ??
    (entry === undefined
      ? (options.defaults?.board ?? setting.default)
      : checkedEntry(setting, entry, environment, mistakes, fixFor(setting, undefined)));
  if (name === undefined) return undefined;
  try {
    return loadProfile(String(name), asked === undefined ? (entry?.where ?? "--board") : "--board");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    mistakes.push(error.message);
    return undefined;
  }
}

/** The value somebody wrote, with the environment's in it; undefined once what is wrong with it is told. */
function checkedEntry(
  setting: Setting,
  entry: Entry,
  environment: Environment,
  mistakes: string[],
  fix: string,
): SettingValue | undefined {
  const written = resolveEnvironment(entry, setting.key, environment, mistakes);
  if (written === undefined) return undefined;
  const { value, isText } = written;
  // In a file somebody may have written that character; from outside it is what Node makes of other bytes.
  if (isText && String(value).includes(REPLACEMENT)) {
    mistakes.push(
      `${entry.where}: ${setting.key} comes from the command line or the environment and is not UTF-8; set it in UTF-8`,
    );
    return undefined;
  }
  const checked = check(setting, value, isText);
  if ("value" in checked) return checked.value;
  const found = setting.secret ? "not usable (its value is not shown)" : shown(value);
  mistakes.push(`${entry.where}: ${setting.key} is ${found}, allowed is ${checked.allowed}; ${fix}`);
  return undefined;
}

function isRequired(setting: Setting, profile: BoardProfile | undefined): boolean {
  return setting.required === "always" || (setting.required === "wifi" && profile?.wifi === true);
}

function missing(setting: Setting, file: string, profile: BoardProfile | undefined): string {
  const why = setting.required === "wifi" ? `, and ${profile?.name} has Wi-Fi` : "";
  return `${file}: ${setting.key} is missing${why} (${setting.text.replace(/\.$/, "")}); write it there (npx wick init asks for it), or add: --set ${setting.key}=VALUE`;
}

function settingOf(key: SettingKey): Setting {
  const setting = settings.find((one) => one.key === key);
  if (setting === undefined) throw new Error(`there is no setting ${key}`);
  return setting;
}

/** What is said of a setting that has no value and is needed. */
export function missingSetting(key: SettingKey, { files, profile }: Config): string {
  return missing(settingOf(key), basename(files[0] ?? "flash.config.json"), profile);
}

/** With an example that is surely allowed on the board. */
function fixFor(setting: Setting, profile: BoardProfile | undefined): string {
  const ofTheBoard: { readonly [key in SettingKey]?: SettingValue | undefined } = {
    "lamp.pin": profile?.led.pin,
    "lamp.activeLow": profile?.led.activeLow,
    "lamp.pwm": false,
  };
  const example = setting.default ?? ofTheBoard[setting.key as SettingKey] ?? setting.choices?.[0];
  if (example === undefined || Array.isArray(example) || example === "") return "put it right there";
  return `put it right there, or add: --set ${setting.key}=${example}`;
}

/** Replaces `${NAME}` in texts; undefined when a variable is not set. */
function resolveEnvironment(
  entry: Entry,
  key: string,
  environment: Environment,
  mistakes: string[],
): { value: unknown; isText: boolean } | undefined {
  let isText = entry.isText;
  let complete = true;
  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== "string") return value;
    return resolveVariables(value, (name) => {
      const found = environment[name];
      if (found === undefined) {
        complete = false;
        mistakes.push(
          `${entry.where}: ${key} needs the environment variable ${name}, which is not set; try: export ${name}=VALUE`,
        );
      }
      if (value === entry.value) isText = true;
      return found;
    });
  };
  const value = replace(entry.value);
  return complete ? { value, isText } : undefined;
}

function readTls(
  entries: ReadonlyMap<string, Entry>,
  values: { [key: string]: SettingValue },
  overrides: Settings | undefined,
  folder: string,
  mistakes: string[],
  secrets: string[],
): Config["tls"] {
  const entry = entries.get("mqtt.tls");
  const written = entry?.isText ? { true: true, false: false }[String(entry.value)] : entry?.value;
  if (entry !== undefined && typeof written !== "boolean") {
    mistakes.push(
      `${entry.where}: mqtt.tls is ${shown(entry.value)}, allowed is true, false or {ca, cert, key}; or add: --set mqtt.tls=false`,
    );
  }
  const parts = ["ca", "cert", "key"] as const;
  const isOn =
    written === true || (written !== false && parts.some((part) => values[`mqtt.tls.${part}`] !== undefined));
  if (!isOn || overrides?.["mqtt.tls.ca"] === "") return undefined;
  const tls: { ca?: string; cert?: string; key?: string } = {};
  for (const part of parts) {
    const path = values[`mqtt.tls.${part}`];
    if (path === undefined) continue;
    const from = entries.get(`mqtt.tls.${part}`);
    try {
      tls[part] = readCertificate(resolve(from?.folder ?? folder, String(path)));
    } catch (error) {
      const reason =
        (error as NodeJS.ErrnoException).code === "ENOENT"
          ? "there is no such file"
          : (error as Error).message;
      mistakes.push(
        `${from?.where ?? "--set"}: mqtt.tls.${part} is ${shown(path)}, but ${reason}; allowed is a PEM or DER file`,
      );
    }
  }
  if (tls.key !== undefined) secrets.push(tls.key);
  return tls;
}
