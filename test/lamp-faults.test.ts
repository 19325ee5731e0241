// Faults around a lamp on the simulated board: it comes back by itself, with the right state, within a stated time.
import { describe, expect, test } from "vitest";
import { packetType, publishPacket } from "./broker/scripted-broker.ts";
import { base, createLampWorld, lampOnline } from "./fixtures/client-lamp.ts";

/** Seconds of board time until the condition holds; throws after `most`. */
function secondsUntil(
  lamp: { milliseconds(count: number): void },
  condition: () => boolean,
  most: number,
): number {
  for (let tenth = 0; tenth <= most * 10; tenth++) {
    if (condition()) return tenth / 10;
    lamp.milliseconds(100);
  }
  throw new Error(`not within ${most} s of board time`);
}

describe("the broker", () => {
  test.each([0, 1, 3])(
    "restarts within %i s: the lamp is online again within 10 s, as it was",
    async (away) => {
      const lamp = await lampOnline();
      lamp.say(`${base}/brightness/set`, "60");
      const { level } = lamp;
      lamp.seconds(60);
      lamp.brokerDown();
      lamp.seconds(away);
      lamp.brokerUp();
      const told = lamp.broker.connections.length;
      const took = secondsUntil(lamp, () => lamp.broker.connections.length > told && lamp.isOnline, 10);
      expect(took + away).toBeLessThanOrEqual(10);
      expect(lamp.level).toBe(level);
      lamp.seconds(1);
      const again = lamp.broker.current.published.map((one) => one.topic);
      expect(again).toEqual(expect.arrayContaining([`${base}/status`, `${base}/state`, `${base}/json`]));
      expect(lamp.last("/state")).toBe("on");
      lamp.say(base, "off");
      expect(lamp.level).toBe(0);
    },
  );

  test("is away for an hour: tried for ever with growing pauses, said once a pause, no reboot [esphome 994]", async () => {
    const lamp = await lampOnline();
    lamp.brokerDown();
    const lines = lamp.board.console.length;
    lamp.seconds(3_600);
    const said = lamp.board.console.slice(lines);
    expect(said.length).toBeGreaterThan(60);
    expect(said.length).toBeLessThan(600);
    expect(said.every((line) => /again in \d+ s$/.test(line))).toBe(true);
    expect(lamp.board.boots).toBe(1);
    lamp.brokerUp();
    secondsUntil(lamp, () => lamp.isOnline, 31);
  });

  test("is not there at boot: the lamp waits for it", async () => {
    const lamp = await createLampWorld();
    lamp.brokerDown();
    lamp.board.boot();
    lamp.seconds(120);
    lamp.brokerUp();
    secondsUntil(lamp, () => lamp.isOnline, 31);
    expect(lamp.errors).toEqual([]);
  });

  test("its name is unknown for a while [field 11]", async () => {
    const lamp = await createLampWorld();
    lamp.network.unknownHosts.add("127.0.0.1");
    lamp.board.boot();
    lamp.seconds(100);
    expect(lamp.board.console.some((line) => line.includes("Unable to locate host"))).toBe(true);
    lamp.network.unknownHosts.clear();
    secondsUntil(lamp, () => lamp.isOnline, 31);
    expect(lamp.errors).toEqual([]);
  });

  test("goes silent (half-open link): found within 1.5 keep-alives, and back on a new connection", async () => {
    const lamp = await lampOnline({ "mqtt.keepAlive": 20 });
    lamp.seconds(7);
    for (const peer of lamp.network.peers) peer.halfOpen = true;
    const { length } = lamp.broker.connections;
    const took = secondsUntil(lamp, () => lamp.broker.connections.length > length && lamp.isOnline, 60);
    expect(took).toBeLessThanOrEqual(30 + 3);
    lamp.say(base, "on");
    expect(lamp.level).toBe(1);
  });

  test("never drains its socket: given up, and back", async () => {
    const lamp = await lampOnline({ "mqtt.keepAlive": 20 });
    for (const peer of lamp.network.peers) peer.drainBytes = 0;
    const { length } = lamp.broker.connections;
    lamp.say(base, "on");
    // The broker keeps talking, so that silence does not give it away.
    for (let second = 0; second < 30; second++) {
      if (lamp.broker.connections.length === length) lamp.broker.current.send(publishPacket("news", "x"));
      lamp.seconds(1);
    }
    expect(lamp.broker.connections.length).toBeGreaterThan(length);
    secondsUntil(lamp, () => lamp.isOnline, 5);
    expect(lamp.last("/state")).toBe("on");
    expect(lamp.board.console.some((line) => line.includes("drain"))).toBe(true);
  });

  test("sends garbage: closed with a reason, back, unharmed", async () => {
    const lamp = await lampOnline();
    lamp.say(base, "on");
    let random = 4_711;
    for (let turn = 0; turn < 40; turn++) {
      const bytes = Buffer.from(
        Array.from({ length: 200 }, () => {
          random = (random * 1_103_515_245 + 12_345) & 0x7fffffff;
          return (random >> 16) & 255;
        }),
      );
      lamp.broker.current.send(bytes);
      lamp.milliseconds(50);
      // It may have been the beginning of something long, which is waited for: end it.
      lamp.broker.current.close();
      const { length } = lamp.broker.connections;
      secondsUntil(lamp, () => lamp.broker.connections.length > length && lamp.isOnline, 31);
    }
    expect(lamp.errors).toEqual([]);
    lamp.say(base, "off");
    expect(lamp.level).toBe(0);
  });

  test("takes every connection and kicks it: pauses grow, the client id is named", async () => {
    const lamp = await createLampWorld();
    lamp.broker.script.afterChunk = (connection) => connection.close();
    lamp.board.boot();
    lamp.seconds(300);
    expect(lamp.broker.connections.length).toBeLessThan(60);
    expect(lamp.board.console.some((line) => line.includes("client id"))).toBe(true);
    lamp.broker.script = {};
    secondsUntil(lamp, () => lamp.isOnline, 31);
  });
});

describe("power", () => {
  test("is cut and comes back: the lamp subscribes again although the broker knows the session", async () => {
    const lamp = await lampOnline();
    lamp.broker.script.onPacket = (connection, received) => {
      if (received.type !== packetType.connect) return undefined;
      connection.send(Buffer.from([0x20, 2, 1, 0]));
      return "handled";
    };
    lamp.board.powerOff();
    lamp.seconds(1);
    lamp.board.boot();
    lamp.seconds(3);
    expect(lamp.broker.current.subscriptions.map((one) => one.filter)).toContain(base);
    expect(lamp.isOnline).toBe(true);
    lamp.say(base, "on");
    expect(lamp.level).toBe(1);
  });
});

describe("nothing is left behind", () => {
  test("200 reconnects on the board: the same number of timers, listeners and sockets [tinyMQTT 20]", async () => {
    const lamp = await lampOnline();
    lamp.board.evaluate("Math.random=function(){return 0}");
    const { timers, listeners, sockets } = lamp.board;
    expect(sockets).toBe(1);
    for (let turn = 0; turn < 200; turn++) {
      for (const peer of lamp.network.peers) turn % 2 ? peer.fail() : peer.end();
      const { length } = lamp.broker.connections;
      secondsUntil(lamp, () => lamp.broker.connections.length > length && lamp.isOnline, 5);
    }
    lamp.seconds(1);
    expect([lamp.board.timers, lamp.board.listeners, lamp.board.sockets]).toEqual([timers, listeners, 1]);
    expect(lamp.errors).toEqual([]);
  });

  test("a day without anything to do: one connection, one boot, nothing said", async () => {
    const lamp = await lampOnline();
    const lines = lamp.board.console.length;
    const { timers, listeners } = lamp.board;
    lamp.seconds(86_400);
    expect(lamp.broker.connections).toHaveLength(1);
    expect(lamp.board.boots).toBe(1);
    expect(lamp.board.console.slice(lines)).toEqual([]);
    expect([lamp.board.timers, lamp.board.listeners]).toEqual([timers, listeners]);
  });
});
