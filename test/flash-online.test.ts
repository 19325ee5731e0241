// What wick flash takes for a lamp that is online, and what it says of progress and of the line to try.
import { type AddressInfo, createServer, type Socket } from "node:net";
import mqtt from "mqtt";
import { afterEach, describe, expect, test } from "vitest";
import { EmbeddedBroker } from "../sim/index.ts";
import { loadConfig, type Settings } from "../tools/config/load.ts";
import { BrokerUnreachable, brokerOf, connectToBroker } from "../tools/flash/broker.ts";
import { NotProven, watchLamp } from "../tools/flash/online.ts";
import { progressLine } from "../tools/flash/progress.ts";
import { exceptionsIn, linesOf } from "../tools/flash/restart.ts";
import { linesForLamp } from "../tools/flash/try-lines.ts";

const topic = "home/office/lamp";
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const configured = (settings: Settings = {}) =>
  loadConfig({ file: null, board: "linux", overrides: { "mqtt.host": "127.0.0.1", ...settings } });

async function desk() {
  const broker = await EmbeddedBroker.create();
  closing.push(() => broker.close());
  const port = await broker.listen(0);
  const client = await connectToBroker(brokerOf(configured({ "mqtt.port": port })));
  closing.push(() => client.endAsync(true));
  const lamp = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
  closing.push(() => lamp.endAsync(true));
  return { client, lamp };
}

describe("a lamp is online", () => {
  test("not by what the broker remembers of it", async () => {
    const { client, lamp } = await desk();
    await lamp.publishAsync(`${topic}/state`, "on", { retain: true, qos: 1 });
    await lamp.publishAsync(`${topic}/status`, "online", { retain: true, qos: 1 });
    const watch = await watchLamp(client, topic);
    watch.restarting();
    watch.begin();
    await expect(watch.untilOnline({ withinMs: 300 })).rejects.toThrow(NotProven);
  });

  test("not by what it said before the new one started", async () => {
    const { client, lamp } = await desk();
    const watch = await watchLamp(client, topic);
    const arrived = new Promise((resolve) => client.once("message", resolve));
    await lamp.publishAsync(`${topic}/state`, "on", { qos: 1 });
    await arrived;
    watch.restarting();
    await lamp.publishAsync(`${topic}/status`, "online", { retain: true, qos: 1 });
    watch.begin();
    await expect(watch.untilOnline({ withinMs: 300 })).rejects.toThrow("no answer within 0 s");
  });

  /** Answers and obeys, as a lamp does. */
  function obey(lamp: mqtt.MqttClient, isOn: boolean): string[] {
    const words: string[] = [];
    let state = isOn ? "on" : "off";
    lamp.on("message", (name, payload) => {
      if (name === topic) {
        state = payload.toString();
        words.push(state);
      }
      lamp.publish(`${topic}/state`, state, { retain: true });
    });
    return words;
  }

  test("when it comes and answers; it is then switched over and back", async () => {
    const { client, lamp } = await desk();
    const words = obey(lamp, true);
    await lamp.subscribeAsync([topic, `${topic}/get`]);
    const watch = await watchLamp(client, topic);
    watch.restarting();
    // It may be there before the board was asked what runs.
    await lamp.publishAsync(`${topic}/status`, "online", { retain: true, qos: 1 });
    watch.begin();
    expect(await watch.untilOnline({ withinMs: 20_000 })).toBe(true);
    expect(watch.wasOn).toBeUndefined();
    await watch.blink(true, { withinMs: 20_000 });
    expect(words).toEqual(["off", "on"]);
  });

  test("not because another lamp, which was there before, answers on the same topic", async () => {
    const { client, lamp } = await desk();
    obey(lamp, true);
    await lamp.publishAsync(`${topic}/status`, "online", { retain: true, qos: 1 });
    await lamp.subscribeAsync([topic, `${topic}/get`]);
    const watch = await watchLamp(client, topic);
    watch.restarting();
    watch.begin();
    await expect(watch.untilOnline({ withinMs: 1000 })).rejects.toThrow(
      "no lamp came online there within 1 s: what answers is another one, which was there before; every lamp needs a topic of its own (lamp.topic)",
    );
  });

  test("and a lamp that was on before is on again", async () => {
    const { client, lamp } = await desk();
    await lamp.publishAsync(`${topic}/status`, "online", { retain: true, qos: 1 });
    await lamp.publishAsync(`${topic}/state`, "on", { retain: true, qos: 1 });
    const words = obey(lamp, false);
    await lamp.subscribeAsync([topic, `${topic}/get`]);
    const told = new Promise<void>((resolve) => {
      const kinds = new Set<string>();
      client.on("message", (name) => kinds.add(name).size === 2 && resolve());
    });
    const watch = await watchLamp(client, topic);
    await told;
    watch.restarting();
    await lamp.publishAsync(`${topic}/status`, "online", { retain: true, qos: 1 });
    watch.begin();
    expect(await watch.untilOnline({ withinMs: 20_000 })).toBe(false);
    expect(watch.wasOn).toBe(true);
    await watch.blink(false, { withinMs: 20_000, finally: watch.wasOn });
    expect(words).toEqual(["on", "off", "on"]);
  });

  test("unless Ctrl-C comes first", async () => {
    const { client } = await desk();
    const watch = await watchLamp(client, topic);
    const signal = AbortSignal.abort();
    await expect(watch.untilOnline({ withinMs: 60_000, signal })).rejects.toThrow("stopped");
  });
});

test("a broker that is not there is named with the reason, and without the password", async () => {
  const access = brokerOf(
    configured({ "mqtt.port": 1, "mqtt.username": "me", "mqtt.password": "hidden-word" }),
  );
  const error = await connectToBroker(access).catch((thrown: unknown) => thrown);
  expect(error).toEqual(
    new BrokerUnreachable("mqtt://127.0.0.1:1: nobody listens there (connection refused)"),
  );
});

test("a broker that ends the connection, and one that never answers, are told apart; Ctrl-C is heard meanwhile", async () => {
  const sockets: Socket[] = [];
  const serve = async (each: (socket: Socket) => void): Promise<number> => {
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined);
      each(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    return (server.address() as AddressInfo).port;
  };
  const rude = await serve((socket) => socket.end());
  await expect(connectToBroker(brokerOf(configured({ "mqtt.port": rude })))).rejects.toThrow(
    new BrokerUnreachable(`mqtt://127.0.0.1:${rude}: it ended the connection at once`),
  );
  const controller = new AbortController();
  const mute = await serve(() => controller.abort());
  await expect(
    connectToBroker(brokerOf(configured({ "mqtt.port": mute })), controller.signal),
  ).rejects.toThrow(new BrokerUnreachable(`mqtt://127.0.0.1:${mute}: stopped`));
});

test("the lines to try hold what the broker wants, but no password", () => {
  expect(linesForLamp(configured())[0]).toBe(`mosquitto_pub -h 127.0.0.1 -p 1883 -t ${topic} -m on`);
  const lines = linesForLamp(
    configured({ "mqtt.username": "an office", "mqtt.password": "hidden-word", "lamp.topic": "it's/mine" }),
  );
  expect(lines).toEqual([
    `mosquitto_pub -h 127.0.0.1 -p 1883 -u 'an office' -P "$MQTT_PASSWORD" -t 'it'\\''s/mine' -m on`,
    `npx mqtt pub -h 127.0.0.1 -p 1883 -u 'an office' -P "$MQTT_PASSWORD" -t 'it'\\''s/mine' -m on`,
  ]);
});

test.each([
  [{ sent: 0, total: 9000, elapsedMs: 0 }, 60, /^░+ 0 of 9,000 bytes$/],
  [{ sent: 4500, total: 9000, elapsedMs: 2000 }, 80, /^█{20}░{20} 4,500 of 9,000 bytes, 2 s left$/],
  [{ sent: 100, total: 9000, elapsedMs: 3000 }, 80, /, 5 min left$/],
  [{ sent: 9000, total: 9000, elapsedMs: 1234 }, 80, /^█{40} 9,000 of 9,000 bytes, 1\.2 s$/],
  [{ sent: 4500, total: 9000, elapsedMs: 2000 }, 34, /^4,500 of 9,000 bytes, 2 s left$/],
  [{ sent: 4500, total: 9000, elapsedMs: 2000 }, undefined, /^4,500 of 9,000 bytes, 2 s left$/],
])("progress %j in %s columns", (progress, columns, expected) => {
  const line = progressLine(progress, columns);
  expect(line).toMatch(expected);
  if (columns !== undefined) expect(line.length).toBeLessThan(columns);
});

test("exceptions are found in what a console shows, with their place", () => {
  const text =
    '\r\n>\x1b[Jlamp\r\nUncaught ReferenceError: "there" is not defined\r\n at lamp.b:1:34\r\n  there();\r\n  ^\r\n>';
  expect(exceptionsIn(linesOf(text))).toEqual([
    'Uncaught ReferenceError: "there" is not defined at lamp.b:1:34',
  ]);
});
