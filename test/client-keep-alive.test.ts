// Silence on the line: who asks, when, and how soon a dead link is noticed. The keep alive here is 20 s.
import { describe, expect, test } from "vitest";
import { packetType, publishPacket } from "./broker/scripted-broker.ts";
import { createDesk, type Desk } from "./fixtures/client-desk.ts";

const keepAlive = 20;

const pings = (desk: Desk) =>
  desk.broker.current.received.filter((one) => one.type === packetType.pingreq).length;

async function onlineDesk(settings = {}) {
  const desk = await createDesk({ "mqtt.keepAlive": keepAlive, ...settings });
  const client = desk.client({ keepAlive });
  const connection = desk.online(client);
  return { desk, client, connection };
}

describe("keep alive", () => {
  test("an idle client asks before the keep-alive is over, again and again [MQTT-3.1.2-23]", async () => {
    const { desk, client } = await onlineDesk();
    for (let turn = 1; turn <= 20; turn++) {
      desk.seconds(keepAlive - 1);
      expect(pings(desk)).toBeGreaterThanOrEqual(turn);
    }
    expect(client.online).toBe(true);
    expect(pings(desk)).toBeLessThan(40);
  });

  test("no two packets are further apart than the keep-alive, whatever else is sent [MQTT-3.1.2-23]", async () => {
    const { desk, client, connection } = await onlineDesk();
    let last = 0;
    for (let second = 1; second <= 300; second++) {
      const before = connection.received.length;
      desk.seconds(1);
      if (second % 37 === 0) desk.api.publish(client, "a", "b", 0, false);
      desk.settle();
      if (connection.received.length > before) last = second;
      expect(second - last).toBeLessThan(keepAlive);
    }
  });

  test("a client that only listens asks too: what comes in is no sign of life for the broker [moddable 1026]", async () => {
    const { desk, client, connection } = await onlineDesk();
    for (let second = 0; second < 100; second++) {
      connection.send(publishPacket("news", "x"));
      desk.seconds(1);
    }
    expect(pings(desk)).toBeGreaterThanOrEqual(5);
    expect(client.online).toBe(true);
  });

  test("a client that only talks at QoS 0 asks too, and finds a dead link [coreMQTT 191]", async () => {
    const { desk, client } = await onlineDesk();
    desk.socket.isHalfOpen = true;
    for (let second = 0; second < 1.5 * keepAlive; second++) {
      desk.api.publish(client, "a", "b", 0, false);
      desk.seconds(1);
    }
    expect(desk.socket.hasEnded || desk.sockets.length > 1).toBe(true);
    expect(desk.reasons).toEqual(["no answer"]);
  });

  test.each([0, 5, 14, 15, 16, 19])(
    "a link that goes half-open after %i idle seconds is given up within 1.5 keep-alives [micropython-lib 332]",
    async (idle) => {
      const { desk, connection } = await onlineDesk();
      // The last sign of life.
      connection.send(publishPacket("news", "x"));
      desk.settle();
      desk.seconds(idle);
      const first = desk.socket;
      first.isHalfOpen = true;
      let seconds = 0;
      while (!first.hasEnded && seconds < 1_000) {
        desk.seconds(1);
        seconds++;
      }
      expect(seconds).toBeLessThanOrEqual(1.5 * keepAlive);
    },
  );

  test("a ping that was not answered is forgotten with its connection [espMqttClient 30]", async () => {
    const { desk, client } = await onlineDesk();
    desk.socket.isHalfOpen = true;
    desk.seconds(1.5 * keepAlive + 2);
    expect(client.online).toBe(true);
    desk.seconds(1.5 * keepAlive);
    expect(client.online).toBe(true);
    expect(desk.reasons).toHaveLength(1);
    expect(desk.broker.connections).toHaveLength(2);
  });

  test("a broker that answers every PINGREQ is kept for ever", async () => {
    const { desk } = await onlineDesk();
    desk.seconds(10_000);
    expect(desk.broker.connections).toHaveLength(1);
  });

  test.each([4, 5, 30, 60, 600])("a keep-alive of %i s finds a dead link in time too", async (seconds) => {
    const desk = await createDesk({ "mqtt.keepAlive": seconds });
    desk.online(desk.client({ keepAlive: seconds }));
    desk.seconds(1);
    desk.socket.isHalfOpen = true;
    desk.seconds(Math.ceil(1.5 * seconds));
    expect(desk.sockets[0]?.hasEnded).toBe(true);
  });
});

describe("a socket that does not drain", () => {
  test("is given up within the keep-alive although the broker keeps talking [Espruino 2297]", async () => {
    const { desk, client, connection } = await onlineDesk();
    desk.socket.isStuck = true;
    desk.api.publish(client, "a", "b", 0, false);
    for (let second = 0; second < keepAlive + 1; second++) {
      connection.send(publishPacket("news", "x"));
      desk.seconds(1);
    }
    expect(desk.sockets[0]?.hasEnded).toBe(true);
    expect(desk.reasons).toEqual(["socket does not drain"]);
  });

  test("is not asked to hold ever more: a flood that nobody reads ends it", async () => {
    const { desk, connection } = await onlineDesk();
    desk.socket.isStuck = true;
    const flood = Buffer.concat(
      Array.from({ length: 500 }, (_, index) =>
        publishPacket("news", "x", { qos: 1, packetId: 1 + (index % 60_000) }),
      ),
    );
    for (let second = 0; second < keepAlive; second++) {
      for (let part = 0; part < 10; part++) connection.send(flood);
      desk.seconds(1);
    }
    expect(desk.sockets[0]?.hasEnded).toBe(true);
    const held = desk.sockets[0]?.writes.reduce((sum, text) => sum + text.length, 0) ?? 0;
    expect(held).toBeLessThan(120_000);
  });
});
