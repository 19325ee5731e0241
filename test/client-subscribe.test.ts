// Topic filters: asking for them, asking again, giving them back, and who gets a message.
import { describe, expect, test } from "vitest";
import { type Connection, packetType, publishPacket, readSubscribe } from "./broker/scripted-broker.ts";
import { createDesk, type Desk } from "./fixtures/client-desk.ts";

const asked = (connection: Connection) => connection.subscriptions.map((one) => `${one.filter} ${one.qos}`);

/** From now on the broker says whether it knows the session. */
function sessionPresent(desk: Desk, present: boolean): void {
  desk.broker.script.onPacket = (connection, received) => {
    if (received.type !== packetType.connect) return undefined;
    connection.send(Buffer.from([0x20, 2, present ? 1 : 0, 0]));
    return "handled";
  };
}

async function given(...filters: string[]) {
  const desk = await createDesk();
  const client = desk.client();
  const heard: string[] = [];
  for (const filter of filters) {
    desk.api.subscribe(client, filter, 1, (topic, payload) =>
      heard.push(`${filter} < ${topic} ${payload}`.trim()),
    );
  }
  const connection = desk.online(client);
  const say = (topic: string, payload = "") => {
    desk.broker.current.send(publishPacket(topic, payload));
    desk.settle();
  };
  return { desk, client, connection, heard, say };
}

describe("SUBSCRIBE", () => {
  test("has flags 0010, an id that is not zero, one filter and its QoS [MQTT-3.8.1-1] [MQTT-3.8.3-3] [MQTT-2.3.1-1]", async () => {
    const desk = await createDesk();
    const client = desk.client();
    desk.api.subscribe(client, "a/+", 2, () => {});
    desk.api.subscribe(client, "b", 0, () => {});
    const connection = desk.online(client);
    const packets = connection.received.filter((one) => one.type === packetType.subscribe);
    expect(packets.map((one) => one.flags)).toEqual([2, 2]);
    const read = packets.map(readSubscribe);
    expect(read.map((one) => one.filters)).toEqual([[{ filter: "a/+", qos: 2 }], [{ filter: "b", qos: 0 }]]);
    expect(read.every((one) => one.packetId > 0)).toBe(true);
    expect(new Set(read.map((one) => one.packetId)).size).toBe(2);
  });

  test("does not share an id with a message under way [MQTT-2.3.1-2]", async () => {
    const { desk, client } = await given();
    desk.broker.script.onPacket = () => "handled";
    const ids = [desk.api.publish(client, "t", "x", 1, false), desk.api.publish(client, "t", "y", 2, false)];
    desk.api.subscribe(client, "a", 1, () => {});
    desk.settle();
    const last = desk.broker.current.received.at(-1);
    expect(last?.type).toBe(packetType.subscribe);
    expect(ids).not.toContain(last?.body.readUInt16BE(0));
  });

  test("goes out at once on a connection", async () => {
    const { desk, client, connection } = await given();
    desk.api.subscribe(client, "late", 1, () => {});
    desk.settle();
    expect(asked(connection)).toEqual(["late 1"]);
  });

  test("goes out at the first connect after boot although the broker knows the session", async () => {
    const desk = await createDesk();
    sessionPresent(desk, true);
    const client = desk.client();
    desk.api.subscribe(client, "a", 1, () => {});
    expect(asked(desk.online(client))).toEqual(["a 1"]);
  });

  test("goes out again on every connection, whatever the broker says of the session [micropython-lib 321] [MQTT.js 895]", async () => {
    const { desk } = await given("a", "b");
    sessionPresent(desk, true);
    desk.cut();
    desk.seconds(2);
    expect(asked(desk.broker.current)).toEqual(["a 1", "b 1"]);
    sessionPresent(desk, false);
    desk.cut();
    desk.seconds(3);
    expect(asked(desk.broker.current)).toEqual(["a 1", "b 1"]);
  });

  test("a filter asked for twice has the new handler and QoS, and one SUBSCRIBE a connection", async () => {
    const { desk, client, heard, say } = await given("a");
    desk.api.subscribe(client, "a", 2, () => heard.push("second"));
    desk.settle();
    say("a");
    expect(heard).toEqual(["second"]);
    sessionPresent(desk, false);
    desk.cut();
    desk.seconds(2);
    expect(asked(desk.broker.current)).toEqual(["a 2"]);
  });
});

describe("SUBACK", () => {
  test.each([0, 1, 2] as const)("a grant of QoS %i reaches the program [MQTT-3.9.3-1]", async (granted) => {
    const desk = await createDesk();
    desk.broker.script.onPacket = (connection, received) => {
      if (received.type !== packetType.subscribe) return undefined;
      connection.send(
        Buffer.concat([Buffer.from([0x90, 3]), received.body.subarray(0, 2), Buffer.from([granted])]),
      );
      return "handled";
    };
    const client = desk.client();
    const told: unknown[] = [];
    client.onSubscribe = (filter, qos) => told.push([filter, qos]);
    desk.api.subscribe(client, "a/b", 2, () => {});
    desk.online(client);
    expect(told).toEqual([["a/b", granted]]);
  });

  test("0x80 reaches the program and the console, each filter by its name; the connection stays [MQTT-3.9.3-2] [pubsubclient 341]", async () => {
    const desk = await createDesk();
    desk.broker.script.onPacket = (connection, received) => {
      if (received.type !== packetType.subscribe) return undefined;
      const refused = readSubscribe(received).filters[0]?.filter === "secret";
      connection.send(
        Buffer.concat([
          Buffer.from([0x90, 3]),
          received.body.subarray(0, 2),
          Buffer.from([refused ? 128 : 1]),
        ]),
      );
      return "handled";
    };
    const client = desk.client();
    const told: unknown[] = [];
    client.onSubscribe = (filter, qos) => told.push([filter, qos]);
    for (const filter of ["open", "secret"]) desk.api.subscribe(client, filter, 1, () => {});
    desk.online(client);
    expect(told).toEqual([
      ["open", 1],
      ["secret", 128],
    ]);
    expect(desk.console.filter((line) => line.includes("secret"))).toHaveLength(1);
    expect(desk.console.filter((line) => line.includes("open"))).toEqual([]);
    expect(client.online).toBe(true);
  });

  test("for an id nobody asked with is passed over", async () => {
    const { desk, client, connection } = await given("a");
    const told: unknown[] = [];
    client.onSubscribe = (filter) => told.push(filter);
    connection.send(Buffer.from([0x90, 3, 0x7f, 0xff, 1]));
    desk.settle();
    expect(told).toEqual([]);
    expect(client.online).toBe(true);
  });
});

describe("UNSUBSCRIBE", () => {
  test("has flags 0010, an id that is not zero and the filter; its messages no longer come through [MQTT-3.10.1-1] [MQTT-3.10.3-2]", async () => {
    const { desk, client, connection, heard, say } = await given("a", "b");
    desk.api.unsubscribe(client, "a");
    desk.settle();
    const last = connection.received.at(-1);
    expect(last).toMatchObject({ type: packetType.unsubscribe, flags: 2 });
    expect(last?.body.readUInt16BE(0)).toBeGreaterThan(0);
    expect(last?.body.toString("latin1", 2)).toBe("\0\x01a");
    say("a");
    say("b");
    expect(heard).toEqual(["b < b"]);
    desk.cut();
    desk.seconds(2);
    expect(asked(desk.broker.current)).toEqual(["b 1"]);
  });
});

describe("handlers by filter", () => {
  test.each([
    ["a/#", "a", true, "MQTT-4.7.1-2"],
    ["a/#", "a/b/c", true, "MQTT-4.7.1-2"],
    ["a/+", "a/b", true, "MQTT-4.7.1-3"],
    ["a/+", "a", false, "MQTT-4.7.1-3"],
    ["a/+", "a/b/c", false, "MQTT-4.7.1-3"],
    ["+/b", "/b", true, "MQTT-4.7.1-3"],
    ["#", "$SYS/uptime", false, "MQTT-4.7.2-1"],
    ["+/uptime", "$SYS/uptime", false, "MQTT-4.7.2-1"],
    ["$SYS/#", "$SYS/uptime", true, "MQTT-4.7.2-1"],
    ["a", "A", false, "MQTT-4.7.3"],
    ["home/l\xc3\xa4mpli", "home/lämpli", true, "MQTT-1.5.3-1"],
  ])("%s and %s: %s [%s] [arduino-mqtt 132] [paho.mqtt.embedded-c 228]", async (filter, topic, matches) => {
    const { heard, say, client } = await given(filter);
    say(topic, "x");
    expect(heard).toHaveLength(matches ? 1 : 0);
    expect(client.online).toBe(true);
  });

  test("each filter that matches gets the message, the others do not", async () => {
    const { heard, say } = await given("a/b", "a/+", "#", "c");
    say("a/b", "x");
    expect(heard.sort()).toEqual(["# < a/b x", "a/+ < a/b x", "a/b < a/b x"]);
  });

  test("after the last wildcard is given back the others still get theirs", async () => {
    const { desk, client, heard, say } = await given("a/b", "a/#");
    desk.api.unsubscribe(client, "a/#");
    say("a/b");
    say("a/c");
    expect(heard).toEqual(["a/b < a/b"]);
  });

  test("a handler may subscribe and give filters back", async () => {
    const { desk, client, heard, say, connection } = await given("a", "b");
    desk.api.subscribe(client, "once", 1, () => {
      desk.api.unsubscribe(client, "once");
      desk.api.subscribe(client, "next", 1, (topic) => heard.push(topic));
    });
    desk.settle();
    say("once");
    say("once");
    say("next");
    say("a");
    expect(heard).toEqual(["next", "a < a"]);
    expect(asked(connection).filter((one) => one === "next 1")).toHaveLength(1);
  });

  test("a handler is told retained, QoS and DUP", async () => {
    const desk = await createDesk();
    const client = desk.client();
    const told: unknown[] = [];
    desk.api.subscribe(client, "a", 2, (...all) => told.push(all));
    const connection = desk.online(client);
    connection.send(
      publishPacket("a", "1", { retain: true }),
      publishPacket("a", "2", { qos: 1, packetId: 5, dup: true }),
      publishPacket("a", "3", { qos: 2, packetId: 6 }),
    );
    desk.settle();
    expect(told).toEqual([
      ["a", "1", true, 0, false],
      ["a", "2", false, 1, true],
      ["a", "3", false, 2, false],
    ]);
  });
});

test("two clients in one program keep apart: ids, subscriptions, sessions, losses", async () => {
  const desk = await createDesk();
  const one = desk.client({ clientId: "one" });
  const two = desk.client({ clientId: "two" });
  const heard: string[] = [];
  desk.api.subscribe(one, "t", 1, () => heard.push("one"));
  desk.api.subscribe(two, "t", 1, () => heard.push("two"));
  const first = desk.online(one);
  const second = desk.online(two);
  expect(second).not.toBe(first);
  expect(first.received[0]?.body.toString("latin1")).toContain("one");
  expect(second.received[0]?.body.toString("latin1")).toContain("two");
  second.send(publishPacket("t", "x", { qos: 1, packetId: 9 }));
  desk.settle();
  expect(heard).toEqual(["two"]);
  expect(first.received.filter((packet) => packet.type === packetType.puback)).toEqual([]);
  const id = desk.api.publish(one, "t", "x", 1, false);
  expect(desk.api.publish(two, "t", "x", 1, false)).toBe(id);
  first.close();
  desk.settle();
  expect([one.online, two.online]).toEqual([false, true]);
});
