// Messages of the client's own: identifiers, acknowledgements, what happens to them when the link is lost.
import { describe, expect, test } from "vitest";
import { acknowledgement, packetType } from "./broker/scripted-broker.ts";
import { createDesk } from "./fixtures/client-desk.ts";
import { flow, given } from "./fixtures/client-silent.ts";

const { puback, pubrec, pubrel, pubcomp } = packetType;

describe("packet identifiers", () => {
  test("are not zero at QoS 1 and 2, and absent at QoS 0 [MQTT-2.3.1-1] [MQTT-2.3.1-5]", async () => {
    const { connection, say } = await given();
    expect(say("a", 1)).toBeGreaterThan(0);
    expect(say("b", 2)).toBeGreaterThan(0);
    expect(say("c", 0)).toBe(0);
    expect(connection.received.at(-1)?.body.toString("latin1")).toBe("\0\x01tc");
  });

  test("skip zero and those in use after 65,535 [MQTT-2.3.1-1] [MQTT-2.3.1-2] [qmqtt 236]", async () => {
    const { say, answer, client, desk } = await given();
    const held = say("held", 1);
    const used: number[] = [];
    for (let turn = 0; turn < 65_540; turn++) {
      const id = desk.api.publish(client, "t", "x", 1, false);
      used.push(id);
      desk.broker.current.send(acknowledgement(puback, id));
      desk.settle();
    }
    expect(used).not.toContain(0);
    expect(used).not.toContain(held);
    expect(Math.max(...used)).toBe(65_535);
    answer(puback, held);
  });

  test("one that waits for PUBCOMP is in use as well [MQTT-2.3.1-2]", async () => {
    const { say, answer, client, desk } = await given();
    const held = say("held", 2);
    answer(pubrec, held);
    for (let turn = 0; turn < 65_540; turn++) {
      const id = desk.api.publish(client, "t", "x", 1, false);
      if (id === held) throw new Error(`identifier ${held} is used twice`);
      desk.broker.current.send(acknowledgement(puback, id));
      desk.settle();
    }
  });
});

describe("QoS 0", () => {
  test("goes out once, DUP 0, and is reported when handed over [MQTT-3.3.1-2]", async () => {
    const { desk, connection, done, say } = await given();
    say("a", 0);
    desk.cut();
    desk.seconds(2);
    expect(flow(connection)).toEqual(["q0 0 a"]);
    expect(flow(desk.broker.current)).toEqual([]);
    expect(done).toEqual([0]);
  });

  test("retain is what the program says", async () => {
    const { connection, say } = await given();
    say("a", 0, true);
    say("b", 0, false);
    expect(connection.received.slice(-2).map((one) => one.flags)).toEqual([1, 0]);
  });
});

describe("QoS 1", () => {
  test("is sent once a connection and reported once when PUBACK comes [MQTT-4.3.2-1]", async () => {
    const { desk, connection, done, say, answer } = await given();
    const id = say("a", 1);
    desk.seconds(40);
    expect(flow(connection)).toEqual([`q1 ${id} a`]);
    expect(done).toEqual([]);
    answer(puback, id);
    answer(puback, id);
    expect(done).toEqual([id]);
  });

  test("is never sent again by a timer within a connection [MQTT-4.4.0-1] [MeshCore 23]", async () => {
    const { desk, connection, say } = await given();
    say("a", 1);
    say("b", 2);
    desk.seconds(3_600);
    expect(flow(connection)).toHaveLength(2);
    expect(desk.broker.connections).toHaveLength(1);
  });

  test("after a reconnect goes out again: same id, DUP, same order [MQTT-4.4.0-1] [MQTT-2.3.1-3] [MQTT-3.3.1-1] [MQTT-4.6.0-1]", async () => {
    const { desk, say, answer, done } = await given();
    const [a, b, c] = [say("a", 1), say("b", 2), say("c", 1)];
    desk.cut();
    desk.seconds(2);
    expect(flow(desk.broker.current)).toEqual([`q1d ${a} a`, `q2d ${b} b`, `q1d ${c} c`]);
    answer(puback, a);
    desk.cut();
    desk.seconds(3);
    expect(flow(desk.broker.current)).toEqual([`q2d ${b} b`, `q1d ${c} c`]);
    expect(done).toEqual([a]);
  });

  test("a PUBREC, PUBCOMP or PUBACK that does not belong changes nothing", async () => {
    const { desk, say, answer, done, client } = await given();
    const one = say("a", 1);
    const two = say("b", 2);
    answer(pubrec, one);
    answer(pubcomp, one);
    answer(puback, two);
    answer(pubcomp, two);
    answer(puback, 4_000);
    expect(done).toEqual([]);
    expect(client.online).toBe(true);
    desk.cut();
    desk.seconds(2);
    expect(flow(desk.broker.current)).toEqual([`q1d ${one} a`, `q2d ${two} b`]);
  });

  test("what the broker forgot starts again as a new message", async () => {
    const { desk, say, client } = await given({}, false);
    const id = say("a", 1);
    desk.cut();
    desk.seconds(2);
    const again = flow(desk.broker.current);
    expect(again).toHaveLength(1);
    expect(again[0]).toMatch(/^q1 \d+ a$/);
    expect(id).toBeGreaterThan(0);
    expect(client.dropped).toBe(0);
  });
});

describe("QoS 2", () => {
  test("PUBLISH, PUBREC, PUBREL with flags 0010, PUBCOMP: reported once at the end [MQTT-4.3.3-1] [MQTT-3.6.1-1]", async () => {
    const { connection, done, say, answer } = await given();
    const id = say("a", 2);
    answer(pubrec, id);
    expect(connection.received.at(-1)).toMatchObject({ type: pubrel, flags: 2 });
    expect(done).toEqual([]);
    answer(pubcomp, id);
    expect(flow(connection)).toEqual([`q2 ${id} a`, `rel ${id}`]);
    expect(done).toEqual([id]);
  });

  test("after PUBREL no PUBLISH any more, only PUBREL again [MQTT-4.3.3-1] [MQTT-4.4.0-1]", async () => {
    const { desk, say, answer } = await given();
    const [a, b] = [say("a", 2), say("b", 2)];
    answer(pubrec, a);
    desk.cut();
    desk.seconds(2);
    expect(flow(desk.broker.current)).toEqual([`rel ${a}`, `q2d ${b} b`]);
    desk.cut();
    desk.seconds(3);
    expect(flow(desk.broker.current)).toEqual([`rel ${a}`, `q2d ${b} b`]);
    answer(pubcomp, a);
    desk.cut();
    desk.seconds(5);
    expect(flow(desk.broker.current)).toEqual([`q2d ${b} b`]);
  });

  test("PUBREC twice gets PUBREL twice, in the order of the PUBRECs [MQTT-4.6.0-4]", async () => {
    const { connection, say, answer } = await given();
    const [a, b] = [say("a", 2), say("b", 2)];
    answer(pubrec, b);
    answer(pubrec, a);
    answer(pubrec, b);
    expect(flow(connection).slice(2)).toEqual([`rel ${b}`, `rel ${a}`, `rel ${b}`]);
  });

  test("PUBREC for an unknown id gets PUBREL [coreMQTT 271]", async () => {
    const { connection, answer, client } = await given();
    answer(pubrec, 777);
    expect(flow(connection)).toEqual(["rel 777"]);
    expect(client.online).toBe(true);
  });

  test("what a broker forgot half-way is not sent twice, and counted", async () => {
    const { desk, say, answer, client } = await given({}, false);
    const id = say("a", 2);
    answer(pubrec, id);
    say("b", 2);
    desk.cut();
    desk.seconds(2);
    expect(flow(desk.broker.current)).toEqual([]);
    expect(client.dropped).toBe(2);
  });
});

describe("bounds", () => {
  test("no more than mqtt.inflight are under way, the rest follows as they are acknowledged", async () => {
    const { connection, say, answer } = await given({ "mqtt.inflight": 2 });
    const ids = ["a", "b", "c", "d"].map((payload) => say(payload, 1));
    expect(flow(connection)).toHaveLength(2);
    answer(puback, ids[1] as number);
    expect(flow(connection)).toHaveLength(3);
    answer(puback, ids[0] as number);
    expect(flow(connection).map((one) => one.at(-1))).toEqual(["a", "b", "c", "d"]);
  });

  test("no more than mqtt.queue wait: the oldest goes and is counted", async () => {
    const desk = await createDesk({ "mqtt.queue": 3 });
    const client = desk.client();
    desk.online(client);
    desk.refusal = "Unable to locate host";
    desk.cut();
    for (const payload of ["a", "b", "c", "d", "e"]) desk.api.publish(client, "t", payload, 1, false);
    expect(client.dropped).toBe(2);
    desk.refusal = undefined;
    desk.seconds(10);
    expect(desk.broker.current.published.map((one) => one.payload.toString())).toEqual(["c", "d", "e"]);
  });

  test("what is under way is never dropped for what waits", async () => {
    const { desk, say, client } = await given({ "mqtt.queue": 1, "mqtt.inflight": 2 });
    const [a, b] = [say("a", 1), say("b", 1)];
    say("c", 1);
    say("d", 1);
    expect(client.dropped).toBe(1);
    desk.cut();
    desk.seconds(2);
    expect(flow(desk.broker.current)).toEqual([`q1d ${a} a`, `q1d ${b} b`]);
  });

  test.each([0, 1, 2] as const)(
    "a packet larger than txBuffer is refused with an error, never cut, QoS %i",
    async (qos) => {
      const { desk, client, connection } = await given({ "mqtt.txBuffer": 128 });
      const room = 128 - 2 - 3 - (qos ? 2 : 0);
      desk.api.publish(client, "t", "x".repeat(room), qos, false);
      expect(() => desk.api.publish(client, "t", "x".repeat(room + 1), qos, false)).toThrow(/129 bytes.*128/);
      desk.settle();
      expect(flow(connection)).toHaveLength(1);
      expect(client.online).toBe(true);
    },
  );

  test.each([0, 1, 2] as const)("a zero-length payload goes out at QoS %i [esp-mqtt 250]", async (qos) => {
    const { connection, say } = await given();
    const id = say("", qos, true);
    expect(flow(connection)).toEqual([`q${qos} ${id} `]);
  });

  test("a packet of more than 127 bytes has two bytes of length", async () => {
    const { desk, say } = await given();
    say("x".repeat(300), 0);
    expect(desk.socket.writes.at(-1)?.slice(0, 3)).toBe("\x30\xaf\x02");
  });
});

describe("onPublish", () => {
  test("may publish: nothing is lost by it [pubsubclient 1055]", async () => {
    const { desk, client } = await given();
    const ids: number[] = [];
    client.onPublish = () => {
      if (ids.length < 3) ids.push(desk.api.publish(client, "t", `after ${ids.length}`, 1, false));
    };
    desk.api.publish(client, "t", "first", 0, false);
    desk.settle();
    desk.cut();
    desk.seconds(2);
    expect(ids).toHaveLength(1);
    expect(flow(desk.broker.current)).toEqual([`q1d ${ids[0]} after 0`]);
  });
});

describe("before the first connection", () => {
  test("a message at QoS 0 waits for the broker", async () => {
    const desk = await createDesk();
    const client = desk.client();
    desk.api.publish(client, "t", "early", 0, false);
    const connection = desk.online(client);
    expect(connection.published.map((one) => one.payload.toString())).toEqual(["early"]);
  });
});
