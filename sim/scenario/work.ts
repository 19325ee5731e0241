/** A worker thread's share: runs the scenarios it is sent, one at a time. */
import { parentPort } from "node:worker_threads";
import { type PlannedScenario, runPlanned } from "./parallel.ts";

if (!parentPort) throw new Error("sim/scenario/work.ts is a worker thread of sim/scenario/parallel.ts");
const port = parentPort;
port.on("message", async (planned: PlannedScenario) => port.postMessage(await runPlanned(planned)));
port.postMessage("ready");
