// Messages of the client's own: identifiers, acknowledgements, what happens to them when the link is lost.
import { describe, expect, test } from "vitest";
import { acknowledgement, type Connection, packetType } from "./broker/scripted-broker.ts";
import { createDesk, type Desk } from "./fixtures/client-desk.ts";

const { puback, pubrel } = packetType;

/** The broker takes messages and says nothing until the test does. */
function silent(desk: Desk, sessionPresent = true): void {
  let connects = 0;
  desk.broker.script.onPacket = (connection, received) => {
    if (received.type === packetType.connect) {
      connection.send(Buffer.from([0x20, 2, connects++ && sessionPresent ? 1 : 0, 0]));
      return "handled";
    }
    // `published` is kept by the broker's own answer, which is not wanted here.
    return received.type === packetType.subscribe || received.type === packetType.pingreq
      ? undefined
      : "handled";
  };
}

/** PUBLISH and PUBREL of a connection, as text: kind, id, payload, d for DUP. */
function flow(connection: Connection): string[] {
  return connection.received.flatMap(({ type, flags, body }) => {
    if (type === pubrel) return [`rel ${body.readUInt16BE(0)}`];
    if (type !== packetType.publish) return [];
    const topicEnd = 2 + body.readUInt16BE(0);
    const qos = (flags >> 1) & 3;
    const payload = body.toString("latin1", topicEnd + (qos ? 2 : 0));
    const id = qos ? body.readUInt16BE(topicEnd) : 0;
    return [`q${qos}${flags & 8 ? "d" : ""} ${id} ${payload}`];
  });
}

async function given(settings = {}, sessionPresent = true) {
  const desk = await createDesk(settings);
  silent(desk, sessionPresent);
  const client = desk.client();
  const done: number[] = [];
  client.onPublish = (id) => done.push(id);
  const connection = desk.online(client);
  const say = (payload: string, qos: 0 | 1 | 2, retain = false) => {
    const id = desk.api.publish(client, "t", payload, qos, retain);
    desk.settle();
    return id;
  };
  const answer = (type: number, id: number) => {
    desk.broker.current.send(acknowledgement(type, id));
    desk.settle();
  };
  return { desk, client, connection, done, say, answer };
}

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
