/** `wick doctor` without its command line: all checks, told one by one. */
import type { LoadOptions } from "../config/load.ts";
import type { Chart, Check } from "./check.ts";
import { ALL_CHECKS_MS, checks as allChecks } from "./checks.ts";
import { type Count, count } from "./report.ts";
import { type Result, runChecks, worst } from "./run.ts";
import { type Surroundings, thisComputer } from "./surroundings.ts";

export interface DoctorOptions {
  readonly load: LoadOptions;
  /** Wins over flash.port. */
  readonly port?: string | undefined;
  readonly surroundings?: Surroundings;
  readonly checks?: readonly Check[];
  /** Called in the order of the list, each as soon as it and all before it are done. */
  readonly onResult: (result: Result) => void;
  readonly signal?: AbortSignal;
}

/** Does all checks and returns how many came to what. */
export async function examine(options: DoctorOptions): Promise<Count> {
  const surroundings = options.surroundings ?? thisComputer;
  const chart: Chart = {
    load: options.load,
    surroundings,
    port: options.port,
    unusable: new Set(),
    aboutPins: { mistakes: [], warnings: [] },
  };
  try {
    const results = await runChecks(options.checks ?? allChecks, chart, {
      deadlineMs: ALL_CHECKS_MS,
      onResult: options.onResult,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    return count(results, ({ findings }) => worst(findings));
  } finally {
    await chart.cable?.close();
  }
}
