// What the desk needs of the simulated board beside its console: checksums as the interpreter was measured to give them, and the lock through restarts.
import { describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";

function bench(bundle = "") {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const board = createBoard({ profile: { name: "bench", wifi: false }, bundle, clock, network });
  let output = "";
  board.consolePort.onOutput((bytes) => {
    output += bytes;
  });
  board.boot();
  const type = async (bytes: string): Promise<string> => {
    output = "";
    board.consolePort.receive(bytes);
    await clock.advance(100);
    return output;
  };
  return { board, clock, type };
}

describe("E.CRC32 gives what Espruino 2v29.277 gave", () => {
  test.each([
    ["'abc'", 891_568_578],
    ["''", 0],
    ["[1,2,300]", 4_268_604_740],
    ["new Uint16Array([300])", 3_772_416_878],
    ["new ArrayBuffer(3)", 4_282_505_490],
    ["{a:1}", 2_768_625_435],
    ["[[1]]", 2_768_625_435],
    ["[1,'5','x']", 2_213_824_352],
    ["5", undefined],
    ["", undefined],
  ])("for %s", (data, checksum) => {
    expect(bench().board.evaluate(`E.CRC32(${data === "{a:1}" ? "({a:1})" : data})`)).toBe(checksum);
  });
});

describe("Storage.hash", () => {
  test("is another number when a file comes, goes, or lies elsewhere, and else the same", () => {
    const { board } = bench();
    const after = (code: string): unknown => board.evaluate(`var s=require("Storage");${code};s.hash()`);
    expect(after("")).toBe(-1_412_571_974);
    const one = after("s.write('one','1')");
    expect(after("")).toBe(one);
    const two = after("s.write('two','2')");
    expect(two).not.toBe(one);
    expect(after("s.write('two','3')")).not.toBe(two);
    expect(after("s.erase('two')")).toBe(one);
  });

  test("of some files only, and never of those that grow", () => {
    const { board } = bench();
    board.evaluate("var s=require('Storage');s.write('lamp.a','1');s.write('other','2')");
    const all = board.evaluate("s.hash()");
    expect(board.evaluate("s.hash(/^lamp/)")).not.toBe(all);
    expect(board.evaluate("s.hash(/none/)")).toBe(-1_412_571_974);
    expect(board.evaluate("s.hash('o')")).toBe(board.evaluate("s.hash(/o/)"));
    expect(board.evaluate("s.open('log','w').write('x');s.hash()")).toBe(all);
  });
});

describe("a locked console", () => {
  test("stays locked past load() and reset(), which forget the password, until the power was off", async () => {
    const { board, clock, type } = bench();
    await type("");
    for (const restart of ["load", "reset"]) {
      await type(`E.setPassword('hush');setTimeout(${restart},200);E.lockConsole()\n`);
      await clock.advance(500);
      expect(await type("hush\n")).toContain("Invalid password");
      board.boot();
      expect(await type("1+1\n")).toContain("=2\r\n>");
    }
  });

  test("is locked again by the program when the power is back", async () => {
    const { board, type } = bench("E.setPassword('hush');E.lockConsole()");
    expect(await type("1+1\n")).toContain("Invalid password\r\npassword>");
    expect(await type("hush\n")).toContain("Logged in.\r\n>");
    board.boot();
    expect(await type("1+1\n")).toContain("Invalid password\r\npassword>");
  });

  test("does not keep the program from running, nor from printing", async () => {
    const { clock, type, board } = bench(
      "E.setPassword('hush');E.lockConsole();setInterval(function(){print('on')},1000)",
    );
    await clock.advance(3500);
    expect(board.console.filter((line) => line === "on")).toHaveLength(3);
    expect(await type("\x03\n")).toContain("Invalid password");
    await clock.advance(2000);
    expect(board.console.filter((line) => line === "on")).toHaveLength(5);
  });
});
