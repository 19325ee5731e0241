// Records the interpreter's traces (ESPRUINO_BIN) of all sessions, or of the kinds named as arguments, and says what the simulator does otherwise.
import { firstDifference, playOnInterpreter, playOnSimulator } from "./compare.ts";
import { kinds, sessionsOf, tracesOf } from "./sessions.ts";
import { together } from "./together.ts";
import { writeTraces } from "./trace.ts";

const atOnce = 16;
const interpreter = process.env.ESPRUINO_BIN;
if (!interpreter) throw new Error("ESPRUINO_BIN is not set; it must name Espruino for Linux");

const asked = process.argv.slice(2);
const counts = { sessions: 0, actions: 0, events: 0, bytesToBoard: 0, bytesFromBoard: 0, differences: 0 };
const started = performance.now();
for (const kind of asked.length > 0 ? asked : kinds) {
  const traces = await together(sessionsOf(kind), atOnce, async (session) => {
    const simulated = await playOnSimulator(session);
    const trace = await playOnInterpreter(session, interpreter, simulated.events);
    counts.sessions++;
    counts.actions += session.actions.length;
    counts.events += trace.events.length;
    for (const event of trace.events) {
      if (event.type === "to-board") counts.bytesToBoard += event.length;
      if (event.type === "from-board") counts.bytesFromBoard += event.bytes.length;
    }
    const difference = firstDifference(simulated.events, trace.events);
    if (difference !== undefined) {
      counts.differences++;
      console.log(`${session.name}: ${difference}`);
    }
    return trace;
  });
  writeTraces(tracesOf(kind), traces);
  console.log(`${kind}: ${traces.length} sessions`);
}
console.log(JSON.stringify({ ...counts, seconds: Math.round((performance.now() - started) / 1000) }));
