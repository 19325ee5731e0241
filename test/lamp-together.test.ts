// Of commands that arrive together only the result reaches the pin, and each is answered as it was.
import { describe, expect, test } from "vitest";
import { packetType, publishPacket } from "./broker/scripted-broker.ts";
import { base, type LampWorld, lampOnline } from "./fixtures/client-lamp.ts";

/** The longest piece that a socket of the board hands over. */
const chunkBytes = 536;

/** How often the pin was written, whatever with. */
function countWrites(lamp: LampWorld): () => number {
  lamp.board.evaluate(
    `writes=0;(function(d,a){digitalWrite=function(p,v){writes++;d(p,v)};analogWrite=function(p,v,o){writes++;a(p,v,o)}})(digitalWrite,analogWrite)`,
  );
  return () => Number(lamp.board.evaluate("writes"));
}

describe.each([
  { "lamp.pwm": true, "mqtt.qos": 1 },
  { "lamp.pwm": false, "mqtt.qos": 1 },
  { "lamp.pwm": true, "mqtt.qos": 0 },
  { "lamp.pwm": false, "mqtt.qos": 2 },
  { "lamp.pwm": true, "mqtt.qos": 1, "mqtt.stateQos": 0 },
] as const)("%j", (settings) => {
  const qos = settings["mqtt.qos"];

  test("300 commands that waited at the broker: one write a chunk at most", async () => {
    const lamp = await lampOnline(settings);
    const writes = countWrites(lamp);
    const queue = Array.from({ length: 301 }, (_, index) =>
      publishPacket(base, index % 2 === 0 ? "on" : "off", { qos, packetId: index + 1 }),
    );
    lamp.broker.current.send(...queue);
    lamp.seconds(5);
    expect(lamp.level).toBe(1);
    expect(lamp.last("/state")).toBe("on");
    const chunks = Math.ceil(Buffer.concat(queue).length / chunkBytes);
    expect(lamp.levels.length).toBeLessThanOrEqual(chunks);
    expect(writes()).toBeGreaterThan(0);
    // One more for each chunk of acknowledgements that came while a state still waited.
    expect(writes()).toBeLessThanOrEqual(4 * chunks);
    const acknowledged = lamp.broker.current.received.filter(
      ({ type }) => type === [0, packetType.puback, packetType.pubcomp][qos],
    );
    expect(acknowledged).toHaveLength(qos ? 301 : 0);
  });

  test("what ends as it began does not move the pin, and is told", async () => {
    const lamp = await lampOnline(settings);
    const said = lamp.said("/state").length;
    lamp.broker.current.send(
      ...["on", "off", "toggle", "toggle", "on", "off"].map((payload, index) =>
        publishPacket(base, payload, { qos, packetId: index + 1 }),
      ),
    );
    lamp.seconds(1);
    expect(lamp.levels).toEqual([]);
    expect(lamp.level).toBe(0);
    expect(lamp.last("/state")).toBe("off");
    expect(lamp.said("/state").length).toBeGreaterThan(said);
  });
});

test("states at QoS 0 are told one a command, as many as there are", async () => {
  const lamp = await lampOnline({ "mqtt.stateQos": 0 });
  const said = lamp.said("/state").length;
  const commands = Array.from({ length: 1_000 }, (_, index) =>
    publishPacket(base, index % 2 === 0 ? "on" : "off", { qos: 1, packetId: index + 1 }),
  );
  lamp.broker.current.send(...commands);
  lamp.seconds(5);
  const told = lamp.said("/state").slice(said);
  expect(told.map(({ payload }) => payload.toString())).toEqual(
    commands.map((_, index) => (index % 2 === 0 ? "on" : "off")),
  );
});

test.each([
  ["garbage", Buffer.from("0000", "hex")],
  ["a PUBLISH of QoS 3", Buffer.from("360700036f6e6500016f", "hex")],
])("a command whose chunk ends the connection by %s is obeyed all the same", async (_what, garbage) => {
  const lamp = await lampOnline();
  const connection = lamp.broker.current;
  connection.send(publishPacket(base, "on", { qos: 1, packetId: 7 }), garbage);
  lamp.milliseconds(100);
  expect(connection.closed).toBe(true);
  expect(lamp.level).toBe(1);
  lamp.seconds(5);
  expect(lamp.last("/state")).toBe("on");
});

test("JSON and brightness that arrive together with words: the pin gets the last", async () => {
  const lamp = await lampOnline();
  lamp.broker.current.send(
    publishPacket(base, "on"),
    publishPacket(`${base}/brightness/set`, "10"),
    publishPacket(`${base}/set`, '{"brightness":20}'),
    publishPacket(`${base}/set`, '{"state":"OFF"}'),
    publishPacket(`${base}/get`, ""),
    publishPacket(`${base}/brightness/set`, "255"),
  );
  lamp.milliseconds(100);
  expect(lamp.levels).toEqual([1]);
  expect(JSON.parse(lamp.last("/json") ?? "")).toMatchObject({ state: "ON", brightness: 255 });
});
