// What a lamp tells is never a command, its own or another's, however wide its groups are.
import { describe, expect, test } from "vitest";
import { publishPacket } from "./broker/scripted-broker.ts";
import { base, type LampWorld, lampOnline } from "./fixtures/client-lamp.ts";

/** Gives every message of each lamp to all lamps, as a broker would do whose subscriptions all match; returns how many there were. */
function carryAround(lamps: readonly LampWorld[], rounds: number): number {
  const seen = lamps.map((lamp) => lamp.broker.current.published.length);
  let carried = 0;
  for (let round = 0; round < rounds; round++) {
    const fresh = lamps.flatMap((lamp, index) => {
      const { published } = lamp.broker.current;
      const from = seen[index] ?? 0;
      seen[index] = published.length;
      return published.slice(from);
    });
    carried += fresh.length;
    for (const { topic, payload } of fresh)
      for (const lamp of lamps) lamp.broker.current.send(publishPacket(topic, payload.toString()));
    for (const lamp of lamps) lamp.milliseconds(100);
  }
  return carried;
}

describe.each([0, 1, 2] as const)("at QoS %i", (qos) => {
  test.each(["home/office/#", "home/#", "home/office/lamp/+", "home/+/lamp/+", "+/office/#"])(
    "a lamp whose group %s holds its own topics tells its state once a command",
    async (group) => {
      const lamp = await lampOnline({ "lamp.groups": [group], "mqtt.qos": qos });
      lamp.say(base, "on");
      const told = carryAround([lamp], 20);
      expect(told).toBeLessThanOrEqual(1);
      expect(lamp.level).toBe(1);
      lamp.say(`${base}/set`, '{"state":"OFF"}');
      carryAround([lamp], 20);
      expect(lamp.level).toBe(0);
      expect(lamp.board.console.filter((line) => line.startsWith("lamp:"))).toEqual([]);
    },
  );

  test("two lamps in each other's subtree do not answer one another", async () => {
    const settings = { "lamp.groups": ["home/#"], "mqtt.qos": qos };
    const lamps = [
      await lampOnline(settings),
      await lampOnline({ ...settings, "lamp.topic": "home/hall/lamp", "mqtt.clientId": "other" }),
    ];
    carryAround(lamps, 5);
    const before = lamps.map((lamp) => lamp.broker.current.published.length);
    for (const lamp of lamps) lamp.say("home/all", "toggle");
    expect(lamps.map((lamp) => lamp.level)).toEqual([1, 1]);
    carryAround(lamps, 20);
    expect(lamps.map((lamp) => lamp.level)).toEqual([1, 1]);
    // State and JSON of one command each.
    const after = lamps.map((lamp, index) => lamp.broker.current.published.length - (before[index] ?? 0));
    expect(after).toEqual([2, 2]);
  });
});

test.each([
  ["state", "on"],
  ["state", "OFF"],
  ["json", '{"state":"ON","brightness":128,"color_mode":"brightness"}'],
  ["status", "offline"],
  ["status", "1"],
  ["telemetry", '{"state":"ON"}'],
  ["update/state", "on"],
  ["update", "toggle"],
  ["get", "1"],
])("another lamp's /%s with %j is no command and not named", async (kind, payload) => {
  const lamp = await lampOnline({ "lamp.groups": ["home/#"] });
  const before = lamp.broker.current.published.length;
  const lines = lamp.board.console.length;
  lamp.say(`home/hall/lamp/${kind}`, payload);
  lamp.say(`home/hall/lamp/${kind}`, payload, { retain: true });
  lamp.say(`home/hall/lamp/${kind}`, payload, { qos: 1, packetId: 5 });
  expect(lamp.level).toBe(0);
  expect(lamp.broker.current.published).toHaveLength(before);
  expect(lamp.board.console).toHaveLength(lines);
});

test("another lamp's command topics are commands for a group that holds them", async () => {
  const lamp = await lampOnline({ "lamp.groups": ["home/#"] });
  lamp.say("home/hall/lamp", "on");
  expect(lamp.last("/state")).toBe("on");
  lamp.say("home/hall/lamp/set", '{"state":"OFF"}');
  expect(lamp.last("/state")).toBe("off");
  lamp.say("home/hall/lamp/brightness/set", "9");
  expect(JSON.parse(lamp.last("/json") ?? "")).toMatchObject({ state: "ON", brightness: 9 });
});
