/** Compilers in a thread of their own, kept warm: the board goes on while they work, and a change is on it soon. */
import { Worker } from "node:worker_threads";
import { BuildError, type BuildResult } from "../../build/build.ts";
import type { Config } from "../../config/load.ts";
import { Failure } from "../errors.ts";

export interface CompiledLamp {
  readonly result: BuildResult;
  /** The dialect check, which goes on meanwhile. @throws Failure (the promise is rejected) for what the board could not run. */
  readonly checked: Promise<void>;
}

/** What the thread is asked, and what it says. A request is answered by `built`, then by `checked`; `mistakes` takes the place of either. */
export interface CompileRequest {
  readonly id: number;
  readonly config: Config;
  /** A program other than the lamp. */
  readonly entry?: string | undefined;
}
export type CompileAnswer =
  | { readonly type: "warm" }
  | { readonly id: number; readonly type: "built"; readonly result: BuildResult }
  | { readonly id: number; readonly type: "checked" }
  | { readonly id: number; readonly type: "mistakes"; readonly mistakes: readonly string[] }
  /** A fault of Wick itself. */
  | { readonly id: number; readonly type: "fault"; readonly stack: string };

/** The compilers become several times as fast over their first runs. */
const WARM_UP_RUNS = 15;
const YOUNG_MEGABYTES = 192;

interface Waiting {
  built(result: BuildResult): void;
  checked(): void;
  failed(error: Error): void;
}

export class Compiler {
  /** Settles when the compilers are as fast as they get, or have ended. */
  readonly warm: Promise<void>;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private requests = 0;

  private readonly entry: string | undefined;

  /** Begins at once to warm up with `config`. `entry`: a program other than the lamp. */
  constructor(config: Config, entry?: string) {
    this.entry = entry;
    this.worker = new Worker(new URL("./compiler-thread.js", import.meta.url), {
      workerData: { config, entry, runs: WARM_UP_RUNS },
      // Compilers make much that is soon forgotten: with more room for it the collector comes by less often.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    this.warm = new Promise((resolve) => {
      this.worker.on("message", (answer: CompileAnswer) =>
        answer.type === "warm" ? resolve() : this.answered(answer),
      );
      this.worker.on("exit", () => {
        resolve();
        for (const one of this.waiting.values()) one.failed(new Failure("the compiler's thread has ended"));
        this.waiting.clear();
      });
    });
    this.worker.on("error", (error) => {
      for (const one of this.waiting.values()) one.failed(error);
      this.waiting.clear();
    });
  }

  /** @throws Failure (the promise is rejected) with one line for each place that cannot be built. */
  compile(config: Config): Promise<CompiledLamp> {
    const id = this.requests++;
    return new Promise((resolve, reject) => {
      let checkedNow: () => void = () => {};
      let failedLater: (error: Error) => void = reject;
      this.waiting.set(id, {
        built: (result) => {
          const checked = new Promise<void>((done, failed) => {
            checkedNow = done;
            failedLater = failed;
          });
          // Whoever does not wait for it has closed down meanwhile.
          checked.catch(() => {});
          resolve({ result, checked });
        },
        checked: () => checkedNow(),
        failed: (error) => failedLater(error),
      });
      this.worker.postMessage({ id, config, entry: this.entry } satisfies CompileRequest);
    });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private answered(answer: Exclude<CompileAnswer, { type: "warm" }>): void {
    const one = this.waiting.get(answer.id);
    if (answer.type === "built") {
      one?.built(answer.result);
      return;
    }
    this.waiting.delete(answer.id);
    if (answer.type === "checked") one?.checked();
    else if (answer.type === "mistakes") one?.failed(new Failure(new BuildError(answer.mistakes).message));
    else one?.failed(new Error(answer.stack));
  }
}
