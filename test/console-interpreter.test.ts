// The desk's end of the console on the real interpreter, over TCP as it offers it: the simulated board is held to the same in the other tests.
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BoardConsole } from "../tools/console/board-console.ts";
import { bundleHash, crc32 } from "../tools/console/bundle-hash.ts";
import { identify } from "../tools/console/identify.ts";
import { openTcp } from "../tools/ports/tcp.ts";
import { type TelnetInterpreter, telnetInterpreter } from "./fixtures/console-telnet.ts";

const binary = process.env.ESPRUINO_BIN;
const missing = !binary || !existsSync(binary);

describe.skipIf(missing)("on the real interpreter (ESPRUINO_BIN)", () => {
  let interpreter: TelnetInterpreter;
  let console: BoardConsole;
  beforeAll(async () => {
    interpreter = await telnetInterpreter(binary ?? "");
    console = await dial();
  }, 180_000);
  afterAll(async () => {
    await console?.close();
    await interpreter?.close();
  });

  async function dial(): Promise<BoardConsole> {
    return new BoardConsole(await openTcp(interpreter.host, interpreter.port));
  }

  test("it is identified", async () => {
    expect(await identify(console.port)).toEqual({
      kind: "espruino",
      version: expect.stringMatching(/^2v\d+/),
      board: "LINUX",
      serial: expect.any(String),
      packets: true,
      variables: { free: expect.any(Number), total: expect.any(Number), blockBytes: expect.any(Number) },
      storage: { totalBytes: expect.any(Number), freeBytes: expect.any(Number), trashBytes: 0 },
      hashes: ["SHA1", "SHA224", "SHA256", "SHA384", "SHA512"],
      slot: undefined,
      files: [],
      bootCode: false,
    });
  });

  test("values come back as they are", async () => {
    const every = String.fromCharCode(...Array.from({ length: 256 }, (_, at) => at));
    expect(await console.evaluate("[1,-0.5,1e21,true,null,'a\\n\"',{x:[undefined]}]")).toEqual([
      1,
      -0.5,
      1e21,
      true,
      null,
      'a\n"',
      { x: [null] },
    ]);
    expect(
      await console.evaluate("(s=>{for(var i=0;i<256;i++)s+=String.fromCharCode(i);return s})('')"),
    ).toBe(every);
    expect(await console.evaluate("undefined")).toBeUndefined();
    expect(await console.evaluate("'x'.repeat(7000)")).toBe("x".repeat(7000));
  });

  test("its exceptions are told in its words", async () => {
    await expect(console.evaluate("nope()")).rejects.toMatchObject({
      code: "thrown",
      message: 'the board says: ReferenceError: "nope" is not defined',
    });
    await expect(console.evaluate("(function(){throw 'dark'})()")).rejects.toMatchObject({
      message: "the board says: dark",
    });
    expect(await console.evaluate("1")).toBe(1);
  });

  test("a bundle arrives, and its hash on the board is the desk's", async () => {
    const bundle = Uint8Array.from({ length: 9216 }, (_, at) => 32 + ((at * 7) % 95));
    await console.writeFile("lamp.a", bundle);
    expect(await console.readFile("lamp.a")).toEqual(bundle);
    const onBoard = `(function(f,n,h,s,i){
for(i=0;i<f.length;i+=n)s+=E.toString(h(f.substr(i,n)));
return E.toString(h(s)).split("").map(function(c){return (256+c.charCodeAt()).toString(16).substr(1)}).join("")
})(require("Storage").read("lamp.a"),1024,require("crypto").SHA256,"")`;
    expect(await console.evaluate(onBoard)).toBe(await bundleHash(bundle));
    expect(await console.evaluate('E.CRC32(require("Storage").read("lamp.a"))')).toBe(crc32(bundle));
  });

  test("every byte arrives, those of Ctrl-C and Ctrl-D too", async () => {
    const content = Uint8Array.from({ length: 3000 }, (_, at) => at & 255);
    await console.writeFile("all", content);
    expect(await console.readFile("all")).toEqual(content);
  });

  test("while it prints all the time, and nothing of that is taken for an answer", async () => {
    await console.evaluate(
      "noise=setInterval(function(){print('noise <a.0< >a.0>; \\x06\\x10\\x01'+Math.random())},2)",
    );
    try {
      for (let question = 0; question < 5; question++)
        expect(await console.evaluate(`'${question}'.repeat(500)`)).toBe(`${question}`.repeat(500));
      const content = Uint8Array.from({ length: 4000 }, (_, at) => 32 + (at % 90));
      await console.writeFile("lamp.b", content);
      expect(await console.readFile("lamp.b")).toEqual(content);
    } finally {
      await console.evaluate("clearInterval(noise)");
    }
  });

  test("a full Storage is said", async () => {
    await expect(console.writeFile("huge", new Uint8Array(3_000_000).fill(65))).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("Storage is full"),
    });
  });

  test("a program is not broken off by questions", async () => {
    await console.evaluate("ticks=0,ticking=setInterval(function(){ticks++},10)");
    for (let question = 0; question < 10; question++) await console.evaluate("'x'.repeat(300).length");
    const before = Number(await console.evaluate("ticks"));
    expect(before).toBeGreaterThan(0);
    for (let wait = 0; wait < 50 && Number(await console.evaluate("ticks")) <= before; wait++);
    expect(Number(await console.evaluate("ticks"))).toBeGreaterThan(before);
    await console.evaluate("clearInterval(ticking)");
  });

  test("a lock is noticed, and opened by the password", async () => {
    await console.evaluate("E.setPassword('hush')");
    await console.evaluate("E.lockConsole()");
    await console.send("\n");
    await expect(console.evaluate("1", { deadlineMs: 500 })).rejects.toMatchObject({ code: "locked" });
    expect(await identify(console.port)).toEqual({ kind: "locked", said: "password>" });
    await console.send("\nhush\n");
    expect(await console.evaluate("E.setPassword()")).toBeUndefined();
    expect(await console.evaluate("2")).toBe(2);
  });

  test("when it ends, what was asked ends at once; started anew it has what was written", async () => {
    await console.writeFile("kept", Uint8Array.of(49, 50));
    const waiting = console.evaluate("(function(){for(var i=0;i<1e7;i++);})()", { deadlineMs: 60_000 });
    const failed = waiting.catch((error: unknown) => error);
    await interpreter.kill();
    expect(await failed).toMatchObject({ code: "gone" });
    await interpreter.start();
    await console.close();
    console = await dial();
    expect(await console.readFile("kept")).toEqual(Uint8Array.of(49, 50));
  }, 60_000);
});
