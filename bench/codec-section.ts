// The simulator's own speed as a table: boot to online, and commands through the bundle.
import type { Qos } from "./candidates.ts";
import { bootToOnline, commandsPerSecond } from "./codec.ts";
import { median } from "./machine.ts";
import type { Row, Section } from "./report.ts";

/** Runs one measurement; undefined where it failed, which is listed. */
export type Attempt = <Result>(what: string, measure: () => Promise<Result>) => Promise<Result | undefined>;

/** `bundle` gives the text of the lamp to measure. */
export async function codecSection(
  bundle: (qos: Qos) => Promise<string>,
  attempt: Attempt,
): Promise<Section> {
  const rows: Row[] = [];
  const boots = await attempt("boot in the simulator", async () => {
    const code = await bundle(1);
    const times: number[] = [];
    for (let run = 0; run < 7; run += 1) times.push(await bootToOnline(code));
    return times;
  });
  if (boots) {
    const worst = Math.max(...boots);
    const measured = `${median(boots).toFixed(0)} ms, at most ${worst.toFixed(0)} ms`;
    rows.push({ what: "boot to online in the simulator", measured, asked: "300 ms", met: worst < 300 });
  }
  for (const qos of [0, 1, 2] as Qos[]) {
    const rate = await attempt(`codec at QoS ${qos}`, async () => {
      const code = await bundle(qos);
      const rates: number[] = [];
      for (let run = 0; run < 5; run += 1) rates.push(await commandsPerSecond(code, qos, 20_000));
      return median(rates);
    });
    if (rate === undefined) continue;
    const measured = `${Math.round(rate).toLocaleString("en")} a second`;
    rows.push({
      what: `commands through the bundle on Node, QoS ${qos}`,
      measured,
      asked: "20,000",
      met: rate >= 20_000,
    });
  }
  return { title: "Simulator: chunks of 536 bytes, one process, no sockets", rows };
}
