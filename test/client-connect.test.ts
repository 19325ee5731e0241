// How a connection begins: CONNECT and its fields, the broker's answer, and what happens when there is none.
import { describe, expect, test } from "vitest";
import { connectPacket } from "../firmware/mqtt/wire.ts";
import { packetType } from "./broker/scripted-broker.ts";
import { createDesk } from "./fixtures/client-desk.ts";

const will = { topic: "lamp/status", payload: "offline", qos: 1, retain: true } as const;
const plain = { clientId: "desk", keepAlive: 30, cleanSession: true };

/** Flags and payload fields of a CONNECT (MQTT 3.1.1 sections 3.1.2, 3.1.3). */
function taken(connect: string): { flags: number; keepAlive: number; fields: string[] } {
  const bytes = Buffer.from(connect, "latin1");
  const fields: string[] = [];
  // Behind the fixed header (one byte of length), protocol name, level, flags and keep alive.
  for (let at = 12; at < bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    fields.push(bytes.toString("latin1", at + 2, end));
    at = end;
  }
  return { flags: bytes[9] as number, keepAlive: bytes.readUInt16BE(10), fields };
}

describe("CONNECT", () => {
  test("is the first packet, once a connection, and nothing follows it before CONNACK [MQTT-3.1.0-1]", async () => {
    const desk = await createDesk();
    desk.broker.script.onPacket = () => "handled";
    const client = desk.client();
    desk.api.subscribe(client, "a", 1, () => {});
    desk.api.publish(client, "b", "c", 0, false);
    const connection = desk.online(client);
    desk.seconds(8);
    expect(connection.received.map((one) => one.type)).toEqual([packetType.connect]);
  });

  test("names the protocol MQTT, level 4, and leaves the reserved flag 0 [MQTT-2.2.2-1]", () => {
    const bytes = connectPacket(plain);
    expect(bytes.slice(0, 9)).toBe("\x10\x10\x00\x04MQTT\x04");
    expect(taken(bytes).flags & 1).toBe(0);
  });

  test.each([
    [true, 2],
    [false, 0],
  ])("says clean session %s [MQTT-3.1.2-6]", (cleanSession, flag) => {
    expect(taken(connectPacket({ ...plain, cleanSession })).flags).toBe(flag);
  });

  test("tells the keep alive in seconds [MQTT-3.1.2-23]", () => {
    expect(taken(connectPacket({ ...plain, keepAlive: 0x1234 })).keepAlive).toBe(0x1234);
  });

  test("carries topic and message of a will [MQTT-3.1.2-9]", () => {
    const { flags, fields } = taken(connectPacket({ ...plain, will }));
    expect(fields).toEqual(["desk", "lamp/status", "offline"]);
    expect(flags & 4).toBe(4);
  });

  test("without a will has neither its fields nor its flags [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15]", () => {
    const { flags, fields } = taken(connectPacket(plain));
    expect(fields).toEqual(["desk"]);
    expect(flags & 0b111100).toBe(0);
  });

  test.each([0, 1, 2] as const)("asks for a will at QoS %i [MQTT-3.1.2-14]", (qos) => {
    for (const retain of [true, false]) {
      const { flags } = taken(connectPacket({ ...plain, will: { ...will, qos, retain } }));
      expect((flags >> 3) & 3).toBe(qos);
      expect((flags >> 5) & 1).toBe(retain ? 1 : 0);
    }
  });

  test("a will may be empty", () => {
    expect(taken(connectPacket({ ...plain, will: { ...will, payload: "" } })).fields).toEqual([
      "desk",
      "lamp/status",
      "",
    ]);
  });

  test.each([
    [{}, 0, ["desk"], "MQTT-3.1.2-18] [MQTT-3.1.2-20"],
    [{ username: "u" }, 128, ["desk", "u"], "MQTT-3.1.2-19] [MQTT-3.1.2-20"],
    [{ username: "u", password: "p" }, 192, ["desk", "u", "p"], "MQTT-3.1.2-19] [MQTT-3.1.2-21"],
    [{ username: "", password: "" }, 192, ["desk", "", ""], "MQTT-3.1.2-19] [MQTT-3.1.2-21"],
    [{ password: "p" }, 0, ["desk"], "MQTT-3.1.2-22"],
  ])("with %j has user name flags %i and fields %j [%s]", (credentials, flags, fields, _statements) => {
    const found = taken(connectPacket({ ...plain, ...credentials }));
    expect(found.flags & 192).toBe(flags);
    expect(found.fields).toEqual(fields);
  });

  test("has its fields in order, client id first [MQTT-3.1.3-1] [MQTT-3.1.3-3]", () => {
    const all = connectPacket({ ...plain, will, username: "user", password: "secret" });
    expect(taken(all).fields).toEqual(["desk", "lamp/status", "offline", "user", "secret"]);
  });

  test("a longer one has two bytes of remaining length", () => {
    const bytes = connectPacket({ ...plain, clientId: "x".repeat(200) });
    expect(bytes.slice(1, 3)).toBe("\xd4\x01");
    expect(bytes.length).toBe(3 + 212);
  });
});

/** What a client prints and does when CONNACK is these bytes. */
async function answered(...bytes: number[]) {
  const desk = await createDesk();
  desk.broker.script.onPacket = (connection, received) => {
    if (received.type === packetType.connect) connection.send(Buffer.from(bytes));
    return "handled";
  };
  const client = desk.client();
  const told: unknown[] = [];
  client.onConnect = (present) => told.push(present);
  desk.api.subscribe(client, "a", 0, () => told.push("message"));
  const connection = desk.online(client);
  return { desk, connection, told };
}

describe("CONNACK", () => {
  test.each([
    [1, "protocol version"],
    [2, "client id"],
    [3, "unavailable"],
    [4, "user.*password"],
    [5, "not authorized"],
  ])("code %i closes, says %s and is not taken for a connection [MQTT-3.2.2-5]", async (code, sentence) => {
    const { desk, connection, told } = await answered(0x20, 2, 0, code);
    expect(desk.reasons).toEqual([expect.stringMatching(new RegExp(`^refused.*${sentence}`))]);
    expect(connection.closed).toBe(true);
    expect(told).toEqual([]);
    expect(connection.received.map((one) => one.type)).toEqual([packetType.connect]);
  });

  test.each([
    ["PUBLISH", [0x30, 4, 0, 1, 0x61, 0x78]],
    ["PINGRESP", [0xd0, 0]],
    ["SUBACK", [0x90, 3, 0, 1, 0]],
    ["a second CONNACK's half", [0x21, 2, 0, 0]],
  ])("%s in its place closes and does nothing else [MQTT-3.2.0-1]", async (_name, bytes) => {
    const { desk, connection, told } = await answered(...bytes);
    expect(desk.reasons).toHaveLength(1);
    expect(connection.closed).toBe(true);
    expect(told).toEqual([]);
  });

  test.each([0, 1])("session present = %i reaches the program", async (present) => {
    const { told, desk } = await answered(0x20, 2, present, 0);
    expect(told).toEqual([present === 1]);
    expect(desk.reasons).toEqual([]);
  });

  test("a second one closes [MQTT-4.8.0-1]", async () => {
    const { desk, connection } = await answered(0x20, 2, 0, 0, 0x20, 2, 0, 0);
    expect(connection.closed).toBe(true);
    expect(desk.reasons).toHaveLength(1);
  });

  test("that never comes is waited for some ten seconds, then the next attempt follows", async () => {
    const desk = await createDesk();
    const { broker } = desk;
    broker.script.onPacket = (one) => (one === broker.connections[0] ? "handled" : undefined);
    const connection = desk.online(desk.client());
    desk.seconds(9);
    expect(connection.closed).toBe(false);
    desk.seconds(5);
    expect(connection.closed).toBe(true);
    expect(desk.reasons).toEqual(["no answer"]);
    expect(desk.clients[0]?.online).toBe(true);
  });
});

describe("no connection", () => {
  test("a socket that never opens is given up after some ten seconds and closed", async () => {
    const desk = await createDesk();
    desk.isUnreachable = true;
    desk.api.start(desk.client());
    desk.seconds(13);
    expect(desk.sockets[0]?.hasEnded).toBe(true);
    expect(desk.sockets[0]?.listenerCount).toBe(0);
    expect(desk.reasons[0]).toBe("no answer");
  });

  test("an open that throws is a reason, once a pause, and is tried again for ever [field 11]", async () => {
    const desk = await createDesk();
    desk.refusal = "Unable to locate host";
    desk.api.start(desk.client());
    desk.seconds(200);
    const told = desk.console.length;
    expect(told).toBeGreaterThan(20);
    expect(new Set(desk.reasons)).toEqual(new Set(["Unable to locate host"]));
    expect(desk.errors).toEqual([]);
    desk.refusal = undefined;
    desk.seconds(31);
    expect(desk.clients[0]?.online).toBe(true);
  });

  test("a write that throws ends the connection, and the client comes back", async () => {
    const desk = await createDesk();
    const client = desk.client();
    desk.online(client);
    desk.socket.writeError = "This socket is closed";
    desk.api.publish(client, "a", "b", 1, false);
    expect(client.online).toBe(false);
    expect(desk.reasons).toEqual(["This socket is closed"]);
    desk.seconds(2);
    expect(client.online).toBe(true);
    expect(desk.broker.current.published.map((one) => one.payload.toString())).toEqual(["b"]);
    expect(desk.errors).toEqual([]);
  });

  test("a socket that breaks is one loss, although error and close are two events", async () => {
    const desk = await createDesk();
    const client = desk.client();
    desk.online(client);
    desk.socket.break("Connection reset");
    desk.settle();
    expect(desk.reasons).toHaveLength(1);
    expect(client.online).toBe(false);
    desk.seconds(2);
    expect(client.online).toBe(true);
  });

  test("what a socket that was given up still says does not touch its successor", async () => {
    const desk = await createDesk();
    const client = desk.client();
    desk.online(client);
    const old = desk.socket;
    old.writeError = "stuck";
    desk.api.publish(client, "a", "b", 0, false);
    desk.seconds(2);
    expect(client.online).toBe(true);
    expect(old.listenerCount).toBe(0);
    old.break("late");
    desk.settle();
    expect(client.online).toBe(true);
    expect(desk.reasons).toEqual(["stuck"]);
  });
});

describe("a clean stop", () => {
  test("says DISCONNECT, closes, sends nothing more and stays away [MQTT-3.14.4-1]", async () => {
    const desk = await createDesk();
    const client = desk.client();
    const connection = desk.online(client);
    desk.api.disconnect(client);
    desk.settle();
    desk.api.publish(client, "a", "b", 1, false);
    desk.seconds(120);
    expect(connection.received.at(-1)?.type).toBe(packetType.disconnect);
    expect(connection.received.filter((one) => one.type === packetType.disconnect)).toHaveLength(1);
    expect(connection.closed).toBe(true);
    expect(desk.broker.connections).toHaveLength(1);
    expect(desk.console).toEqual([]);
  });

  test("start brings it back, with what waited meanwhile", async () => {
    const desk = await createDesk();
    const client = desk.client();
    desk.online(client);
    desk.api.disconnect(client);
    desk.api.publish(client, "a", "b", 1, false);
    const connection = desk.online(client);
    expect(connection.published.map((one) => one.payload.toString())).toEqual(["b"]);
  });

  test("before a connection it only stops the attempts", async () => {
    const desk = await createDesk();
    const client = desk.client();
    desk.api.start(client);
    desk.api.disconnect(client);
    desk.seconds(60);
    expect(desk.sockets).toEqual([]);
  });
});
