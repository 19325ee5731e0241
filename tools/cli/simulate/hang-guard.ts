/** Ends the process when the program on the simulated board never returns: nothing else could, Ctrl-C included. */
import { Worker } from "node:worker_threads";

/** A pass of the program takes milliseconds; nobody wants to wait longer for one that hangs. */
const LIMIT_MS = 10_000;
const BEATS_PER_LIMIT = 20;

/**
 * From a thread of its own it sees whether this one still goes round. When it does not for `limitMs`, the process ends with code 1 and a line on
 * stderr: a simulation that was broken off anywhere cannot go on. Returns how to stop watching.
 */
export function guardAgainstHanging(limitMs = LIMIT_MS): () => Promise<void> {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const beatMs = limitMs / BEATS_PER_LIMIT;
  const beat = setInterval(() => Atomics.add(shared, 0, 1), beatMs);
  beat.unref();
  const worker = new Worker(new URL("./hang-guard-thread.js", import.meta.url), {
    workerData: { shared, beatMs, beats: BEATS_PER_LIMIT, sentence: sentence(limitMs) },
    execArgv: [],
  });
  worker.unref();
  return async () => {
    clearInterval(beat);
    await worker.terminate();
  };
}

function sentence(limitMs: number): string {
  return `the program on the board did not return for ${limitMs / 1000} s: it has an endless loop, or does far too much at once; on a real board the watchdog would start it over`;
}
