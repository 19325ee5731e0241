/** Keeps secrets that a board prints out of sight: whole, and the ends of them that a cut line of source shows. */
import { maskSecrets } from "../../sim/trace/mask.ts";
import type { LineOptions } from "./board-lines.ts";

/** How a line reader hides `secrets` (texts as in the configuration; on the board one character a byte). */
export function hidden(secrets: readonly string[]): LineOptions {
  const spellings = [...new Set(secrets.flatMap(spelled))].filter((text) => text !== "");
  if (spellings.length === 0) return {};
  const mask = maskSecrets(secrets);
  return {
    mask: (text) => maskCut(mask(text), spellings),
    longestMasked: Math.max(...spellings.map((text) => text.length)),
    maybeHidden: (text) => Math.max(...spellings.map((secret) => overlap(text, secret))),
  };
}

/** As the program has it, and as program text and JSON write it. */
function spelled(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8").toString("latin1");
  return [secret, bytes, JSON.stringify(secret).slice(1, -1), JSON.stringify(bytes).slice(1, -1)];
}

/** The interpreter cuts long lines of source: "..." and the end of a secret, or the beginning of one and "...". */
function maskCut(text: string, secrets: readonly string[]): string {
  let masked = text;
  if (masked.startsWith("...")) {
    const rest = masked.slice(3);
    const length = Math.max(...secrets.map((secret) => overlap(secret, rest)));
    masked = `...${"*".repeat(length)}${rest.slice(length)}`;
  }
  if (masked.endsWith("...")) {
    const rest = masked.slice(0, -3);
    const length = Math.max(...secrets.map((secret) => overlap(rest, secret)));
    masked = `${rest.slice(0, rest.length - length)}${"*".repeat(length)}...`;
  }
  return masked;
}

/** Length of the longest end of `before`, shorter than the whole of either, that `after` begins with. */
function overlap(before: string, after: string): number {
  for (let length = Math.min(before.length, after.length); length > 0; length--)
    if (before.endsWith(after.slice(0, length))) return length;
  return 0;
}
