/** `wick sim --watch`: on a change of firmware or configuration the lamp is built again and its board starts over, with its Storage kept. */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { typecheck } from "../../build/typecheck.ts";
import { ConfigError } from "../../config/error.ts";
import type { Config } from "../../config/load.ts";
import { projectRoot } from "../../version.ts";
import { Failure, UsageError } from "../errors.ts";
import { Compiler } from "./compiler.ts";
import {
  factsOf,
  isLamp,
  makeShownProgram,
  type Program,
  type ProgramChoice,
  programName,
} from "./program.ts";
import type { Attachment, Session } from "./session.ts";
import { SourceWatch } from "./source-watch.ts";

export interface WatchOptions {
  /** Reads the configuration anew. */
  readonly configure: () => Config;
  readonly config: Config;
  readonly session: Session;
  /** What runs on the board; the lamp unless given. */
  readonly choice?: ProgramChoice;
  /** The files that a program other than the lamp is made of. */
  readonly files?: readonly string[] | undefined;
  /** Folders whose TypeScript goes into the lamp; `firmware/` unless given. */
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
  const { choice = {}, files = [] } = options;
  const isOwn = !isLamp(choice);
  const sources = isOwn ? [] : (options.sources ?? [`${projectRoot}firmware`]);
  if (isOwn) rebuild.watchFiles(files);
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
  const own = isOwn ? [wordsFor(choice, files)] : [];
  session.say(
    `Watching ${[...own, ...sources.map((folder) => `${relative(process.cwd(), folder)}/`), ...names].join(", ")}`,
  );
  return {
    warm: rebuild.warm,
    close() {
      for (const watcher of watchers) watcher.close();
      return rebuild.close();
    },
  };
}

function wordsFor(choice: ProgramChoice, files: readonly string[]): string {
  const others = files.length - 1;
  const imports = others < 1 ? "" : ` and ${others === 1 ? "one file" : `${others} files`} that it imports`;
  return `${programName(choice)}${imports}`;
}

class Rebuild {
  /** A bundle is only read. */
  private readonly compiler: Compiler | undefined;
  private readonly choice: ProgramChoice;
  private sources: SourceWatch | undefined;
  private readonly options: WatchOptions;
  private timer: NodeJS.Timeout | undefined;
  private since = 0;
  private file = "";
  private running: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(options: WatchOptions) {
    this.options = options;
    this.choice = options.choice ?? {};
    const { entry, bundle } = this.choice;
    this.compiler = bundle === undefined ? new Compiler(options.config, entry) : undefined;
  }

  get warm(): Promise<void> {
    return this.compiler?.warm ?? Promise.resolve();
  }

  /** Absolute paths; what a later build reads takes their place. */
  watchFiles(files: readonly string[]): void {
    this.sources = new SourceWatch(files, (file) => this.changed(relative(process.cwd(), file)));
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
    this.sources?.close();
    await this.compiler?.close();
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
      const { code, map, lamp, checked } = await this.make(config);
      if (this.closed) return;
      const { simulation, model } = session;
      if (lamp) model.facts = { ...model.facts, ...lamp };
      await new Promise<void>((resolve) => {
        simulation.clock.fromOutside(() => {
          simulation.reload(code, map, lamp);
          resolve();
        });
        options.onReady?.();
      });
      const milliseconds = performance.now() - since;
      options.onReload?.(milliseconds);
      session.say(
        `${this.compiler ? "Rebuilt" : "Loaded again"} after ${file}: ${code.length} bytes, board restarted in ${Math.round(milliseconds)} ms`,
      );
      await checked;
    } catch (error) {
      if (this.closed) return;
      this.sources?.failed();
      if (!(error instanceof Failure || error instanceof UsageError || error instanceof ConfigError))
        throw error;
      session.complain(error.message);
    }
  }

  /** `checked` is rejected for what the types, or the board, have against it. */
  private async make(
    config: Config,
  ): Promise<Pick<Program, "code" | "map" | "lamp"> & { checked: Promise<void> }> {
    const { choice, compiler } = this;
    if (!compiler) return { ...(await makeShownProgram(choice, config)), checked: Promise.resolve() };
    const lamp = factsOf(choice, config);
    const { entry } = choice;
    const { result, checked } = await compiler.compile(config);
    const { code, map } = result;
    if (entry === undefined || isLamp(choice)) return { code, map, lamp, checked };
    this.sources?.use(result.sources);
    const all = Promise.all([checked, checkTypes(entry, config)]).then(() => {});
    // Whoever does not wait for it has closed down meanwhile.
    all.catch(() => {});
    return { code, map, lamp, checked: all };
  }
}

async function checkTypes(entry: string, { profile }: Config): Promise<void> {
  const complaints = await typecheck(entry, profile);
  if (complaints !== "") throw new Failure(complaints);
}
