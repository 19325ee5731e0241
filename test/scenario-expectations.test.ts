// What an expectation that is not met tells of what happened instead, and what an expectation looks at.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { online, passed, play, resultsFolder, told, trace } from "./fixtures/scenario-play.ts";

describe("an expectation that is not met tells what happened instead", () => {
  test("expect-pin: the level, since when, and what it was before", async () => {
    const steps = [
      online,
      "publish: on",
      "expect-pin: high",
      "wait: 2s",
      "expect-pin: { level: low, within: 3s }",
    ];
    expect(told(await play(steps))).toBe(`failed 7:5 expect-pin: { level: low, within: 3s }
D2 to be low within 3 s
D2 is high, since 2.006 s (before: low)
last messages:
  2.004 s home/office/lamp/status "online" (QoS 1, retained)
  2.007 s home/office/lamp/state "on" (QoS 1, retained)
  2.007 s home/office/lamp/json "{\\"state\\":\\"ON\\",\\"brightness\\":255,\\"color_mode\\":\\"brightness\\"}" (QoS 1, retained)
last on the console:
  2 s Wi-Fi: 192.168.4.23`);
  });

  test("expect-pin: a duty cycle", async () => {
    const steps = [online, "publish: { topic: ~/brightness/set, payload: 128 }", "expect-pin: { duty: 50% }"];
    expect(told(await play(steps))).toContain(
      "D2 to have a duty cycle of 50 % (± 0.5 %) within 1 s\nD2 is at a duty cycle of 22.73 %, since 2.006 s (before: low)\n",
    );
  });

  test("expect-lamp: what never changed, and what did not last", async () => {
    expect(told(await play(["expect-lamp: on"]))).toContain(
      "the lamp on D2 to be on within 1 s\nthe lamp on D2 is off, and never was anything else\nlast messages: none\n",
    );
    const blinking = "var on = 0; setInterval(() => analogWrite(D2, (on = 1 - on)), 3000)";
    expect(
      told(await play(["expect-lamp: { is: on, within: 5s, for: 1min }"], { program: blinking })),
    ).toContain(
      "the lamp on D2 to be on within 5 s, and for 1 min\nthe lamp on D2 was so for 3 s only, and is off, since 6 s (before: fully on)\n",
    );
  });

  test("expect-message: what was published to the topic, and elsewhere", async () => {
    const steps = [online, "publish: on", "expect-message: { topic: ~/state, payload: dim, within: 2s }"];
    expect(
      told(await play(steps)),
    ).toBe(`failed 5:5 expect-message: { topic: ~/state, payload: dim, within: 2s }
a message to home/office/lamp/state that is "dim" within 2 s
published to home/office/lamp/state since the last one expected:
  2.004 s home/office/lamp/state "off" (QoS 1, retained)
  2.007 s home/office/lamp/state "on" (QoS 1, retained)
last messages to other topics:
  2.004 s home/office/lamp/json "{\\"state\\":\\"OFF\\",\\"brightness\\":255,\\"color_mode\\":\\"brightness\\"}" (QoS 1, retained)
  2.004 s home/office/lamp/status "online" (QoS 1, retained)
  2.007 s home/office/lamp/json "{\\"state\\":\\"ON\\",\\"brightness\\":255,\\"color_mode\\":\\"brightness\\"}" (QoS 1, retained)
last on the console:
  2 s Wi-Fi: 192.168.4.23`);
  });

  test.each([
    ["matches: ^dim$", " that matches /^dim$/"],
    ["json: { state: DIM }", ' that holds {"state":"DIM"}'],
    ["json: [1, 2]", " that holds [1,2]"],
    ["retain: false", ", not retained"],
    ["payload: off, qos: 2", ' that is "off", QoS 2'],
  ])("expect-message: { topic: ~/json, %s } names what it wanted", async (wanted, words) => {
    expect(told(await play([online, `expect-message: { topic: ~/json, ${wanted} }`]))).toContain(
      `a message to home/office/lamp/json${words} within 1 s`,
    );
  });

  test("expect-message, never: the one that came", async () => {
    const steps = [online, "publish: on", "expect-message: { topic: ~/state, never: 5s }"];
    expect(told(await play(steps))).toContain(
      'no message to home/office/lamp/state for 5 s\nit came: 2.007 s home/office/lamp/state "on" (QoS 1, retained)',
    );
  });

  test("expect-console: the lines there were", async () => {
    const steps = [online, "expect-console: Wi-Fi", "publish: dim", "expect-console: fell off the wall"];
    expect(told(await play(steps))).toBe(`failed 6:5 expect-console: fell off the wall
a console line with "fell off the wall" within 1 s
on the console since the last line expected:
  2.006 s lamp: bad state (1): ["home/office/lamp","dim"]`);
    expect(
      told(await play([online, "expect-console: { matches: ^Wi-Fi, within: 5s }", "expect-console: Wi-Fi"])),
    ).toContain("on the console since the last line expected: none");
    expect(
      told(await play([online, "publish: dim", "expect-console: { contains: dim, never: 1s }"])),
    ).toContain(
      'no console line with "dim" for 1 s\nit came: 2.006 s lamp: bad state (1): ["home/office/lamp","dim"]',
    );
  });

  test("expect-wifi and expect-link: the state, since when", async () => {
    expect(told(await play([online, "expect-wifi: disconnected"]))).toContain(
      "the Wi-Fi to be disconnected within 1 s\nthe Wi-Fi is connected, since 1.04 s (before: disconnected)\n",
    );
    expect(told(await play([online, "network: { half-open: true }", "expect-link: offline"]))).toContain(
      "the MQTT connection to be offline within 1 s\nthe MQTT connection is online, since 2.005 s (before: connected)\n",
    );
  });

  test("and leaves a trace with all of it", async () => {
    await play([online, "publish: on", "note: now", "wait: 1s", "expect-lamp: off"], {
      head: "set: { mqtt.password: hush-hush, mqtt.username: me }\n",
    });
    const lines = trace();
    expect(lines[0]).toEqual({ t: 0, type: "boot" });
    expect(lines).toContainEqual({ t: 2006, type: "pin", pin: "D2", value: 1 });
    expect(lines).toContainEqual({ t: 2005, type: "note", text: "now" });
    expect(lines).toContainEqual({ t: 3005, type: "step", line: 8, step: "expect-lamp: off" });
    expect(lines.at(-1)).toMatchObject({
      t: 4005,
      type: "failure",
      expected: "the lamp on D2 to be off within 1 s",
    });
    const sent = lines.filter(({ type }) => type === "from-board").map(({ bytes }) => String(bytes));
    expect(Buffer.from(sent[0] ?? "", "hex").toString("latin1")).toContain("home/office/lamp/status");
    const files = ["trace.jsonl", "pins.vcd", "traffic.pcap"].map((name) =>
      readFileSync(join(resultsFolder, name), "latin1"),
    );
    for (const file of files) {
      expect(file).not.toContain("hush-hush");
      expect(file).not.toContain(Buffer.from("hush-hush").toString("hex"));
    }
    await play([online]);
    expect(existsSync(join(resultsFolder, "trace.jsonl"))).toBe(false);
  });
});

describe("nothing is missed between two steps", () => {
  test("messages and lines of the past satisfy an expectation, in any order of topics, each only once", async () => {
    const result = await play([
      online,
      "publish: on",
      "wait: 1min",
      "publish: off",
      "wait: 1min",
      "expect-message: { topic: ~/json, json: { state: ON }, within: 0s }",
      "expect-message: { topic: ~/state, payload: on, within: 0s }",
      "expect-message: { topic: ~/state, payload: off, within: 0s }",
      "expect-message: { topic: ~/json, json: { state: OFF }, within: 0s }",
      "expect-message: { topic: ~/state, never: 1min }",
    ]);
    expect(result).toMatchObject(passed);
    expect(
      told(
        await play([
          online,
          "publish: on",
          "expect-message: { topic: ~/state, payload: on }",
          "expect-message: { topic: ~/state, payload: on }",
        ]),
      ),
    ).toContain("since the last one expected: none");
  });

  test("the will counts; what others publish does not", async () => {
    const steps = [
      online,
      "publish: { topic: ~/status, payload: nonsense, retain: true }",
      "power-cut: ever",
      "expect-message: { topic: ~/status, payload: offline }",
      "power-on: now",
      "expect-message: { topic: ~/status, payload: online, within: 5s }",
    ];
    expect(await play(steps)).toMatchObject(passed);
    expect(
      told(await play([...steps.slice(0, 2), "expect-message: { topic: ~/status, payload: nonsense }"])),
    ).toMatch(/^failed/);
  });
});
