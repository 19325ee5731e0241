// Reds of the whole lamp.
import { expect, test } from "vitest";
import { base, lampOnline } from "./fixtures/client-lamp.ts";

test("toggle on the lamp's own topic toggles once although a group's filter matches it too", async () => {
  const lamp = await lampOnline({ "lamp.groups": ["home/+/lamp"] });
  lamp.say(base, "toggle");
  expect(lamp.level).toBe(1);
});

test("toggle on a topic that two groups match toggles once", async () => {
  const lamp = await lampOnline({ "lamp.groups": ["all/#", "all/+"] });
  lamp.say("all/lamps", "toggle");
  expect(lamp.level).toBe(1);
});

test.each(['{"state":"ON"} xyz }', '{"state":"ON"}}', '{"state":"ON"}{"state":"DIM"}'])(
  "bad JSON %s changes nothing",
  async (payload) => {
    const lamp = await lampOnline();
    lamp.say(`${base}/set`, payload);
    expect(lamp.level).toBe(0);
  },
);

test.each(["toString", "constructor", "valueOf"])(
  "a malformed PUBLISH whose body is %s closes and leaves the lamp as it was",
  async (word) => {
    const lamp = await lampOnline();
    const connection = lamp.broker.current;
    connection.send(Buffer.concat([Buffer.from([0x30, word.length]), Buffer.from(word)]));
    lamp.milliseconds(100);
    expect(connection.closed).toBe(true);
    lamp.seconds(3);
    expect(lamp.last("/state")).toBe("off");
  },
);

test.each([0, 1, 2] as const)(
  "a lamp whose SUBSCRIBEs were lost after CONNACK subscribes on the next connection, QoS %i",
  async (qos) => {
    const { createLampWorld } = await import("./fixtures/client-lamp.ts");
    const lamp = await createLampWorld({ "mqtt.qos": qos });
    let connects = 0;
    lamp.broker.script.onPacket = (connection, received) => {
      if (received.type === 1) {
        connection.send(Buffer.from([0x20, 2, connects++ ? 1 : 0, 0]));
        return "handled";
      }
      return connects === 1 ? "handled" : undefined;
    };
    lamp.board.boot();
    lamp.seconds(3);
    for (const peer of lamp.network.peers) peer.fail();
    lamp.seconds(10);
    expect(lamp.isOnline).toBe(true);
    lamp.say(base, "on");
    expect(lamp.broker.current.subscriptions.map((one) => one.filter)).toContain(base);
  },
);
