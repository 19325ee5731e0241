// The project's own scenarios: each passes, and twenty runs of each leave the same trace, byte for byte.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { parseScenario } from "../sim/scenario/parse.ts";
import { misfits, runScenario } from "../sim/scenario/run.ts";
import { buildLamp } from "./fixtures/scenario-lamp.ts";

const repeats = 20;
const folder = fileURLToPath(new URL("scenarios/", import.meta.url));
const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
const results = mkdtempSync(join(tmpdir(), "wick-"));
afterAll(() => rmSync(results, { recursive: true }));

test("there are at least 12 of them", () => {
  expect(files.length).toBeGreaterThanOrEqual(12);
});

describe.each(files)("%s", (file) => {
  const scenario = parseScenario(readFileSync(join(folder, file), "utf8"), file);

  test(`${scenario.name}: ${repeats} times the same, to the byte`, async () => {
    const lamp = await buildLamp(scenario);
    expect(misfits(scenario, lamp)).toEqual([]);
    const traces: ReadonlyMap<string, string | Uint8Array>[] = [];
    for (let run = 0; run < repeats; run++) {
      const result = await runScenario(scenario, {
        lamp,
        folder: join(results, file),
        onTrace: (trace) => traces.push(trace),
      });
      expect(result).toMatchObject({ outcome: "passed", failure: undefined });
    }
    const [first, ...others] = traces.map(bytesOf);
    expect(others).toHaveLength(repeats - 1);
    expect(Object.keys(first ?? {})).toEqual(["trace.jsonl", "pins.vcd", "traffic.pcap"]);
    for (const [name, bytes] of Object.entries(first ?? {})) {
      expect({ name, length: bytes.length > 200 }).toEqual({ name, length: true });
      for (const other of others)
        expect({ name, differs: differing(bytes, other[name]) }).toEqual({ name, differs: 0 });
    }
  });
});

test("another seed gives another trace", async () => {
  const scenario = parseScenario(
    "name: twice\nsteps:\n  - network: { jitter: 40ms }\n  - wait: 10s\n",
    "twice.yaml",
  );
  const lamp = await buildLamp(scenario);
  const traces: string[] = [];
  for (const seed of [1, 1, 2])
    await runScenario(scenario, {
      lamp,
      seed,
      folder: results,
      onTrace: (trace) => traces.push(String(trace.get("trace.jsonl"))),
    });
  expect(traces[1]).toBe(traces[0]);
  expect(traces[2]).not.toBe(traces[0]);
});

function bytesOf(trace: ReadonlyMap<string, string | Uint8Array>): Record<string, Buffer> {
  return Object.fromEntries([...trace].map(([name, content]) => [name, Buffer.from(content)]));
}

/** How many bytes are not the same, missing ones included. */
function differing(one: Buffer, other: Buffer | undefined): number {
  if (other && one.equals(other)) return 0;
  const shorter = Math.min(one.length, other?.length ?? 0);
  let count = Math.max(one.length, other?.length ?? 0) - shorter;
  for (let at = 0; at < shorter; at++) if (one[at] !== other?.[at]) count++;
  return count;
}
