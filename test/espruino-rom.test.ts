// What the loader in a simulated chip's ROM answers, byte for byte, and what a chip makes of what is in its flash.
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { CHIPS } from "../sim/rom/chips.ts";
import { makeImage, makePartitionTable } from "../sim/rom/image.ts";
import { heardAt } from "../sim/rom/line.ts";
import { COMMANDS } from "../sim/rom/loader.ts";
import { SlipReader, slipFrame } from "../sim/rom/slip.ts";
import { Simulation } from "../sim/simulation.ts";
import { boardWith, type ChipName, noise } from "./fixtures/espruino-release.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A bare board in its loader, and what it answers to a command. */
async function inLoader(chip: ChipName, { bare = true, into = "loader" as "loader" | "program" } = {}) {
  const { profile } = boardWith(chip);
  const simulation = new Simulation({
    profile,
    bundle: "",
    bare,
    lamp: { topic: "home/office/lamp", pin: "D2", activeLow: false, gamma: 2.2 },
    network: { kind: "in-process", port: 1883 },
  });
  closing.push(() => simulation.close());
  const { board } = simulation;
  let heard = "";
  board.consolePort.onOutput((bytes) => {
    heard += bytes;
  });
  board.reset(into);
  await simulation.advance(1);
  const greeting = heard;
  const send = async (bytes: Uint8Array): Promise<number[][]> => {
    heard = "";
    board.consolePort.receive(bytes);
    await simulation.advance(1);
    return new SlipReader().take(Buffer.from(heard, "latin1")).map((packet) => [...packet]);
  };
  /** The bytes of the answers after their heads; `value` of the first. */
  const ask = async (command: number, data: readonly number[], checksum = 0) => {
    const head = [0, command, data.length & 255, data.length >> 8, checksum, 0, 0, 0];
    const answers = await send(slipFrame([...head, ...data]));
    const [first = []] = answers;
    const value =
      (first[4] ?? 0) + (first[5] ?? 0) * 256 + (first[6] ?? 0) * 65536 + (first[7] ?? 0) * 16777216;
    return { answers, count: answers.length, op: first[1], value, body: first.slice(8) };
  };
  const loadStub = async () => {
    const stub = noise(100);
    await ask(COMMANDS.memBegin, words(100, 1, 0x1800, 0x40090000));
    await ask(COMMANDS.memData, [...words(100, 0, 0, 0), ...stub], xor(stub));
    return ask(COMMANDS.memEnd, words(0, 0x40090000));
  };
  return { simulation, board, flash: board.chip?.flash, greeting, heard: () => heard, send, ask, loadStub };
}

const words = (...numbers: number[]): number[] => {
  return numbers.flatMap((one) => [one & 255, (one >>> 8) & 255, (one >>> 16) & 255, (one >>> 24) & 255]);
};
const xor = (bytes: Iterable<number>): number => [...bytes].reduce((sum, byte) => sum ^ byte, 0xef);
/** Data of FLASH_DATA and its like. */
const block = (bytes: Uint8Array, sequence = 0): number[] => [
  ...words(bytes.length, sequence, 0, 0),
  ...bytes,
];
const OK = { rom: [0, 0, 0, 0], stub: [0, 0] };

describe("the loader in the ROM", () => {
  test("greets in each chip's words", async () => {
    expect((await inLoader("ESP32")).greeting).toBe(
      "ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting for download\r\n",
    );
    expect((await inLoader("ESP32-C3")).greeting).toMatch(
      /boot:0x4 \(DOWNLOAD\(USB\/UART0\/1\)\)\r\nwaiting for download\r\n$/,
    );
    expect((await inLoader("ESP32-S3")).greeting).toMatch(
      /boot:0x0 \(DOWNLOAD\(USB\/UART0\)\)\r\nwaiting for download\r\n$/,
    );
  });

  test("answers SYNC eight times, the ROM with a value and the stub without", async () => {
    const { ask, loadStub } = await inLoader("ESP32");
    const sync = [7, 7, 0x12, 0x20, ...Array<number>(32).fill(0x55)];
    const rom = await ask(COMMANDS.sync, sync);
    expect([rom.count, rom.op, rom.body]).toEqual([8, COMMANDS.sync, OK.rom]);
    expect(rom.value).not.toBe(0);
    await loadStub();
    const stub = await ask(COMMANDS.sync, sync);
    expect([stub.count, stub.value, stub.body]).toEqual([8, 0, OK.stub]);
  });

  test("hears nothing in noise, and a command behind it", async () => {
    const { send, ask } = await inLoader("ESP32");
    expect(await send(noise(3000))).toEqual([]);
    expect((await ask(COMMANDS.readRegister, words(0x40001000))).value).toBe(0x00f01d83);
  });

  test("tells which chip it is: newer ones by a command that older ones do not know", async () => {
    const c3 = await (await inLoader("ESP32-C3")).ask(COMMANDS.securityInfo, []);
    expect(c3.body).toEqual([...Array<number>(12).fill(0), 5, 0, 0, 0, 0, 0, 0, 0, ...OK.rom]);
    const esp32 = await (await inLoader("ESP32")).ask(COMMANDS.securityInfo, []);
    expect([esp32.count, esp32.op, esp32.body]).toEqual([8, 0, [1, 5, 0, 0]]);
    const esp8266 = await (await inLoader("ESP8266")).ask(COMMANDS.readRegister, words(0x40001000));
    expect([esp8266.value, esp8266.body]).toEqual([0xfff0c101, [0, 0]]);
  });

  test("refuses a block with the wrong checksum, and writes nothing of it", async () => {
    const { ask, loadStub, flash } = await inLoader("ESP32");
    const bytes = noise(64);
    for (const errors of [
      [1, 7, 0, 0],
      [1, 0xc1],
    ]) {
      await ask(COMMANDS.flashBegin, words(64, 1, 64, 0x10000, 0));
      const wrong = await ask(COMMANDS.flashData, block(bytes), xor(bytes) ^ 1);
      expect(wrong.body).toEqual(errors);
      expect(flash?.read(0x10000, 64)).toEqual(new Uint8Array(64).fill(0xff));
      await loadStub();
    }
    await ask(COMMANDS.flashBegin, words(64, 1, 64, 0x10000));
    expect((await ask(COMMANDS.flashData, block(bytes), xor(bytes))).body).toEqual(OK.stub);
    expect(flash?.read(0x10000, 64)).toEqual(bytes);
  });

  test("counts MD5 in letters, the stub in bytes", async () => {
    const { ask, loadStub } = await inLoader("ESP32");
    const digest = createHash("md5").update(new Uint8Array(4096).fill(0xff));
    const hex = digest.copy().digest("hex");
    const rom = await ask(COMMANDS.flashMd5, words(0, 4096, 0, 0));
    expect(rom.body).toEqual([...Buffer.from(hex), ...OK.rom]);
    await loadStub();
    const stub = await ask(COMMANDS.flashMd5, words(0, 4096, 0, 0));
    expect(stub.body).toEqual([...digest.digest(), ...OK.stub]);
  });

  test("starts a stub only when all of it is there and it begins within it", async () => {
    const { ask, board, heard } = await inLoader("ESP32");
    await ask(COMMANDS.memBegin, words(100, 1, 0x1800, 0x40090000));
    expect((await ask(COMMANDS.memEnd, words(0, 0x40090000))).body).toEqual([1, 6, 0, 0]);
    const stub = noise(100);
    await ask(COMMANDS.memData, [...words(100, 0, 0, 0), ...stub], xor(stub));
    expect((await ask(COMMANDS.memEnd, words(0, 0x40080000))).body).toEqual([1, 6, 0, 0]);
    expect(board.chip?.loader.runsStub).toBe(false);
    await ask(COMMANDS.memEnd, words(0, 0x40090000));
    expect(heard()).toMatch(/\xc0OHAI\xc0$/);
    expect(board.chip?.loader.runsStub).toBe(true);
  });

  test("refuses what is broken or does not fit: a compressed stream, an area, an address", async () => {
    const { ask, loadStub, flash } = await inLoader("ESP32");
    await loadStub();
    const packed = deflateSync(noise(500));
    const begin = (bytes: number, at: number) => ask(COMMANDS.flashDeflateBegin, words(bytes, 1, 0x4000, at));
    const data = (bytes: Uint8Array) => ask(COMMANDS.flashDeflateData, block(bytes), xor(bytes));
    await begin(500, 0x10000);
    // The stream's own checksum.
    expect((await data(Uint8Array.from([...packed.subarray(0, -1), 0]))).body).toEqual([1, 0xc7]);
    await begin(100, 0x10000);
    expect((await data(packed)).body).toEqual([1, 0xc9]);
    await begin(600, 0x10000);
    expect((await data(packed)).body).toEqual(OK.stub);
    expect((await ask(COMMANDS.flashDeflateEnd, words(1))).body).toEqual([1, 0xc8]);
    expect((await begin(500, 0x3fff00)).body).toEqual([1, 0xc4]);
    expect((await ask(COMMANDS.eraseRegion, words(100, 4096))).body).toEqual([1, 0xc0]);
    expect((await data(packed)).body).toEqual([1, 0xc6]);
    expect(flash?.read(0x3ff000, 4096).every((byte) => byte === 0xff)).toBe(true);
  });

  test("lets a tool erase an area, whole sectors of it", async () => {
    const { ask, loadStub, flash } = await inLoader("ESP32", { bare: false });
    await loadStub();
    expect((await ask(COMMANDS.eraseRegion, words(0x1000, 0x1000))).body).toEqual(OK.stub);
    expect(flash?.read(0x1000, 16)).toEqual(new Uint8Array(16).fill(0xff));
    expect(flash?.read(0x10000, 1)).toEqual(Uint8Array.of(0xe9));
  });
});

describe("after a reset the chip", () => {
  const image = makeImage(CHIPS.ESP32, { segments: [{ address: 0x40080000, data: noise(64) }] });
  const table = makePartitionTable([
    { name: "factory", type: 0, subtype: 0, offset: 0x10000, bytes: 0x180000 },
  ]);
  const damaged = image.with(40, (image[40] ?? 0) ^ 1);
  const foreign = makeImage(CHIPS["ESP32-C3"], { segments: [{ address: 0x40380000, data: noise(64) }] });
  const boots = async (contents: Record<number, Uint8Array>) => {
    const { board, flash, simulation, heard } = await inLoader("ESP32");
    for (const [address, bytes] of Object.entries(contents)) flash?.program(Number(address), bytes);
    board.reset("program");
    await simulation.advance(350);
    return { running: board.running, said: heard() };
  };

  test("runs the interpreter when boot loader, partition table and program are whole", async () => {
    const { running, said } = await boots({ 4096: image, 32768: table, 65536: image });
    expect(running).toBe(true);
    expect(said).toContain("load:0x40080000,len:64\r\nentry 0x40080000\r\n");
  });

  const cases: Record<string, [contents: Record<number, Uint8Array>, said: string]> = {
    "a blank flash": [{}, "invalid header: 0xffffffff\r\n"],
    "a boot loader and nothing else": [{ 4096: image }, "boot: load partition table error!"],
    "no program": [{ 4096: image, 32768: table }, "esp_image: invalid magic byte"],
    "a damaged program": [
      { 4096: image, 32768: table, 65536: damaged },
      "esp_image: checksum failed\r\nE (41) boot: Factory app partition is not bootable\r\n",
    ],
    "a program for another chip": [
      { 4096: image, 32768: table, 65536: foreign },
      "esp_image: mismatch chip ID",
    ],
  };
  for (const [what, [contents, text]] of Object.entries(cases)) {
    test(`says what is wrong with ${what}`, async () => {
      const { running, said } = await boots(contents);
      expect(running).toBe(false);
      expect(said).toContain(text);
    });
  }

  test("is the board as ever where the interpreter was there all along", async () => {
    const { board, simulation } = await inLoader("ESP32", { bare: false });
    expect(board.chip?.state).toBe("download");
    board.reset("program");
    await simulation.advance(350);
    expect(board.running).toBe(true);
    expect(board.evaluate("1+1")).toBe(2);
  });
});

describe("the line", () => {
  test("of an ESP8266 that starts is noise at 115,200 baud and text at 74,880", async () => {
    const text = CHIPS.ESP8266.greeting("power", "flash");
    const { greeting } = await inLoader("ESP8266", { into: "program" });
    expect(greeting).not.toContain("ets");
    const heard = heardAt(Buffer.from(text), 74_880, 115_200);
    expect(greeting.startsWith(Buffer.from(heard.slice(0, 10)).toString("latin1"))).toBe(true);
    expect(Buffer.from(heardAt(Buffer.from(text), 74_880, 74_880)).toString()).toBe(text);
    // The receiver forgives a little.
    expect(Buffer.from(heardAt(Buffer.from(text), 74_880, 76_000)).toString()).toBe(text);
  });
});
