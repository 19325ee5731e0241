/** What a bundle tells of itself before it goes to a lamp over the air: one that takes no update after this one is not sent. */
import { UsageError } from "../cli/errors.ts";
import type { KeyPurpose } from "./update-key.ts";
import { lampKey, pads } from "./update-key.ts";

/** Version and board as they stand in a bundle with updates over the air, in one text, and first in each of its answers. */
export function selfOf(version: number, board: string): string {
  return `${version} ${board}`;
}

/** The version that a bundle for `board` was built with; undefined where it takes no updates, or is for another board. */
export function versionIn(bundle: string, board: string): number | undefined {
  const name = board.replaceAll(".", "\\.");
  const found = new RegExp(`(\\d{1,10}) ${name}(?![\\w.-])`).exec(bundle)?.[1];
  return found === undefined ? undefined : Number(found);
}

/**
 * Holds a bundle, one character a byte, against what the lamp will be asked for once it runs.
 * @throws UsageError for one that was built without `updateKey` or with another, for another lamp or board, or as another version
 */
export function requireUpdatable(
  bundle: string,
  { updateKey, version, board, topic }: KeyPurpose & { readonly updateKey: string; readonly version: number },
): void {
  if (!bundle.includes("/update/state"))
    throw new UsageError(
      "the bundle was built without update.key, and no update would ever reach it; build it with the key: npx wick build",
    );
  const own = pads(lampKey(updateKey, { board, topic }));
  const builtAs = versionIn(bundle, board);
  if (![own.inner, own.outer].every((pad) => bundle.includes(pad)) || builtAs === undefined) {
    const wrong =
      builtAs === undefined
        ? `for another board than ${board}`
        : bundle.includes(topic)
          ? "with another update.key than the one that is set"
          : `for another lamp.topic than ${topic}`;
    throw new UsageError(
      `the bundle was built ${wrong}, and no update would ever reach it; build it anew: npx wick build`,
    );
  }
  if (builtAs !== version)
    throw new UsageError(
      `the bundle was built as version ${builtAs}, and says so when it runs, but this is to be ${version}; add: --set update.version=${builtAs}`,
    );
}
