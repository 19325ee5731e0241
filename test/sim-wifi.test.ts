/** require("Wifi") on the simulated board: events, reasons and callbacks of the ESP32, for each thing that may go wrong. */
import { describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, VirtualClock, type WifiControl } from "../sim/index.ts";

/** Prints each event and callback with the time in ms. */
const program = `
var w = require("Wifi");
["associated", "connected", "disconnected", "dhcp_timeout"].forEach(function (name) {
  w.on(name, function (d) { print(Math.round(getTime() * 1000) + " " + name + (d.reason ? " " + d.reason + " " + d.msg : "")) });
});
function join() { w.connect("net", {password: "secret"}, function (e) { print(Math.round(getTime() * 1000) + " callback " + e) }) }
join();`;

function bench(prepare: (wifi: WifiControl) => void = () => {}, seed = 1) {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const board = createBoard({ profile: { name: "esp", wifi: true }, bundle: program, clock, network, seed });
  const wifi = board.wifi ?? expect.unreachable();
  prepare(wifi);
  board.boot();
  return { clock, board, network, wifi };
}

describe("an attempt", () => {
  test.each([
    ["connects", ["40 associated", "40 connected", "40 callback null"]],
    ["no-access-point", ["2400 disconnected 201 NO_AP_FOUND", "2400 callback NO_AP_FOUND"]],
    [
      "wrong-password",
      ["4000 disconnected 15 4WAY_HANDSHAKE_TIMEOUT", "4000 callback 4WAY_HANDSHAKE_TIMEOUT"],
    ],
    ["no-dhcp", ["40 associated"]],
    ["dhcp-timeout", ["40 associated", "40 dhcp_timeout"]],
    ["never", []],
  ] as const)("%s", async (answer, lines) => {
    const { board, clock } = bench((wifi) => {
      wifi.answer = answer;
    });
    await clock.advance(60_000);
    expect(board.console).toEqual(lines);
    expect(board.evaluate("w.getIP().ip")).toBe(answer === "connects" ? "192.168.4.23" : "0.0.0.0");
  });

  test("newer firmware tries three times before it tells", async () => {
    const { board, clock, wifi } = bench((control) => {
      control.answer = "no-access-point";
      control.retries = 2;
    });
    await clock.advance(60_000);
    expect(board.console).toEqual(["7200 disconnected 201 NO_AP_FOUND", "7200 callback NO_AP_FOUND"]);
    expect(wifi.attempts).toHaveLength(1);
  });

  test("a callback is called once, and not at all after the program left", async () => {
    const { board, clock, wifi } = bench();
    await clock.advance(1000);
    wifi.down();
    wifi.up();
    await clock.advance(1000);
    board.evaluate("join(); w.disconnect(); 0");
    await clock.advance(10_000);
    expect(board.console.filter((line) => line.includes("callback"))).toEqual(["40 callback null"]);
  });
});

describe("a loss", () => {
  test("of the access point: a reason, no address; and the board does not come back by itself", async () => {
    const { board, clock, wifi } = bench();
    await clock.advance(1000);
    wifi.down();
    await clock.advance(1);
    expect(board.console.at(-1)).toBe("1000 disconnected 200 BEACON_TIMEOUT");
    expect(board.evaluate("w.getIP().ip")).toBe("0.0.0.0");
    wifi.up();
    await clock.advance(60_000);
    expect(wifi.connected).toBe(false);
  });

  test("newer firmware heals a short one without a word of it", async () => {
    const { board, clock, wifi } = bench((control) => {
      control.retries = 2;
    });
    await clock.advance(1000);
    wifi.down();
    await clock.advance(1000);
    wifi.up();
    await clock.advance(10_000);
    expect(wifi.connected).toBe(true);
    expect(board.console.slice(3)).toEqual(["3440 associated", "3440 connected"]);
  });
});

test("a signal too weak: address and sockets stay, nothing passes, nobody is told; then it all arrives", async () => {
  const { board, clock, network, wifi } = bench();
  const heard: string[] = [];
  network.listen(1, (peer) => {
    peer.onData = (bytes) => heard.push(`${clock.now()} ${bytes}`);
    clock.schedule(5000, () => peer.send("late"));
  });
  await clock.advance(1000);
  board.evaluate(
    'var c = require("net").connect({host: "x", port: 1}); c.on("data", function (d) { print(Math.round(getTime() * 1000) + " " + d) }); 0',
  );
  await clock.advance(1000);
  const said = board.console.length;
  wifi.weakSignal = true;
  board.evaluate('c.write("weak"); 0');
  await clock.advance(8000);
  expect(heard).toEqual([]);
  expect(board.console).toHaveLength(said);
  expect(board.evaluate("w.getIP().ip")).toBe("192.168.4.23");
  expect(() => board.evaluate('require("net").connect({host: "x", port: 1})')).toThrow(
    "Unable to locate host",
  );
  wifi.weakSignal = false;
  await clock.advance(10);
  expect(heard).toEqual(["10001 weak"]);
  expect(board.console.at(-1)).toBe("10000 late");
});

test("the signal's strength is read as set, and varies by the seed", () => {
  const read = (seed: number): number[] => {
    const { board, clock, wifi } = bench((control) => {
      control.rssi = -70;
      control.rssiSpread = 5;
    }, seed);
    clock.runUntil(1000);
    const readings = Array.from({ length: 50 }, () => Number(board.evaluate("w.getDetails().rssi")));
    wifi.rssiSpread = 0;
    expect(board.evaluate("w.getStatus().rssi")).toBe(-70);
    return readings;
  };
  const readings = read(1);
  expect(Math.min(...readings)).toBeGreaterThanOrEqual(-75);
  expect(Math.max(...readings)).toBeLessThanOrEqual(-65);
  expect(new Set(readings).size).toBeGreaterThan(5);
  expect(read(1)).toEqual(readings);
  expect(read(2)).not.toEqual(readings);
});
