/** From what was named on a command line, patterns and folders among it, to scenario files. */
import { readdirSync, type Stats, statSync } from "node:fs";
import { join, resolve } from "node:path";

const SCENARIO = /\.ya?ml$/;

/**
 * The files that are meant, each once: patterns (`*` and `?` within a name, `**` for any folders) and folders (the scenarios in them) in
 * alphabetical order, all else as it stands.
 *
 * @param folder Of relative names. What is returned is relative to it as well.
 * @param mistakes Gets one line for each name that leads nowhere.
 */
export function scenarioFiles(names: readonly string[], folder: string, mistakes: string[]): string[] {
  const found = new Set<string>();
  for (const name of names) {
    const files = name === "" ? [] : /[*?]/.test(name) ? matching(name, folder) : named(name, folder);
    if (files.length === 0) mistakes.push(missing(name));
    for (const file of files) found.add(file);
  }
  return [...found];
}

function missing(name: string): string {
  if (name === "") return "a scenario's name is empty; name files (.yaml), folders or patterns";
  return /[*?]/.test(name)
    ? `no file matches ${name}; name scenario files (.yaml), or a folder of them`
    : `${name}: there is no such file and no folder with scenarios (.yaml) in it; see docs/scenarios.md`;
}

function named(name: string, folder: string): string[] {
  const stats = statsOf(resolve(folder, name));
  if (!stats?.isDirectory()) return stats ? [name] : [];
  const inside = readdirSync(resolve(folder, name)).filter((entry) => SCENARIO.test(entry));
  return inside.sort().map((entry) => join(name, entry));
}

function matching(pattern: string, folder: string): string[] {
  const parts = pattern.split(/[\\/]+/);
  const root = pattern.startsWith("/") ? "/" : "";
  return walk(
    root,
    parts.filter((part) => part !== ""),
    folder,
  ).sort();
}

/** Files below `path` that match the rest of a pattern. */
function walk(path: string, [part, ...rest]: readonly string[], folder: string): string[] {
  if (part === undefined) return statsOf(resolve(folder, path))?.isFile() ? [path] : [];
  if (!/[*?]/.test(part)) return walk(join(path, part), rest, folder);
  const entries = entriesOf(resolve(folder, path)).filter((entry) => !entry.startsWith("."));
  if (part === "**")
    return [
      ...walk(path, rest, folder),
      ...entries
        .filter((entry) => statsOf(resolve(folder, path, entry))?.isDirectory())
        .flatMap((entry) => walk(join(path, entry), ["**", ...rest], folder)),
    ];
  const shape = new RegExp(
    `^${part
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );
  return entries
    .filter((entry) => shape.test(entry))
    .flatMap((entry) => walk(join(path, entry), rest, folder));
}

function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Undefined when there is nothing that could be looked at. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
