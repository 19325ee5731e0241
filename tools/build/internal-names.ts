/**
 * Which properties the build may rename in a program of people's own: fields of the firmware that never leave it. An interface of the firmware says
 * so of its fields by the tag `@internal`, except of those that it tags `@public`. All other names stay what they are in TypeScript: they may
 * be keys of JSON, made at run time, listed, or options of a module.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../version.ts";
import { declaredMembers } from "./board-declarations.ts";

const FIRMWARE = join(projectRoot, "firmware/");
const WORD = /[A-Za-z_$][\w$]*/g;

/** Every word of texts: names, members, and what stands in strings. */
export function wordsIn(texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap((text) => text.match(WORD) ?? []));
}

/** The texts of those `files` that are not the firmware's own. */
export function textsOutside(files: readonly string[]): string[] {
  return files.filter((file) => !file.startsWith(FIRMWARE)).map((file) => readFileSync(file, "utf8"));
}

/** Fields of the firmware that nothing outside of it names, by the contract above. */
export function internalNames(): string[] {
  const texts = readdirSync(FIRMWARE, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .sort()
    .map((file) => readFileSync(join(FIRMWARE, file), "utf8"));
  return internalNamesIn(texts);
}

/** The same of texts. A name that any other interface has as well is not among them. */
export function internalNamesIn(texts: readonly string[]): string[] {
  const internal = new Set<string>();
  const open = new Set<string>();
  for (const { isInternal, body } of texts.flatMap(interfacesIn)) {
    const told = body.replace(PUBLIC_FIELD, "");
    const fields = declaredMembers(`{${body}}`);
    const kept = isInternal ? declaredMembers(`{${told}}`) : new Set<string>();
    for (const field of fields) (kept.has(field) ? internal : open).add(field);
  }
  return [...internal].filter((name) => !open.has(name));
}

/** A field whose comment has the tag, up to its end. */
const PUBLIC_FIELD = /\/\*\*(?:(?!\*\/)[\s\S])*@public(?:(?!\*\/)[\s\S])*\*\/[^;]*;/g;
const INTERFACE = /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*)?export interface \w+[^{]*\{/g;

function interfacesIn(text: string): { isInternal: boolean; body: string }[] {
  return [...text.matchAll(INTERFACE)].map((found) => {
    const start = found.index + found[0].length;
    let depth = 1;
    let end = start;
    for (; depth > 0 && end < text.length; end++) depth += text[end] === "{" ? 1 : text[end] === "}" ? -1 : 0;
    return { isInternal: /@internal\b/.test(found[1] ?? ""), body: text.slice(start, end - 1) };
  });
}
