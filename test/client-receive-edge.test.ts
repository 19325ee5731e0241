// Reds around what comes in.
import { expect, test } from "vitest";
import { packetType, publishPacket } from "./broker/scripted-broker.ts";
import { createDesk } from "./fixtures/client-desk.ts";

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
