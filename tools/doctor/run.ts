/** Runs checks: those that do not wait for each other at the same time, each with a deadline, and all together with one. */
import type { Chart, Check, Finding, Status } from "./check.ts";

/** The findings of one check. */
export interface Result {
  readonly check: string;
  readonly findings: readonly Finding[];
}

export interface RunOptions {
  /** All checks together take no longer; in ms. */
  readonly deadlineMs: number;
  /** Called once for each check in the order of the list, as soon as that check and all before it are done. */
  readonly onResult: (result: Result) => void;
  /** Ends everything at once. */
  readonly signal?: AbortSignal;
}

const severity: readonly Status[] = ["ok", "warning", "skipped", "failure"];

/** The gravest status of some findings. */
export function worst(findings: readonly Finding[]): Status {
  return findings.reduce<Status>(
    (status, finding) =>
      severity.indexOf(finding.status) > severity.indexOf(status) ? finding.status : status,
    "ok",
  );
}

/** Runs them all and returns what they found, in the order of the list. Never throws for what a check throws: that is a finding. */
export async function runChecks(
  checks: readonly Check[],
  chart: Chart,
  options: RunOptions,
): Promise<readonly Result[]> {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort("time"), options.deadlineMs);
  const stop = (): void => end.abort("stopped");
  options.signal?.addEventListener("abort", stop);
  if (options.signal?.aborted) stop();
  const running = new Map<string, Promise<Result>>();
  const order: Promise<Result>[] = [];
  try {
    for (const check of checks) {
      const before = check.needs.map((name) => {
        const earlier = running.get(name);
        if (!earlier) throw new Error(`${check.name} needs "${name}", which is not before it in the list`);
        return earlier;
      });
      const result = runOne(check, before, chart, end.signal, options.deadlineMs);
      running.set(check.name, result);
      order.push(result);
    }
    const results: Result[] = [];
    for (const result of order) {
      results.push(await result);
      options.onResult(await result);
    }
    return results;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", stop);
    end.abort("done");
  }
}

async function runOne(
  check: Check,
  before: readonly Promise<Result>[],
  chart: Chart,
  end: AbortSignal,
  allMs: number,
): Promise<Result> {
  const result = (...findings: readonly Finding[]): Result => ({ check: check.name, findings });
  for (const earlier of before) {
    const { check: name, findings } = await earlier;
    if (
      findings.some(
        ({ status, blocks }) => (status === "failure" || status === "skipped") && blocks !== false,
      )
    )
      return result({ status: "skipped", message: `not looked at, because of "${name}"` });
  }
  const unusable = check.keys?.find((key) => chart.unusable.has(key));
  if (unusable !== undefined)
    return result({
      status: "skipped",
      message: `not looked at, because ${unusable} cannot be used: see "config"`,
    });
  const own = new AbortController();
  const deadlineMs = check.deadlineMs * chart.surroundings.patience;
  const late = within(deadlineMs, end, (reason) => {
    own.abort();
    if (reason === "stopped") return { status: "skipped", message: "stopped" };
    const spent =
      reason === "time" ? `all checks together had ${seconds(allMs)}` : `it had ${seconds(deadlineMs)}`;
    return {
      status: "failure",
      message: `not done in time: ${spent}`,
      mend: "try again; if it stays so, say so in an issue with the output of: npx wick doctor --json",
    };
  });
  try {
    const found = await Promise.race([Promise.resolve(check.run(chart, own.signal)), late.finding]);
    return result(...(Array.isArray(found) ? (found as readonly Finding[]) : [found as Finding]));
  } catch (error) {
    return result({
      status: "failure",
      message: `the check itself broke: ${error instanceof Error ? error.message.split("\n")[0] : "unknown"}`,
      mend: "a fault of Wick: say so in an issue with the output of: npx wick doctor --json",
    });
  } finally {
    late.stop();
    own.abort();
  }
}

/** Resolves to what `onEnd` makes of it when `ms` have passed or `end` is aborted, whichever is first. */
function within(ms: number, end: AbortSignal, onEnd: (reason: "deadline" | "time" | "stopped") => Finding) {
  let stop = (): void => {};
  const finding = new Promise<Finding>((resolve) => {
    const finish = (reason: "deadline" | "time" | "stopped"): void => {
      stop();
      resolve(onEnd(reason));
    };
    const aborted = (): void => finish(end.reason === "time" ? "time" : "stopped");
    const timer = setTimeout(() => finish("deadline"), ms);
    stop = () => {
      clearTimeout(timer);
      end.removeEventListener("abort", aborted);
    };
    end.addEventListener("abort", aborted);
    if (end.aborted) aborted();
  });
  return { finding, stop: () => stop() };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
