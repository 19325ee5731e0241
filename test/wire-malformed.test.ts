// Malformed packets: each closes the connection with a named reason, changes nothing, and the lamp comes back by itself.
import { afterEach, describe, expect, test } from "vitest";
import { packetType, publishPacket, ScriptedBroker } from "./broker/scripted-broker.ts";
import type { BoardDriver } from "./drivers/driver.ts";
import { insteadOfConnack, type MalformedVector, whileOnline } from "./vectors/malformed.ts";
import { lampPin, reasons, startLamp } from "./vectors/online-lamp.ts";
import { bytesOf } from "./vectors/packets.ts";

const settings = { "mqtt.qos": 2 } as const;
const base = "home/office/lamp";
const title = (vector: MalformedVector) => `${vector.name} [${vector.statements.join(", ")}]`;

let driver: BoardDriver | undefined;
afterEach(() => driver?.close());

describe("instead of a good CONNACK", () => {
  for (const vector of insteadOfConnack) {
    test(title(vector), async () => {
      let attempts = 0;
      const broker = new ScriptedBroker({
        onPacket(connection, received) {
          if (received.type !== packetType.connect) return undefined;
          attempts += 1;
          if (attempts > 1) return undefined;
          connection.send(bytesOf(vector.hex));
          return "handled";
        },
      });
      const started = await startLamp(settings, broker, { waitUntilOnline: false });
      driver = started.driver;
      const { lamp } = started;
      await lamp.until(() => broker.connections[0]?.closed === true, 5_000, "the connection is closed");
      expect(reasons(lamp)).toHaveLength(1);
      expect(reasons(lamp)[0]).toMatch(vector.reason);
      expect(broker.connections[0]?.subscriptions).toEqual([]);
      await lamp.until(
        () => (broker.connections[1]?.subscriptions.length ?? 0) > 0,
        10_000,
        "the lamp is back",
      );
    });
  }
});

describe("to a lamp that is online", () => {
  for (const vector of whileOnline) {
    test(title(vector), async () => {
      const online = await startLamp(settings);
      driver = online.driver;
      const { lamp, broker } = online;
      const connection = broker.current;
      // What follows the violation in the same chunk is not obeyed (MQTT-4.8.0-1).
      connection.send(bytesOf(vector.hex), publishPacket(base, "on"));
      await lamp.until(() => connection.closed, 5_000, "the connection is closed");
      expect(reasons(lamp)).toHaveLength(1);
      expect(reasons(lamp)[0]).toMatch(vector.reason);
      expect(lamp.pin(lampPin)).toBe(0);
      await lamp.until(
        () => broker.current !== connection && broker.current.published.length > 0,
        10_000,
        "the lamp is back",
      );
      broker.current.send(publishPacket(base, "on"));
      await lamp.until(() => lamp.pin(lampPin) === 1, 5_000, "the lamp obeys again");
    });
  }
});

test("SUBACK 0x80 is named on the console and the connection stays [MQTT-3.9.3-1]", async () => {
  const broker = new ScriptedBroker({
    onPacket(connection, received) {
      if (received.type !== packetType.subscribe) return undefined;
      connection.send(
        Buffer.concat([Buffer.from([0x90, 3]), received.body.subarray(0, 2), Buffer.from([0x80])]),
      );
      return "handled";
    },
  });
  const online = await startLamp(settings, broker);
  driver = online.driver;
  expect(online.lamp.console.some((line) => line.includes(base) && line.includes("refuse"))).toBe(true);
  expect(reasons(online.lamp)).toEqual([]);
});
