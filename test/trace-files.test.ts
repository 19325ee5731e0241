/** Traces as files: the same run gives the same bytes, no secret is in them, and what cannot be written or read says so in one line. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "mqtt-packet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BoardProfile, MemoryStorage } from "../sim/index.ts";
import { seededRandom } from "../sim/random.ts";
import { Simulation } from "../sim/simulation.ts";
import { ConnectMask, maskSecrets } from "../sim/trace/mask.ts";
import { recordPcap } from "../sim/trace/pcap.ts";
import { record } from "../sim/trace/recorder.ts";
import { parseRecordings, type Recording, readRecording } from "../sim/trace/recording.ts";
import { replay } from "../sim/trace/replay.ts";
import { fileSink } from "../sim/trace/sink.ts";
import { recordVcd } from "../sim/trace/vcd.ts";
import { eventfulRun, lampBundle, seed, tracedLamp } from "./fixtures/traced-lamp.ts";

const folder = mkdtempSync(join(tmpdir(), "wick-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

const wifiPassword = "under the roof";
const userName = "desk lamp";
const password = 'cor"rect hörse';
let lamp: Awaited<ReturnType<typeof lampBundle>>;
beforeAll(async () => {
  lamp = await lampBundle({ "mqtt.username": userName, "mqtt.password": password });
});

const profileOf = ({ config }: typeof lamp): BoardProfile => config.profile;
const only = (text: string): Recording => parseRecordings(text, "lamp.rec")[0] as Recording;
const play = (recording: Recording) =>
  replay(recording, { profile: lamp.config.profile, bundle: lamp.bundle });

test("20 repeats of a run make 20 times the same bytes: value change dump, capture and recording", async () => {
  const kinds = ["vcd", "pcap", "rec"];
  const different: string[] = [];
  let first: Buffer[] | undefined;
  for (let repeat = 0; repeat < 20; repeat++) {
    const world = await tracedLamp(lamp);
    const files = kinds.map((kind) => join(folder, `run.${kind}`));
    const [vcd, pcap, rec] = files.map((file) => fileSink(file));
    const facts = { bundle: lamp.bundle, seed, secrets: [] };
    const stops = [
      recordVcd(world.simulation, (piece) => vcd?.write(piece)),
      recordPcap(world.simulation, (piece) => pcap?.write(piece)),
      record(world.simulation, facts, (piece) => rec?.write(piece)),
    ];
    await eventfulRun(world);
    for (const stop of stops) stop();
    for (const file of [vcd, pcap, rec]) file?.close();
    await world.close();
    const written = files.map((file) => readFileSync(file));
    first ??= written;
    for (const [index, kind] of kinds.entries())
      if (first[index]?.equals(written[index] ?? Buffer.alloc(0)) !== true)
        different.push(`${repeat} ${kind}`);
  }
  expect(different).toEqual([]);
  expect(first?.every(({ length }) => length > 2000)).toBe(true);
});

describe("secrets", () => {
  /** A CONNECT as mqtt-packet writes it. */
  const connect = (fields: object): string =>
    generate(
      {
        cmd: "connect",
        protocolId: "MQTT",
        clean: true,
        keepalive: 60,
        clientId: "lamp",
        ...fields,
      } as never,
      fields as never,
    ).toString("latin1");
  const stars = (text: string): string => "*".repeat(Buffer.byteLength(text));
  const asBytes = (text: string): string => Buffer.from(text).toString("latin1");
  const will = { topic: "a/status", payload: Buffer.from("offline"), qos: 1, retain: true };

  test.each([
    ["MQTT 3.1.1", { protocolVersion: 4 }],
    ["MQTT 3.1.1 with a will", { protocolVersion: 4, will }],
    ["MQTT 3.1", { protocolVersion: 3, protocolId: "MQIsdp", will }],
    ["MQTT 5", { protocolVersion: 5, properties: { sessionExpiryInterval: 60 } }],
    ["MQTT 5 with a will", { protocolVersion: 5, will: { ...will, properties: { willDelayInterval: 5 } } }],
  ])("of a CONNECT (%s) become stars wherever it is cut, and nothing else does", (_name, fields) => {
    const plain = connect({ ...fields, username: userName, password: Buffer.from(password) });
    const after = "\xc0\0\x30\x05\0\x03a/b\x10";
    const expected =
      plain.replace(userName, stars(userName)).replace(asBytes(password), stars(password)) + after;
    expect(plain).toContain(asBytes(password));
    for (let cut = 0; cut <= plain.length; cut++) {
      const mask = new ConnectMask();
      expect(mask.mask(plain.slice(0, cut)) + mask.mask(plain.slice(cut) + after)).toBe(expected);
    }
  });

  test("of a second CONNECT become stars too; a stream that is no MQTT passes", () => {
    const plain = connect({ protocolVersion: 4, username: "me" });
    const mask = new ConnectMask();
    expect(mask.mask(plain + plain)).toBe((plain + plain).replaceAll("me", "**"));
    const random = seededRandom(9);
    const noise = String.fromCharCode(...Array.from({ length: 5000 }, () => Math.floor(random() * 256)));
    expect(new ConnectMask().mask(noise).length).toBe(noise.length);
  });

  test("in text become stars, the longer ones first, also as program text has them", () => {
    const mask = maskSecrets(["pass", "password", 'a"b', ""]);
    expect(mask('password pass {"x":"a\\"b"} a"b')).toBe('******** **** {"x":"****"} ***');
  });

  test("are in no recording: not in the CONNECT, the flash, what was typed or what the console said", async () => {
    const storage = new MemoryStorage(profileOf(lamp).flash);
    // As after an upload: the bundle, passwords and all, is in the flash.
    storage.files.write(".bootcde", lamp.bundle);
    const simulation = new Simulation({
      profile: lamp.config.profile,
      bundle: "print('not this one')",
      storage,
      lamp: { topic: "home/office/lamp", pin: "D2", activeLow: false, gamma: 2.2 },
      seed,
      network: { kind: "in-process", port: 1883 },
    });
    simulation.loopback?.listen(1883, (peer) => {
      peer.onData = () => peer.send("\x20\x02\0\0");
    });
    const pieces: string[] = [];
    const secrets = [wifiPassword, userName, password];
    const facts = { bundle: "print('not this one')", seed, secrets };
    const stop = record(simulation, facts, (piece) => pieces.push(String(piece)));
    simulation.start();
    await simulation.advance(4000);
    simulation.board.evaluate(`print("typed: ${wifiPassword}")`);
    await simulation.advance(100);
    stop();
    simulation.close();
    const text = pieces.join("");
    const recording = only(text);
    const flash = Object.values(recording.header.flash ?? {}).map((page) => Buffer.from(page, "base64"));
    expect(flash.length).toBeGreaterThan(0);
    for (const place of [text, Buffer.concat(flash).toString("latin1")])
      for (const secret of secrets) {
        expect(place).not.toContain(secret);
        expect(place).not.toContain(asBytes(secret));
        expect(place).not.toContain(JSON.stringify(secret).slice(1, -1));
      }
    expect(text).toContain(`typed: ${stars(wifiPassword)}`);
    // Boots from the recorded flash and sends stars, which are compared with stars.
    const { difference } = replay(recording, {
      profile: lamp.config.profile,
      bundle: "print('not this one')",
      secrets,
    });
    expect(difference).toBeUndefined();
    expect(recording.lines.some(({ type }) => type === "from-board")).toBe(true);
  });
});

describe("a recording of more than the lamp by itself", () => {
  async function recorded(run: (simulation: Simulation) => Promise<void>): Promise<Recording> {
    const world = await tracedLamp(lamp);
    const pieces: string[] = [];
    const facts = { bundle: lamp.bundle, seed, secrets: [wifiPassword], settings: { note: "by hand" } };
    const stop = record(world.simulation, facts, (piece) => pieces.push(String(piece)));
    world.simulation.start();
    await world.simulation.advance(3000);
    await run(world.simulation);
    stop();
    await world.close();
    return only(pieces.join(""));
  }

  test("what arrived on its console, and a power cut in the middle of a write", async () => {
    const recording = await recorded(async ({ board, clock }) => {
      board.consolePort.receive('print("by cable")\n');
      await clock.advance(50);
      board.storage.flash.cutAfterBytes(20);
      board.evaluate('setTimeout(function(){require("Storage").write("a","x".repeat(99))},5)');
      await clock.advance(100);
      expect(board.running).toBe(false);
      board.boot();
      await clock.advance(3000);
    });
    expect(recording.header.settings).toEqual({ note: "by hand" });
    const inputs = recording.lines.flatMap((line) => (line.type === "input" ? [line.what] : []));
    expect(inputs).toEqual([
      "boot",
      "consolePort.receive",
      "storage.flash.cutAfterBytes",
      "evaluate",
      "boot",
    ]);
    expect(recording.lines.some((line) => line.type === "console" && line.text.includes("by cable"))).toBe(
      true,
    );
    expect(play(recording).difference).toBeUndefined();
  });

  test("a reload: only the hash of the other bundle is in it, and the replay says that it went on with this one", async () => {
    const other = await lampBundle({
      "mqtt.username": userName,
      "mqtt.password": password,
      "mqtt.keepAlive": 40,
    });
    const recording = await recorded(async (simulation) => {
      simulation.reload(other.bundle);
      await simulation.advance(3000);
    });
    const { difference, notes } = play(recording);
    expect(notes).toEqual([expect.stringMatching(/^from 3000 ms on another bundle was recorded/)]);
    expect(difference?.byte).toBe(11);
    const same = await recorded(async (simulation) => {
      simulation.reload(lamp.bundle);
      await simulation.advance(3000);
    });
    expect(play(same)).toMatchObject({ difference: undefined, notes: [] });
  });
});

describe("a file that cannot be", () => {
  test("written for want of its folder says how to make it", () => {
    const path = join(folder, "no", "such", "lamp.vcd");
    expect(() => fileSink(path)).toThrow(
      `cannot write ${path}: the folder ${join(folder, "no", "such")} does not exist; make it first: mkdir -p ${join(folder, "no", "such")}`,
    );
  });

  test("written because it is a folder, or below a file, says so", () => {
    expect(() => fileSink(folder)).toThrow(`cannot write ${folder}: it is a folder; name a file in it`);
    const file = join(folder, "plain");
    writeFileSync(file, "");
    expect(() => fileSink(join(file, "lamp.vcd"))).toThrow("a part of its path is a file, not a folder");
  });

  test("written for want of permission says so", () => {
    // Linux lets nobody write here, root included; in a container it may be mounted read-only.
    expect(() => fileSink("/sys/kernel/notes")).toThrow(
      /^cannot write \/sys\/kernel\/notes: (it may not be written; choose a file of your own|its file system is read-only; choose another place)$/,
    );
  });

  test("written any more, as on a full disk, says so at once, never to the board, and again at its end", () => {
    const heard: string[] = [];
    const full = fileSink("/dev/full", ({ message }) => heard.push(message));
    full.write("x");
    expect(heard).toEqual([]);
    for (let piece = 0; piece < 100; piece++) full.write("x".repeat(1000));
    const message = "cannot write /dev/full: the disk is full; make room or choose another place";
    expect(heard).toEqual([message]);
    expect(() => full.close()).toThrow(message);
    full.close();
  });

  test("read says why: none there, no recording, another version, a broken line", () => {
    const missing = join(folder, "missing.rec");
    expect(() => readRecording(missing)).toThrow(`cannot read ${missing}: there is no such file`);
    const header = '{"type":"recording","version":1,"clock":"exact"}';
    const cases: [string, string][] = [
      ["", "is empty; make a recording: wick sim --record"],
      ["hello\n", "line 1: this is no JSON object; record it anew: wick sim --record FILE"],
      ['{"type":"pin","t":1}\n', 'line 1: a recording begins with a header, {"type":"recording",…}'],
      ['{"type":"recording","version":9}\n', "line 1: version 9 of the format is not known here, only 1"],
      ['{"type":"recording","version":1,"clock":"slow"}\n', 'clock is "slow"; it must be "exact" or "order"'],
      [`${header}\n{"type":"boot"}\n`, "line 2: it has no time t"],
      [
        `${header}\n{"type":"boot","t":5}\n{"type":"boot","t":4}\n`,
        "line 3: its time 4 is before that of the line above, 5",
      ],
      [`${header}\n{"type":"open","t":5}\n`, "line 2: it has no connection"],
      [`${header}\n{"type":\n{"type":"boot","t":4}\n`, "line 2: this is no JSON object"],
    ];
    for (const [text, message] of cases) {
      const file = join(folder, "broken.rec");
      writeFileSync(file, text);
      expect(() => readRecording(file)).toThrow(message);
    }
  });
});

test("transcripts of the real interpreter are read too, several in a file, and what is unknown in them is left out", () => {
  const session = (name: string, text: string): string =>
    [
      { interpreter: "2v29.277", kind: "program", session: name, seed: 3, bundle: "0123456789abcdef" },
      { t: 0, type: "step", action: 0 },
      { t: 0, type: "connect", connection: 1, host: "broker", port: 1883 },
      { t: 0, type: "open", connection: 1 },
      { t: 0, type: "from-board", connection: 1, bytes: "hel" },
      { t: 0, type: "from-board", connection: 1, bytes: "lo" },
      { t: 1, type: "drain", connection: 1 },
      { t: 20, type: "to-board", connection: 1, bytes: text },
      { t: 20, type: "console", text: `got ${text}` },
      { t: 20, type: "pin", pin: "D2", value: 1 },
      { t: 30, type: "closed", connection: 1, by: "other" },
      { t: 30, type: "console", text: "closed" },
      { t: 30, type: "arrived", connection: 1, bytes: 5 },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join("");
  const program = `
var c = require("net").connect({host:"127.0.0.1",port:1883},function(){c.write("hello")});
c.on("data",function(d){print("got "+d);D2.set()});
c.on("close",function(){print("closed")});`;
  const profile = { name: "linux", wifi: false };
  const recordings = parseRecordings(session("one", "on") + session("two", "off"), "sessions.jsonl");
  expect(recordings.map(({ header }) => [header.clock, header.settings?.session])).toEqual([
    ["order", "one"],
    ["order", "two"],
  ]);
  for (const recording of recordings)
    expect(replay(recording, { profile, bundle: program }).difference).toBeUndefined();
  const [, two] = recordings;
  const wrong = replay(two as Recording, { profile, bundle: program.replace("D2.set", "D2.reset") });
  expect(wrong.difference).toMatchObject({
    place: 23,
    recorded: { type: "pin", value: 1 },
    instead: undefined,
  });
});
