// Everything a broker sends, cut in two at every byte and into single bytes, does the same as in one piece.
import { afterEach, describe, expect, test } from "vitest";
import {
  acknowledgement,
  packet,
  packetType,
  publishPacket,
  ScriptedBroker,
} from "./broker/scripted-broker.ts";
import type { BoardDriver } from "./drivers/driver.ts";
import { lampPin, reasons, startLamp } from "./vectors/online-lamp.ts";

const base = "home/office/lamp";
const rxBuffer = 128;
const settings = { "mqtt.qos": 2, "mqtt.stateQos": 0, "mqtt.rxBuffer": rxBuffer } as const;

/** What a broker sends to a lamp that is online. */
const transcripts: Record<string, Buffer> = {
  "commands at QoS 0": Buffer.concat([
    publishPacket(base, "on"),
    publishPacket(base, "off"),
    publishPacket(base, "on"),
  ]),
  "commands at QoS 1 with PINGRESP between": Buffer.concat([
    publishPacket(base, "on", { qos: 1, packetId: 258 }),
    Buffer.from([0xd0, 0]),
    publishPacket(base, "off", { qos: 1, packetId: 259 }),
  ]),
  "a command at QoS 2, sent twice, released, and the next": Buffer.concat([
    publishPacket(base, "toggle", { qos: 2, packetId: 700 }),
    publishPacket(base, "toggle", { qos: 2, packetId: 700, dup: true }),
    acknowledgement(packetType.pubrel, 700),
    publishPacket(base, "toggle", { qos: 2, packetId: 701 }),
    acknowledgement(packetType.pubrel, 701),
    publishPacket(base, "on", { qos: 0 }),
  ]),
  "an oversize message at QoS 1 before a command": Buffer.concat([
    publishPacket(base, "x".repeat(rxBuffer + 40), { qos: 1, packetId: 5 }),
    publishPacket(base, "on", { qos: 1, packetId: 6 }),
  ]),
  "an oversize message at QoS 0 with a long topic before a command": Buffer.concat([
    publishPacket(`other/${"t".repeat(rxBuffer)}`, "x".repeat(20)),
    publishPacket(base, "on"),
  ]),
  "an oversize message at QoS 2, released, before a command": Buffer.concat([
    publishPacket(base, "x".repeat(rxBuffer), { qos: 2, packetId: 9 }),
    acknowledgement(packetType.pubrel, 9),
    publishPacket(base, "on"),
  ]),
  "unknown topics, an empty payload and SUBACK between commands": Buffer.concat([
    publishPacket("other", "on", { qos: 1, packetId: 1 }),
    publishPacket(base, "", { qos: 1, packetId: 2 }),
    packet(0x90, Buffer.from([0xff, 0xff, 0])),
    publishPacket(base, "on"),
  ]),
};

/** What the lamp did: its light at the end, its acknowledgements, the states it told, why it left. */
interface Outcome {
  /** Of what arrives together only the result reaches the pin, so that changes on the way depend on the cut. */
  pin: number;
  acknowledgements: string[];
  states: string[];
  reasons: string[];
  skipped: number;
}

let driver: BoardDriver | undefined;
afterEach(() => driver?.close());

async function outcome(pieces: readonly Buffer[]): Promise<Outcome> {
  // The transcript holds the broker's PUBREL; one of its own would come between the pieces.
  const quiet = new ScriptedBroker({
    onPacket: (_connection, received) => (received.type === packetType.pubrec ? "handled" : undefined),
  });
  const online = await startLamp(settings, quiet);
  driver = online.driver;
  const { lamp, broker } = online;
  const connection = broker.current;
  connection.received.length = 0;
  for (const piece of pieces) {
    connection.send(piece);
    await lamp.advance(2);
  }
  await lamp.advance(100);
  // Read before the board is switched off, which lets its pin fall.
  const pin = lamp.pins.findLast((event) => event.pin === lampPin)?.value ?? 0;
  await driver.close();
  return {
    pin,
    acknowledgements: connection.received
      .filter((one) => one.type >= packetType.puback && one.type <= packetType.pubcomp)
      .map((one) => `${one.type} ${one.body.toString("hex")}`),
    states: connection.published
      .filter((publish) => publish.topic === `${base}/state`)
      .map((publish) => publish.payload.toString()),
    reasons: reasons(lamp),
    skipped: lamp.console.filter((line) => line.includes("skipped")).length,
  };
}

describe("cut anywhere", () => {
  for (const [name, bytes] of Object.entries(transcripts)) {
    test(name, async () => {
      const whole = await outcome([bytes]);
      expect(whole.reasons).toEqual([]);
      expect(whole.states.at(-1)).toBe(whole.pin === 1 ? "on" : "off");
      for (let cut = 1; cut < bytes.length; cut += 1) {
        const found = await outcome([bytes.subarray(0, cut), bytes.subarray(cut)]);
        expect({ cut, ...found }).toEqual({ cut, ...whole });
      }
      const single = await outcome(Array.from(bytes, (byte) => Buffer.from([byte])));
      expect(single).toEqual(whole);
    });
  }
});

describe("given facts of the whole transcripts", () => {
  test("QoS 2 is delivered once however often it is sent [MQTT-4.3.3-2]", async () => {
    const whole = await outcome([
      transcripts["a command at QoS 2, sent twice, released, and the next"] as Buffer,
    ]);
    // Off at first; toggled on by 700, which counts once, off by 701, and on at QoS 0.
    expect([whole.pin, whole.states]).toEqual([1, ["off", "on", "off", "on"]]);
    expect(whole.acknowledgements).toEqual(["5 02bc", "5 02bc", "7 02bc", "5 02bd", "7 02bd"]);
  });

  test("an oversize message is skipped byte-exactly, acknowledged and named, and the link stays", async () => {
    const whole = await outcome([transcripts["an oversize message at QoS 1 before a command"] as Buffer]);
    expect(whole).toEqual({
      pin: 1,
      acknowledgements: ["4 0005", "4 0006"],
      states: ["off", "on"],
      reasons: [],
      skipped: 1,
    });
  });
});

test("CONNACK cut in single bytes", async () => {
  const broker = new ScriptedBroker({
    onPacket(connection, received) {
      if (received.type !== packetType.connect) return undefined;
      for (const byte of [0x20, 2, 0, 0]) connection.send(Buffer.from([byte]));
      return "handled";
    },
  });
  const online = await startLamp(settings, broker);
  driver = online.driver;
  expect(reasons(online.lamp)).toEqual([]);
  expect(broker.current.subscriptions.length).toBeGreaterThan(0);
});
