// Messages to the client: acknowledged by their QoS, delivered once, skipped where they do not fit.
import { describe, expect, test } from "vitest";
import { acknowledgement, packetType, publishPacket } from "./broker/scripted-broker.ts";
import { createDesk } from "./fixtures/client-desk.ts";

const { puback, pubrec, pubrel, pubcomp } = packetType;
const rxBuffer = 128;

/** A client that hears everything, online; `answers` are its acknowledgements since then, `heard` its messages. */
async function given(settings = {}) {
  const desk = await createDesk({ "mqtt.rxBuffer": rxBuffer, ...settings });
  // A broker that never releases by itself: the test does.
  desk.broker.script.onPacket = (_connection, received) => (received.type === pubrec ? "handled" : undefined);
  const client = desk.client();
  const heard: string[] = [];
  desk.api.subscribe(client, "#", 2, (topic, payload) => heard.push(`${topic} ${payload}`));
  desk.online(client);
  const send = (...parts: Buffer[]) => {
    desk.broker.current.send(...parts);
    desk.settle();
  };
  const answers = () =>
    desk.broker.current.received
      .filter((one) => one.type >= puback && one.type <= pubcomp)
      .map((one) => `${["ack", "rec", "rel", "comp"][one.type - puback]} ${one.body.readUInt16BE(0)}`);
  return { desk, client, heard, send, answers };
}

const message = (payload: string, qos: 0 | 1 | 2, packetId = 1, dup = false) =>
  publishPacket("t", payload, { qos, packetId, dup });

describe("acknowledgement by QoS", () => {
  test("none at QoS 0, PUBACK at 1, PUBREC at 2, with the message's own id [MQTT-3.3.4-1] [MQTT-2.3.1-6]", async () => {
    const { heard, send, answers } = await given();
    send(message("a", 0), message("b", 1, 258), message("c", 2, 65_535));
    expect(heard).toEqual(["t a", "t b", "t c"]);
    expect(answers()).toEqual(["ack 258", "rec 65535"]);
  });

  test("in the order of the messages, in one write a chunk [MQTT-4.6.0-2] [MQTT-4.6.0-3]", async () => {
    const { desk, send, answers } = await given();
    const before = desk.socket.writes.length;
    send(message("a", 1, 3), message("b", 2, 2), message("c", 1, 1), acknowledgement(pubrel, 2));
    expect(answers()).toEqual(["ack 3", "rec 2", "ack 1", "comp 2"]);
    expect(desk.socket.writes.length).toBe(before + 1);
  });

  test("also for what nobody asked for [MQTT-4.5.0-2]", async () => {
    const desk = await createDesk();
    const client = desk.client();
    desk.api.subscribe(client, "mine", 1, () => {});
    const connection = desk.online(client);
    connection.send(message("a", 1, 5), message("b", 2, 6));
    desk.settle();
    expect(connection.received.filter((one) => one.type === puback || one.type === pubrec)).toHaveLength(2);
    expect(desk.errors).toEqual([]);
  });
});

describe("QoS 1", () => {
  test("what comes again is acknowledged again and delivered again [MQTT-4.3.2-2]", async () => {
    const { heard, send, answers } = await given();
    send(message("a", 1, 7), message("a", 1, 7, true));
    expect(heard).toEqual(["t a", "t a"]);
    expect(answers()).toEqual(["ack 7", "ack 7"]);
  });
});

describe("QoS 2", () => {
  test("duplicates are acknowledged and not delivered, until PUBREL [MQTT-4.3.3-2]", async () => {
    const { heard, send, answers } = await given();
    send(message("a", 2, 7), message("a", 2, 7, true), message("a", 2, 7, true));
    send(acknowledgement(pubrel, 7), message("b", 2, 7));
    expect(heard).toEqual(["t a", "t b"]);
    expect(answers()).toEqual(["rec 7", "rec 7", "rec 7", "comp 7", "rec 7"]);
  });

  test("a duplicate after a reconnect is none either while the session is kept [MQTT-4.3.3-2] [MQTT-4.1.0-1]", async () => {
    const { desk, heard, send, answers } = await given();
    desk.broker.script.onPacket = (connection, received) => {
      if (received.type === packetType.connect) connection.send(Buffer.from([0x20, 2, 1, 0]));
      return "handled";
    };
    send(message("a", 2, 7));
    desk.cut();
    desk.seconds(2);
    send(message("a", 2, 7, true), acknowledgement(pubrel, 7), acknowledgement(pubrel, 7));
    expect(heard).toEqual(["t a"]);
    expect(answers()).toEqual(["rec 7", "comp 7", "comp 7"]);
  });

  test("where the broker lost the session an old id is a new message [MQTT-3.1.2-6]", async () => {
    const { desk, heard, send } = await given();
    send(message("a", 2, 7));
    desk.cut();
    desk.seconds(2);
    send(message("b", 2, 7));
    expect(heard).toEqual(["t a", "t b"]);
  });

  test("PUBREL for an unknown id gets PUBCOMP [coreMQTT 271]", async () => {
    const { client, send, answers } = await given();
    send(acknowledgement(pubrel, 4_711));
    expect(answers()).toEqual(["comp 4711"]);
    expect(client.online).toBe(true);
  });

  test("64 messages under way at once are all known again", async () => {
    const { heard, send } = await given();
    const ids = Array.from({ length: 64 }, (_, index) => 1_000 + index);
    for (const id of ids) send(message("a", 2, id));
    for (const id of ids) send(message("a", 2, id, true));
    expect(heard).toHaveLength(64);
  });
});

describe("a message that does not fit rxBuffer", () => {
  test.each([
    [0, []],
    [1, ["ack 5", "ack 6"]],
    [2, ["rec 5", "ack 6"]],
  ] as const)(
    "at QoS %i is skipped to the byte, acknowledged once, counted and named; the connection stays [MQTT-4.8.0-2, chosen difference] [pubsubclient 364]",
    async (qos, expected) => {
      for (const size of [rxBuffer - 2, rxBuffer + 1, 537, 1_000, 20_000, 300_000]) {
        const { desk, client, heard, send, answers } = await given();
        send(message("x".repeat(size), qos, 5), message("after", qos === 0 ? 0 : 1, 6));
        expect(heard).toEqual(["t after"]);
        expect(answers()).toEqual(expected);
        expect(client.oversize).toBe(1);
        expect(desk.console.filter((line) => line.includes("skipped"))).toHaveLength(1);
        expect(desk.reasons).toEqual([]);
      }
    },
  );

  test("the largest that fits is taken, one byte more is not", async () => {
    const { client, heard, send } = await given();
    // Two bytes of header, one of them the length up to 127; two of topic length and one of topic.
    const room = rxBuffer - 2 - 3;
    send(message("x".repeat(room - 1), 0));
    expect(heard).toHaveLength(1);
    send(message("x".repeat(room), 0));
    send(message("y".repeat(room + 1), 0));
    expect(heard.length + client.oversize).toBe(3);
    expect(client.oversize).toBeGreaterThanOrEqual(1);
    expect(heard.at(-1)).not.toContain("y");
  });

  test("a topic that does not fit is skipped as well", async () => {
    const { client, heard, send, answers } = await given();
    send(
      publishPacket("t".repeat(rxBuffer), "", { qos: 1, packetId: 5 }),
      publishPacket("t".repeat(3 * rxBuffer), "x", { qos: 2, packetId: 6 }),
      message("after", 0),
    );
    expect(heard).toEqual(["t after"]);
    expect(answers()).toEqual(["ack 5", "rec 6"]);
    expect(client.oversize).toBe(2);
  });

  test("many in a row leave nothing behind", async () => {
    const { client, heard, send, answers } = await given();
    for (let index = 1; index <= 50; index++) {
      send(message("x".repeat(rxBuffer + 13 * index), 1, index));
      send(message(`${index}`, 0));
    }
    expect(heard).toHaveLength(50);
    expect(answers()).toHaveLength(50);
    expect(client.oversize).toBe(50);
  });

  test("a connection that breaks off inside of it begins afresh", async () => {
    const { desk, heard, send } = await given();
    send(message("x".repeat(1_000), 2, 5).subarray(0, 600));
    desk.cut();
    desk.seconds(2);
    send(message("after", 1, 6));
    expect(heard).toEqual(["t after"]);
    expect(desk.reasons).toHaveLength(1);
  });
});

describe("what a message may hold", () => {
  test.each([0, 1, 2] as const)("nothing at all, QoS %i [esp-mqtt 250]", async (qos) => {
    const { heard, send } = await given();
    send(message("", qos, 5));
    expect(heard).toEqual(["t "]);
  });

  test("every byte there is", async () => {
    const desk = await createDesk({ "mqtt.rxBuffer": 512 });
    const client = desk.client();
    let got = "";
    desk.api.subscribe(client, "t", 0, (_topic, payload) => {
      got = payload;
    });
    const all = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    desk.online(client).send(publishPacket("t", all));
    desk.settle();
    expect(Buffer.from(got, "latin1")).toEqual(all);
  });

  test("U+FEFF in a topic is a character like any other [MQTT-1.5.3-3]", async () => {
    const { heard, send } = await given();
    send(publishPacket("\ufefft", "x"));
    expect(heard).toEqual(["\xef\xbb\xbft x"]);
  });

  test.each([
    ["ill-formed UTF-8 [MQTT-1.5.3-1]", "3004000201ff".replace("0201ff", "02c328")],
    ["U+0000 [MQTT-1.5.3-2]", "300500036100" + "62"],
    ["a wildcard [MQTT-3.3.2-2]", "30040002" + "612b"],
    ["nothing [MQTT-4.7.3-1] [MQTT-3.3.2-1]", "30020000"],
    ["more than its packet has [pubsubclient 832] [paho.mqtt.embedded-c 40]", "3004000a6162"],
  ])("a topic of %s closes, and nothing is delivered", async (_what, hex) => {
    const { desk, client, heard, send } = await given();
    send(Buffer.from(hex, "hex"));
    expect(heard).toEqual([]);
    expect(client.online).toBe(false);
    expect(desk.reasons).toHaveLength(1);
  });

  test("QoS 3 closes [MQTT-3.3.1-4]; reserved flags close [MQTT-2.2.2-2]", async () => {
    for (const hex of ["3606000174000161", "63020001", "41020001", "d100"]) {
      const { client, heard, send } = await given();
      send(Buffer.from(hex, "hex"));
      expect({ hex, online: client.online, heard }).toEqual({ hex, online: false, heard: [] });
    }
  });

  test("after a violation nothing of the same chunk is obeyed [MQTT-4.8.0-1]", async () => {
    const { heard, send } = await given();
    send(Buffer.from("3606000174000161", "hex"), message("x", 0));
    expect(heard).toEqual([]);
  });
});

describe("inside a handler", () => {
  test.each([0, 1, 2] as const)(
    "publishing at QoS %i is safe: the payload stays, every packet of the chunk is taken [pubsubclient 832, 1055]",
    async (qos) => {
      const { desk, client, send, answers } = await given();
      const seen: string[] = [];
      desk.api.subscribe(client, "ask", 1, (_topic, payload) => {
        desk.api.publish(client, "answer", "z".repeat(60), qos, false);
        seen.push(payload);
      });
      desk.settle();
      send(
        publishPacket("ask", "1", { qos: 1, packetId: 1 }),
        publishPacket("ask", "2", { qos: 1, packetId: 2 }),
        publishPacket("ask", "3"),
      );
      expect(seen).toEqual(["1", "2", "3"]);
      expect(desk.broker.current.published.filter((one) => one.topic === "answer")).toHaveLength(3);
      expect(answers().filter((one) => one.startsWith("ack"))).toEqual(["ack 1", "ack 2"]);
    },
  );

  test("an exception loses no later packet, is acknowledged and reported once", async () => {
    const { desk, client, heard, send, answers } = await given();
    desk.api.subscribe(client, "bad", 1, () => {
      throw new Error("mistake");
    });
    desk.settle();
    send(
      publishPacket("bad", "", { qos: 1, packetId: 1 }),
      message("a", 1, 2),
      publishPacket("bad", "", { qos: 2, packetId: 3 }),
      message("b", 1, 4),
    );
    expect(heard).toEqual(expect.arrayContaining(["t a", "t b"]));
    expect(answers()).toEqual(["ack 1", "ack 2", "rec 3", "ack 4"]);
    expect(desk.errors).toEqual(["mistake", "mistake"]);
    expect(client.online).toBe(true);
  });

  test("an exception in onConnect or onSubscribe loses nothing either", async () => {
    const desk = await createDesk();
    const client = desk.client();
    client.onConnect = client.onSubscribe = () => {
      throw new Error("mistake");
    };
    const heard: string[] = [];
    desk.api.subscribe(client, "t", 1, (_topic, payload) => heard.push(payload));
    const connection = desk.online(client);
    connection.send(message("a", 1, 1));
    desk.settle();
    expect(heard).toEqual(["a"]);
    expect(desk.errors).toEqual(["mistake", "mistake"]);
    expect(client.online).toBe(true);
  });
});
