/** `--pcap`: the board's connections as a capture, dissected by tshark, which is not ours. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PcapWriter, recordPcap } from "../sim/trace/pcap.ts";
import { MqttReader, messageOf, type PassingPacket } from "../sim/world/mqtt-reader.ts";
import type { Traffic } from "../sim/world/traffic.ts";
import { eventfulRun, lampBundle, tracedLamp } from "./fixtures/traced-lamp.ts";

const folder = mkdtempSync(join(tmpdir(), "wick-pcap-"));
afterAll(() => rmSync(folder, { recursive: true }));

const hasTshark = spawnSync("tshark", ["--version"]).error === undefined;
const userName = "desk lamp";
const password = "correct horse battery staple";
const epochMs = Date.UTC(2026, 0, 1);

const traffic: Traffic[] = [];
const packets: PassingPacket[] = [];
let capture: Buffer;

beforeAll(async () => {
  const lamp = await tracedLamp(await lampBundle({ "mqtt.username": userName, "mqtt.password": password }));
  const pieces: Uint8Array[] = [];
  const stop = recordPcap(lamp.simulation, (piece) => pieces.push(Buffer.from(piece)));
  const reader = new MqttReader((packet) => packets.push(packet));
  lamp.simulation.onTraffic((one) => {
    traffic.push(one);
    reader.take(one);
  });
  await eventfulRun(lamp);
  await lamp.close();
  stop();
  capture = Buffer.concat(pieces);
});

/** A capture of this traffic. */
function captured(...all: Traffic[]): Buffer {
  const pieces: Uint8Array[] = [];
  const writer = new PcapWriter((piece) => pieces.push(Buffer.from(piece)));
  for (const one of all) writer.traffic(one);
  writer.end();
  return Buffer.concat(pieces);
}

const checks = ["tcp.check_checksum:TRUE", "ip.check_checksum:TRUE", "udp.check_checksum:TRUE"];

function tshark(file: Buffer, ...options: string[]): string {
  const path = join(folder, "lamp.pcap");
  writeFileSync(path, file);
  const preferences = checks.flatMap((check) => ["-o", check]);
  return execFileSync("tshark", ["-r", path, "-n", ...preferences, ...options], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** MQTT 3.1.1 table 2.1, by number. */
const TYPES = [
  ...["reserved", "connect", "connack", "publish", "puback", "pubrec", "pubrel", "pubcomp", "subscribe"],
  ...["suback", "unsubscribe", "unsuback", "pingreq", "pingresp", "disconnect"],
];

/** The values of fields, one row a packet; several values in one packet are joined by commas. */
function rows(file: Buffer, fields: string[], ...options: string[]): string[][] {
  const wanted = fields.flatMap((field) => ["-e", field]);
  const text = tshark(file, "-T", "fields", "-E", "separator=|", ...wanted, ...options);
  return text
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("|"));
}

/** What tshark calls wrong or odd. */
const complaints = (file: Buffer, ...options: string[]): string[][] => {
  const odd = "_ws.expert.severity >= warning || tcp.analysis.flags || _ws.malformed";
  return rows(file, ["frame.number", "_ws.expert.message"], "-Y", odd, ...options);
};

describe.skipIf(!hasTshark)("a run of a lamp as a packet capture, read by tshark (Debian: tshark)", () => {
  /** Every packet of the run. */
  const frames: Record<string, string>[] = [];
  beforeAll(() => {
    const stream = ["tcp.stream", "tcp.flags.str"];
    const faults = ["_ws.malformed", "_ws.expert.message", "_ws.expert.severity", "tcp.analysis.flags"];
    const fields = [...stream, ...faults, "tcp.checksum.status", "ip.checksum.status"];
    for (const row of rows(capture, fields))
      frames.push(Object.fromEntries(fields.map((field, index) => [field, row[index] ?? ""])));
  });

  test("has nothing malformed, lost, sent again or with a wrong checksum", () => {
    expect(frames.length).toBeGreaterThan(100);
    const good = "1";
    for (const frame of frames) {
      expect(frame).toMatchObject({ "_ws.malformed": "", "tcp.analysis.flags": "" });
      expect(frame).toMatchObject({ "tcp.checksum.status": good, "ip.checksum.status": good });
    }
    // A reset is a warning to Wireshark: there is one for every connect that was refused, and for the power that went.
    const isReset = (one: Traffic): boolean =>
      one.type === "refused" || (one.type === "closed" && one.by === "power");
    const warning = 0x600000;
    const warnings = frames.filter((frame) => Number(frame["_ws.expert.severity"]?.split(",")[0]) >= warning);
    expect(warnings.map((frame) => frame["_ws.expert.message"])).toEqual(
      traffic.filter(isReset).map(() => "Connection reset (RST)"),
    );
  });

  test("is one TCP stream a connection, from its first SYN to its end", () => {
    const flagged = (flags: RegExp): (string | undefined)[] =>
      frames.filter((frame) => flags.test(frame["tcp.flags.str"] ?? "")).map((frame) => frame["tcp.stream"]);
    const opened = traffic.filter(({ type }) => type === "open");
    const streams = flagged(/A..S/);
    expect(opened.length).toBeGreaterThan(2);
    expect(streams.length).toBe(opened.length);
    expect(new Set(streams).size).toBe(opened.length);
    const ended = new Set(flagged(/F$|R..$/));
    for (const stream of streams) expect(ended).toContain(stream);
  });

  test("carries every MQTT packet at its time, with the topics and payloads of the run", () => {
    const fields = ["frame.time_epoch", "tcp.dstport", "mqtt.msgtype", "mqtt.topic", "mqtt.msg"];
    // Where a chunk holds several packets tshark gives them together.
    const types: [number, string][] = [];
    const topics: string[] = [];
    const payloads: string[] = [];
    const times: number[] = [];
    const each = (values: string): string[] => (values === "" ? [] : values.split(","));
    for (const [time, to, type = "", topic = "", message = ""] of rows(capture, fields, "-Y", "mqtt")) {
      const direction = to === "1883" ? "from-board" : "to-board";
      for (const one of each(type)) types.push([Number(one), direction]);
      topics.push(...each(topic));
      payloads.push(...each(message).map((hex) => Buffer.from(hex, "hex").toString()));
      times.push(Math.round(Number(time) * 1e6 - epochMs * 1000));
    }
    expect(types).toEqual(packets.map(({ packet, direction }) => [TYPES.indexOf(packet.cmd), direction]));
    const published = packets.flatMap((one) => messageOf(one) ?? []);
    expect(published.length).toBeGreaterThan(10);
    expect(payloads).toEqual(published.map(({ payload }) => payload));
    const named = packets.flatMap(({ packet }) => {
      if (packet.cmd === "subscribe") return packet.subscriptions.map((one) => one.topic);
      return packet.cmd === "publish" ? [packet.topic] : [];
    });
    expect(topics).toEqual(named);
    expect(new Set(times)).toEqual(new Set(packets.map(({ t }) => Math.round(t * 1000))));
  });

  test("neither user name nor password is in it, and the CONNECT can still be read", () => {
    expect(capture.includes(userName) || capture.includes(password)).toBe(false);
    const connects = rows(
      capture,
      ["mqtt.username", "mqtt.passwd", "mqtt.clientid"],
      "-Y",
      "mqtt.msgtype == 1",
    );
    expect(connects.length).toBeGreaterThan(2);
    for (const [name, secret, client] of connects) {
      expect(name).toBe("*".repeat(userName.length));
      expect(secret).toBe("*".repeat(password.length));
      expect(client).toMatch(/^lamp-/);
    }
  });

  test("a refused connection is a SYN and its RST", () => {
    const file = captured(
      { t: 1, connection: 1, type: "connect", host: "10.0.0.7", port: 8883 },
      { t: 2.5, connection: 1, type: "refused", reason: "refused" },
    );
    expect(rows(file, ["frame.time_epoch", "ip.dst", "tcp.port", "tcp.flags.str"])).toEqual([
      ["1767225600.001000000", "10.0.0.7", "49152,8883", "··········S·"],
      ["1767225600.002500000", "192.168.4.23", "8883,49152", "·······A·R··"],
    ]);
  });

  test("a name is looked up once, and one that is unknown gets no further", () => {
    const file = captured(
      { t: 0, connection: 1, type: "connect", host: "broker.example", port: 1883 },
      { t: 4, connection: 1, type: "open" },
      { t: 5, connection: 1, type: "closed", by: "board" },
      { t: 6, connection: 2, type: "connect", host: "no.such.example", port: 1883 },
      { t: 6, connection: 2, type: "ended" },
      { t: 6, connection: 2, type: "refused", reason: "unknown-host" },
      { t: 7, connection: 3, type: "connect", host: "broker.example", port: 1883 },
    );
    expect(rows(file, ["dns.qry.name", "dns.a", "dns.flags.rcode"], "-Y", "dns")).toEqual([
      ["broker.example", "", ""],
      ["broker.example", "192.0.2.1", "0"],
      ["no.such.example", "", ""],
      ["no.such.example", "", "3"],
    ]);
    const syns = rows(file, ["ip.dst", "tcp.srcport"], "-Y", "tcp.flags.syn == 1 && tcp.flags.ack == 0");
    expect(syns).toEqual([
      ["192.0.2.1", "49152"],
      ["192.0.2.1", "49154"],
    ]);
    expect(complaints(file)).toEqual([]);
  });

  test("an end by board, other side, reset or power is one that TCP has", () => {
    const ends = (["board", "other", "reset", "power"] as const).flatMap((by, index): Traffic[] => {
      const connection = index + 1;
      return [
        { t: index, connection, type: "connect", host: "127.0.0.1", port: 1883 },
        { t: index, connection, type: "open" },
        { t: index, connection, type: "from-board", bytes: "\xc0\0" },
        { t: index, connection, type: "closed", by },
      ];
    });
    const [board, other] = ["192.168.4.23", "127.0.0.1"];
    const flags = rows(captured(...ends), ["tcp.stream", "ip.src", "tcp.flags.str", "tcp.analysis.flags"]);
    expect(flags.filter((row) => /F$|R..$/.test(row[2] ?? ""))).toEqual([
      ["0", board, "·······A···F", ""],
      ["0", other, "·······A···F", ""],
      ["1", other, "·······A···F", ""],
      ["1", board, "·······A···F", ""],
      ["2", other, "·······A·R··", ""],
      ["3", board, "·······A·R··", ""],
    ]);
  });

  test("long writes are cut to segments, on any port, and come together again as the same message", () => {
    const payload = Buffer.alloc(5000, "long ").toString("latin1");
    const publish = `\x30\x8f\x27\x00\x05a/b/c${payload}`;
    const file = captured(
      { t: 0, connection: 1, type: "connect", host: "127.0.0.1", port: 2883 },
      { t: 1, connection: 1, type: "open" },
      { t: 2, connection: 1, type: "from-board", bytes: publish },
      { t: 3, connection: 1, type: "to-board", bytes: publish },
      { t: 4, connection: 1, type: "closed", by: "board" },
    );
    const sizes = rows(file, ["tcp.len"], "-Y", "tcp.len > 0").map(([size]) => Number(size));
    expect(sizes).toEqual([1440, 1440, 1440, 690, 1440, 1440, 1440, 690]);
    const decoded = rows(file, ["mqtt.topic", "mqtt.msg"], "-d", "tcp.port==2883,mqtt", "-Y", "mqtt");
    const message = Buffer.from(payload, "latin1").toString("hex");
    expect(decoded).toEqual([
      ["a/b/c", message],
      ["a/b/c", message],
    ]);
    expect(complaints(file, "-d", "tcp.port==2883,mqtt")).toEqual([]);
  });

  test("cut off after any packet it is a capture of what was until then", () => {
    let at = 24;
    let count = 0;
    for (; count < 40; count++) at += 16 + capture.readUInt32LE(at + 8);
    expect(rows(capture.subarray(0, at), ["frame.number"]).length).toBe(count);
    expect(at).toBeLessThan(capture.length);
  });
});
