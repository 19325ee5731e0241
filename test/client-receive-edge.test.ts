// Reds around what comes in.
import { describe, expect, test } from "vitest";
import { packetType, publishPacket } from "./broker/scripted-broker.ts";
import { createDesk, desksFor } from "./fixtures/client-desk.ts";
import { insteadOfConnack, whileOnline } from "./vectors/malformed.ts";
import { bytesOf } from "./vectors/packets.ts";

test("a client that asked for nothing acknowledges what an old session brings, without an error [MQTT-4.5.0-2]", async () => {
  const desk = await createDesk();
  const connection = desk.online(desk.client());
  connection.send(publishPacket("t", "a", { qos: 1, packetId: 5 }));
  desk.settle();
  expect(connection.received.at(-1)?.type).toBe(packetType.puback);
  expect(desk.errors).toEqual([]);
});

test.each(["toString", "constructor", "__proto__", "valueOf", "hasOwnProperty"])(
  "a PUBLISH whose body is the word %s is malformed, not a known message",
  async (word) => {
    const desk = await createDesk();
    const client = desk.client();
    const known: unknown[] = [];
    client.onKnown = (value) => known.push(value);
    const connection = desk.online(client);
    connection.send(Buffer.concat([Buffer.from([0x30, word.length]), Buffer.from(word)]));
    desk.settle();
    expect(known).toEqual([]);
    expect(client.online).toBe(false);
  },
);

test("PUBREL with packet id 0 is malformed [MQTT-2.3.1-1]", async () => {
  const desk = await createDesk();
  const client = desk.client();
  desk.online(client).send(Buffer.from("62020000", "hex"));
  desk.settle();
  expect(client.online).toBe(false);
});

test("an exception in onFlush does not silence the client for good", async () => {
  const desk = await createDesk();
  const client = desk.client();
  let mistakes = 0;
  desk.online(client);
  client.onFlush = () => {
    if (mistakes++ === 0) throw new Error("mistake");
  };
  for (let second = 0; second < 300; second++) {
    for (const one of desk.clients) {
      try {
        desk.api.tick(one);
      } catch {
        // As in the program's interval, where the board reports it and goes on.
      }
    }
    desk.settle();
  }
  expect(mistakes).toBeGreaterThan(1);
  expect(client.online).toBe(true);
});

test("nothing follows DISCONNECT, not even what onFlush has to say [MQTT-3.14.4-1]", async () => {
  const desk = await createDesk();
  const client = desk.client();
  const connection = desk.online(client);
  client.onFlush = () => {
    client.onFlush = () => {};
    desk.api.publish(client, "late", "x", 0, false);
  };
  desk.api.disconnect(client);
  desk.settle();
  expect(connection.received.at(-1)?.type).toBe(packetType.disconnect);
});

describe.each([64, 128, 256, 512, 2048])("rxBuffer %i: nothing is taken after a failure", (rxBuffer) => {
  /** What follows the violation in the same chunk and in chunks of its own. */
  const followers = [
    ["PINGRESPs", Buffer.alloc(534 + 4096, "d000", "hex")],
    ["commands", Buffer.concat(Array.from({ length: 300 }, () => publishPacket("t", "on")))],
    ["bytes of an endless packet", Buffer.alloc(4096, 0xff)],
    ["half a packet", Buffer.concat([Buffer.from([0x30, 0x3f]), Buffer.alloc(20, 0x61)])],
  ] as const;

  for (const [what, rest] of followers) {
    test(`${what} after each malformed packet: one reason, no error, and the next connection is clean`, async () => {
      const desks = await desksFor({ "mqtt.rxBuffer": rxBuffer });
      for (const vector of [
        { name: "a packet of type 0", hex: "00 00" },
        ...whileOnline,
        ...insteadOfConnack.map((one) => ({ ...one, isFirst: true })),
      ]) {
        const desk = desks();
        const client = desk.client();
        const heard: string[] = [];
        desk.api.subscribe(client, "t", 1, (topic) => heard.push(topic));
        const isFirst = "isFirst" in vector;
        if (isFirst) desk.broker.script.onPacket = () => "handled";
        const connection = desk.online(client);
        connection.send(bytesOf(vector.hex), rest);
        desk.settle();
        expect(desk.reasons, vector.name).toHaveLength(1);
        expect(desk.errors, vector.name).toEqual([]);
        expect(heard, vector.name).toEqual([]);
        desk.broker.script = {};
        desk.seconds(3);
        expect(client.online, vector.name).toBe(true);
        desk.broker.current.send(publishPacket("t", "a"));
        desk.settle();
        expect(heard, vector.name).toEqual(["t"]);
      }
    });
  }

  test("the program disconnects in a handler: what follows in the chunk is not handed to it", async () => {
    const desk = await createDesk({ "mqtt.rxBuffer": rxBuffer });
    const client = desk.client();
    const heard: string[] = [];
    desk.api.subscribe(client, "t", 1, (_topic, payload) => {
      heard.push(payload);
      desk.api.disconnect(client);
    });
    desk.online(client).send(...Array.from({ length: 90 }, (_, index) => publishPacket("t", String(index))));
    desk.settle();
    expect(heard).toEqual(["0"]);
    expect(desk.errors).toEqual([]);
  });
});
