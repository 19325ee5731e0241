/** Changes to the board's Storage, each made sure of, and none where a power cut could cost more than the file that is written. */
import type { BoardConsole } from "../console/board-console.ts";
import { ConsoleError } from "../console/errors.ts";
import { InstallError, type LampLeft } from "./install-error.ts";
import { chosenFile, type Slot, slotFiles } from "./loader.ts";
import { bytesInFlash, PROBE_BYTES } from "./plan.ts";
import { type Fingerprint, type ReadBackBy, readBack } from "./read-back.ts";
import { lookAtStorage, type StorageLook } from "./storage-look.ts";
import { bytesForWayBack, copyExpression, type WayBack } from "./way-back.ts";

/** What the changes are made for. */
export interface ChangesOf {
  readonly board: BoardConsole;
  /** Bytes of a page of the board's flash. */
  readonly pageBytes: number;
  /** Asks the board, unless the user has stopped it. */
  ask<T>(question: () => Promise<T>): Promise<T>;
  /** Which lamp the board has now, should it end here. */
  lamp(): LampLeft;
}

export interface WriteHooks {
  /** Called before each attempt to write, and before each look at what came of it. */
  readonly onStep: (step: "upload" | "verify") => void;
  readonly onProgress?: ((sent: number, total: number) => void) | undefined;
}

/** Written and erased again before anything else. */
const probeFile = "lamp.new";
const probe = `(function(s,c){s.write("${probeFile}","?",0,${PROBE_BYTES});c=s.read("${probeFile}");return c?c.length:0})(require("Storage"))`;
const repeatable = { repeatable: true } as const;
/** An ESP32 programs some 200 kB a second. */
const COPY_MS = 15_000;

export class StorageChanges {
  private readonly of: ChangesOf;

  constructor(of: ChangesOf) {
    this.of = of;
  }

  /** @throws InstallError "room", when a compaction could begin or something come to lie in the last page (docs/flash-model.md) */
  async requireRoom(needed: number): Promise<void> {
    const look = await this.of.ask(() => lookAtStorage(this.of.board));
    if (look.freeBytes < needed + this.of.pageBytes) throw this.noRoom(needed, look);
  }

  noRoom(needed: number, { freeBytes, trashBytes }: StorageLook): InstallError {
    const { pageBytes } = this.of;
    const wanted = needed + pageBytes;
    const lack = `the board's Storage has ${freeBytes} bytes free, and ${wanted} are needed (${needed} to write and a page of ${pageBytes} to stay clear of)`;
    const mend =
      freeBytes + trashBytes >= wanted
        ? `${trashBytes} bytes of replaced files can be won back with --compact; while that runs, some seconds, a power cut erases all of the Storage`
        : `erase files that nobody needs: require("Storage").list() on the console shows them`;
    return new InstallError("room", this.of.lamp(), `${lack}; ${mend}`);
  }

  /**
   * Takes a header that a power cut left half written out of the way. The next header is written over it, and bits that are 0 stay 0: a file of
   * another length then seems shorter than it is, what was written behind its end is taken for headers, and the interpreter, which cannot make
   * sense of that, erases everything at its next start (jsflash.c). A file with one byte of content and a length of 255, all of whose low bits
   * are 1, can be any shorter length and leaves blank flash behind it.
   * @throws InstallError "unsuitable" when even that is lost: the header was of a file whose length is a multiple of 256
   */
  async clearTheWay(): Promise<void> {
    const { board, ask } = this.of;
    await this.requireRoom(bytesInFlash(PROBE_BYTES));
    const length = await ask(() => board.evaluate(probe, repeatable)).catch((error: unknown) => {
      if (error instanceof ConsoleError && error.code === "thrown") return 0;
      throw error;
    });
    if (typeof length === "number" && length > 0) return this.erase(probeFile);
    const { trashBytes } = await ask(() => lookAtStorage(board));
    const mend =
      trashBytes > 0
        ? "add --compact to put it in order; while that runs, some seconds, a power cut erases all of it"
        : `erase all of it, the lamp included, by typing require("Storage").eraseAll() in npx wick monitor, then repeat this`;
    throw new InstallError(
      "unsuitable",
      this.of.lamp(),
      `a power cut has left the board's Storage so that nothing can be written to it; ${mend}`,
    );
  }

  /** Writes a file and has the board hash it; once more when that is not right. */
  async write(
    name: string,
    content: Uint8Array,
    expected: Fingerprint,
    { onStep, onProgress }: WriteHooks,
  ): Promise<ReadBackBy> {
    const { board, ask, lamp } = this.of;
    let trouble: ConsoleError | undefined;
    for (let attempt = 1; attempt <= 2; attempt++) {
      // Should it have been the board's power: under a file of the same name and length a half written header heals.
      await this.requireRoom(bytesInFlash(content.length));
      onStep("upload");
      trouble = await ask(() => board.writeFile(name, content, { onProgress }))
        .then(() => undefined)
        .catch(mayHealAgain);
      if (trouble) continue;
      onStep("verify");
      const found = await ask(() => readBack(board, name, expected));
      if (found?.matches) return found.by;
    }
    if (trouble) throw trouble;
    throw new InstallError(
      "corrupted",
      lamp(),
      `twice what the board holds in ${name} is not what was sent; try a shorter cable, another USB port or a lower baud rate`,
    );
  }

  /** Copies a program on the board into a slot that nothing has chosen. @throws InstallError "corrupted" when the two differ */
  async copy(copy: Extract<WayBack, { kind: "copy" }>): Promise<void> {
    await this.requireRoom(bytesForWayBack(copy));
    const isAlike = await this.of.ask(() =>
      this.of.board.evaluate(copyExpression(copy), { deadlineMs: COPY_MS }),
    );
    if (isAlike !== true)
      throw new InstallError(
        "corrupted",
        this.of.lamp(),
        `the board's copy of ${copy.from} in ${slotFiles[copy.slot]} is not like it; try again`,
      );
  }

  /** Has `lamp.now` say `slot`; always one character, so that the next write of it heals what a power cut leaves of this one. */
  async choose(slot: Slot): Promise<void> {
    await this.requireRoom(bytesInFlash(1));
    const said = await this.of.ask(() =>
      this.of.board.evaluate(
        `(function(s){s.write("${chosenFile}","${slot}");return s.read("${chosenFile}")})(require("Storage"))`,
        repeatable,
      ),
    );
    if (said !== slot)
      throw new InstallError(
        "corrupted",
        this.of.lamp(),
        `the board did not keep the choice of the new lamp in ${chosenFile}; try again`,
      );
  }

  async erase(name: string): Promise<void> {
    const file = JSON.stringify(name);
    const left = await this.of.ask(() =>
      this.of.board.evaluate(
        `(function(s){s.erase(${file});return s.read(${file})!==undefined})(require("Storage"))`,
        repeatable,
      ),
    );
    if (left !== false)
      throw new InstallError("corrupted", this.of.lamp(), `the board did not erase ${name}; try again`);
  }
}

/** What a second attempt may mend; a lost cable or a locked console it does not. */
function mayHealAgain(error: unknown): ConsoleError {
  if (error instanceof ConsoleError && ["refused", "thrown", "garbled", "timeout"].includes(error.code))
    return error;
  throw error;
}
