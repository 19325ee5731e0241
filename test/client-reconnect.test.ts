// Coming back: how long the pauses are, when they start over, and that nothing is left behind.
import { describe, expect, test } from "vitest";
import { packetType } from "./broker/scripted-broker.ts";
import { createDesk, type Desk } from "./fixtures/client-desk.ts";

const longest = 0.999_999;

/** Lets time pass until the newest connection is another than it was. */
function untilNext(desk: Desk): void {
  const before = desk.sockets.length;
  for (let second = 0; second < 100 && desk.sockets.length === before; second++) desk.seconds(1);
}

describe("pauses between attempts", () => {
  test("grow to a ceiling while there is no broker [PicoMQTT 74] [field 11]", async () => {
    const desk = await createDesk();
    desk.random = longest;
    desk.refusal = "Unable to create socket";
    desk.api.start(desk.client());
    desk.seconds(600);
    const { pauses } = desk;
    expect(pauses.slice(0, 6)).toEqual([...pauses.slice(0, 6)].sort((one, other) => one - other));
    expect(pauses[0]).toBeLessThanOrEqual(2);
    expect(Math.max(...pauses)).toBe(pauses.at(-1));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60);
    expect(new Set(pauses.slice(6)).size).toBe(1);
  });

  test("are anything from one second up: full jitter", async () => {
    const desk = await createDesk();
    desk.random = longest;
    desk.refusal = "Unable to create socket";
    desk.api.start(desk.client());
    desk.seconds(200);
    for (const random of [0, 0.25, 0.5, 0.75]) {
      desk.random = random;
      const said = desk.console.length;
      desk.seconds(200);
      const found = desk.pauses.slice(said + 1);
      expect(found.every((pause) => pause >= 1 && pause <= 1 + 30 * random)).toBe(true);
    }
  });

  test("are said once each, as long as they are", async () => {
    const desk = await createDesk();
    desk.random = 0.5;
    desk.refusal = "Unable to create socket";
    desk.api.start(desk.client());
    desk.seconds(1_000);
    const waited = desk.pauses.slice(0, -1).reduce((sum, pause) => sum + pause, 0);
    expect(waited).toBeGreaterThan(900);
    expect(waited).toBeLessThanOrEqual(1_000);
  });

  test("grow as well for a client that is accepted and kicked at once, and the client id is named [PicoMQTT 74] [esp-rainmaker-neo 1]", async () => {
    const desk = await createDesk();
    desk.random = longest;
    desk.broker.script.afterPacket = (connection, received) => {
      // After the broker's own CONNACK has gone out.
      if (received.type === packetType.connect) desk.post(() => desk.post(() => connection.close()));
    };
    desk.api.start(desk.client());
    for (let attempt = 0; attempt < 8; attempt++) untilNext(desk);
    expect(desk.pauses.slice(0, 7)).toEqual([...desk.pauses.slice(0, 7)].sort((one, other) => one - other));
    expect(desk.pauses.at(-1)).toBeGreaterThanOrEqual(16);
    expect(desk.reasons.every((reason) => reason.includes("client id"))).toBe(true);
  });

  test("do not start over for a connection that held 19 s, and do for one that held 20", async () => {
    const desk = await createDesk();
    desk.random = longest;
    const client = desk.client();
    desk.online(client);
    const kickedAfter = (seconds: number) => {
      desk.seconds(seconds);
      desk.cut();
      const pause = desk.pauses.at(-1) ?? 0;
      untilNext(desk);
      expect(client.online).toBe(true);
      return pause;
    };
    const short = [1, 19, 19, 19, 10].map(kickedAfter);
    expect(short).toEqual([...short].sort((one, other) => one - other));
    expect(short.at(-1)).toBeGreaterThanOrEqual(8);
    expect(kickedAfter(22)).toBeLessThanOrEqual(2);
  });

  test("a connection lost after it held is not blamed on the client id", async () => {
    const desk = await createDesk();
    desk.online(desk.client());
    desk.seconds(25);
    desk.cut();
    expect(desk.reasons).toEqual(["closed"]);
  });
});

describe("a loss", () => {
  test("is told to the program once, with its reason; a failed attempt is none", async () => {
    const desk = await createDesk();
    const client = desk.client();
    const told: string[] = [];
    client.onDisconnect = (reason) => told.push(reason);
    client.onConnect = (present) => told.push(`connected ${present}`);
    desk.online(client);
    desk.refusal = "Unable to locate host";
    desk.cut();
    desk.seconds(60);
    desk.refusal = undefined;
    desk.seconds(60);
    expect(told).toEqual(["connected false", expect.stringContaining("closed"), "connected false"]);
  });

  test("half a packet from the old connection does not run into the new one", async () => {
    const desk = await createDesk();
    const client = desk.client();
    const heard: string[] = [];
    desk.api.subscribe(client, "t", 0, (_topic, payload) => heard.push(payload));
    const connection = desk.online(client);
    connection.send(Buffer.from([0x30, 10, 0, 1, 0x74]));
    desk.settle();
    desk.cut();
    desk.seconds(2);
    desk.broker.current.send(Buffer.from([0x30, 4, 0, 1, 0x74, 0x21]));
    desk.settle();
    expect(heard).toEqual(["!"]);
  });

  test("a thousand of them leave no listener and no socket [tinyMQTT 20]", async () => {
    const desk = await createDesk();
    const client = desk.client();
    desk.online(client);
    for (let turn = 0; turn < 1_000; turn++) {
      desk.cut();
      untilNext(desk);
    }
    expect(client.online).toBe(true);
    expect(desk.sockets).toHaveLength(1_001);
    expect(desk.sockets.slice(0, -1).every((socket) => socket.hasEnded && socket.listenerCount === 0)).toBe(
      true,
    );
    expect(desk.errors).toEqual([]);
  });
});
