// Many commands at once: the lamp ends in the state of the last one, acknowledges each once, and does not answer each.
import { describe, expect, test } from "vitest";
import { packetType, publishPacket } from "./broker/scripted-broker.ts";
import { base, lampOnline } from "./fixtures/client-lamp.ts";

const commands = 500;

describe.each([0, 1, 2] as const)(`${commands} commands in a burst at QoS %i`, (qos) => {
  const settings = { "mqtt.qos": qos, "mqtt.keepAlive": 60 };

  test("the last state is right and told, every command is acknowledged once", async () => {
    const lamp = await lampOnline(settings);
    const said = lamp.said("/state").length;
    const flood = Array.from({ length: commands }, (_, index) =>
      publishPacket(base, index % 2 === 0 ? "off" : "on", { qos, packetId: index + 1 }),
    );
    lamp.broker.current.send(...flood);
    lamp.seconds(5);
    expect(lamp.level).toBe(1);
    expect(lamp.last("/state")).toBe("on");
    expect(JSON.parse(lamp.last("/json") ?? "")).toMatchObject({ state: "ON" });
    const states = lamp.said("/state").length - said;
    // At QoS 0 nothing holds a state back: each goes out, and only the joined ones of the JSON topic are fewer.
    if (qos > 0) expect(states).toBeLessThan(commands);
    expect(lamp.said("/json").length).toBeLessThan(commands);
    const answer = [undefined, packetType.puback, packetType.pubcomp][qos];
    const ids = lamp.broker.current.received
      .filter((one) => one.type === answer)
      .map((one) => one.body.readUInt16BE(0))
      .filter((id) => id <= commands);
    if (qos > 0) expect(ids.sort((one, other) => one - other)).toEqual(flood.map((_, index) => index + 1));
    expect(lamp.broker.connections).toHaveLength(1);
    expect(lamp.errors).toEqual([]);
  });

  test("JSON and brightness among them: the last one counts", async () => {
    const lamp = await lampOnline(settings);
    const flood = Array.from({ length: 200 }, (_, index) => {
      const options = { qos, packetId: index + 1 };
      return index % 2 === 0
        ? publishPacket(`${base}/brightness/set`, String(index % 256), options)
        : publishPacket(`${base}/set`, `{"state":"TOGGLE"}`, options);
    });
    lamp.broker.current.send(...flood, publishPacket(`${base}/set`, '{"state":"ON","brightness":99}'));
    lamp.seconds(5);
    expect(JSON.parse(lamp.last("/json") ?? "")).toEqual({
      state: "ON",
      brightness: 99,
      color_mode: "brightness",
    });
    expect(lamp.last("/state")).toBe("on");
  });

  test("a broker that acknowledges no state: the pin follows, memory does not grow, the newest state is told later", async () => {
    const lamp = await lampOnline(settings);
    lamp.seconds(1);
    lamp.broker.script.onPacket = (_connection, received) =>
      received.type === packetType.publish ? "handled" : undefined;
    const before = lamp.broker.current.received.length;
    for (let index = 0; index < 50; index++) lamp.say(base, index % 2 === 0 ? "off" : "on");
    expect(lamp.level).toBe(1);
    const sent = lamp.broker.current.received.slice(before).filter((one) => one.type === packetType.publish);
    if (qos > 0) expect(sent.length).toBeLessThanOrEqual(4 + 2);
    lamp.broker.script = {};
    lamp.broker.current.close();
    lamp.seconds(5);
    expect(lamp.last("/state")).toBe("on");
    expect(JSON.parse(lamp.last("/json") ?? "")).toMatchObject({ state: "ON" });
  });
});
