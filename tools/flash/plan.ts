/** From what the board's Storage holds to what an installation does there, step by step; pure, so that each case can be told and tested. */
import { chosenFile, loader, loaderFiles, type Slot, slotFiles, trialFile, triedFile } from "./loader.ts";
import { bootCodeFiles, type StorageLook, savedStateFile } from "./storage-look.ts";

export interface InstallPlan {
  /** Nothing in the slots counts yet: the board has no loader, or boot code that has precedence. */
  readonly isFirst: boolean;
  /** The slot that starts now when the board starts; undefined when none does. */
  readonly active: Slot | undefined;
  /** Where the new lamp goes: never the slot that starts. */
  readonly slot: Slot;
  /** Left over from before and in the way; erasing them changes nothing about what starts. */
  readonly eraseFirst: readonly string[];
  /** What `lamp.now` is to say before anything else, so that a torn file in `slot` is never started; undefined when it says so. */
  readonly settle: Slot | undefined;
  /** Where the loader is to be written; undefined when it is there. */
  readonly loaderFile: string | undefined;
  /** Other versions of the loader, erased once ours is there. */
  readonly oldLoaders: readonly string[];
  /** Whether `lamp.now` is to be written: with it the new lamp counts. */
  readonly choose: boolean;
  /** Boot code and what `save()` left, in the order in which they are erased: with the last of it the new lamp counts. */
  readonly eraseLast: readonly string[];
}

/** Storage keeps a header of 32 bytes with every file, and pads the content to 4. */
const HEADER_BYTES = 32;
/** Length of the file that is written and erased before anything else (storage-changes.ts). */
export const PROBE_BYTES = 255;

/** Bytes that a file of `bytes` takes in the flash. */
export function bytesInFlash(bytes: number): number {
  return HEADER_BYTES + Math.ceil(bytes / 4) * 4;
}

/** @throws Error when all four names of programs before the boot code are somebody else's. */
export function planInstallation(look: StorageLook): InstallPlan {
  const bootCode = bootCodeFiles.filter((name) => look.files[name] !== undefined);
  const named = (kind: string): string[] => loaderFiles.filter((name) => look.loaders[name] === kind);
  const ours = named("ours");
  const others = named("other-version");
  const isFirst = bootCode.length > 0 || ours.length + others.length === 0;
  const active = isFirst ? undefined : slotThatStarts(look);
  const slot = active === "a" ? "b" : "a";
  const leftovers = [trialFile, triedFile, ...(isFirst ? [chosenFile] : [])];
  const loaderFile = ours.length > 0 ? undefined : placeOfLoader(look, others);
  const outdated = ours.length > 0 || loaderFile !== undefined ? others : [];
  return {
    isFirst,
    active,
    slot,
    // A torn loader does nothing but complain at every start, which would be taken for a complaint of the new lamp.
    eraseFirst: [...leftovers.filter((name) => look.files[name] !== undefined), ...named("torn")],
    settle: active !== undefined && active !== firstSlot(look) ? active : undefined,
    loaderFile,
    oldLoaders: [...ours.slice(1), ...outdated],
    choose: !isFirst,
    // What runs beside another goes first, then what does not run.
    eraseLast: [savedStateFile, ...bootCodeFiles.toReversed()].filter(
      (name) => look.files[name] !== undefined,
    ),
  };
}

/** As the loader has it: the chosen slot, `a` unless it says `b`; the other one where that is missing. */
function slotThatStarts(look: StorageLook): Slot | undefined {
  const first = firstSlot(look);
  const second: Slot = first === "a" ? "b" : "a";
  return [first, second].find((slot) => look.files[slotFiles[slot]] !== undefined);
}

function firstSlot({ chosen }: StorageLook): Slot {
  return chosen === "b" ? "b" : "a";
}

/** The slot that runs though the next start is of another one: a lamp that came over the air, not kept yet (docs/over-the-air.md). */
export function slotOnTrial(look: StorageLook): Slot | undefined {
  const hasBootCode = bootCodeFiles.some((name) => look.files[name] !== undefined);
  return hasBootCode || look.running === slotThatStarts(look) ? undefined : look.running;
}

/** Bytes that the plan writes into the flash, at most, for a bundle of so many bytes (0: it is there already). */
export function bytesToWrite(plan: InstallPlan, bundleBytes: number): number {
  const bundle = bundleBytes === 0 ? 0 : bytesInFlash(bundleBytes);
  const loaderBytes = plan.loaderFile === undefined ? 0 : bytesInFlash(loader.length);
  const choices = (plan.settle === undefined ? 0 : 1) + (plan.choose ? 1 : 0);
  return bytesInFlash(PROBE_BYTES) + bundle + loaderBytes + choices * bytesInFlash(1);
}

/** The first name that is free or holds a torn file; while another version of the loader counts, one behind it, so that ours runs after it and does nothing. */
function placeOfLoader(look: StorageLook, others: readonly string[]): string | undefined {
  const isUsable = (name: string): boolean => {
    const kind = look.loaders[name];
    return kind === undefined || kind === "torn";
  };
  const last = others.at(-1);
  const behind = last === undefined ? -1 : (loaderFiles as readonly string[]).indexOf(last);
  const place = loaderFiles.find((name, index) => index > behind && isUsable(name));
  if (place !== undefined || others.length > 0) return place;
  throw new Error(
    `the board's Storage has programs of somebody else in ${loaderFiles.join(", ")}, and the lamp needs one of these names; erase one: require("Storage").erase("${loaderFiles[3]}")`,
  );
}
