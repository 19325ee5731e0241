/** The starts of an installation: a lamp on trial, the new one, and the way back to what ran before when it does not do well. */
import type { BoardConsole } from "../console/board-console.ts";
import { ConsoleError } from "../console/errors.ts";
import type { ConsoleClock } from "../console/host-clock.ts";
import type { InstallStep } from "./install.ts";
import { type Installable, InstallError, type LampLeft } from "./install-error.ts";
import { type Slot, slotFiles } from "./loader.ts";
import { restart, type Started } from "./restart.ts";
import type { StorageChanges } from "./storage-changes.ts";
import { hanging, hasNoAnswer, type Meant, type Trouble, troubleWith } from "./trouble.ts";
import type { WayBack } from "./way-back.ts";

export interface StartsOptions {
  readonly board: BoardConsole;
  readonly storage: StorageChanges;
  /** What the board has, were it to start now; kept true here. */
  readonly left: { lamp: LampLeft };
  readonly clock: ConsoleClock;
  /** How long a lamp is watched for exceptions. */
  readonly watchMs: number;
  readonly what: Installable;
  /** Called between two questions. @throws what ends the waiting */
  readonly check: () => void;
  readonly tell: (step: InstallStep) => void;
}

export class Starts {
  private readonly options: StartsOptions;

  constructor(options: StartsOptions) {
    this.options = options;
  }

  /**
   * Starts the lamp in `slot` by its name: the boot code still counts, so whatever becomes of it, the board's next start is of what was there before.
   * @throws InstallError when the lamp does not do well; `before`, the file of what was there, runs again then
   */
  async tryFile(slot: Slot, before = ""): Promise<void> {
    const { tell, storage, left } = this.options;
    const file = slotFiles[slot];
    tell({ step: "trial", slot });
    left.lamp = "on-trial";
    const outcome = await this.startAndWatch({ file });
    if (!("code" in outcome)) return;
    tell({ step: "back", file: before });
    await this.backTo(outcome, async () => {
      await this.startAgain();
      left.lamp = "unchanged";
      // Whoever takes the boot code away one day is not to get a lamp that failed.
      await storage.erase(file);
    });
  }

  /** Restarts into `slot`. @throws InstallError when that does not work out: what was there before runs again where there is a way back */
  async start(slot: Slot, wayBack: WayBack): Promise<Started> {
    const { tell, storage, left } = this.options;
    // After a trial it has been watched already, and only has to run.
    const outcome = await this.startAndWatch({ slot }, wayBack.kind === "trial" ? 0 : undefined);
    if (!("code" in outcome)) return outcome;
    return this.backTo(outcome, async () => {
      if (wayBack.kind !== "slot" && wayBack.kind !== "copy") return;
      tell({ step: "back", file: slotFiles[wayBack.slot] });
      await storage.choose(wayBack.slot);
      left.lamp = wayBack.kind === "copy" ? "copy" : "unchanged";
      const again = await this.restart();
      if (again.running !== wayBack.slot) left.lamp = "unsure";
    });
  }

  /** Starts whatever the board starts by itself, and does not watch it. @throws ConsoleError */
  startAgain(): Promise<Started> {
    return this.restart({ watchMs: 0 });
  }

  /** @throws InstallError that tells of `trouble`, whatever becomes of the way back */
  private async backTo(trouble: Trouble, goBack: () => Promise<void>): Promise<never> {
    await goBack().catch((error: unknown) => {
      if (!(error instanceof ConsoleError)) throw error;
    });
    throw new InstallError(trouble.code, this.options.left.lamp, trouble.message);
  }

  private async startAndWatch(meant: Meant, watchMs = this.options.watchMs): Promise<Started | Trouble> {
    try {
      const started = await this.restart({ file: "file" in meant ? meant.file : undefined, watchMs });
      return troubleWith(started, meant, this.options.what) ?? started;
    } catch (error) {
      if (!hasNoAnswer(error)) throw error;
      // What hangs is broken off, so that the way back can be gone.
      await this.options.board.interrupt();
      return hanging(this.options.what);
    }
  }

  private restart(options: { file?: string | undefined; watchMs?: number } = {}): Promise<Started> {
    const { board, clock, watchMs, check } = this.options;
    return restart(board, { ...{ clock, watchMs, check }, ...options });
  }
}
