// How a connection begins: CONNECT and its fields, the broker's answer, and what happens when there is none.
import { describe, expect, test } from "vitest";
import { packetType } from "./broker/scripted-broker.ts";
import { createDesk } from "./fixtures/client-desk.ts";

describe("a clean stop", () => {
  test("inside a handler DISCONNECT goes out as well [MQTT-3.14.4-1]", async () => {
    const desk = await createDesk();
    const client = desk.client();
    desk.api.subscribe(client, "stop", 0, () => desk.api.disconnect(client));
    const connection = desk.online(client);
    connection.send(Buffer.from(`30060004${Buffer.from("stop").toString("hex")}`, "hex"));
    desk.settle();
    expect(connection.closed).toBe(true);
    expect(connection.received.at(-1)?.type).toBe(packetType.disconnect);
  });
});
