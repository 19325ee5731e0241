/** Reads a config file into flat entries, each with the line and column it came from. */
import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { futureSettings, sections, settings } from "../../firmware/settings.ts";
import { nearest, suggestion } from "../../sim/nearest.ts";

/** One value somebody wrote down. */
export interface Entry {
  /** A setting, or the key of a section that is a switch. */
  readonly key: string;
  readonly value: unknown;
  /** The value is text that stands for a number, boolean or list (from --set or the environment). */
  readonly isText: boolean;
  /** "flash.config.json:3:12" or "--set": how a message names the place. */
  readonly where: string;
  /** Folder that file paths are relative to. */
  readonly folder: string;
}

/** Settings need four; deeper than this is a mistake, whatever it is. */
const MOST_LEVELS = 64;

const settingKeys = new Set<string>(settings.map((setting) => setting.key));
const sectionOf = new Map(sections.map((section) => [section.key, section]));

/** Parses JSON with comments. Mistakes are added to `mistakes`, one line each; what could be read is returned. */
export function parseConfig(text: string, file: string, folder: string, mistakes: string[]): Entry[] {
  const lines = lineStarts(text);
  const at = (offset: number) => `${file}:${position(lines, offset)}`;
  const deep = tooDeep(text);
  if (deep !== undefined) {
    mistakes.push(`${at(deep)}: nested deeper than ${MOST_LEVELS} levels, and no setting is; leave that out`);
    return [];
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first !== undefined) {
    mistakes.push(
      `${at(first.offset)}: not JSON: ${words(printParseErrorCode(first.error))}; put it right there`,
    );
    return [];
  }
  if (root?.type !== "object") {
    mistakes.push(`${at(root?.offset ?? 0)}: the file holds no object; the least is {}`);
    return [];
  }
  const entries: Entry[] = [];
  collect(root, "");
  return entries;

  function collect(object: Node, prefix: string): void {
    const seen = new Set<string>();
    for (const property of object.children ?? []) {
      const [name, value] = property.children ?? [];
      if (name === undefined || value === undefined) continue;
      const key = prefix + name.value;
      const where = at(name.offset);
      if (seen.has(key)) mistakes.push(`${where}: ${key} stands there twice; keep one`);
      seen.add(key);
      if (key === "$schema") continue;
      const section = sectionOf.get(key);
      const written = plain(value);
      if (section !== undefined) {
        if (value.type === "object") {
          if (section.isSwitch) entries.push({ key, value: true, isText: false, where, folder });
          collect(value, `${key}.`);
          continue;
        }
        if (!section.isSwitch) {
          mistakes.push(
            `${where}: ${key} is ${shown(written)}, allowed is an object: ${membersOf(key).join(", ")}`,
          );
          continue;
        }
        entries.push({ key, value: written, isText: false, where: at(value.offset), folder });
      } else if (settingKeys.has(key)) {
        entries.push({ key, value: written, isText: false, where: at(value.offset), folder });
      } else {
        mistakes.push(`${where}: ${futureMistake(key) ?? unknownKey(key)}`);
      }
    }
  }
}

/** Where it is nested deeper than parsers that call themselves can go. */
function tooDeep(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let levels = 0;
  for (;;) {
    scanner.scan();
    const offset = scanner.getTokenOffset();
    if (offset >= text.length) return undefined;
    // A text or a comment begins with a mark of its own.
    const first = text.charAt(offset);
    if (first === "{" || first === "[") levels++;
    if (first === "}" || first === "]") levels--;
    if (levels > MOST_LEVELS) return offset;
  }
}

/** Parses one "path.to.key=value" of the command line; adds to `mistakes` and returns undefined when it is none. */
export function parseSet(argument: string, folder: string, mistakes: string[]): Entry | undefined {
  const equals = argument.indexOf("=");
  if (equals < 1) {
    mistakes.push(`--set ${argument}: allowed is key=value, such as: --set lamp.topic=hall/lamp`);
    return undefined;
  }
  const key = argument.slice(0, equals);
  const section = sectionOf.get(key);
  if (section !== undefined && !section.isSwitch) {
    mistakes.push(`--set: ${key} is a section; set one of: ${membersOf(key).join(", ")}`);
    return undefined;
  }
  if (section === undefined && !settingKeys.has(key)) {
    mistakes.push(`--set: ${futureMistake(key) ?? unknownKey(key)}`);
    return undefined;
  }
  return { key, value: argument.slice(equals + 1), isText: true, where: "--set", folder };
}

/** How a message shows a value that was found. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Whether a later version will have the setting: what older recordings say of it was without effect. */
export function isFutureKey(key: string): boolean {
  return futureMistake(key) !== undefined;
}

function futureMistake(key: string): string | undefined {
  const future = futureSettings.find((one) => key === one.key || key.startsWith(`${one.key}.`));
  return future && `${key}: this version has no such feature yet (${future.text}); remove it`;
}

function unknownKey(key: string): string {
  const dot = key.lastIndexOf(".");
  const name = key.slice(dot + 1);
  const all = [...settingKeys, ...sectionOf.keys()];
  const siblings = all.filter(
    (other) => other.lastIndexOf(".") === dot && other.startsWith(key.slice(0, dot + 1)),
  );
  const meant =
    nearest(key, siblings) ??
    all.find((other) => other.slice(other.lastIndexOf(".") + 1) === name) ??
    nearest(key, all);
  const section = dot < 0 ? "" : key.slice(0, dot);
  const parent = membersOf(section).length > 0 ? section : "";
  return `unknown key ${key}${suggestion(meant)}, allowed${parent === "" ? "" : ` in ${parent}`}: ${membersOf(parent).join(", ")}`;
}

/** Names that may stand in a section; "" is the whole file. */
function membersOf(section: string): string[] {
  const prefix = section === "" ? "" : `${section}.`;
  const names = [...settingKeys, ...sectionOf.keys()]
    .filter((key) => key.startsWith(prefix) && key !== section)
    .map((key) => key.slice(prefix.length).split(".")[0] ?? "");
  return [...new Set(names)];
}

function plain(node: Node): unknown {
  if (node.type === "array") return (node.children ?? []).map(plain);
  if (node.type === "object") {
    return Object.fromEntries(
      (node.children ?? []).map((pair) => [
        pair.children?.[0]?.value,
        pair.children?.[1] && plain(pair.children[1]),
      ]),
    );
  }
  return node.value;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let index = text.indexOf("\n"); index >= 0; index = text.indexOf("\n", index + 1))
    starts.push(index + 1);
  return starts;
}

function position(starts: readonly number[], offset: number): string {
  let line = 0;
  while ((starts[line + 1] ?? Number.POSITIVE_INFINITY) <= offset) line++;
  return `${line + 1}:${offset - (starts[line] ?? 0) + 1}`;
}

/** "ValueExpected" to "value expected". */
function words(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}
