/** Watches the files that a program is made of, which may be other files after every build. */
import { type FSWatcher, watch } from "node:fs";
import { dirname, join } from "node:path";

const SOURCE = /\.(?:[cm]?[jt]s|json)$/;

/** Absolute paths throughout. */
export class SourceWatch {
  private readonly folders = new Map<string, FSWatcher>();
  private readonly changed: (file: string) => void;
  private files: ReadonlySet<string> = new Set();
  /** What the program is made of is not known: it could not be built. */
  private isUnsure = false;

  /** `changed` is called with each file that was written, several times for one that is written in several steps. */
  constructor(files: readonly string[], changed: (file: string) => void) {
    this.changed = changed;
    this.use(files);
  }

  /** These count from now on, and no others. */
  use(files: readonly string[]): void {
    this.files = new Set(files);
    this.isUnsure = false;
    const wanted = new Set(files.map((file) => dirname(file)));
    for (const [folder, watcher] of this.folders) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.folders.delete(folder);
    }
    // The folders and not the files: many editors put a new file in the place of the old one.
    for (const folder of wanted) if (!this.folders.has(folder)) this.folders.set(folder, this.watch(folder));
  }

  /** The last build failed, perhaps for a file that is not there yet: any source in these folders counts. */
  failed(): void {
    this.isUnsure = true;
  }

  close(): void {
    for (const watcher of this.folders.values()) watcher.close();
    this.folders.clear();
  }

  private watch(folder: string): FSWatcher {
    const watcher = watch(folder, (_event, name) => {
      const file = join(folder, name ?? "");
      if (this.files.has(file) || (this.isUnsure && SOURCE.test(file))) this.changed(file);
    });
    // A folder that is taken away ends its watching; the next build says what is missing.
    watcher.on("error", () => {});
    return watcher;
  }
}
