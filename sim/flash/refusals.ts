/** Between a board's program and its flash: what the files refuse is thrown as the board throws it, and what changed is kept. */
import type { Realm } from "../realm.ts";
import { FileError } from "./files.ts";
import type { StorageMedium } from "./medium.ts";

/** @throws an Error of the realm for a refusal; PowerCut as it is. */
export function inBoardsWords<T>(realm: Realm, medium: StorageMedium, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof FileError ? realm.error("Error", error.message) : error;
  } finally {
    medium.changed();
  }
}
