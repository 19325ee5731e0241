/** `--vcd`: what a run shows in a value change dump, read back with GTKWave's converters and with sigrok. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BoardEvent } from "../sim/index.ts";
import { recordVcd, VcdWriter } from "../sim/trace/vcd.ts";
import type { Traffic } from "../sim/world/traffic.ts";
import { eventfulRun, lampBundle, topic, tracedLamp } from "./fixtures/traced-lamp.ts";

const folder = mkdtempSync(join(tmpdir(), "wick-vcd-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** One value of a dump: microseconds, name, value. */
type Change = [number, string, string];

/** The values of a dump, in order: a reader of its own, for what the writer wrote and for what GTKWave gives back. */
function changesIn(dump: string): { changes: Change[]; end: number } {
  const names = new Map<string, string>();
  const changes: Change[] = [];
  let time = 0;
  for (const line of dump.split("\n")) {
    const declared = line.match(/^\$var (\w+) \d+ (\S+) (\S+) \$end/);
    if (declared?.[2] && declared[3]) names.set(declared[2], declared[3]);
    const [, mark, value = "", code = ""] =
      line.match(/^(#)(\d+)$/) ?? line.match(/^(r)(\S+) (\S+)$/) ?? line.match(/^()([01xz])(\S+)$/) ?? [];
    if (mark === "#") time = Number(value);
    else if (mark !== undefined) changes.push([time, names.get(code) ?? "?", value]);
  }
  return { changes, end: time };
}

/** What is left after each microsecond, sorted: readers keep no more, and no order within one. */
function settled(changes: readonly Change[]): Change[] {
  const last = new Map(changes.map((change) => [`${change[0]} ${change[1]}`, change]));
  return [...last.values()].sort((one, other) => one[0] - other[0] || (one[1] < other[1] ? -1 : 1));
}

/** As printf's %.16g has it, which the standard asks for. */
const percentG = (value: number): string => String(Number(value.toPrecision(16)));
const micros = (t: number): number => Math.round(t * 1000);

let dump = "";
const events: BoardEvent[] = [];
const traffic: Traffic[] = [];
let endsAt = 0;

beforeAll(async () => {
  const lamp = await tracedLamp(await lampBundle());
  const pieces: string[] = [];
  const stop = recordVcd(lamp.simulation, (piece) => pieces.push(String(piece)));
  const deaf = [
    lamp.simulation.onEvent((event) => events.push(event)),
    lamp.simulation.onTraffic((one) => traffic.push(one)),
  ];
  await eventfulRun(lamp);
  endsAt = lamp.simulation.clock.now();
  for (const end of [stop, ...deaf]) end();
  await lamp.close();
  dump = pieces.join("");
});

describe("a run of a lamp as a value change dump", () => {
  test("says what it is: the board, its pins, microseconds, and no date of this computer", () => {
    const header = dump.slice(0, dump.indexOf("$enddefinitions"));
    expect(header).toContain("$date 2026-01-01T00:00:00.000Z $end");
    expect(header).toContain("$timescale 1 us $end");
    expect(header).toContain("$scope module esp32-devkitc $end");
    expect(header).toMatch(/\$var wire 1 \S+ D2 \$end\n\$var real 64 \S+ D2_duty \$end/);
    expect(header).not.toContain("D34_duty");
  });

  test("has every level and duty cycle at its microsecond, and nothing else", () => {
    const { changes } = changesIn(dump);
    const pins = events.flatMap((event) => (event.type === "pin" ? [event] : []));
    expect(pins.length).toBeGreaterThan(6);
    const duties = pins.map(({ t, pin, value }): Change => [micros(t), `${pin}_duty`, percentG(value)]);
    const seen = changes.filter(([time, name]) => time > 0 && name.endsWith("_duty"));
    expect(settled(seen)).toEqual(settled(duties));
    expect(new Set(duties.map(([, , value]) => value)).size).toBe(3);
    for (const [time, name, value] of settled(changes.filter(([, name]) => name === "D2"))) {
      const duty = settled(changes).findLast((one) => one[1] === `${name}_duty` && one[0] <= time);
      expect(value).toBe(Number(duty?.[2]) > 0 ? "1" : "0");
    }
  });

  test("shows Wi-Fi, sockets, power and faults as they came and went", () => {
    const { changes } = changesIn(dump);
    const of = (name: string): Change[] => changes.filter((one) => one[1] === name);
    expect(of("wifi").slice(1)).toEqual(
      events.flatMap((event): Change[] =>
        event.type === "wifi" ? [[micros(event.t), "wifi", event.state === "connected" ? "1" : "0"]] : [],
      ),
    );
    const opened = traffic.filter(({ type }) => type === "open").map(({ t }) => micros(t));
    expect(of("socket").flatMap(([time, , value]) => (value === "1" ? [time] : []))).toEqual(opened);
    const [cut] = events.filter((event) => event.type === "fault");
    expect(of("fault").map(([time]) => time)).toEqual([micros(cut?.t ?? 0)]);
    expect(of("power").map(([time, , value]) => [time, value])).toEqual([
      [0, "0"],
      [0, "1"],
      [micros(cut?.t ?? 0), "0"],
      [micros((cut?.t ?? 0) + 1500), "1"],
    ]);
  });

  test("MQTT is online from the broker's consent to the end of the connection", () => {
    const online = changesIn(dump).changes.filter((one) => one[1] === "mqtt");
    const consents = traffic.filter((one) => one.type === "to-board" && one.bytes.startsWith("\x20\x02"));
    expect(online.filter(([, , value]) => value === "1").map(([time]) => time)).toEqual(
      consents.map(({ t }) => micros(t)),
    );
    const closed = new Set(traffic.filter(({ type }) => type === "closed").map(({ t }) => micros(t)));
    const offline = online.slice(1).filter(([, , value]) => value === "0");
    // It is online again when the run ends.
    expect(offline.length).toBe(consents.length - 1);
    expect(offline.length).toBeGreaterThan(1);
    for (const [time] of offline) expect(closed).toContain(time);
  });

  test("ends at the board time at which the run ended", () => {
    expect(changesIn(dump).end).toBe(micros(endsAt));
  });

  test("cut off at any line it is a whole dump of what was until then", () => {
    const lines = dump.split("\n");
    const body = lines.indexOf("$enddefinitions $end") + 1;
    const whole = changesIn(dump).changes;
    for (let length = body; length < lines.length; length += 7) {
      const { changes } = changesIn(lines.slice(0, length).join("\n"));
      expect(changes).toEqual(whole.slice(0, changes.length));
    }
  });
});

/** Whether `program` is installed. */
const has = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

describe.skipIf(!has("vcd2fst"))("GTKWave's vcd2fst and fst2vcd (Debian: gtkwave)", () => {
  test("read the dump, and give every value back at its time", () => {
    const [vcd, fst] = [join(folder, "lamp.vcd"), join(folder, "lamp.fst")];
    writeFileSync(vcd, dump);
    execFileSync("vcd2fst", [vcd, fst]);
    const back = changesIn(execFileSync("fst2vcd", [fst], { encoding: "utf8" }));
    const ours = changesIn(dump);
    expect(settled(back.changes)).toEqual(settled(ours.changes));
    expect(back.end).toBe(ours.end);
  });
});

describe.skipIf(!has("sigrok-cli"))("sigrok, which reads for PulseView (Debian: sigrok-cli)", () => {
  /** One byte a sample and eight channels, from the dump in `text`. */
  const samplesOf = (text: string): Buffer => {
    const [vcd, raw] = [join(folder, "short.vcd"), join(folder, "short.bin")];
    writeFileSync(vcd, text);
    execFileSync("sigrok-cli", ["-I", "vcd", "-i", vcd, "-O", "binary", "-o", raw], { stdio: "pipe" });
    // A line of sigrok's own stands before them.
    return readFileSync(raw).subarray("META samplerate: 1000000\n".length);
  };

  test("reads every wire at every microsecond", () => {
    const pieces: string[] = [];
    const pins = ["D2", "D4"].map((name) => ({ name, duty: name === "D2", value: 0 }));
    const facts = { board: "two pins", pins, wifi: true, epochMs: 0 };
    const writer = new VcdWriter(facts, (piece) => pieces.push(String(piece)));
    writer.event({ t: 0, type: "boot" });
    writer.event({ t: 0.25, type: "pin", pin: "D4", value: 1 });
    writer.event({ t: 1.001, type: "wifi", state: "connected" });
    writer.traffic({ t: 1.5, connection: 1, type: "open" });
    writer.event({ t: 2, type: "pin", pin: "D2", value: 0.125 });
    writer.event({ t: 2.003, type: "fault", what: "a fault is no wire" });
    writer.event({ t: 3.456, type: "pin", pin: "D2", value: 0 });
    writer.traffic({ t: 3.456, connection: 1, type: "closed", by: "other" });
    writer.passed(5);
    const samples = samplesOf(pieces.join(""));
    expect(samples.length).toBe(5000);
    // In the order of the header: power, wifi, socket, mqtt, D2, D4.
    const changes: [number, string][] = [];
    let before = -1;
    for (const [time, sample] of samples.entries()) {
      if (sample !== before) changes.push([time, sample.toString(2).padStart(6, "0")]);
      before = sample;
    }
    expect(changes).toEqual([
      [0, "000001"],
      [250, "100001"],
      [1001, "100011"],
      [1500, "100111"],
      [2000, "110111"],
      [3456, "100011"],
    ]);
  });

  test("reads a lamp's first seconds: as long as they were, and the lamp on from its command on", () => {
    const [stamp = ""] = dump.match(/^#3[5-9]\d{5}\n/m) ?? [];
    const firstSeconds = dump.slice(0, dump.indexOf(stamp) + stamp.length);
    const wires = [...firstSeconds.matchAll(/^\$var wire 1 (\S+) (\S+) \$end$/gm)].map(([, , name]) => name);
    const samples = samplesOf(firstSeconds);
    const bytes = Math.ceil(wires.length / 8);
    const index = wires.indexOf("D2");
    const at = (time: number): number => ((samples[time * bytes + (index >> 3)] ?? 0) >> (index & 7)) & 1;
    const { changes, end } = changesIn(firstSeconds);
    expect(samples.length).toBe(end * bytes);
    const [time = 0] = changes.find(([, name, value]) => name === "D2" && value === "1") ?? [];
    expect(time).toBeGreaterThan(3_000_000);
    expect([at(time - 1), at(time)]).toEqual([0, 1]);
  });
});

test("names of pins, topics and boards with blanks stay one word each", () => {
  const pieces: string[] = [];
  new VcdWriter(
    { board: "my own board", pins: [{ name: "LED 1", duty: true, value: 1 }], wifi: false, epochMs: 0 },
    (piece) => pieces.push(String(piece)),
  );
  expect(pieces.join("")).toContain("$scope module my_own_board $end");
  expect(pieces.join("")).toContain(" LED_1_duty $end");
  expect(topic).not.toContain(" ");
});
