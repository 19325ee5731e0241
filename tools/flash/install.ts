/** Puts a bundle on the board beside the one that runs, makes sure of every byte, and only then lets it count. Runs in Node and in browsers. */
import type { BoardConsole } from "../console/board-console.ts";
import { ConsoleError } from "../console/errors.ts";
import { type ConsoleClock, hostClock } from "../console/host-clock.ts";
import { type Installable, InstallError, type LampLeft } from "./install-error.ts";
import { loader, type Slot, slotFiles } from "./loader.ts";
import { bytesToWrite, type InstallPlan, planInstallation, slotOnTrial } from "./plan.ts";
import { type Fingerprint, fingerprint, type ReadBackBy, readBack, readWhole } from "./read-back.ts";
import type { Started } from "./restart.ts";
import { Starts } from "./starts.ts";
import { StorageChanges } from "./storage-changes.ts";
import { lookAtStorage, type StorageLook } from "./storage-look.ts";
import { bytesForWayBack, type WayBack, wayBackOf } from "./way-back.ts";

export type InstallStep =
  | { readonly step: "look" }
  /** `alreadyThere`: the bundle need not be sent. */
  | {
      readonly step: "plan";
      readonly plan: InstallPlan;
      readonly look: StorageLook;
      readonly alreadyThere: boolean;
      readonly wayBack: WayBack;
    }
  | { readonly step: "compact" }
  /** `keep`: a program that is going to be erased is read; `back`: what was there before is started again, from that file. */
  | { readonly step: "keep" | "upload" | "verify" | "back"; readonly file: string }
  /** `trial`: the new lamp is started while what was there before still counts. */
  | { readonly step: "trial" | "choose" | "running"; readonly slot: Slot }
  /** A lamp that came over the air was on trial in that slot: the one before is started again. */
  | { readonly step: "end-trial"; readonly slot: Slot }
  | { readonly step: "restart" };

export interface InstallOptions {
  /** Bytes of a page of the board's flash; 4,096 unless given, the largest there is. */
  readonly pageBytes?: number | undefined;
  /** Allows Storage to be compacted where there is no room otherwise. A power cut meanwhile erases all of it. */
  readonly compact?: boolean | undefined;
  readonly onStep?: ((step: InstallStep) => void) | undefined;
  /**
   * Gets each program that is going to be erased, and what `save()` left, before anything is written. What it throws ends the installation. Without it
   * nothing is read.
   */
  readonly keep?: ((file: string, content: Uint8Array) => void | Promise<void>) | undefined;
  /** Bytes of the bundle that the board has taken, of all. */
  readonly onProgress?: ((sent: number, total: number) => void) | undefined;
  /** Ends it at once, with an InstallError "aborted". */
  readonly signal?: AbortSignal | undefined;
  /** Default: the host's time. */
  readonly clock?: ConsoleClock | undefined;
  /** How long the new lamp is watched for exceptions; 1,100 ms unless given, as its own pulse is a second. */
  readonly watchMs?: number | undefined;
  /** For messages. Default: a lamp. */
  readonly what?: Installable | undefined;
}

export interface Installed {
  readonly slot: Slot;
  /** As `bundleHash` has it. */
  readonly hash: string;
  readonly bytes: number;
  /** How the board's copy was compared. */
  readonly verifiedBy: ReadBackBy;
  /** False when the board had it already. */
  readonly uploaded: boolean;
  /** Whether it took the place of boot code, or of nothing. */
  readonly isFirst: boolean;
  /** What the board printed since its start, line by line. */
  readonly printed: readonly string[];
  /** Of the interpreter's variables, with the lamp running. */
  readonly variables: Started["variables"];
}

const WATCH_MS = 1100;
/** Twice what a program whose first question was lost waits before it asks again (connect.ts). */
const COMPANY_MS = 3000;
const LARGEST_PAGE_BYTES = 4096;
/** An ESP32 takes some 50 ms to erase a page, and has at most 1,024 of them. */
const COMPACTION_MS = 120_000;

/**
 * Installs `bundle` as docs/flash.md tells it: written into the slot that does not run, its hash read back, chosen, started, watched.
 * Until it is chosen nothing has changed about what the board starts. A lamp that takes the place of boot code is started once before that; between
 * slots, when the new one stops with an exception or hangs, the one before is chosen again.
 * @throws InstallError, and what `keep` throws
 */
export function installBundle(
  console: BoardConsole,
  bundle: Uint8Array,
  options: InstallOptions = {},
): Promise<Installed> {
  return new Installation(console, bundle, options).run();
}

class Installation {
  private readonly left: { lamp: LampLeft } = { lamp: "unchanged" };
  private readonly board: BoardConsole;
  private readonly bundle: Uint8Array;
  private readonly options: InstallOptions;
  private readonly clock: ConsoleClock;
  private readonly pageBytes: number;
  private readonly storage: StorageChanges;
  private readonly starts: Starts;

  constructor(board: BoardConsole, bundle: Uint8Array, options: InstallOptions) {
    this.board = board;
    this.bundle = withSafeLength(bundle);
    this.options = options;
    this.clock = options.clock ?? hostClock;
    this.pageBytes = options.pageBytes ?? LARGEST_PAGE_BYTES;
    this.storage = new StorageChanges({
      ...{ board, pageBytes: this.pageBytes },
      ask: (question) => this.ask(question),
      lamp: () => this.left.lamp,
    });
    this.starts = new Starts({
      ...{ board, storage: this.storage, left: this.left, clock: this.clock },
      watchMs: options.watchMs ?? WATCH_MS,
      what: options.what ?? "lamp",
      check: () => {
        if (options.signal?.aborted) throw this.aborted();
      },
      tell: (step) => this.tell(step),
    });
  }

  async run(): Promise<Installed> {
    const { signal } = this.options;
    if (signal?.aborted) throw this.aborted();
    const work = this.install();
    if (!signal) return work;
    let stop: () => void = () => {};
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(this.aborted());
      signal.addEventListener("abort", stop, { once: true });
    });
    // What was under way fails later, when its cable is closed.
    work.catch(() => {});
    return Promise.race([work, stopped]).finally(() => signal.removeEventListener("abort", stop));
  }

  private async install(): Promise<Installed> {
    try {
      return await this.steps();
    } catch (error) {
      if (error instanceof InstallError) throw await this.withCompany(error);
      if (!(error instanceof ConsoleError)) throw error;
      throw await this.withCompany(
        new InstallError("console", this.left.lamp, error.message, { cause: error }),
      );
    }
  }

  /** Two programs on one console disturb each other in many ways, and all look like something else. */
  private async withCompany(error: InstallError): Promise<InstallError> {
    const { code, cause } = error;
    if (code === "aborted" || code === "room") return error;
    const isOfLamp = code === "threw" || code === "not-running";
    const isOfCable = cause instanceof ConsoleError && ["gone", "locked", "silent"].includes(cause.code);
    // No bundle has such an exception; half a question of somebody else has.
    const isOfBundle = isOfLamp && !/SyntaxError|ReferenceError/.test(error.message);
    if (isOfCable) return error;
    const company = isOfBundle ? this.board.company : await this.board.companyWithin(COMPANY_MS);
    if (!company || (isOfLamp && !company.isWorking)) return error;
    return new InstallError("console", error.lamp, company.error.message, { cause: error });
  }

  private async steps(): Promise<Installed> {
    const expected = await fingerprint(this.bundle);
    const look = await this.look();
    const plan = this.plan(look);
    const present = await this.whereItIs(look, plan, expected);
    const slot = present?.slot ?? plan.slot;
    const bundleBytes = present ? 0 : this.bundle.length;
    const roomBytes = look.freeBytes + (this.options.compact ? look.trashBytes : 0) - this.pageBytes;
    const wayBack = wayBackOf(plan, look, { slot, bundleBytes, roomBytes });
    this.tell({ step: "plan", plan, look, alreadyThere: present !== undefined, wayBack });
    await this.keepReplaced(plan);
    if (!present || plan.loaderFile !== undefined || slot !== plan.active) {
      await this.makeRoom(look, bytesToWrite(plan, bundleBytes) + bytesForWayBack(wayBack));
      await this.clearTheWay();
    }
    for (const name of plan.eraseFirst) await this.storage.erase(name);
    if (plan.settle !== undefined) await this.storage.choose(plan.settle);
    const verifiedBy = present?.by ?? (await this.write(slotFiles[slot], this.bundle, expected));
    if (wayBack.kind === "trial") await this.starts.tryFile(slot, plan.eraseLast.at(-1));
    if (wayBack.kind === "copy") await this.storage.copy(wayBack);
    await this.putLoader(plan);
    await this.makeItCount(plan, slot);
    this.tell({ step: "restart" });
    const started = await this.starts.start(slot, wayBack);
    this.tell({ step: "running", slot });
    const { printed, variables } = started;
    const { bytes, hash } = expected;
    return {
      ...{ slot, hash, bytes, verifiedBy, uploaded: present === undefined },
      ...{ isFirst: plan.isFirst, printed, variables },
    };
  }

  /**
   * A lamp that came over the air and is on trial chooses its own slot when its minute is over, whatever is being written there by then: the one
   * before is started again first.
   */
  private async look(): Promise<StorageLook> {
    this.tell({ step: "look" });
    const look = await this.ask(() => lookAtStorage(this.board));
    const slot = slotOnTrial(look);
    if (slot === undefined) return look;
    this.tell({ step: "end-trial", slot });
    await this.ask(() => this.starts.startAgain());
    const again = await this.ask(() => lookAtStorage(this.board));
    if (slotOnTrial(again) !== undefined)
      throw new InstallError(
        "unsuitable",
        this.left.lamp,
        `${slotFiles[slot]} is on trial, sent over the air, and goes on with it; try again in five minutes`,
      );
    return again;
  }

  private plan(look: StorageLook): InstallPlan {
    try {
      return planInstallation(look);
    } catch (error) {
      throw new InstallError("unsuitable", this.left.lamp, (error as Error).message);
    }
  }

  /** The slot that holds this very bundle already, if any: the one that starts, or the one it would be written to. */
  private async whereItIs(
    look: StorageLook,
    plan: InstallPlan,
    expected: Fingerprint,
  ): Promise<{ slot: Slot; by: ReadBackBy } | undefined> {
    for (const slot of [plan.active, plan.slot]) {
      if (slot === undefined || look.files[slotFiles[slot]] !== expected.bytes) continue;
      const found = await this.ask(() => readBack(this.board, slotFiles[slot], expected));
      if (found?.matches) return { slot, by: found.by };
    }
    return undefined;
  }

  private async keepReplaced({ eraseLast }: InstallPlan): Promise<void> {
    const { keep } = this.options;
    if (!keep) return;
    for (const file of eraseLast) {
      this.tell({ step: "keep", file });
      await keep(file, await this.ask(() => readWhole(this.board, file)));
    }
  }

  /** @throws InstallError "room" */
  private async makeRoom(look: StorageLook, needed: number): Promise<void> {
    const wanted = needed + this.pageBytes;
    if (look.freeBytes >= wanted) return;
    if (!this.options.compact || look.freeBytes + look.trashBytes < wanted)
      throw this.storage.noRoom(needed, look);
    await this.compact();
    await this.storage.requireRoom(needed);
  }

  private async compact(): Promise<void> {
    this.tell({ step: "compact" });
    await this.ask(() =>
      this.board.evaluate(`require("Storage").compact()`, { deadlineMs: COMPACTION_MS, repeatable: true }),
    );
  }

  private async clearTheWay(): Promise<void> {
    try {
      await this.storage.clearTheWay();
    } catch (error) {
      const isMendable = error instanceof InstallError && error.code === "unsuitable";
      if (!isMendable || !this.options.compact) throw error;
      await this.compact();
      await this.storage.clearTheWay();
    }
  }

  private write(name: string, content: Uint8Array, expected: Fingerprint): Promise<ReadBackBy> {
    return this.storage.write(name, content, expected, {
      onStep: (step) => this.tell({ step, file: name }),
      onProgress: content === this.bundle ? this.options.onProgress : undefined,
    });
  }

  private async putLoader(plan: InstallPlan): Promise<void> {
    const { loaderFile, oldLoaders } = plan;
    if (loaderFile !== undefined) {
      const content = new TextEncoder().encode(loader);
      await this.write(loaderFile, content, await fingerprint(content));
      if (plan.isFirst && plan.eraseLast.length === 0) this.left.lamp = "new";
    }
    for (const name of oldLoaders) await this.storage.erase(name);
  }

  private async makeItCount(plan: InstallPlan, slot: Slot): Promise<void> {
    this.tell({ step: "choose", slot });
    if (plan.choose && plan.active !== slot) {
      this.left.lamp = "unsure";
      await this.storage.choose(slot);
    }
    for (const name of plan.eraseLast) {
      this.left.lamp = "unsure";
      await this.storage.erase(name);
    }
    this.left.lamp = "new";
  }

  private async ask<T>(question: () => Promise<T>): Promise<T> {
    // Nothing is begun after Ctrl-C.
    if (this.options.signal?.aborted) throw this.aborted();
    return question();
  }

  private tell(step: InstallStep): void {
    this.options.onStep?.(step);
  }

  private aborted(): InstallError {
    return new InstallError("aborted", this.left.lamp, "stopped");
  }
}

/** A length that is a multiple of 256 could leave a header that nothing can be written over (storage-changes.ts): it gets a line feed more. */
function withSafeLength(bundle: Uint8Array): Uint8Array {
  if (bundle.length % 256 !== 0) return bundle;
  const longer = new Uint8Array(bundle.length + 1).fill("\n".charCodeAt(0));
  longer.set(bundle);
  return longer;
}
