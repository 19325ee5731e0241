// Watches the main thread for hang-guard.ts, and ends the process when its beats stop coming.
import { writeSync } from "node:fs";
import { Session } from "node:inspector";
import { workerData } from "node:worker_threads";

const { shared, beatMs, beats, sentence } = workerData;
let last = -1;
let missed = 0;
setInterval(() => {
  const now = Atomics.load(shared, 0);
  missed = now === last ? missed + 1 : 0;
  last = now;
  if (missed !== beats) return;
  writeSync(2, `${sentence}\n`);
  const session = new Session();
  session.connectToMainThread();
  // A paused thread answers, one in a loop does not. Everything has been said: what Node would write about this session has no place to go.
  const expression = `process.emit("exit", 1);
    process.getBuiltinModule("node:fs").closeSync(2);
    process.reallyExit(1)`;
  session.post("Debugger.enable");
  session.on("Debugger.paused", () => session.post("Runtime.evaluate", { expression }));
  session.post("Debugger.pause");
}, beatMs);
