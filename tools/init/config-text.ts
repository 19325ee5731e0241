/** The text of flash.config.json and flash.config.local.json: written anew with comments, or the answers put into what is there. */
import { applyEdits, findNodeAtLocation, modify, parseTree } from "jsonc-parser";
import { settings } from "../../firmware/settings.ts";
import { type Answers, isSecret } from "./answers.ts";

const format = { formattingOptions: { insertSpaces: true, tabSize: 2, eol: "\n" } };

/** Keys in the order of the table, sections together. */
const order: readonly string[] = settings.map(({ key }) => key);

/** Above a key or a section: why it is there, and what to do with it. */
function comments(answers: Answers, localName: string): Readonly<Record<string, string>> {
  const secrets = [...answers.keys()].filter(isSecret);
  return {
    board: "npx wick boards lists the boards; npx wick boards NAME shows one's pins.",
    wifi: secrets.includes("wifi.password") ? `The password is in ${localName}, which git ignores.` : "",
    mqtt: secrets.includes("mqtt.password") ? `The broker. The password is in ${localName}.` : "The broker.",
    "lamp.topic": "Publish on, off or toggle here; the state comes on the same topic with /state.",
  };
}

interface Tree {
  [name: string]: unknown;
}

/** A new flash.config.json. `schema` is a path relative to it, with slashes. */
export function freshConfig(answers: Answers, schema: string, localName: string): string {
  const tree: Tree = {};
  const shared = [...answers].filter(([key]) => !isSecret(key));
  shared.sort(([a], [b]) => rank(a) - rank(b));
  for (const [key, value] of shared) {
    // With a file for it, TLS is on already.
    if (key === "mqtt.tls" && shared.some(([other]) => other.startsWith("mqtt.tls."))) continue;
    put(tree, key.split("."), value);
  }
  const said = comments(answers, localName);
  const blocks = Object.entries(tree).map(([name, value]) => member(name, value, name, "  ", said));
  return `{\n  "$schema": ${JSON.stringify(schema)},\n\n${blocks.join(",\n\n")}\n}\n`;
}

function rank(key: string): number {
  const at = order.indexOf(key);
  return at >= 0 ? at : order.findIndex((other) => other.startsWith(`${key}.`));
}

function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [name = "", ...rest] = path;
  if (rest.length === 0) tree[name] = value;
  else {
    if (typeof tree[name] !== "object") tree[name] = {};
    put(tree[name] as Tree, rest, value);
  }
}

function member(
  name: string,
  value: unknown,
  path: string,
  indent: string,
  said: Readonly<Record<string, string>>,
): string {
  const comment = said[path] ? `${indent}// ${said[path]}\n` : "";
  const isSection = typeof value === "object" && value !== null && !Array.isArray(value);
  const text = isSection
    ? `{\n${Object.entries(value as Tree)
        .map(([inner, one]) => member(inner, one, `${path}.${inner}`, `${indent}  `, said))
        .join(",\n")}\n${indent}}`
    : JSON.stringify(value);
  return `${comment}${indent}${JSON.stringify(name)}: ${text}`;
}

/** The answers in the place of what stood there; everything else, comments too, stays. Secrets that were given are taken out. */
export function changedConfig(text: string, answers: Answers): string {
  let changed = text;
  for (const [key, value] of answers) changed = edit(changed, key, isSecret(key) ? undefined : value);
  return changed;
}

/** The secrets among the answers in the place of what stood there; undefined when there is nothing to write. An empty one is taken out. */
export function changedLocal(text: string | undefined, answers: Answers): string | undefined {
  const secrets = [...answers].filter(([key]) => isSecret(key));
  const isNeeded = secrets.some(([, value]) => value !== "");
  if (text === undefined && !isNeeded) return undefined;
  let changed = text ?? "// Secrets: this file is yours alone, and git ignores it.\n{}\n";
  for (const [key, value] of secrets) changed = edit(changed, key, value === "" ? undefined : value);
  return changed === text ? undefined : changed;
}

function edit(text: string, key: string, value: unknown): string {
  const path = key.split(".");
  const root = parseTree(text);
  const parents = path.slice(0, -1).map((_, index) => path.slice(0, index + 1));
  const found = parents.map((parent) => root && findNodeAtLocation(root, parent));
  // There is nothing to remove where the parent is missing.
  if (value === undefined && found.some((node) => node?.type !== "object")) return text;
  let changed = text;
  for (const [index, parent] of parents.entries()) {
    const node = found[index];
    // A section in its short form, "tls": true, gives way to its long one.
    if (node !== undefined && node.type !== "object") changed = set(changed, parent, {});
  }
  return set(changed, path, value);
}

function set(text: string, path: readonly string[], value: unknown): string {
  return applyEdits(text, modify(text, [...path], value, format));
}
