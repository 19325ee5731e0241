/** The compilers' thread: warms them up, then builds what it is asked for. */
import { parentPort, workerData } from "node:worker_threads";
import { BuildError, type BuildOptions, draft } from "../../build/build.ts";
import type { CompileAnswer, CompileRequest } from "./compiler.ts";

if (!parentPort) throw new Error("compile-requests.ts is a worker thread of compiler.ts");
const port = parentPort;
const say = (answer: CompileAnswer): void => port.postMessage(answer);
let asked = false;

port.on("message", async ({ id, config, entry }: CompileRequest) => {
  asked = true;
  try {
    const { result, check } = await draft(wanted({ config, entry }));
    say({ id, type: "built", result });
    // The answer goes out before the check keeps this thread busy.
    await new Promise((resolve) => setImmediate(resolve));
    await check();
    say({ id, type: "checked" });
  } catch (error) {
    if (error instanceof BuildError) say({ id, type: "mistakes", mistakes: error.mistakes });
    else say({ id, type: "fault", stack: (error instanceof Error && error.stack) || String(error) });
  }
});

const { config, entry, runs } = workerData as Omit<CompileRequest, "id"> & { runs: number };
for (let run = 0; run < runs && !asked; run++) {
  // What cannot be built has been said already.
  await draft(wanted({ config, entry })).catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
}
say({ type: "warm" });

function wanted({ config, entry }: Omit<CompileRequest, "id">): BuildOptions {
  return entry === undefined ? { config } : { config, entry };
}
