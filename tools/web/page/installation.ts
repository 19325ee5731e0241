/** How far an installation has come: what it does now, bytes, and the time it will still take. */
import type { InstallStep } from "../../flash/install.ts";
import { savedStateFile } from "../../flash/storage-look.ts";

const WORDS: Readonly<Record<InstallStep["step"], string>> = {
  look: "Looking at the board's Storage",
  plan: "Planning",
  keep: "Reading what was there",
  "end-trial": "Starting the lamp before again: one sent over the air was on trial",
  compact: "Making room in the Storage: leave the power on",
  upload: "Sending the lamp",
  verify: "Reading back what the board holds",
  trial: "Starting the new lamp once",
  choose: "Making the new lamp count",
  restart: "Starting the board over",
  running: "The new lamp runs",
  back: "Going back to what was there before",
};

/** A program that was on the board, where the browser holds it until the page is left. */
export interface Replaced {
  readonly file: string;
  readonly address: string;
  /** What it is called when it is saved. */
  readonly saveAs: string;
}

export class Installation {
  doing = "Fetching the bundle";
  sent = 0;
  total: number;
  state: "under way" | "done" | "failed" = "under way";
  /** Seconds; undefined until it can be told. */
  secondsLeft: number | undefined;
  lacksRoom = false;
  readonly replaced: Replaced[] = [];
  private readonly changed: () => void;
  private since = 0;

  constructor(total: number, changed: () => void) {
    this.total = total;
    this.changed = changed;
  }

  at(step: InstallStep): void {
    this.doing = WORDS[step.step];
    if (step.step === "upload" && step.file.startsWith("lamp.")) {
      this.since = performance.now();
      this.sent = 0;
    } else this.secondsLeft = undefined;
    this.changed();
  }

  progress(sent: number, total: number): void {
    this.sent = sent;
    this.total = total;
    const seconds = (performance.now() - this.since) / 1000;
    if (sent > 0 && seconds > 0.5) this.secondsLeft = Math.ceil(((total - sent) * seconds) / sent);
    this.changed();
  }

  keep(file: string, content: Uint8Array): void {
    const blob = new Blob([content.slice()], { type: "application/octet-stream" });
    const saveAs = `board${file}${file === savedStateFile ? "" : ".js"}`;
    this.replaced.push({ file, address: URL.createObjectURL(blob), saveAs });
    this.changed();
  }

  done(): void {
    this.sent = this.total;
    this.state = "done";
    this.changed();
  }

  /** `lacksRoom`: there was no room in the Storage. */
  failed(lacksRoom: boolean): void {
    this.state = "failed";
    this.lacksRoom = lacksRoom;
    this.changed();
  }
}
