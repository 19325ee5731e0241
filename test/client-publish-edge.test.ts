// Messages of the client's own: identifiers, acknowledgements, what happens to them when the link is lost.
import { describe, expect, test } from "vitest";
import { packetType } from "./broker/scripted-broker.ts";
import { createDesk } from "./fixtures/client-desk.ts";
import { flow, given } from "./fixtures/client-silent.ts";

const { puback } = packetType;

describe("onPublish", () => {
  test("that throws is reported and stops nothing that waits", async () => {
    const { desk, client, connection, say, answer } = await given({ "mqtt.inflight": 1 });
    client.onPublish = () => {
      throw new Error("mistake");
    };
    const ids = [say("a", 1), say("b", 1)];
    answer(puback, ids[0] as number);
    expect(desk.errors).toEqual(["mistake"]);
    desk.seconds(60);
    expect(flow(connection).at(-1)).toBe(`q1 ${ids[1]} b`);
  });
});

describe("before the first connection", () => {
  test.each([0, 1, 2] as const)("a message at QoS %i waits for the broker", async (qos) => {
    const desk = await createDesk();
    const client = desk.client();
    desk.api.publish(client, "t", "early", qos, false);
    const connection = desk.online(client);
    expect(connection.published.map((one) => one.payload.toString())).toEqual(["early"]);
  });
});
