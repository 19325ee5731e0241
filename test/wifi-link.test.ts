// Wi-Fi of a board that has it: joined with an own deadline, lost with and without being told, and joined again.
import { describe, expect, test } from "vitest";
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

/** Seconds of board time, from now on, at which the lamp tries to join. */
function momentsOf(lamp: LampWorld, seconds: number): number[] {
  const moments: number[] = [];
  for (let second = 0; second < seconds; second++) {
    const before = wifiOf(lamp).attempts.length;
    lamp.seconds(1);
    if (wifiOf(lamp).attempts.length > before) moments.push(second);
  }
  return moments;
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

describe("a blip", () => {
  test.each([200, 1_500, 2_000, 3_000, 5_000])(
    "of %i ms: online within 5 s after it, whatever the moment",
    async (blipMs) => {
      for (const retries of [0, 2])
        for (let offset = 0; offset < 1_000; offset += 125) {
          const lamp = await lampOnline(settings);
          wifiOf(lamp).retries = retries;
          lamp.say(base, "on");
          lamp.milliseconds(30_000 + offset);
          wifiOf(lamp).down();
          lamp.milliseconds(blipMs);
          wifiOf(lamp).up();
          lamp.seconds(5);
          expect(lamp.isOnline).toBe(true);
          expect(lamp.level).toBe(1);
          lamp.say(base, "off");
          expect(lamp.level).toBe(0);
        }
    },
  );

  test("every refusal is followed by a pause of its own, which grows to 30 s and no further", async () => {
    const lamp = await createLampWorld(settings);
    wifiOf(lamp).answer = "no-access-point";
    lamp.board.boot();
    lamp.seconds(3);
    lamp.board.evaluate("Math.random=function(){return 0.999999}");
    const moments = momentsOf(lamp, 300);
    const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] as number));
    // A scan takes 2.4 s, and what happened between two seconds is seen at the second.
    expect(gaps.slice(-3)).toEqual([32, 32, 32]);
    expect(gaps.slice(0, 4)).toEqual([...gaps.slice(0, 4)].sort((one, other) => one - other));
  });
});

describe("callbacks that are held back", () => {
  /** A lamp without Wi-Fi whose `connect` keeps its callbacks for the test. */
  async function given(): Promise<{ lamp: LampWorld; answer(attempt: number, error: string | null): void }> {
    const lamp = await lampOnline(settings);
    lamp.board.evaluate(
      'var held=[];require("Wifi").connect=function(n,o,f){held.push(f)};Math.random=function(){return 0}',
    );
    wifiOf(lamp).down();
    return {
      lamp,
      answer: (attempt, error) => void lamp.board.evaluate(`held[${attempt}](${JSON.stringify(error)})`),
    };
  }
  const attempts = (lamp: LampWorld): number => Number(lamp.board.evaluate("held.length"));

  test("none: the deadline of 20 s and a pause", async () => {
    const { lamp } = await given();
    lamp.seconds(1);
    expect(attempts(lamp)).toBe(1);
    lamp.seconds(20);
    expect(attempts(lamp)).toBe(1);
    lamp.seconds(1);
    expect(attempts(lamp)).toBe(2);
  });

  test("late, but before the deadline: the pause begins then", async () => {
    const { lamp, answer } = await given();
    lamp.seconds(15);
    answer(0, "NO_AP_FOUND");
    lamp.seconds(1);
    expect(attempts(lamp)).toBe(2);
  });

  test("of an earlier attempt: does not count, now or in a later loss", async () => {
    const { lamp, answer } = await given();
    lamp.seconds(22);
    expect(attempts(lamp)).toBe(2);
    answer(0, "ASSOC_LEAVE");
    lamp.seconds(20);
    expect(attempts(lamp)).toBe(2);
    lamp.seconds(1);
    expect(attempts(lamp)).toBe(3);
    // Joined in spite of it, and lost once more.
    lamp.board.evaluate(
      'var noIP=require("Wifi").getIP;require("Wifi").getIP=function(){return {ip:"192.168.4.23"}}',
    );
    lamp.seconds(2);
    lamp.board.evaluate('require("Wifi").getIP=noIP');
    lamp.seconds(1);
    expect(attempts(lamp)).toBe(4);
    for (const earlier of [0, 1, 2]) answer(earlier, "NO_AP_FOUND");
    lamp.seconds(19);
    expect(attempts(lamp)).toBe(4);
    lamp.seconds(3);
    expect(attempts(lamp)).toBe(5);
  });

  test("twice, or with good news and no address: nothing is tried before its time", async () => {
    const { lamp, answer } = await given();
    lamp.seconds(2);
    answer(0, null);
    lamp.seconds(18);
    expect(attempts(lamp)).toBe(1);
    lamp.seconds(2);
    answer(1, "AUTH_FAIL");
    answer(1, "AUTH_FAIL");
    lamp.seconds(1);
    expect(attempts(lamp)).toBe(3);
    lamp.seconds(19);
    expect(attempts(lamp)).toBe(3);
  });
});
