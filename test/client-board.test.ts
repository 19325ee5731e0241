// A program with two clients, built as the lamp is (shortened names and all), on the simulated board.
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { build } from "../tools/build/build.ts";
import { loadConfig } from "../tools/config/load.ts";
import { type Connection, packetType, publishPacket, ScriptedBroker } from "./broker/scripted-broker.ts";

async function given() {
  const config = loadConfig({
    file: null,
    board: "linux",
    overrides: { "mqtt.host": "127.0.0.1", "mqtt.port": 1_883 },
  });
  const entry = fileURLToPath(new URL("fixtures/client-two.ts", import.meta.url));
  const { code, map } = await build({ config, entry });
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const names = new Map<string, Connection>();
  const broker = new ScriptedBroker({
    onPacket(connection, received) {
      if (received.type === packetType.connect) names.set(received.body.toString("latin1", 12), connection);
      return undefined;
    },
    onPublish(_connection, { topic, payload, qos }) {
      names.get("listener")?.send(publishPacket(topic, payload, { qos, packetId: 500 }));
    },
  });
  network.listen(1_883, (peer) => {
    const connection = broker.attach({ write: (bytes) => peer.send(bytes), close: () => peer.end() });
    peer.onData = (bytes) => connection.receive(Buffer.from(bytes, "latin1"));
    peer.onClose = () => {
      connection.closed = true;
    };
  });
  const board = createBoard({ profile: config.profile, bundle: code, sourceMap: map, clock, network });
  board.boot();
  const seconds = (count: number) => clock.runUntil(clock.now() + count * 1_000);
  seconds(3);
  return { board, names, network, seconds };
}

test("two clients in one program: each has its own connection, callbacks and session", async () => {
  const { board, names, seconds } = await given();
  expect([...names.keys()].sort()).toEqual(["listener", "talker"]);
  names.get("talker")?.send(publishPacket("ask", ""));
  seconds(1);
  const said = board.console.map((line) => line.replace(/published [1-9]\d*$/, "published"));
  expect(said.sort()).toEqual([
    "listener: connected, session false",
    "listener: news/+ granted 2",
    "listener: news/1 hello false 2 false",
    "talker: ask granted 1",
    "talker: connected, session false",
    "talker: published",
  ]);
});

test("one loses its connection, the other keeps it; 1,000 losses leave nothing behind", async () => {
  const { board, names, seconds } = await given();
  board.evaluate("Math.random=function(){return 0}");
  const { timers, listeners, sockets } = board;
  const listener = names.get("listener");
  for (let turn = 0; turn < 1_000; turn++) {
    names.get("talker")?.close();
    seconds(2);
  }
  seconds(2);
  expect(board.console.filter((line) => line === "talker: lost")).toHaveLength(1_000);
  expect(board.console).not.toContain("listener: lost");
  expect(names.get("listener")).toBe(listener);
  expect([board.timers, board.listeners, board.sockets]).toEqual([timers, listeners, sockets]);
  names.get("talker")?.send(publishPacket("ask", ""));
  seconds(1);
  expect(board.console).toContain("listener: news/1 hello false 2 false");
});
