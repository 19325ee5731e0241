/** The lamp drawn in a terminal: fits any size, does without colour, shows what passed. */
import { stripVTControlCharacters } from "node:util";
import { generate } from "mqtt-packet";
import { describe, expect, test } from "vitest";
import { LampModel, linesToTry } from "../sim/terminal/model.ts";
import { drawLamp } from "../sim/terminal/view.ts";
import { MqttReader, messageOf, type PassingMessage } from "../sim/world/mqtt-reader.ts";

const facts = {
  topic: "home/office/lamp",
  pin: "D2",
  activeLow: false,
  gamma: 2,
  hasWifi: true,
  board: "esp32-devkitc",
  broker: { host: "127.0.0.1", port: 1883, embedded: true },
};
const message: PassingMessage = {
  direction: "to-board",
  topic: "home/office/lamp",
  payload: "on",
  qos: 0,
  retain: false,
};

/** What is left of a drawing without its colours. */
const plain = (picture: string): string[] => stripVTControlCharacters(picture).split("\n");

describe("drawing", () => {
  test.each([
    [80, 24],
    [60, 20],
    [40, 12],
    [20, 5],
    [200, 60],
  ])("fits %i columns and %i rows, with and without colour", (columns, rows) => {
    const model = new LampModel(facts);
    for (let t = 0; t < 100; t++) model.message(t, { ...message, payload: "x".repeat(300) });
    for (const depth of [1, 8, 24] as const) {
      const lines = plain(drawLamp(model, { columns, rows, depth }));
      expect(lines.length).toBeLessThan(rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  test("without colour there is no escape sequence", () => {
    const model = new LampModel(facts);
    model.event({ t: 0, type: "pin", pin: "D2", value: 1 });
    expect(drawLamp(model, { columns: 80, rows: 24, depth: 1 })).not.toContain("\x1b");
  });

  test("shows brightness as the eye sees it and the duty cycle at the pin", () => {
    const model = new LampModel(facts);
    model.event({ t: 0, type: "pin", pin: "D2", value: 0.25 });
    const picture = plain(drawLamp(model, { columns: 80, rows: 24, depth: 24 })).join("\n");
    expect(picture).toContain(" 50 %");
    expect(picture).toContain("D2 at 25 %");
  });

  test("an active-low lamp is lit when its pin is low", () => {
    const model = new LampModel({ ...facts, activeLow: true });
    model.event({ t: 0, type: "pin", pin: "D2", value: 1 });
    expect(model.brightness).toBe(0);
    model.event({ t: 0, type: "pin", pin: "D2", value: 0 });
    expect(model.brightness).toBe(1);
  });

  test("control characters of a payload do not reach the terminal", () => {
    const model = new LampModel(facts);
    model.message(0, { ...message, payload: "\x1b[2J\x07evil" });
    expect(drawLamp(model, { columns: 80, rows: 24, depth: 1 })).toContain("·[2J·evil");
  });

  test("the echo of the lamp's own status is no command", () => {
    const model = new LampModel(facts);
    const status = { ...message, topic: `${facts.topic}/status`, payload: "online" };
    model.message(0, { ...status, direction: "from-board" });
    model.message(1, { ...status, direction: "to-board" });
    expect(model.log.map((line) => line.kind)).toEqual(["state"]);
    expect(model.link).toBe("online");
  });

  describe("a line that is typed", () => {
    const drawn = (typed: { text: string; cursor: number } | undefined, columns = 80, rows = 24) => {
      const model = new LampModel(facts);
      model.typed = typed;
      return drawLamp(model, { columns, rows, depth: 1 }).split("\n");
    };

    test("stands below, with the keys that do something", () => {
      const lines = drawn({ text: "wifi: do", cursor: 8 });
      expect(lines.at(-2)).toBe(" > wifi: do_");
      expect(lines.at(-1)).toBe(" Enter does a step, such as wifi: down · Tab, ↑ · Ctrl-C stops");
      expect(drawn({ text: "", cursor: 0 }, 120).at(-1)).toContain("Tab completes, ↑ brings back");
    });

    test("nothing is offered where nothing can be typed", () => {
      const lines = drawn(undefined);
      expect(lines.at(-1)).toBe(" Ctrl-C stops everything");
      expect(lines.join("\n")).not.toContain(" > ");
    });

    test.each([
      [80, 24],
      [40, 12],
      [20, 5],
      [200, 60],
    ])("fits %i columns and %i rows, wherever one is in it", (columns, rows) => {
      const text = `publish: ${"x".repeat(300)}END`;
      for (const cursor of [0, 150, text.length]) {
        const lines = drawn({ text, cursor }, columns, rows);
        expect(lines.length).toBeLessThan(rows);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
        expect(lines.at(-2)).toMatch(/^ > /);
        expect(lines.at(-1)).toContain("Ctrl-C stops");
      }
      expect(drawn({ text, cursor: text.length }, columns, rows).at(-2)).toMatch(/END_$/);
    });

    test("cannot move the terminal", () => {
      expect(drawn({ text: "\x1b[2J\x07", cursor: 0 }).at(-2)).toBe(" > ·[2J·");
    });
  });

  test("the lines to try can be pasted as they stand", () => {
    expect(linesToTry(facts)).toEqual([
      "mosquitto_pub -h 127.0.0.1 -p 1883 -t home/office/lamp -m on",
      "npx mqtt pub -h 127.0.0.1 -p 1883 -t home/office/lamp -m on",
    ]);
    expect(linesToTry({ ...facts, topic: "my lamp" })[0]).toContain("-t 'my lamp'");
  });

  test("there is nothing to try where nobody can reach the broker", () => {
    expect(linesToTry({ ...facts, broker: { ...facts.broker, inside: true } })).toEqual([]);
  });

  test("the lines to try have the user's name, and a variable in place of the password", () => {
    const broker = { host: "b", port: 1883, embedded: false, username: "me too", needsPassword: true };
    expect(linesToTry({ ...facts, broker })).toEqual([
      `mosquitto_pub -h b -p 1883 -u 'me too' -P "$MQTT_PASSWORD" -t home/office/lamp -m on`,
      `npx mqtt pub -h b -p 1883 -u 'me too' -P "$MQTT_PASSWORD" -t home/office/lamp -m on`,
    ]);
  });
});

describe("messages that pass", () => {
  const packets = Buffer.concat([
    generate({ cmd: "connack", returnCode: 0, sessionPresent: false }),
    generate({ cmd: "publish", topic: "a", payload: "ünï", qos: 0, dup: false, retain: false }),
    generate({
      cmd: "publish",
      topic: "big",
      payload: "x".repeat(5_000),
      qos: 0,
      dup: false,
      retain: false,
    }),
    generate({ cmd: "publish", topic: "b", payload: "", qos: 2, messageId: 7, dup: true, retain: true }),
  ]).toString("latin1");

  /** What is read when the stream arrives in pieces of this many bytes. */
  function read(stream: string, pieceBytes: number): { messages: PassingMessage[]; errors: string[] } {
    const messages: PassingMessage[] = [];
    const errors: string[] = [];
    const reader = new MqttReader(
      (packet) => {
        const message = messageOf(packet);
        if (message) messages.push(message);
      },
      ({ error }) => errors.push(error),
    );
    for (let at = 0; at < stream.length; at += pieceBytes)
      reader.take({ t: at, connection: 1, type: "to-board", bytes: stream.slice(at, at + pieceBytes) });
    return { messages, errors };
  }

  test.each([1, 2, 3, 7, 536])("are found however the stream is cut (%i bytes)", (pieceBytes) => {
    const { messages } = read(packets, pieceBytes);
    expect(
      messages.map(({ topic, payload, qos, retain }) => [topic, payload.slice(0, 5), qos, retain]),
    ).toEqual([
      ["a", "ünï", 0, false],
      ["big", "xxxxx", 0, false],
      ["b", "", 2, true],
    ]);
  });

  test("a stream that is no MQTT is told of once, and ends nothing", () => {
    const { messages, errors } = read(`${packets}\xff\xff\xff\xff\xff\xff and more`, 536);
    expect(messages).toHaveLength(3);
    expect(errors).toHaveLength(1);
  });

  test("the bytes on the wire are counted, header included", () => {
    const sizes: number[] = [];
    const reader = new MqttReader(({ bytes }) => sizes.push(bytes));
    reader.take({ t: 0, connection: 1, type: "to-board", bytes: packets });
    expect(sizes.reduce((sum, bytes) => sum + bytes)).toBe(packets.length);
  });
});

describe("a program that is no lamp", () => {
  const own = {
    ...{ program: "sensor.ts", hasWifi: true, board: "esp32-devkitc" },
    broker: { host: "127.0.0.1", port: 1883, embedded: true },
  };

  test("is drawn by its pins; nothing that only a lamp has is there", () => {
    const model = new LampModel(own);
    const drawn = () => plain(drawLamp(model, { columns: 80, rows: 24, depth: 24 })).join("\n");
    expect(drawn()).toContain("no pin has changed yet");
    model.event({ t: 0, type: "pin", pin: "D4", value: 1 });
    model.event({ t: 0, type: "pin", pin: "D5", value: 0.25 });
    model.message(0, {
      ...message,
      direction: "from-board",
      topic: "home/office/lamp/status",
      payload: "online",
    });
    const picture = drawn();
    expect(picture).toContain("sensor.ts");
    expect(picture).toMatch(/^ *D4 +█+ high$/m);
    expect(picture).toMatch(/^ *D5 +█+░+ 25 %$/m);
    expect(picture).not.toMatch(/mosquitto_pub|mqtt pub|▀/);
    expect(model.link).toBe("waiting");
    expect(linesToTry(own)).toEqual([]);
  });

  test.each([
    [80, 24],
    [40, 12],
    [20, 5],
  ])("fits %i columns and %i rows, with and without colour", (columns, rows) => {
    const model = new LampModel({ ...own, program: "a/very/long/path/".repeat(10) });
    for (let pin = 0; pin < 32; pin++) model.event({ t: 0, type: "pin", pin: `D${pin}`, value: pin / 31 });
    for (const depth of [1, 8, 24] as const) {
      const lines = plain(drawLamp(model, { columns, rows, depth }));
      expect(lines.length).toBeLessThan(rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });
});
