/** The trace of a scenario: all that happened, as JSON lines, as waveforms and as a network capture. */
import type { Simulation } from "../simulation.ts";
import { ConnectMask } from "../trace/mask.ts";
import { recordPcap } from "../trace/pcap.ts";
import { recordVcd } from "../trace/vcd.ts";
import type { Traffic } from "../world/traffic.ts";
import type { Step } from "./steps.ts";

export const TRACE_FILES = { lines: "trace.jsonl", waveforms: "pins.vcd", capture: "traffic.pcap" } as const;

/** Takes down what happens from now on: the board's events, its traffic (bytes in hexadecimal, passwords as `*`) and the scenario's steps. */
export class TraceWriter {
  private readonly lines: string[] = [];
  private readonly vcd: string[] = [];
  private readonly pcap: Uint8Array[] = [];
  private readonly masks = new Map<number, ConnectMask>();
  private readonly simulation: Simulation;
  private readonly ends: (() => void)[];

  /** Begin before the board is switched on. */
  constructor(simulation: Simulation) {
    this.simulation = simulation;
    simulation.onEvent((event) => this.add(event));
    simulation.onTraffic((traffic) => this.traffic(traffic));
    this.ends = [
      recordVcd(simulation, (piece) => this.vcd.push(String(piece)), simulation.epochMs),
      recordPcap(simulation, (piece) => this.pcap.push(Buffer.from(piece)), simulation.epochMs),
    ];
  }

  step({ text }: Step, line: number): void {
    this.add({ t: this.now, type: "step", line, step: text });
  }

  note(text: string): void {
    this.add({ t: this.now, type: "note", text });
  }

  failure(expected: string | undefined, instead: readonly string[]): void {
    this.add({ t: this.now, type: "failure", ...(expected === undefined ? {} : { expected }), instead });
  }

  /** Ends the trace; returns its files, name and content. */
  end(): Map<string, string | Uint8Array> {
    for (const end of this.ends) end();
    return new Map<string, string | Uint8Array>([
      [TRACE_FILES.lines, this.lines.map((line) => `${line}\n`).join("")],
      [TRACE_FILES.waveforms, this.vcd.join("")],
      [TRACE_FILES.capture, Buffer.concat(this.pcap)],
    ]);
  }

  private traffic(traffic: Traffic): void {
    if (traffic.type !== "to-board" && traffic.type !== "from-board") {
      this.add(traffic);
      return;
    }
    const { type, connection } = traffic;
    let { bytes } = traffic;
    if (type === "from-board") {
      const mask = this.masks.get(connection) ?? new ConnectMask();
      this.masks.set(connection, mask);
      bytes = mask.mask(bytes);
    }
    this.add({ ...traffic, bytes: Buffer.from(bytes, "latin1").toString("hex") });
  }

  private get now(): number {
    return Math.round(this.simulation.clock.now() * 1000) / 1000;
  }

  private add(line: object): void {
    this.lines.push(JSON.stringify(line));
  }
}
