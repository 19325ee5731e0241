// The benchmarks' command line: what is fast, measured against something, on the interpreter named by ESPRUINO_BIN.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { type Candidate, espruinoModuleLamp, floorLamp, type Qos } from "./candidates.ts";
import { type CommandTimeRun, measureCommandTime } from "./command-time.ts";

const { values } = parseArgs({
  options: {
    bundle: { type: "string" },
    port: { type: "string", default: "1883" },
    only: { type: "string" },
    runs: { type: "string", default: "5" },
    commands: { type: "string", default: "1000" },
    qos: { type: "string" },
    flash: { type: "boolean", default: false },
  },
});

const interpreter = process.env.ESPRUINO_BIN;
const modulePath = process.env.ESPRUINO_MQTT_MODULE;
const notRun: string[] = [];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

async function commandTime(bin: string): Promise<void> {
  const port = await freePort();
  const wickPort = Number(values.port);
  const runs = Number(values.runs);
  const commands = Number(values.commands);
  const wanted = values.qos === undefined ? ([0, 1, 2] as Qos[]) : [Number(values.qos) as Qos];
  console.log(`1,000 commands back to back, us per command (processor time of the interpreter's thread; wall in brackets), median of ${runs} runs, interleaved`);
  for (const qos of wanted) {
    const candidates: { candidate: Candidate; port: number }[] = [];
    if (values.bundle) {
      const file = values.bundle.replace("{qos}", String(qos));
      candidates.push({ candidate: { name: "wick", qos, code: readFileSync(file, "latin1") }, port: wickPort });
    }
    if (modulePath) candidates.push({ candidate: await espruinoModuleLamp(modulePath, port, qos), port });
    candidates.push({ candidate: await floorLamp(port, qos), port });
    const results = new Map<string, CommandTimeRun[]>();
    const failed = new Set<string>();
    for (let run = 0; run < runs; run += 1) {
      for (const { candidate, port: at } of candidates) {
        if (failed.has(candidate.name)) continue;
        try {
          const result = await measureCommandTime({ interpreter: bin, candidate, qos, port: at, commands, codeIn: values.flash ? "flash" : "memory" });
          results.set(candidate.name, [...(results.get(candidate.name) ?? []), result]);
        } catch (error) {
          failed.add(candidate.name);
          notRun.push(`command-time ${candidate.name} at QoS ${qos}: ${(error as Error).message}`);
        }
      }
    }
    const time = (name: string) => {
      const of = results.get(name);
      return of ? median(of.map((one) => one.processorMicroseconds ?? one.wallMicroseconds)) : undefined;
    };
    for (const { candidate } of candidates) {
      const of = results.get(candidate.name);
      if (!of) continue;
      const own = time(candidate.name) as number;
      const [module, floor] = [time("module"), time("floor")];
      const worst = (pick: (run: CommandTimeRun) => number) => Math.min(...of.map(pick));
      const acknowledged = qos === 0 ? "-" : worst((run) => run.acknowledgedOnce ?? 0);
      console.log(
        `QoS ${qos}  ${candidate.name.padEnd(6)}  ${own.toFixed(1).padStart(6)} (${median(of.map((run) => run.wallMicroseconds)).toFixed(0)})` +
          `  of module ${module ? (own / module).toFixed(2) : "-"}  of floor ${floor ? (own / floor).toFixed(2) : "-"}` +
          `  states ${worst((run) => run.statesAnswered)}/${commands}  last ${[...new Set(of.map((run) => run.lastState))].join("|")}` +
          `  acknowledged once ${acknowledged}  min ${Math.min(...of.map((run) => run.processorMicroseconds ?? run.wallMicroseconds)).toFixed(1)}  bytes ${candidate.code.length}`,
      );
    }
  }
}

if (!interpreter || !existsSync(interpreter)) {
  notRun.push("everything on the real interpreter: set ESPRUINO_BIN to an Espruino for Linux with blocks of 14 bytes");
} else {
  if (!modulePath) notRun.push("the comparison with Espruino's MQTT module: set ESPRUINO_MQTT_MODULE to its MQTT.js");
  if (!values.only || values.only === "time") await commandTime(interpreter);
}
for (const line of notRun) console.log(`not run: ${line}`);
