/** `wick sim --watch`: on a change of firmware or configuration the lamp is built again and its board starts over, with its Storage kept. */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { ConfigError } from "../../config/error.ts";
import type { Config } from "../../config/load.ts";
import { projectRoot } from "../../version.ts";
import { Failure, UsageError } from "../errors.ts";
import { Compiler } from "./compiler.ts";
import { lampFacts } from "./lamp.ts";
import type { Attachment, Session } from "./session.ts";

export interface WatchOptions {
  /** Reads the configuration anew. */
  readonly configure: () => Config;
  readonly config: Config;
  readonly session: Session;
  /** Folders whose TypeScript goes into the bundle; `firmware/` unless given. */
  readonly sources?: readonly string[];
  /** Called when a new bundle waits for the clock to put it on the board: a clock without pacer has to be moved. */
  readonly onReady?: () => void;
  /** Called when the board has started over, with the milliseconds from the first change to there. */
  readonly onReload?: (milliseconds: number) => void;
}

/** An editor writes a file in several steps; what comes within this time is one change. */
const SETTLE_MS = 15;

const CONFIG_FILES = ["flash.config.json", "flash.config.local.json"];

export interface Watching extends Attachment {
  /** Settles when the compilers have run a few times and are as fast as they get. */
  readonly warm: Promise<void>;
  close(): Promise<void>;
}

/** Watches until it is closed. What cannot be built is said, and the board goes on with what it has. */
export function watchLamp(options: WatchOptions): Watching {
  const { session, config } = options;
  const rebuild = new Rebuild(options);
  const watchers: FSWatcher[] = [];
  const sources = options.sources ?? [`${projectRoot}firmware`];
  for (const folder of sources)
    watchers.push(
      watch(folder, { recursive: true }, (_event, file) => {
        if (file?.endsWith(".ts")) rebuild.changed(relative(process.cwd(), resolve(folder, file)));
      }),
    );
  // The folders and not the files: many editors put a new file in the place of the old one.
  const names = new Set([...CONFIG_FILES, ...config.files.map((file) => basename(file))]);
  const folders = new Set([process.cwd(), ...config.files.map((file) => dirname(resolve(file)))]);
  for (const folder of folders)
    watchers.push(
      watch(folder, (_event, file) => {
        if (file !== null && names.has(file)) rebuild.changed(relative(process.cwd(), resolve(folder, file)));
      }),
    );
  session.say(
    `Watching ${[...sources.map((folder) => `${relative(process.cwd(), folder)}/`), ...names].join(", ")}`,
  );
  return {
    warm: rebuild.compiler.warm,
    close() {
      for (const watcher of watchers) watcher.close();
      return rebuild.close();
    },
  };
}

class Rebuild {
  readonly compiler: Compiler;
  private readonly options: WatchOptions;
  private timer: NodeJS.Timeout | undefined;
  private since = 0;
  private file = "";
  private running: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(options: WatchOptions) {
    this.options = options;
    this.compiler = new Compiler(options.config);
  }

  changed(file: string): void {
    if (this.closed) return;
    if (this.timer === undefined) this.since = performance.now();
    this.file = file;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const { since, file: changedFile } = this;
      this.running = this.running.then(() => this.run(changedFile, since));
    }, SETTLE_MS);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.compiler.close();
    await this.running;
  }

  private async run(file: string, since: number): Promise<void> {
    if (this.closed) return;
    const { options } = this;
    const { session } = options;
    try {
      const config = options.configure();
      if (config.profile.name !== options.config.profile.name)
        throw new UsageError(
          `the board is ${config.profile.name} now, not ${options.config.profile.name}: start wick sim again`,
        );
      const { result, checked } = await this.compiler.compile(config);
      if (this.closed) return;
      const lamp = lampFacts(config);
      const { simulation, model } = session;
      model.facts = { ...model.facts, ...lamp };
      await new Promise<void>((resolve) => {
        simulation.clock.fromOutside(() => {
          simulation.reload(result.code, result.map, lamp);
          resolve();
        });
        options.onReady?.();
      });
      const milliseconds = performance.now() - since;
      options.onReload?.(milliseconds);
      session.say(
        `Rebuilt after ${file}: ${result.sizes.total} bytes, board restarted in ${Math.round(milliseconds)} ms`,
      );
      await checked;
    } catch (error) {
      if (this.closed) return;
      if (!(error instanceof Failure || error instanceof UsageError || error instanceof ConfigError))
        throw error;
      session.complain(error.message);
    }
  }
}
