/** Runs many scenarios: here, and when there are enough of them in worker threads too. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { parseScenario } from "./parse.ts";
import { type BuiltLamp, runScenario, type ScenarioResult } from "./run.ts";

/** A scenario that can be run, as plain data. */
export interface PlannedScenario {
  /** As messages name it. */
  file: string;
  /** The file's content, without mistakes. */
  text: string;
  lamp: BuiltLamp;
  /** Where its screenshots and traces go. */
  folder: string;
  seed?: number | undefined;
}

export interface ParallelOptions {
  /** Threads, this one included; by default as many as pay. */
  jobs?: number | undefined;
  /** Called with each result, in the order of the scenarios, as soon as it and all before it are there. */
  onResult?: ((result: ScenarioResult, index: number) => void) | undefined;
}

/**
 * A thread begins with compiling the simulator and everything it needs, which takes some 2 s of a processor: as long as 70 scenarios of the
 * usual kind take to run.
 */
const WORTH_A_THREAD = 100;

/** The results in the order of the scenarios. */
export async function runScenarios(
  planned: readonly PlannedScenario[],
  options: ParallelOptions = {},
): Promise<ScenarioResult[]> {
  const {
    jobs = Math.min(availableParallelism(), 1 + Math.floor(planned.length / WORTH_A_THREAD)),
    onResult,
  } = options;
  const results: (ScenarioResult | undefined)[] = planned.map(() => undefined);
  let next = 0;
  let told = 0;
  const done = (index: number, result: ScenarioResult): void => {
    results[index] = result;
    for (let ready = results[told]; ready; ready = results[told]) onResult?.(ready, told++);
  };
  /** Takes one scenario after the other until none is left. */
  const share = async (run: (one: PlannedScenario) => Promise<ScenarioResult | undefined>): Promise<void> => {
    for (let one = planned[next]; one; one = planned[next]) {
      const index = next++;
      const result = await run(one);
      done(index, result ?? (await runPlanned(one)));
      if (!result) return;
    }
  };
  const threads = Array.from({ length: Math.max(0, Math.min(jobs, planned.length) - 1) }, () => new Thread());
  const theirs = threads.map(async (thread) => {
    if (await thread.ready) await share((one) => thread.run(one));
  });
  await share(runPlanned);
  // What has not started by now is not needed any more.
  for (const thread of threads) if (!thread.busy) thread.end();
  await Promise.all(theirs);
  for (const thread of threads) thread.end();
  return results.filter((result) => result !== undefined);
}

/** A worker thread that runs one scenario at a time. */
class Thread {
  /** Whether it can be given scenarios; false when it ended before that. */
  readonly ready: Promise<boolean>;
  busy = false;
  private readonly worker = new Worker(new URL("./worker.js", import.meta.url));

  constructor() {
    this.ready = this.message().then((message) => message !== undefined);
  }

  /** Undefined when the thread ended over it. */
  async run(planned: PlannedScenario): Promise<ScenarioResult | undefined> {
    this.busy = true;
    const answer = this.message();
    this.worker.postMessage(planned);
    const result = (await answer) as ScenarioResult | undefined;
    this.busy = false;
    return result;
  }

  end(): void {
    void this.worker.terminate();
  }

  /** The next thing it says; undefined when it ended. */
  private message(): Promise<unknown> {
    return new Promise((resolve) => {
      const over = (message?: unknown): void => {
        this.worker.off("message", over).off("exit", ended).off("error", ended);
        resolve(message);
      };
      const ended = (): void => over();
      this.worker.on("message", over).on("exit", ended).on("error", ended);
    });
  }
}

/** Runs one. */
export async function runPlanned({
  file,
  text,
  lamp,
  folder,
  seed,
}: PlannedScenario): Promise<ScenarioResult> {
  const scenario = parseScenario(text, file);
  return runScenario(scenario, { lamp, folder, seed });
}
