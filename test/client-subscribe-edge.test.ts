// Subscriptions the broker never heard of although it knows the session.
import { expect, test } from "vitest";
import { packetType } from "./broker/scripted-broker.ts";
import { createDesk, type Desk } from "./fixtures/client-desk.ts";

/** The broker keeps the session from the first CONNECT on; `swallow` says which connections lose what follows CONNACK. */
function keepsSession(desk: Desk, swallow: (index: number) => boolean): void {
  let connects = 0;
  desk.broker.script.onPacket = (connection, received) => {
    if (received.type === packetType.connect) {
      connection.send(Buffer.from([0x20, 2, connects++ ? 1 : 0, 0]));
      return "handled";
    }
    return swallow(desk.broker.connections.indexOf(connection)) ? "handled" : undefined;
  };
}

test("a SUBSCRIBE that was lost with its connection goes out again although the session is there [MQTT-4.1.0-1]", async () => {
  const desk = await createDesk();
  keepsSession(desk, (index) => index === 0);
  const client = desk.client();
  desk.api.subscribe(client, "lamp", 1, () => {});
  desk.online(client);
  desk.cut();
  desk.seconds(2);
  expect(client.online).toBe(true);
  expect(desk.broker.current.subscriptions.map((one) => one.filter)).toEqual(["lamp"]);
});

test("a filter asked for while offline is asked for at the next connection although the session is there", async () => {
  const desk = await createDesk();
  keepsSession(desk, () => false);
  const client = desk.client();
  desk.online(client);
  desk.cut();
  desk.api.subscribe(client, "lamp", 1, () => {});
  desk.seconds(2);
  expect(client.online).toBe(true);
  expect(desk.broker.current.subscriptions.map((one) => one.filter)).toEqual(["lamp"]);
});
