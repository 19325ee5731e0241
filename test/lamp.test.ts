// The lamp of the contract on the simulated board: its topics, and what it tells.
import { describe, expect, test } from "vitest";
import { publishPacket } from "./broker/scripted-broker.ts";
import { base, createLampWorld, lampOnline } from "./fixtures/client-lamp.ts";

describe("commands", () => {
  test.each([
    ["on", 1],
    [" ON\n", 1],
    ["1", 1],
    ["true", 1],
    ["toggle", 1],
    ["off", 0],
    ["0", 0],
    ["False", 0],
  ])("base %j: the pin is %i and the state told", async (payload, level) => {
    const lamp = await lampOnline();
    lamp.say(base, payload);
    expect(lamp.level).toBe(level);
    expect(lamp.last("/state")).toBe(level ? "on" : "off");
    expect(JSON.parse(lamp.last("/json") ?? "")).toEqual({
      state: level ? "ON" : "OFF",
      brightness: 255,
      color_mode: "brightness",
    });
  });

  test("toggle and toggle again, alone and in one chunk", async () => {
    const lamp = await lampOnline();
    lamp.say(base, "toggle");
    expect(lamp.level).toBe(1);
    lamp.say(base, "TOGGLE");
    expect(lamp.level).toBe(0);
    lamp.broker.current.send(...Array.from({ length: 5 }, () => publishPacket(base, "toggle")));
    lamp.milliseconds(100);
    expect(lamp.level).toBe(1);
    expect(lamp.last("/state")).toBe("on");
  });

  test("base/set: state, brightness, both, neither", async () => {
    const lamp = await lampOnline();
    lamp.say(`${base}/set`, '{"state":"ON"}');
    expect(lamp.level).toBe(1);
    lamp.say(`${base}/set`, '{"brightness":100}');
    const dimmed = lamp.level;
    expect(dimmed).toBeGreaterThan(0);
    expect(dimmed).toBeLessThan(0.2);
    lamp.say(`${base}/set`, '{"state":"OFF","brightness":200}');
    expect(lamp.level).toBe(0);
    expect(JSON.parse(lamp.last("/json") ?? "")).toMatchObject({ state: "OFF", brightness: 200 });
    lamp.say(`${base}/set`, '{"state":"TOGGLE"}');
    expect(lamp.level).toBeGreaterThan(dimmed);
    lamp.say(`${base}/set`, '{"brightness":0}');
    expect(lamp.level).toBe(0);
    expect(lamp.last("/state")).toBe("off");
    lamp.say(`${base}/set`, '{"transition":2}');
    expect(lamp.level).toBe(0);
    lamp.say(`${base}/set`, '{"state":"ON","transition":2}');
    expect(JSON.parse(lamp.last("/json") ?? "")).toMatchObject({ state: "ON", brightness: 200 });
  });

  test("base/brightness/set: 1 to 255 switches on, 0 off, and on again is as bright as before", async () => {
    const lamp = await lampOnline();
    lamp.say(`${base}/brightness/set`, "128");
    const half = lamp.level;
    expect(half).toBeGreaterThan(0);
    expect(lamp.last("/state")).toBe("on");
    lamp.say(`${base}/brightness/set`, "0");
    expect(lamp.level).toBe(0);
    expect(lamp.last("/state")).toBe("off");
    lamp.say(base, "on");
    expect(lamp.level).toBe(half);
    expect(JSON.parse(lamp.last("/json") ?? "")).toMatchObject({ state: "ON", brightness: 128 });
  });

  test.each(["", "now", "{}"])("base/get %j: the state is told again", async (payload) => {
    const lamp = await lampOnline();
    lamp.say(base, "on");
    const before = [lamp.said("/state").length, lamp.said("/json").length];
    lamp.say(`${base}/get`, payload);
    expect(lamp.said("/state").length).toBe((before[0] ?? 0) + 1);
    expect(lamp.said("/json").length).toBe((before[1] ?? 0) + 1);
    expect(lamp.last("/state")).toBe("on");
    expect(lamp.level).toBe(1);
  });

  test("groups: further topics, wildcards among them; others are not obeyed", async () => {
    const lamp = await lampOnline({ "lamp.groups": ["home/all", "floor/+/lamps", "site/#"] });
    expect(lamp.broker.current.subscriptions.map((one) => one.filter)).toEqual(
      expect.arrayContaining([base, "home/all", "floor/+/lamps", "site/#"]),
    );
    for (const topic of ["home/all", "floor/2/lamps", "site", "site/a/b"]) {
      lamp.say(topic, "on");
      expect({ topic, level: lamp.level }).toEqual({ topic, level: 1 });
      lamp.say(topic, "off");
      expect({ topic, level: lamp.level }).toEqual({ topic, level: 0 });
    }
    for (const topic of ["home", "home/all/x", "floor/lamps", "floor/1/2/lamps", "$site"]) {
      lamp.say(topic, "on");
      expect({ topic, level: lamp.level }).toEqual({ topic, level: 0 });
    }
  });

  test("what is not known of a JSON command is named, and the rest is obeyed", async () => {
    const lamp = await lampOnline();
    lamp.say(
      `${base}/set`,
      '{"state":"ON","brightness":"100","color_temp":300,"effect":"x","linkquality":9}',
    );
    expect(JSON.parse(lamp.last("/json") ?? "")).toMatchObject({ state: "ON", brightness: 100 });
    expect(lamp.board.console.at(-1)).toContain('unknown key "color_temp", "effect", "linkquality"');
    lamp.say(`${base}/set`, '{"state":"OFF","__proto__":1}');
    expect(lamp.last("/state")).toBe("off");
  });

  test("base/set with what base/json told makes the lamp like that again", async () => {
    const lamp = await lampOnline();
    lamp.say(`${base}/brightness/set`, "77");
    const told = lamp.last("/json") ?? "";
    const { level } = lamp;
    lamp.say(`${base}/set`, '{"state":"OFF","brightness":255}');
    lamp.say(`${base}/set`, told);
    expect(lamp.level).toBe(level);
    expect(lamp.last("/json")).toBe(told);
  });

  test("groups take JSON and brightness as well as words", async () => {
    const lamp = await lampOnline({ "lamp.groups": ["home/all", "floor/2/#"] });
    for (const topic of ["home/all", "floor/2", "floor/2/set"]) {
      lamp.say(topic, ' {"state":"ON","brightness":100}\n');
      expect(JSON.parse(lamp.last("/json") ?? "")).toMatchObject({ state: "ON", brightness: 100 });
      lamp.say(topic, '{"state":"OFF","brightness":9');
      expect(lamp.last("/state")).toBe("on");
      expect(lamp.board.console.at(-1)).toContain(`bad JSON`);
      lamp.say(topic, "toggle");
      expect(lamp.last("/state")).toBe("off");
    }
    lamp.say("floor/2/brightness/set", "55.4");
    expect(JSON.parse(lamp.last("/json") ?? "")).toMatchObject({ state: "ON", brightness: 55 });
    expect(lamp.errors).toEqual([]);
  });

  test("a lamp without brightness knows on and off only", async () => {
    const lamp = await lampOnline({ "lamp.pwm": false });
    expect(lamp.broker.current.subscriptions.map((one) => one.filter)).not.toContain(
      `${base}/brightness/set`,
    );
    lamp.say(`${base}/set`, '{"state":"ON"}');
    expect(lamp.level).toBe(1);
    expect(JSON.parse(lamp.last("/json") ?? "")).toEqual({ state: "ON", color_mode: "onoff" });
    lamp.say(`${base}/set`, '{"state":"OFF","brightness":9}');
    expect(lamp.level).toBe(0);
    expect(lamp.board.console.at(-1)).toContain('unknown key "brightness"');
    expect(lamp.board.pins.frequency(lamp.pin)).toBeUndefined();
  });
});

describe("what the lamp tells", () => {
  test("state, json and status are retained, at the QoS of mqtt.stateQos", async () => {
    for (const [settings, qos] of [
      [{ "mqtt.qos": 0 }, 0],
      [{ "mqtt.qos": 1 }, 1],
      [{ "mqtt.qos": 2 }, 2],
      [{ "mqtt.qos": 0, "mqtt.stateQos": 1 }, 1],
      [{ "mqtt.qos": 1, "mqtt.stateQos": 0 }, 0],
    ] as const) {
      const lamp = await lampOnline(settings);
      for (const topic of ["/state", "/json", "/status"]) {
        const all = lamp.said(topic);
        expect(all.length).toBeGreaterThan(0);
        expect(all.every((one) => one.retain && one.qos === qos)).toBe(true);
      }
      expect(new Set(lamp.broker.current.subscriptions.map((one) => one.qos))).toEqual(
        new Set([settings["mqtt.qos"]]),
      );
    }
  });

  test("its will: status offline, retained, at the same QoS [Tasmota 7189]", async () => {
    const lamp = await lampOnline();
    const connect = lamp.broker.current.received[0]?.body.toString("latin1") ?? "";
    expect(connect).toContain(`\0\x17${base}/status\0\x07offline`);
    // Will retain, QoS 1, will flag; no clean session.
    expect(connect.charCodeAt(7)).toBe(0b00101100);
  });

  test("first that it is online, then its state", async () => {
    const lamp = await lampOnline();
    expect(lamp.broker.current.published[0]).toMatchObject({ topic: `${base}/status`, retain: true });
    expect(lamp.last("/status")).toBe("online");
    expect(lamp.last("/state")).toBe("off");
    expect(JSON.parse(lamp.last("/json") ?? "")).toMatchObject({ state: "OFF" });
  });

  test("a late will of its own old session is corrected", async () => {
    const lamp = await lampOnline();
    const before = lamp.said("/status").length;
    lamp.say(`${base}/status`, "offline");
    expect(lamp.said("/status").slice(before)).toHaveLength(1);
    expect(lamp.last("/status")).toBe("online");
    lamp.say(`${base}/status`, "online");
    expect(lamp.said("/status")).toHaveLength(before + 1);
  });

  test("its default client id is lamp- and the chip's serial number", async () => {
    const lamp = await lampOnline();
    const serial = String(lamp.board.evaluate("getSerial()"));
    expect(lamp.broker.current.received[0]?.body.toString("latin1")).toContain(`lamp-${serial}`);
  });
});

describe("the pin", () => {
  test("is driven to the safe level before anything else, where high is off too [esphome 5390]", async () => {
    const lamp = await createLampWorld({ "lamp.activeLow": true });
    lamp.board.boot();
    expect(lamp.events.map((event) => event.type).slice(0, 2)).toEqual(["boot", "pin"]);
    expect(lamp.events[1]).toMatchObject({ t: 0, pin: lamp.pin, value: 1 });
    lamp.seconds(5);
    expect(lamp.levels).toEqual([1]);
  });

  test("is an output at level 0 at once on a lamp that lights when high", async () => {
    const lamp = await createLampWorld();
    lamp.board.boot();
    expect(lamp.board.pins.mode(lamp.pin)).toBe("output");
    lamp.seconds(5);
    expect(lamp.levels).toEqual([]);
  });

  test("active low: on is 0, off is 1, brightness the other way round", async () => {
    const lamp = await lampOnline({ "lamp.activeLow": true });
    const usual = await lampOnline();
    for (const one of [lamp, usual]) one.say(base, "on");
    expect([lamp.level, usual.level]).toEqual([0, 1]);
    for (const one of [lamp, usual]) one.say(`${base}/brightness/set`, "90");
    expect(lamp.level).toBeCloseTo(1 - usual.level, 10);
    lamp.say(base, "off");
    expect(lamp.level).toBe(1);
  });

  test("brightness follows gamma above the lowest level; 1 is visibly on, 0 truly off [esphome 1176] [core 190]", async () => {
    for (const [gamma, minLevel] of [
      [2.2, 1],
      [1, 0],
    ] as const) {
      const lamp = await lampOnline({ "lamp.gamma": gamma, "lamp.minLevel": minLevel });
      const duty = [1, 64, 128, 254, 255].map((value) => {
        lamp.say(`${base}/brightness/set`, String(value));
        return lamp.level;
      });
      const expected = [1, 64, 128, 254, 255].map(
        (value) => minLevel / 100 + (1 - minLevel / 100) * (value / 255) ** gamma,
      );
      for (const [index, value] of duty.entries()) expect(value).toBeCloseTo(expected[index] ?? 0, 6);
      expect(duty.at(-1)).toBe(1);
      expect(duty).toEqual([...duty].sort((one, other) => one - other));
      lamp.say(base, "off");
      expect(lamp.level).toBe(0);
    }
  });

  test("PWM is at 1 kHz", async () => {
    const lamp = await lampOnline();
    lamp.say(`${base}/brightness/set`, "100");
    expect(lamp.board.pins.frequency(lamp.pin)).toBe(1_000);
  });

  test("another pin is left alone", async () => {
    const lamp = await lampOnline({ "lamp.pin": "D5" });
    lamp.say(base, "on");
    expect([lamp.board.pins.value("D5"), lamp.board.pins.value("D2")]).toEqual([1, 0]);
  });
});
