/** The programs in the flash that run when the board starts, and how E.setBootCode puts one there. */
import type { Realm, Value } from "../realm.ts";
import type { FlashFiles } from "./files.ts";
import type { StorageMedium } from "./medium.ts";
import { inBoardsWords } from "./refusals.ts";

const BOOT_CODE = ".bootcde";
/** Boot code that runs after `reset()` too; it has precedence. */
const BOOT_CODE_ALWAYS = ".bootrst";
const BEFORE = [".boot0", ".boot1", ".boot2", ".boot3"];

/**
 * The global in which a loader before the boot code says that it has started a program of its own, from a file of its choice: the bundle, which stands
 * for boot code where the flash holds none, is not run beside it.
 */
export const STARTED = "WICK";

/** A program in the flash: the name of its file, and its text. */
export interface Program {
  readonly file: string;
  readonly code: string;
}

/** What the flash holds to run before the boot code, in order. */
export function programsBeforeBootCode(files: FlashFiles): Program[] {
  return BEFORE.flatMap((file) => {
    const code = files.read(file);
    return code === undefined ? [] : [{ file, code }];
  });
}

export function bootCode(files: FlashFiles): string | undefined {
  return files.read(BOOT_CODE_ALWAYS) ?? files.read(BOOT_CODE);
}

/** Boot code that is meant to run even after `reset()`. */
export function bootCodeAlways(files: FlashFiles): string | undefined {
  return files.read(BOOT_CODE_ALWAYS);
}

/** Takes the boot code out of the flash, whichever kind it is; false when there was none. */
export function eraseBootCode(files: FlashFiles): boolean {
  const erased = files.erase(BOOT_CODE);
  return files.erase(BOOT_CODE_ALWAYS) || erased;
}

/** Takes out the loaders that start a program of their own; false when there was none. */
export function eraseLoaders(files: FlashFiles): boolean {
  const loaders = BEFORE.filter((name) => files.read(name)?.includes(STARTED));
  for (const name of loaders) files.erase(name);
  return loaders.length > 0;
}

/** Both kinds of boot code go, then one of them comes, unless `code` is empty or no string. */
export function setBootCode(realm: Realm, medium: StorageMedium, code: Value, always: boolean): void {
  inBoardsWords(realm, medium, () => {
    eraseBootCode(medium.files);
    if (typeof code === "string" && code !== "")
      medium.files.write(always ? BOOT_CODE_ALWAYS : BOOT_CODE, code);
  });
}
