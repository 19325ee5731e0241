// What the lamp refuses, and how the console tells of it.
import { describe, expect, test } from "vitest";
import { packetType } from "./broker/scripted-broker.ts";
import { base, lampOnline } from "./fixtures/client-lamp.ts";

describe("what cannot be obeyed changes nothing, is named on the console, and the connection stays", () => {
  test.each([
    [base, "office"],
    [base, " "],
    [base, "2"],
    [base, "on off"],
    [`${base}/set`, "on"],
    [`${base}/set`, "{}"],
    [`${base}/set`, '{"state":"DIM"}'],
    [`${base}/set`, '{"brightness":256}'],
    [`${base}/set`, '{"state":"ON"}xyz'],
    [`${base}/set`, '{"state":"ON"'],
    [`${base}/set`, '{"state":"ON"}]'],
    [`${base}/set`, '{"stat":"ON"}'],
    [`${base}/set`, '{"state":"ON","transition":null}'],
    [`${base}/set`, '{"__proto__":{"state":"ON"}}'],
    [`${base}/set`, '{"state":"OFF","brightness":-1}'],
    [`${base}/brightness/set`, "256"],
    [`${base}/brightness/set`, "-1"],
    [`${base}/brightness/set`, "half"],
    [`${base}/brightness/set`, "1e2"],
    [`${base}/brightness/set`, "0x10"],
  ])("%s %j", async (topic, payload) => {
    const lamp = await lampOnline();
    lamp.say(`${base}/brightness/set`, "77");
    const before = { level: lamp.level, told: lamp.said("/state").length, json: lamp.last("/json") };
    const lines = lamp.board.console.length;
    lamp.say(topic, payload, { qos: 1, packetId: 9 });
    expect({ level: lamp.level, told: lamp.said("/state").length, json: lamp.last("/json") }).toEqual(before);
    const named = lamp.board.console.slice(lines);
    expect(named).toHaveLength(1);
    expect(named[0]).toContain(topic);
    expect(named[0]).toContain(JSON.stringify(payload));
    expect(lamp.isOnline).toBe(true);
    expect(lamp.broker.connections).toHaveLength(1);
    expect(lamp.broker.current.received.some((one) => one.type === packetType.puback)).toBe(true);
    expect(lamp.errors).toEqual([]);
  });

  test.each([base, `${base}/set`, `${base}/brightness/set`, "home/all"])(
    "an empty payload on %s, as clears a retained message, is no command and not named",
    async (topic) => {
      const lamp = await lampOnline({ "lamp.groups": ["home/all"] });
      const before = { told: lamp.said("/state").length, lines: lamp.board.console.length };
      lamp.say(topic, "");
      lamp.say(topic, "", { retain: true, qos: 1, packetId: 9 });
      expect({ told: lamp.said("/state").length, lines: lamp.board.console.length }).toEqual(before);
      expect(lamp.level).toBe(0);
    },
  );

  test("the line begins with the reason, so that a line of 80 columns shows it", async () => {
    const lamp = await lampOnline({
      "lamp.topic": "a/rather/long/topic/for/the/lamp/in/the/office/on/the/left",
    });
    const topic = "a/rather/long/topic/for/the/lamp/in/the/office/on/the/left";
    for (const [kind, payload, reason] of [
      ["/set", '{"stat":"OFF"}', 'unknown key "stat"'],
      ["/set", '{"brightness":300}', "bad brightness"],
      ["/set", "OFF", "bad JSON"],
      ["/brightness/set", "300", "bad brightness"],
      ["", "dim", "bad state"],
    ] as const) {
      lamp.say(topic + kind, payload);
      expect(lamp.board.console.at(-1)?.slice(0, 40)).toContain(`lamp: ${reason}`);
    }
  });

  test("the line counts what was not obeyed", async () => {
    const lamp = await lampOnline();
    for (const payload of ["dim", "dim", "on", "dim"]) lamp.say(base, payload);
    const counts = lamp.board.console.flatMap((line) => /lamp: bad state \((\d)\)/.exec(line)?.[1] ?? []);
    expect(counts).toEqual(["1", "2", "3"]);
  });

  test("control characters of topic, payload and key are escaped, UTF-8 is left as it is", async () => {
    const lamp = await lampOnline({ "lamp.groups": ["home/#"] });
    const lines = () => lamp.board.console.map((line) => Buffer.from(line, "latin1").toString());
    const before = lines().length;
    lamp.say("home/a\nlamp: forged", "schön \u001b[2J\r\n\u0007ende");
    lamp.say(`${base}/set`, '{"a\\nb":1,"grün":2}');
    expect(lines().slice(before)).toHaveLength(2);
    for (const line of lines()) expect(line).not.toMatch(/\p{Cc}/u);
    expect(lines()[before]).toContain("schön");
    expect(lines()[before]).toContain("home/a\\nlamp: forged");
    expect(lines()[before + 1]).toContain('unknown key "a\\nb", "grün"');
  });

  test("a payload that would be code is not run", async () => {
    const lamp = await lampOnline();
    lamp.say(base, "digitalWrite(D4,1)");
    lamp.say(`${base}/set`, '{"state":"ON","x":digitalWrite(D4,1)}');
    expect([lamp.level, lamp.board.pins.value("D4")]).toEqual([0, 0]);
  });

  test("too long: skipped, acknowledged, named; the next one is obeyed", async () => {
    const lamp = await lampOnline();
    const lines = lamp.board.console.length;
    lamp.say(base, "on".padEnd(3_000), { qos: 1, packetId: 9 });
    expect(lamp.level).toBe(0);
    expect(lamp.board.console.slice(lines)).toHaveLength(1);
    lamp.say(base, "on", { qos: 1, packetId: 10 });
    expect(lamp.level).toBe(1);
    const acknowledged = lamp.broker.current.received.filter((one) => one.type === packetType.puback);
    expect(acknowledged.map((one) => one.body.readUInt16BE(0))).toEqual([9, 10]);
  });

  test("a long word is named, but not at full length", async () => {
    const lamp = await lampOnline();
    lamp.say(base, "x".repeat(400));
    const line = lamp.board.console.find((one) => one.includes("xxx")) ?? "";
    expect(line.length).toBeLessThan(120);
  });

  test.each([base, `${base}/set`, `${base}/brightness/set`, "home/all"])(
    "a retained command on %s is ignored and the console says so [Tasmota 2053]",
    async (topic) => {
      const lamp = await lampOnline({ "lamp.groups": ["home/all"] });
      const payload = { [`${base}/set`]: '{"state":"ON"}', [`${base}/brightness/set`]: "9" }[topic] ?? "on";
      lamp.say(topic, payload, { retain: true });
      lamp.say(topic, payload, { retain: true, qos: 1, packetId: 5 });
      expect(lamp.level).toBe(0);
      const named = lamp.board.console.filter((line) => line.includes("retained"));
      expect(named).toHaveLength(2);
      expect(named.every((line) => line.includes(topic))).toBe(true);
    },
  );

  test.each([0, 1] as const)("with lamp.retained = obey it is obeyed, QoS %i", async (qos) => {
    const lamp = await lampOnline({ "lamp.retained": "obey" });
    lamp.say(base, "on", { retain: true, qos, packetId: 3 });
    expect(lamp.level).toBe(1);
    lamp.say(`${base}/set`, '{"state":"OFF"}', { retain: true });
    expect(lamp.level).toBe(0);
  });
});
