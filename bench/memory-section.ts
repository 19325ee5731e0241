// The records of bench/measured-memory.ts made anew and held against the simulator, as a table.
import { measureAll, measuredBuilds, measuredBundle, writeRecords } from "./measured-memory.ts";
import type { Section } from "./report.ts";
import { simulatedReadings } from "./simulated-memory.ts";

const phases = ["boot", "online", "flood", "afterCommands"] as const;
/** What the simulator may be off by. */
const askedPercent = 15;

/** Measures every build on the interpreter; with `write` the simulator counts from these readings from now on. */
export async function memoryRecords(interpreter: string, version: string, write: boolean): Promise<Section> {
  const measured = await measureAll(interpreter, version);
  if (write) writeRecords(measured);
  const rows = [];
  for (const made of measuredBuilds) {
    const record = measured.builds.find(({ name }) => name === made.name);
    if (!record) continue;
    const simulated = await simulatedReadings(made, await measuredBundle(made));
    const percent = phases.map((phase) => (100 * (simulated[phase] - record[phase])) / record[phase]);
    const each = phases.map((phase, index) => `${record[phase]} (${(percent[index] ?? 0).toFixed(0)} %)`);
    rows.push({
      what: made.name,
      measured: each.join(", "),
      asked: `${askedPercent} %`,
      met: percent.every((one) => Math.abs(one) <= askedPercent),
    });
  }
  return {
    title:
      "Memory of the simulated board: variables on the interpreter at boot, online, at most in a flood, after 1,000 commands (how far the simulator is off)",
    rows,
  };
}
