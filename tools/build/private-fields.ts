/**
 * Which names of properties a program other than the lamp may lose. A name that leaves the program (JSON, options of the board's functions, a key that
 * is put together) must stay, and the text does not tell which do. So only the firmware's own fields are shortened: those of an interface whose comment
 * has the tag `@shortened`, where they stand in a file of firmware/, and only while nothing outside of it bears the word.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import remapping from "@jridgewell/remapping";
import { TraceMap, traceSegment } from "@jridgewell/trace-mapping";
import { type AnyNode, parse } from "acorn";
import MagicString from "magic-string";
import { projectRoot } from "../version.ts";
import { declaredMembers } from "./board-declarations.ts";
import { lineCounter } from "./board-map.ts";
import type { Generated } from "./bundle.ts";
import { isReference, memberName, visit } from "./syntax-tree.ts";

const FIRMWARE = "firmware/";
/** No word of a program ends like this: `markPrivateFields` looks first. */
const MARK = "$private";

/** Of marked fields, for the minifier. */
export const markedField = /\$private$/;

/** Field names by the tag, from the text of a TypeScript file. An interface that extends another counts with its own fields only. */
export function taggedFields(text: string): string[] {
  return [
    ...text.matchAll(
      /\/\*\*(?:(?!\*\/)[\s\S])*@shortened\b[\s\S]*?\*\/\s*(?:export )?interface \w+[^{]*\{[\s\S]*?\n\}/g,
    ),
  ].flatMap(([match]) => [...declaredMembers(match)]);
}

/** Words of a program's own files: names, members, and what stands in its strings and comments. */
export function ownWords(bundled: Generated): Set<string> {
  const words = new Set<string>();
  for (const [index, source] of bundled.map.sources.entries()) {
    if (source?.startsWith(FIRMWARE)) continue;
    for (const [word] of (bundled.map.sourcesContent?.[index] ?? "").matchAll(/[\w$]+/g)) words.add(word);
  }
  return words;
}

/**
 * Marks the firmware's private fields in a bundle that is still readable, so that the minifier can tell them from a program's own. `boardNames` are never
 * marked: `end` of a client is one, and of a socket it is none.
 */
export function markPrivateFields(bundled: Generated, boardNames: readonly string[]): Generated {
  const words = ownWords(bundled);
  const fields = new Set(firmwareFields().filter((name) => !words.has(name) && !boardNames.includes(name)));
  const trace = new TraceMap(bundled.map);
  const placeOf = lineCounter(bundled.code);
  const isFirmware = (node: AnyNode): boolean => {
    const { line, column } = placeOf(node.start);
    const segment = traceSegment(trace, line, column);
    return (
      segment != null && segment.length > 1 && !!trace.sources[segment[1] as number]?.startsWith(FIRMWARE)
    );
  };
  const text = new MagicString(bundled.code);
  if (bundled.code.includes(MARK)) return bundled;
  visit(parse(bundled.code, { ecmaVersion: "latest", sourceType: "script" }), (node) => {
    if (node.type === "MemberExpression" && !node.computed && node.property.type === "Identifier") {
      if (fields.has(node.property.name) && isFirmware(node.property))
        text.appendLeft(node.property.end, MARK);
    } else if (node.type === "Property" && !node.computed && node.key.type === "Identifier") {
      if (!fields.has(node.key.name) || !isFirmware(node.key)) return;
      text.appendLeft(node.key.end, node.shorthand ? `${MARK}:${node.key.name}` : MARK);
    }
  });
  const map = remapping(
    [text.generateMap({ hires: "boundary" }).toString(), JSON.stringify(bundled.map)],
    () => null,
  );
  return { code: text.toString(), map: JSON.parse(map.toString()) };
}

/**
 * Names of variables that a program may look up by their text: members of `global`, and every word of its texts where it evaluates any, or computes a
 * member of `global`.
 */
export function globalsByName({ code }: Generated): string[] {
  const members = new Set<string>();
  const texts = new Set<string>();
  let evaluates = false;
  visit(parse(code, { ecmaVersion: "latest", sourceType: "script" }), (node, path) => {
    if (node.type === "MemberExpression" && isGlobal(node.object)) {
      const name = memberName(node);
      if (name === undefined) evaluates = true;
      else members.add(name);
    } else if (
      node.type === "Identifier" &&
      (isGlobal(node) || node.name === "eval" || node.name === "Function")
    ) {
      const parent = path.at(-1);
      evaluates ||=
        isReference(node, path) && !(parent?.type === "MemberExpression" && parent.object === node);
    } else if (node.type === "CallExpression" && isText(node.arguments[0])) {
      // setTimeout("blink()", 500)
      evaluates ||=
        node.callee.type === "Identifier" && /^set(Timeout|Interval|Watch)$/.test(node.callee.name);
    } else if (node.type === "Literal" && typeof node.value === "string") {
      for (const [word] of node.value.matchAll(/[\w$]+/g)) texts.add(word);
    } else if (node.type === "TemplateElement") {
      for (const [word] of node.value.raw.matchAll(/[\w$]+/g)) texts.add(word);
    }
  });
  return [...members, ...(evaluates ? texts : [])];
}

function isGlobal(node: AnyNode): boolean {
  return node.type === "Identifier" && (node.name === "global" || node.name === "globalThis");
}

function isText(node: AnyNode | undefined): boolean {
  return node?.type === "TemplateLiteral" || (node?.type === "Literal" && typeof node.value === "string");
}

function firmwareFields(): string[] {
  const folder = join(projectRoot, FIRMWARE);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .flatMap((file) => taggedFields(readFileSync(join(folder, file), "utf8")));
}
