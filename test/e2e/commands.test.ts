// Commands as people, bridges and brokers send them, the same words on the simulator and on the real interpreter.
import { afterEach, expect, test } from "vitest";
import { build } from "../../tools/build/build.ts";
import { loadConfig, type Settings } from "../../tools/config/load.ts";
import { publishPacket, ScriptedBroker } from "../broker/scripted-broker.ts";
import { type BoardDriver, onEveryBoard, type RunningBoard } from "../drivers/index.ts";

const base = "home/office/lamp";

/** Publishes to the lamp and waits until all before it has been obeyed. */
type Say = (topic: string, payload: string) => Promise<void>;

interface Given {
  broker: ScriptedBroker;
  lamp: RunningBoard;
  pin: string;
  say: Say;
  /** The last of what the lamp told on a topic below its base. */
  told(kind: string): string | undefined;
  /** Lines of the console about commands. */
  named(): string[];
}

onEveryBoard("a lamp that is sent commands", (kind) => {
  let driver: BoardDriver;

  afterEach(() => driver.close());

  async function online(settings: Settings = {}): Promise<Given> {
    driver = kind.create();
    const broker = new ScriptedBroker();
    const port = await driver.serve(broker);
    const config = loadConfig({
      file: null,
      board: "linux",
      overrides: { "mqtt.host": "127.0.0.1", "mqtt.port": port, "lamp.pwm": true, ...settings },
    });
    const { code, map } = await build({ config });
    const lamp = await driver.start({ bundle: code, sourceMap: map });
    const heard = (kind: string) =>
      broker.connections
        .flatMap(({ published }) => published)
        .filter(({ topic }) => topic === base + kind)
        .map(({ payload }) => payload.toString());
    await lamp.until(() => heard("/json").length > 0, 5_000, "its state is told");
    const say: Say = async (topic, payload) => {
      const before = heard("/json").length;
      broker.current.send(publishPacket(topic, payload), publishPacket(`${base}/get`, ""));
      await lamp.until(() => heard("/json").length > before, 5_000, `an answer after ${payload}`);
    };
    return {
      broker,
      lamp,
      pin: String(config.values["lamp.pin"]),
      say,
      told: (kind) => heard(kind).at(-1),
      named: () => lamp.console.filter((line) => line.startsWith("lamp:")),
    };
  }

  /** Each after a lamp that was made to stand on brightness 77. */
  const commands: readonly (readonly [payload: string, state: string, brightness: number, named: string])[] =
    [
      ['{"state":"OFF"}', "OFF", 77, ""],
      ['{"brightness":128}', "ON", 128, ""],
      ['{"brightness":"128","transition":"1.5"}', "ON", 128, ""],
      ['{ "brightness" : 127.5 }\r\n', "ON", 128, ""],
      ['{"brightness":1.0}', "ON", 1, ""],
      ['{"brightness":0}', "OFF", 77, ""],
      ['{"state":"ON","brightness":9,"color_mode":"brightness"}', "ON", 9, 'unknown key "color_mode"'],
      ['{"state":"OFF","color_temp":300}', "OFF", 77, 'unknown key "color_temp"'],
      [
        '{"effect":"a: 1","flash":10,"linkquality":-1e-3,"state":"OFF"}',
        "OFF",
        77,
        'unknown key "effect", "flash", "linkquality"',
      ],
      ['{"state":"OFF","__proto__":1}', "OFF", 77, ""],
      ['{"__proto__":{"state":"ON","brightness":5},"state":"OFF"}', "OFF", 77, ""],
      ['{"state":"OFF","constructor":1}', "OFF", 77, 'unknown key "constructor"'],
      ['{"state":"OFF","state":"DIM"}', "OFF", 77, ""],
      ['{"brightness":5,"brightness":6}', "ON", 5, ""],
      ['{"__proto__":{"state":"OFF"}}', "ON", 77, "bad JSON"],
      ['{"constructor":{"state":"OFF"},"toString":0}', "ON", 77, 'unknown key "constructor", "toString"'],
      ['{"stat":"OFF"}', "ON", 77, 'unknown key "stat"'],
      ['{"state":"OFF","brightness":256}', "ON", 77, "bad brightness"],
      ['{"state":"OFF","brightness":0x10}', "ON", 77, "bad brightness"],
      ['{"state":"OFF","brightness":1_0}', "ON", 77, "bad brightness"],
      ['{"state":"OFF","brightness":1e1}', "ON", 77, "bad brightness"],
      ['{"state":"OFF","brightness":010}', "ON", 77, "bad brightness"],
      ['{"state":"OFF","brightness":"0x10"}', "ON", 77, "bad brightness"],
      ['{"state":"OFF","brightness":[3]}', "ON", 77, "bad brightness"],
      ['{"state":"OFF","brightness":null}', "ON", 77, "bad brightness"],
      ['{"state":"OFF","brightness":true}', "ON", 77, "bad brightness"],
      ['{"state":"OFF","brightness":""}', "ON", 77, "bad brightness"],
      ['{"state":"OFF","transition":-1}', "ON", 77, "bad transition"],
      ['{"state":["OFF"]}', "ON", 77, "bad state"],
      ['{"state":null}', "ON", 77, "bad state"],
      ['{"state":"OFF"}]', "ON", 77, "bad JSON"],
      ['{"state":"OFF"},0]', "ON", 77, "bad JSON"],
      ['{"state":"OFF"}}', "ON", 77, "bad JSON"],
      ['{"state":"OFF"}"\\u0041', "ON", 77, "bad JSON"],
      ['{"state":"OFF"}"\\x4}', "ON", 77, "bad JSON"],
      ['["OFF"]', "ON", 77, "bad JSON"],
      ['"OFF"', "ON", 77, "bad JSON"],
      ['{"state":"OFF"} // }', "ON", 77, "bad JSON"],
      ['{"state":"OFF"}{"state":"OFF"}', "ON", 77, "bad JSON"],
      ['{"state":-x}', "ON", 77, "bad JSON"],
      ["{}", "ON", 77, "bad JSON"],
      ["[]", "ON", 77, "bad JSON"],
      ["null", "ON", 77, "bad JSON"],
      ["undefined", "ON", 77, "bad JSON"],
    ];

  test("JSON commands: what is known is obeyed, what is not is named, what is bad is refused", async () => {
    const { lamp, say, told, named } = await online();
    const differences: unknown[] = [];
    for (const [payload, state, brightness, reason] of commands) {
      await say(`${base}/set`, '{"state":"ON","brightness":77}');
      const before = named().length;
      await say(`${base}/set`, payload);
      const lines = named().slice(before);
      const found = JSON.parse(told("/json") ?? "");
      const isNamed =
        reason === "" ? lines.length === 0 : lines.length === 1 && lines[0]?.startsWith(`lamp: ${reason} (`);
      if (found.state !== state || found.brightness !== brightness || !isNamed)
        differences.push({ payload, ...found, lines });
    }
    expect(differences).toEqual([]);
    expect(lamp.console.filter((line) => line.includes("Uncaught"))).toEqual([]);
  });

  test("numbers on base/brightness/set follow the same rule", async () => {
    const { say, told, named } = await online();
    for (const [payload, brightness] of [
      [" 5 ", 5],
      ["127.5", 128],
      ["1.0", 1],
      ["255.5", 1],
      ["0x10", 1],
      ["1e1", 1],
      ["05", 1],
      ["-0", 1],
      ["1.2.3", 1],
      ["half", 1],
    ] as const) {
      await say(`${base}/brightness/set`, payload);
      expect({ payload, ...JSON.parse(told("/json") ?? "") }).toMatchObject({ payload, brightness });
    }
    expect(named()).toHaveLength(7);
  });

  test("a group with a wildcard takes words, JSON and brightness, and nothing that lamps tell", async () => {
    const { broker, say, told, named } = await online({ "lamp.groups": ["home/#"] });
    await say("home/all", "on");
    expect(told("/state")).toBe("on");
    await say("home/all", ' {"state":"OFF"}');
    expect(told("/state")).toBe("off");
    await say("home/hall/lamp/brightness/set", "12");
    expect(JSON.parse(told("/json") ?? "")).toMatchObject({ state: "ON", brightness: 12 });
    for (const kind of ["/state", "/json", "/status", "/telemetry", "/update/state", "/get"])
      for (const lamp of [base, "home/hall/lamp"])
        if (lamp !== base || (kind !== "/get" && kind !== "/status"))
          broker.current.send(
            publishPacket(lamp + kind, "off"),
            publishPacket(lamp + kind, '{"state":"OFF"}'),
          );
    await say("home/all", "");
    expect(told("/state")).toBe("on");
    expect(named()).toEqual([]);
  });

  test("the console line: the reason first, control characters escaped, UTF-8 as it is", async () => {
    const { lamp, say } = await online({ "lamp.groups": ["home/#"] });
    const before = lamp.console.length;
    await say("home/a\nlamp: forged", "schön \u001b[2J");
    await say(`${base}/set`, '{"grün":1,"a\\nb":2}');
    const lines = lamp.console.slice(before).map((line) => Buffer.from(line, "latin1").toString());
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^lamp: bad state \(1\): .*home\/a\\nlamp: forged.*schön \\u001B\[2J/);
    expect(lines[1]).toMatch(/^lamp: unknown key "grün", "a\\nb" \(2\): /);
  });

  test("300 commands that waited reach the pin once a chunk at most", async () => {
    const { broker, lamp, pin, told } = await online();
    const queue = Array.from({ length: 301 }, (_, index) =>
      publishPacket(base, index % 2 === 0 ? "on" : "off", { qos: 1, packetId: index + 1 }),
    );
    broker.current.send(...queue);
    await lamp.until(() => told("/state") === "on" && lamp.pin(pin) === 1, 10_000, "the last one is obeyed");
    await lamp.advance(500);
    const changes = lamp.pins.filter((event) => event.pin === pin).length;
    // Sockets hand over what there is, at most 536 bytes: now and then a shorter piece.
    expect(changes).toBeLessThanOrEqual(2 * Math.ceil(Buffer.concat(queue).length / 536));
    expect(lamp.pin(pin)).toBe(1);
  });

  test("a command is obeyed although what comes with it ends the connection", async () => {
    const { broker, lamp, pin } = await online();
    broker.current.send(publishPacket(base, "on"), Buffer.from("0000", "hex"));
    await lamp.until(() => lamp.pin(pin) === 1, 5_000, "the pin is high");
  });
});
