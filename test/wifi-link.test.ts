// Wi-Fi of a board that has it: joined with an own deadline, lost with and without being told, and joined again.
import { expect, test } from "vitest";
import type { WifiControl } from "../sim/index.ts";
import { base, createLampWorld, type LampWorld, lampOnline } from "./fixtures/client-lamp.ts";

const settings = { board: "esp32-devkitc" } as const;

function wifiOf(lamp: LampWorld): WifiControl {
  if (!lamp.board.wifi) throw new Error("this board has no Wi-Fi");
  return lamp.board.wifi;
}

function secondsUntilOnline(lamp: LampWorld, most: number): number {
  const { length } = lamp.broker.connections;
  for (let second = 0; second <= most; second++) {
    if (lamp.isOnline && (second === 0 || lamp.broker.connections.length > length)) return second;
    lamp.seconds(1);
  }
  throw new Error(
    `not online within ${most} s; the console says: ${lamp.board.console.slice(-5).join(" | ")}`,
  );
}

test("the lamp joins with name and password, and only then asks for the broker", async () => {
  const lamp = await lampOnline(settings);
  expect(wifiOf(lamp).attempts).toEqual([{ ssid: "attic", password: "secret of the attic" }]);
  expect(lamp.isOnline).toBe(true);
  const order = lamp.events.filter((event) => event.type === "wifi" || event.type === "socket");
  expect(order.map((event) => event.type)).toEqual(["wifi", "socket"]);
  expect(lamp.board.console.join("\n")).not.toContain("secret");
});

test("its host name is the client id, or what the config says", async () => {
  const usual = await lampOnline(settings);
  expect(usual.board.evaluate('require("Wifi").getHostname()')).toBe(
    `lamp-${usual.board.evaluate("getSerial()")}`,
  );
  const named = await lampOnline({ ...settings, "wifi.hostname": "attic-lamp" });
  expect(named.board.evaluate('require("Wifi").getHostname()')).toBe("attic-lamp");
});

test("the pin is at its safe level before Wi-Fi is even asked for", async () => {
  const lamp = await createLampWorld({ ...settings, "lamp.activeLow": true });
  lamp.board.boot();
  expect(lamp.events.map((event) => event.type).slice(0, 2)).toEqual(["boot", "pin"]);
});

test("a connect that never calls back is given up and tried again [Espruino 2295]", async () => {
  const lamp = await createLampWorld(settings);
  wifiOf(lamp).answer = "never";
  lamp.board.boot();
  lamp.seconds(200);
  const tries = wifiOf(lamp).attempts.length;
  expect(tries).toBeGreaterThanOrEqual(3);
  expect(tries).toBeLessThan(12);
  expect(lamp.board.boots).toBe(1);
  wifiOf(lamp).answer = "connects";
  secondsUntilOnline(lamp, 60);
});

test.each(["fails", "dhcp-timeout"] as const)(
  "an access point that %s is tried again for ever, with pauses, said once a pause",
  async (answer) => {
    const lamp = await createLampWorld(settings);
    wifiOf(lamp).answer = answer;
    lamp.board.boot();
    lamp.seconds(600);
    const tries = wifiOf(lamp).attempts.length;
    expect(tries).toBeGreaterThanOrEqual(10);
    expect(tries).toBeLessThan(150);
    expect(lamp.board.console.length).toBeLessThanOrEqual(tries + 1);
    expect(lamp.errors).toEqual([]);
    expect(lamp.board.boots).toBe(1);
    wifiOf(lamp).answer = "connects";
    secondsUntilOnline(lamp, 60);
  },
);

test.each([false, true])(
  "Wi-Fi that is lost (silently: %s) and back: online again, as it was",
  async (silent) => {
    const lamp = await lampOnline(settings);
    lamp.say(base, "on");
    lamp.seconds(60);
    wifiOf(lamp).down({ silent });
    lamp.seconds(45);
    expect(lamp.isOnline).toBe(false);
    expect(lamp.level).toBe(1);
    expect(lamp.board.console.filter((line) => line.includes("Wi-Fi: lost"))).toHaveLength(1);
    wifiOf(lamp).up();
    secondsUntilOnline(lamp, 60);
    expect(lamp.level).toBe(1);
    lamp.seconds(1);
    expect(lamp.last("/state")).toBe("on");
    lamp.say(base, "off");
    expect(lamp.level).toBe(0);
  },
);

test("an hour without Wi-Fi: no socket is tried, nothing reboots, then all is well", async () => {
  const lamp = await lampOnline(settings);
  wifiOf(lamp).down();
  lamp.seconds(5);
  const sockets = lamp.events.filter((event) => event.type === "socket").length;
  lamp.seconds(3_600);
  expect(lamp.events.filter((event) => event.type === "socket")).toHaveLength(sockets);
  expect(lamp.board.boots).toBe(1);
  wifiOf(lamp).up();
  secondsUntilOnline(lamp, 60);
});

test("a hundred losses leave the same number of timers, listeners and sockets", async () => {
  const lamp = await lampOnline(settings);
  lamp.board.evaluate("Math.random=function(){return 0}");
  const { timers, listeners } = lamp.board;
  for (let turn = 0; turn < 100; turn++) {
    wifiOf(lamp).down({ silent: turn % 2 === 0 });
    lamp.seconds(3);
    wifiOf(lamp).up();
    secondsUntilOnline(lamp, 60);
  }
  lamp.seconds(1);
  expect([lamp.board.timers, lamp.board.listeners, lamp.board.sockets]).toEqual([timers, listeners, 1]);
  expect(lamp.errors).toEqual([]);
});
