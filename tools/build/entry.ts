/** The file that a program starts from, looked at before anything is made of it. */
import { closeSync, openSync, statSync } from "node:fs";
import { relative } from "node:path";

/** Why nothing can be built from it, in one line; undefined where something can. */
export function entryTrouble(entry: string): string | undefined {
  const trouble = reasonAgainst(entry);
  return trouble && `${relative(process.cwd(), entry) || "."}: ${trouble}`;
}

function reasonAgainst(entry: string): string | undefined {
  try {
    if (statSync(entry).isDirectory()) return "it is a folder";
    closeSync(openSync(entry, "r"));
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
    return `it cannot be read (${code})`;
  }
}
