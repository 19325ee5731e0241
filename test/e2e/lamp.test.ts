// The lamp from the broker to the pin, the same words on the simulator and on the real interpreter.
import { afterEach, expect, test } from "vitest";
import { build } from "../../tools/build/build.ts";
import { loadConfig, type Settings } from "../../tools/config/load.ts";
import { packetType, publishPacket, readPublish, ScriptedBroker } from "../broker/scripted-broker.ts";
import { type BoardDriver, onEveryBoard, type RunningBoard } from "../drivers/index.ts";

const base = "home/office/lamp";

onEveryBoard("a lamp", (kind) => {
  let driver: BoardDriver;

  afterEach(() => driver.close());

  /** A broker that nobody has connected to yet, and a lamp for it that is switched on. */
  async function given(
    settings: Settings = {},
  ): Promise<{ broker: ScriptedBroker; lamp: RunningBoard; pin: string }> {
    driver = kind.create();
    const broker = new ScriptedBroker();
    const port = await driver.serve(broker);
    const config = loadConfig({
      file: null,
      board: "linux",
      overrides: { "mqtt.host": "127.0.0.1", "mqtt.port": port, "lamp.pwm": false, ...settings },
    });
    const { code, map } = await build({ config });
    const lamp = await driver.start({ bundle: code, sourceMap: map });
    return { broker, lamp, pin: String(config.values["lamp.pin"]) };
  }

  /** Everything the lamp has published to `topic`, in order. */
  const said = (broker: ScriptedBroker, topic: string) =>
    broker.connections
      .flatMap((connection) => connection.published)
      .filter((publish) => publish.topic === topic);
  const lastSaid = (broker: ScriptedBroker, topic: string) => said(broker, topic).at(-1)?.payload.toString();

  const isOnline = (broker: ScriptedBroker) => () =>
    broker.connections.some(
      (one) => !one.closed && one.published.some((publish) => publish.payload.toString() === "online"),
    );

  test("announces itself: will, subscriptions, status and state, both retained", async () => {
    const { broker, lamp } = await given();
    await lamp.until(isOnline(broker), 5_000, "online");
    await lamp.until(() => lastSaid(broker, `${base}/state`) === "off", 5_000, "its state is told");
    const connect = broker.current.received[0];
    expect(connect?.type).toBe(packetType.connect);
    expect(connect?.body.toString("latin1")).toContain(`${base}/status\0\x07offline`);
    expect(broker.current.subscriptions.map((one) => one.filter)).toContain(base);
    expect(said(broker, `${base}/status`)[0]?.retain).toBe(true);
    expect(said(broker, `${base}/state`)[0]?.retain).toBe(true);
  });

  for (const qos of [0, 1, 2] as const) {
    test(`obeys on and off at QoS ${qos}, acknowledges once, tells its state`, async () => {
      const { broker, lamp, pin } = await given({ "mqtt.qos": qos });
      await lamp.until(isOnline(broker), 5_000, "online");
      broker.current.send(publishPacket(base, "on", { qos, packetId: 7 }));
      await lamp.until(() => lamp.pin(pin) === 1, 5_000, "the pin is high");
      await lamp.until(() => lastSaid(broker, `${base}/state`) === "on", 5_000, "the state is on");
      broker.current.send(publishPacket(base, " OFF\n", { qos, packetId: 8 }));
      await lamp.until(() => lastSaid(broker, `${base}/state`) === "off", 5_000, "the state is off");
      await lamp.advance(200);
      expect(lamp.pins.filter((event) => event.pin === pin).map((event) => event.value)).toEqual([1, 0]);
      const answer = [undefined, packetType.puback, packetType.pubcomp][qos];
      const ids = broker.current.received
        .filter((received) => received.type === answer)
        .map((received) => received.body.readUInt16BE(0))
        .filter((id) => id === 7 || id === 8);
      expect(ids).toEqual(qos === 0 ? [] : [7, 8]);
    });
  }

  test("a command cut at every byte does what the whole one does", async () => {
    const { broker, lamp, pin } = await given({ "mqtt.qos": 1 });
    await lamp.until(isOnline(broker), 5_000, "online");
    const command = publishPacket(base, "on", { qos: 1, packetId: 9 });
    for (const byte of command) {
      broker.current.send(Buffer.from([byte]));
      await lamp.advance(5);
    }
    await lamp.until(() => lamp.pin(pin) === 1, 5_000, "the pin is high");
  });

  test("an unknown word changes nothing and is named on the console", async () => {
    const { broker, lamp, pin } = await given();
    await lamp.until(isOnline(broker), 5_000, "online");
    broker.current.send(publishPacket(base, "office"));
    await lamp.until(() => lamp.console.some((line) => line.includes("office")), 5_000, "the word is named");
    expect(lamp.pin(pin)).toBe(0);
    expect(broker.current.closed).toBe(false);
  });

  test("JSON that is no object is a bad command too: named, and nothing thrown", async () => {
    const { broker, lamp, pin } = await given();
    await lamp.until(isOnline(broker), 5_000, "online");
    for (const payload of ["null", "5", "true"]) {
      const named = (): number => lamp.console.filter((line) => line.includes("bad JSON")).length;
      const before = named();
      broker.current.send(publishPacket(`${base}/set`, payload));
      await lamp.until(() => named() > before, 5_000, `${payload} is named`);
    }
    expect(lamp.console.filter((line) => line.startsWith("Uncaught"))).toEqual([]);
    expect(lamp.pin(pin)).toBe(0);
  });

  test("when the broker goes and comes, the lamp is online again within 10 s and obeys", async () => {
    const { broker, lamp, pin } = await given();
    await lamp.until(isOnline(broker), 5_000, "online");
    const first = broker.current;
    first.close();
    await lamp.until(() => broker.current !== first && isOnline(broker)(), 10_000, "online again");
    broker.current.send(publishPacket(base, "on", { qos: 1, packetId: 1 }));
    await lamp.until(() => lamp.pin(pin) === 1, 5_000, "the pin is high");
  });

  for (const rxBuffer of [64, 128, 256]) {
    test(`garbage and 267 PINGRESPs in one write, rxBuffer ${rxBuffer}: one reason, and it is back within 10 s`, async () => {
      const { broker, lamp, pin } = await given({ "mqtt.rxBuffer": rxBuffer });
      await lamp.until(isOnline(broker), 5_000, "online");
      const first = broker.current;
      first.send(Buffer.from(`0000${"d000".repeat(267)}`, "hex"));
      await lamp.until(() => broker.current !== first && isOnline(broker)(), 10_000, "online again");
      expect(lamp.console.filter((line) => /; again in/.test(line))).toHaveLength(1);
      expect(lamp.console.filter((line) => /MEMORY|Uncaught/.test(line))).toEqual([]);
      broker.current.send(publishPacket(base, "on", { qos: 1, packetId: 1 }));
      await lamp.until(() => lamp.pin(pin) === 1, 5_000, "the pin is high");
    });
  }

  test("1,000 commands back to back end in the state of the last one", async () => {
    const { broker, lamp, pin } = await given();
    await lamp.until(isOnline(broker), 5_000, "online");
    const commands = Array.from({ length: 1_001 }, (_, index) =>
      publishPacket(base, index % 2 === 0 ? "on" : "off", { qos: 1, packetId: index + 1 }),
    );
    broker.current.send(...commands);
    const acknowledged = () =>
      broker.current.received.filter((received) => received.type === packetType.puback);
    await lamp.until(() => acknowledged().length >= 1_001, 20_000, "every command is acknowledged");
    await lamp.until(() => lastSaid(broker, `${base}/state`) === "on", 5_000, "the last state is told");
    await lamp.advance(500);
    expect(new Set(acknowledged().map((received) => received.body.readUInt16BE(0))).size).toBe(1_001);
    expect(acknowledged()).toHaveLength(1_001);
    expect(lamp.pin(pin)).toBe(1);
    const states = broker.current.received
      .filter((received) => received.type === packetType.publish)
      .map(readPublish);
    expect(
      states
        .filter((publish) => publish.topic === `${base}/state`)
        .at(-1)
        ?.payload.toString(),
    ).toBe("on");
  });
});
