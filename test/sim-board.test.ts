/** The simulated board against the interpreter's rules: timers, events, exceptions, pins, storage, Wi-Fi, watchdog, surface. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Board,
  type BoardEvent,
  createBoard,
  FileStorage,
  LoopbackNetwork,
  MemoryStorage,
  type StorageMedium,
  VirtualClock,
} from "../sim/index.ts";
import { sourceMapOf } from "./sim-source-map.ts";

interface Bench {
  board: Board;
  clock: VirtualClock;
  network: LoopbackNetwork;
  events: BoardEvent[];
}

function bench(
  bundle: string,
  options: { storage?: StorageMedium; wifi?: boolean; sourceMap?: string; seed?: number } = {},
): Bench {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const events: BoardEvent[] = [];
  const { wifi = false, ...rest } = options;
  const board = createBoard({
    profile: { name: "test", wifi },
    bundle,
    clock,
    network,
    onEvent: (event) => events.push(event),
    ...rest,
  });
  board.boot();
  return { board, clock, network, events };
}

describe("timers", () => {
  test("those due at the same moment run in the order of their installation", async () => {
    const { board, clock } = bench(
      'setTimeout(print, 20, "c"); setTimeout(print, 10, "a"); setTimeout(print, 10, "b");',
    );
    await clock.advance(9.9);
    expect(board.console).toEqual([]);
    await clock.advance(0.1);
    expect(board.console).toEqual(["a", "b"]);
    await clock.advance(10);
    expect(board.console).toEqual(["a", "b", "c"]);
    expect(board.timers).toBe(0);
  });

  test("an interval keeps its pace; changeInterval starts it anew", async () => {
    const { board, clock } = bench("var n = 0; var id = setInterval(function () { n++ }, 100);");
    await clock.advance(1000);
    expect(board.evaluate("n")).toBe(10);
    board.evaluate("changeInterval(id, 1000)");
    await clock.advance(999);
    expect(board.evaluate("n")).toBe(10);
    await clock.advance(1);
    expect(board.evaluate("n")).toBe(11);
  });

  test("clearTimeout() without an argument clears all, clearTimeout(undefined) throws", async () => {
    const { board, clock } = bench(
      "setTimeout(print, 5, 'never'); setInterval(print, 5, 'never'); try { clearTimeout(undefined) } catch (e) { print(e) } clearTimeout();",
    );
    await clock.advance(100);
    expect(board.console).toEqual([
      "Error: Error: clearTimeout(undefined) not allowed. Use clearTimeout() instead",
    ]);
    expect(board.timers).toBe(0);
  });

  test("an id is used again once the timer and all later ones are gone", () => {
    const { board } = bench(
      "var a = setTimeout(print, 1), b = setTimeout(print, 1); clearTimeout(b); var c = setTimeout(print, 1);",
    );
    expect(board.evaluate("b === c")).toBe(true);
  });
});

describe("events", () => {
  test("emit queues: listeners run from the idle loop, in order", async () => {
    const { board, clock } = bench(
      'var o = {}; o.on("x", function (a) { print("one " + a + (this === o)) }); o.on("x", function () { print("two") }); o.emit("x", 1); print("first");',
    );
    await clock.advance(0);
    expect(board.console).toEqual(["first", "one 1true", "two"]);
  });

  test("removeListener and removeAllListeners; there is no once", async () => {
    const { board, clock } = bench(
      'var o = {}, f = function () { print("never") }; o.on("x", f); o.removeListener("x", f); o.on("y", f); o.removeAllListeners(); o.emit("x"); o.emit("y");',
    );
    await clock.advance(0);
    expect(board.console).toEqual([]);
    expect(board.evaluate("typeof o.once")).toBe("undefined");
  });
});

describe("promises", () => {
  test("Promise.all waits for all of them and keeps their order", async () => {
    const { board, clock } = bench(
      "Promise.all([new Promise((done) => setTimeout(done, 20, 1)), 2, Promise.resolve(3)]).then(print)",
    );
    await clock.advance(19);
    expect(board.console).toEqual([]);
    await clock.advance(1);
    expect(board.console).toEqual(["[ 1, 2, 3 ]"]);
  });
});

describe("exceptions", () => {
  test("a listener that throws is reported and stays, and the others run", async () => {
    const { board, clock, events } = bench(
      'var o = {}; o.on("x", function () { throw new Error("boom") }); o.on("x", function () { print("second") }); setInterval(function () { o.emit("x") }, 10);',
    );
    await clock.advance(20);
    expect(board.console.filter((line) => line === "Uncaught Error: boom")).toHaveLength(2);
    expect(board.console[0]).toBe("second");
    expect(events.find(({ type }) => type === "error")).toMatchObject({
      message: expect.stringContaining("Uncaught Error: boom"),
    });
  });

  test("a timer that throws stays installed", async () => {
    const { board, clock } = bench("setInterval(function () { undefined.x }, 10)");
    await clock.advance(30);
    expect(
      board.console.filter((line) => line === "Uncaught Error: Can't read property 'x' of undefined"),
    ).toHaveLength(3);
    expect(board.timers).toBe(1);
  });

  test("process.on('uncaughtException') takes it, and what that throws is printed", async () => {
    const { board, clock } = bench(
      "process.on('uncaughtException', function (e) { print('caught ' + e); throw new Error('again') }); setTimeout(function () { throw 'text' }, 1);",
    );
    await clock.advance(1);
    expect(board.console.slice(0, 2)).toEqual(["caught text", "Uncaught Error: again"]);
  });

  test("the place is told in the TypeScript sources", async () => {
    const sourceMap = sourceMapOf("firmware/lamp/lamp.ts", [
      { line: 1, column: 22, originalLine: 41, originalColumn: 4 },
    ]);
    const { board, clock } = bench('setTimeout(function(){throw new Error("boom")},1)', { sourceMap });
    await clock.advance(1);
    expect(board.console).toEqual(["Uncaught Error: boom", "    at (firmware/lamp/lamp.ts:41:5)"]);
  });

  test("a bundle that does not parse is an error of the board, not of the simulator", () => {
    const { board } = bench("var = 1");
    expect(board.console[0]).toContain("Uncaught SyntaxError");
  });
});

describe("pins", () => {
  test("every change of level or duty cycle is an event; a write of the same is none", () => {
    const { board, events } = bench(
      "digitalWrite(D2, 1); D2.set(); D2.reset(); analogWrite(D2, 0.25, {freq: 1000}); analogWrite(D2, 2); D2.toggle(); pinMode(D2, 'output');",
    );
    expect(events.filter(({ type }) => type === "pin")).toEqual(
      [1, 0, 0.25, 1, 0].map((value) => ({ t: 0, type: "pin", pin: "D2", value })),
    );
    expect(board.pins.mode("D2")).toBe("output");
  });

  test("the frequency of PWM is known; power-off lets go of the pin", () => {
    const { board, events } = bench("analogWrite(D2, 0.5, {freq: 1000})");
    expect(board.pins.frequency("D2")).toBe(1000);
    board.powerOff();
    expect(events.at(-1)).toEqual({ t: 0, type: "pin", pin: "D2", value: 0 });
  });

  test("several pins take the bits of a number, the last pin the lowest", () => {
    const { board } = bench("digitalWrite([D2, D4, D5], 6)");
    expect(["D2", "D4", "D5"].map((pin) => board.pins.value(pin))).toEqual([1, 1, 0]);
    expect(board.evaluate("digitalRead([D2, D4, D5])")).toBe(6);
  });

  test("a pin that is not there is refused", () => {
    const { board } = bench("");
    expect(() => board.evaluate("digitalWrite('D99', 1)")).toThrow("Invalid pin");
  });

  test("setWatch debounces: bouncing is one edge, at the time it became stable", async () => {
    const { board, clock } = bench(
      "pinMode(D0, 'input_pullup'); setWatch(function (e) { print(e.state + ' ' + e.time) }, D0, {repeat: true, edge: 'falling', debounce: 50});",
    );
    for (const level of [0, 1, 0] as const) {
      board.pins.drive("D0", level);
      await clock.advance(10);
    }
    await clock.advance(100);
    board.pins.release("D0");
    await clock.advance(100);
    expect(board.console).toEqual(["false 0.02"]);
    expect(board.listeners).toBe(1);
  });
});

describe("Storage", () => {
  test("survives power-off, and what is not changed is not written", () => {
    const storage = new MemoryStorage();
    const { board } = bench(
      'var s = require("Storage"); s.write("a", "\\xff\\0"); s.write("a", "\\xff\\0");',
      { storage },
    );
    expect(storage.writes).toBe(1);
    board.powerOff();
    board.boot();
    expect(board.evaluate('s.read("a").charCodeAt(0)')).toBe(255);
  });

  test("a file keeps it", () => {
    const path = join(mkdtempSync(join(tmpdir(), "wick-")), "storage.json");
    bench('require("Storage").writeJSON("state", {on: true})', { storage: new FileStorage(path) });
    const { board } = bench("", { storage: new FileStorage(path) });
    expect(board.evaluate('require("Storage").readJSON("state").on')).toBe(true);
  });

  test("readJSON(name, true) gives undefined for bad JSON; names are cut at 28 characters", () => {
    const { board } = bench('var s = require("Storage"); s.write("bad", "{"); s.write("n".repeat(30), "x");');
    expect(board.evaluate('s.readJSON("bad", true)')).toBeUndefined();
    expect(() => board.evaluate('s.readJSON("bad")')).toThrow("Got EOF expected '}'");
    expect(board.evaluate("s.list().join()")).toBe(`bad,${"n".repeat(28)}`);
  });
});

describe("Wi-Fi", () => {
  const joins =
    'var w = require("Wifi"); ["associated", "connected", "disconnected"].forEach(function (name) { w.on(name, function (d) { print(name) }) }); w.connect("net", {password: "secret"}, function (e) { print("callback " + e) });';

  test("associated, connected, callback; then getIP and getDetails know", async () => {
    const { board, clock, events } = bench(joins, { wifi: true });
    await clock.advance(100);
    expect(board.console).toEqual(["associated", "connected", "callback null"]);
    expect(board.evaluate("w.getIP().ip")).toBe("192.168.4.23");
    expect(board.evaluate("w.getDetails().rssi")).toBeLessThan(0);
    expect(events).toContainEqual({ t: 40, type: "wifi", state: "connected" });
    expect(board.wifi?.attempts).toEqual([{ ssid: "net", password: "secret" }]);
  });

  test("may never call back", async () => {
    const { board, clock } = bench(`setTimeout(function () { ${joins} }, 1)`, { wifi: true });
    if (board.wifi) board.wifi.answer = "never";
    await clock.advance(60_000);
    expect(board.console).toEqual([]);
  });

  test("without it connect throws; when it goes, sockets stay and hear nothing", async () => {
    const { board, clock, network } = bench(joins, { wifi: true });
    expect(() => board.evaluate('require("net").connect({host: "broker", port: 1})')).toThrow(
      "Unable to locate host",
    );
    network.listen(1, (peer) => setTimeoutOn(clock, 100, () => peer.send("late")));
    await clock.advance(50);
    board.evaluate(
      'var c = require("net").connect({host: "broker", port: 1}); c.on("data", print); c.on("close", print); 0',
    );
    await clock.advance(50);
    board.wifi?.down();
    await clock.advance(10_000);
    expect(board.console.at(-1)).toBe("disconnected");
    expect(board.sockets).toBe(1);
    board.wifi?.up();
    board.evaluate('w.connect("net", {})');
    await clock.advance(1000);
    expect(board.console).toContain("late");
  });

  test("a board without Wi-Fi has no such module", () => {
    expect(() => bench("").board.evaluate('require("Wifi")')).toThrow('Module "Wifi" not found');
  });
});

describe("the board as a whole", () => {
  test("a watchdog that is not kicked reboots it", async () => {
    const { board, clock, events } = bench(
      "E.enableWatchdog(5, false); var id = setInterval(function () { E.kickWatchdog() }, 1000); setTimeout(function () { clearInterval(id) }, 10500);",
    );
    await clock.advance(14_900);
    expect(board.boots).toBe(1);
    await clock.advance(200);
    expect(board.boots).toBe(2);
    expect(events).toContainEqual({ t: 15_000, type: "fault", what: "watchdog" });
  });

  test("load() starts over with nothing left but Storage", async () => {
    const { board, clock } = bench(
      'var s = require("Storage"); if (!s.read("again")) { s.write("again", "1"); setInterval(print, 1); setTimeout(load, 10); }',
    );
    await clock.advance(100);
    expect(board.boots).toBe(2);
    expect(board.timers).toBe(0);
  });

  test("nothing runs after power-off", async () => {
    const { board, clock } = bench("setInterval(function () { print('tick') }, 10)");
    await clock.advance(10);
    board.powerOff();
    await clock.advance(1000);
    expect(board.console).toEqual(["tick"]);
  });

  test("getTime counts from boot and jumps when the clock is set", async () => {
    const { board, clock } = bench("");
    await clock.advance(1500);
    expect(board.evaluate("getTime()")).toBe(1.5);
    board.evaluate("setTime(1e9)");
    await clock.advance(1000);
    expect(board.evaluate("getTime()")).toBe(1e9 + 1);
    expect(board.evaluate("Math.floor(Date.now() / 1000)")).toBe(1e9 + 1);
  });

  test("the same seed gives the same random numbers and serial number", () => {
    const draw = (seed: number): unknown =>
      bench("", { seed }).board.evaluate("[Math.random(), E.hwRand(), getSerial()].join()");
    expect(draw(7)).toBe(draw(7));
    expect(draw(7)).not.toBe(draw(8));
  });
});

function setTimeoutOn(clock: VirtualClock, ms: number, run: () => void): void {
  clock.schedule(clock.now() + ms, run);
}
