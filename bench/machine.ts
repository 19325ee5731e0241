// What the numbers were made on, and small helpers of the benchmarks' arithmetic and ports.
import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { availableParallelism, cpus } from "node:os";

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

/** Median of at least one number. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** One line: processor, cores, Node, and the interpreter's own version where there is one. */
export function machine(interpreter: string | undefined): string {
  const model = cpus()[0]?.model.trim() || "unknown processor";
  const parts = [`${model}, ${availableParallelism()} cores`, `Node ${process.version}`];
  if (interpreter) parts.push(`Espruino ${interpreterVersion(interpreter)}`);
  return parts.join("; ");
}

/** "2v29.277, variables of 14 bytes" */
export function interpreterVersion(interpreter: string): string {
  const expression =
    'print("version="+process.version+", variables of "+process.memory().blocksize+" bytes")';
  const said = execFileSync(interpreter, ["-e", expression], { encoding: "latin1", timeout: 10_000 });
  return /version=(.*)/.exec(said)?.[1]?.trim() ?? "of unknown version";
}
