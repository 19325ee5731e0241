// Hot reload: from a saved TypeScript file to the board having started over with the new bundle.
import { utimesSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { Simulation } from "../sim/simulation.ts";
import { LampModel } from "../sim/terminal/model.ts";
import { insideOnly } from "../tools/cli/simulate/broker-address.ts";
import { buildLamp, configureLamp, lampFacts } from "../tools/cli/simulate/lamp.ts";
import { watchLamp } from "../tools/cli/simulate/watch.ts";
import { projectRoot } from "../tools/version.ts";
import { median } from "./machine.ts";
import type { Section } from "./report.ts";

const RUNS = 25;

/** How soon a saved file is on the board. */
export async function reloadSection(): Promise<Section> {
  const times = (await measureReload(RUNS)).sort((one, other) => one - other);
  const middle = median(times);
  const measured = `${Math.round(middle)} ms, ${Math.round(times[0] ?? 0)} to ${Math.round(times.at(-1) ?? 0)}`;
  return {
    title: `Hot reload: from a saved file of the firmware to the board's restart, median of ${RUNS}`,
    rows: [{ what: "saved to restarted", measured, asked: "300 ms", met: middle < 300 }],
  };
}

/** A file that every lamp is built of; only its time of change is touched. */
const source = `${projectRoot}firmware/lamp/lamp.ts`;

/** Milliseconds of `runs` reloads, each from the change of the file to the boot of the board. */
async function measureReload(runs: number): Promise<number[]> {
  const address = insideOnly();
  const configure = () =>
    configureLamp({ file: null, board: "esp32-devkitc", broker: { address, embedded: true } });
  const config = configure();
  const { code, map } = await buildLamp(config);
  const simulation = new Simulation({
    profile: config.profile,
    bundle: code,
    sourceMap: map,
    lamp: lampFacts(config),
    network: { kind: "in-process", port: address.port },
  });
  const model = new LampModel({
    ...lampFacts(config),
    hasWifi: true,
    board: config.profile.name,
    broker: { host: address.host, port: address.port, embedded: true },
  });
  let rebooted: () => void = () => {};
  const watching = watchLamp({
    configure,
    config,
    session: { simulation, bundle: code, model, say() {}, complain() {}, typing() {} },
    onReload: () => rebooted(),
  });
  const stop = new AbortController();
  const running = simulation.runInRealTime(undefined, stop.signal);
  simulation.start();
  const times: number[] = [];
  try {
    // Somebody who has just started it reads first; the compilers warm up meanwhile.
    await watching.warm;
    for (let run = 0; run < runs; run++) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const saved = performance.now();
      const boot = new Promise<void>((resolve) => {
        rebooted = resolve;
      });
      const now = new Date();
      utimesSync(source, now, now);
      await boot;
      times.push(performance.now() - saved);
    }
  } finally {
    await watching.close();
    stop.abort();
    await running;
    simulation.close();
  }
  return times;
}
