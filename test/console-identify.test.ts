// What is at the other end of a cable: Espruino, a bare chip, a locked or looping board, noise, something else, nothing; always within the deadline.
import { afterEach, describe, expect, test } from "vitest";
import { type BoardOptions, createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { ROM_SYNC } from "../tools/console/boot-text.ts";
import { identify } from "../tools/console/identify.ts";
import { type Port, PortGone } from "../tools/console/port.ts";
import { inBoardTime, type SimulatedPortOptions, simulatedPort } from "./fixtures/simulated-port.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const profile = { name: "bench", wifi: false };

function simulated(bundle: string, cable: SimulatedPortOptions = {}, options: Partial<BoardOptions> = {}) {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const board = createBoard({ profile, bundle, clock, network, ...options });
  const port = simulatedPort({ board, clock }, cable);
  closing.push(() => port.close());
  board.boot();
  return { clock, board, port, found: () => inBoardTime(clock, identify(port, { clock })) };
}

/** A cable with something at its end that says `text` every so many milliseconds, and answers what `answer` says to what it is sent. */
function scripted({
  text = "",
  everyMs = 500,
  answer = () => "",
  reset,
}: {
  text?: string;
  everyMs?: number;
  answer?: (sent: string) => string;
  reset?: () => string;
} = {}) {
  const clock = new VirtualClock();
  closing.push(clock.attachOutside());
  const listeners = new Set<(bytes: Uint8Array) => void>();
  const say = (said: string): void => {
    const bytes = Uint8Array.from(said, (one) => one.charCodeAt(0));
    if (bytes.length > 0) for (const listener of listeners) listener(bytes);
  };
  const sent: string[] = [];
  const port: Port = {
    name: "/dev/ttyUSB0",
    async write(bytes) {
      const typed = String.fromCharCode(...bytes);
      sent.push(typed);
      clock.schedule(clock.now() + 1, () => say(answer(sent.join(""))));
    },
    onBytes(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onGone: () => () => undefined,
    close: async () => undefined,
    ...(reset && { reset: async () => void clock.schedule(clock.now() + 100, () => say(reset())) }),
  };
  const again = (): void => {
    say(text);
    clock.schedule(clock.now() + everyMs, again);
  };
  if (text !== "") clock.schedule(50, again);
  const found = async () => {
    const result = await inBoardTime(clock, identify(port, { clock }));
    expect(clock.now()).toBeLessThan(11_000);
    expect(listeners.size).toBe(0);
    return result;
  };
  return { clock, port, sent, found };
}

describe("Espruino tells what it is", () => {
  test("an empty board", async () => {
    const { found, board, clock } = simulated("");
    const before = clock.now();
    expect(await found()).toEqual({
      kind: "espruino",
      version: "2v29.277",
      board: "ESP32",
      serial: board.evaluate("getSerial()"),
      packets: true,
      variables: { free: expect.any(Number), total: expect.any(Number), blockBytes: 14 },
      storage: { totalBytes: 262_144, freeBytes: 262_144, trashBytes: 0 },
      hashes: expect.any(Array),
      slot: undefined,
      files: [],
      bootCode: false,
    });
    expect(clock.now() - before).toBeLessThan(300);
  });

  test("one with files of ours, of which one runs", async () => {
    const { found, board } = simulated("var WICK='b'");
    for (const name of [".boot0", "lamp.a", "lamp.b", "lamp.now", ".bootcde"])
      board.storage.files.write(name, "1");
    board.storage.files.erase("lamp.a");
    const result = await found();
    expect(result).toMatchObject({
      kind: "espruino",
      slot: "b",
      files: [".boot0", "lamp.b", "lamp.now", ".bootcde"],
      bootCode: true,
    });
    expect(result).toMatchObject({ storage: { trashBytes: 36 } });
  });

  test("one without packets", async () => {
    const { found } = simulated("", { toBoard: (bytes) => bytes.replaceAll("\x01", "") });
    expect(await found()).toMatchObject({ kind: "espruino", packets: false, version: "2v29.277" });
  });

  test("one that prints all the time", async () => {
    const { found } = simulated("setInterval(function(){print('on off on off on off')},4)");
    expect(await found()).toMatchObject({ kind: "espruino", packets: true });
  });

  test("and the same cable serves for more", async () => {
    const { clock, port, found } = simulated("");
    await found();
    expect(await inBoardTime(clock, identify(port, { clock }))).toMatchObject({ kind: "espruino" });
  });
});

const esp32Boot = (reason: string): string =>
  `ets Jun  8 2016 00:22:57\r\n\r\nrst:${reason}\r\nconfigsip: 0, SPIWP:0xee\r\n`;

describe("what is no Espruino is told apart", () => {
  test("an ESP32 that waits in its ROM loader, started there while we listen", async () => {
    const { found } = scripted({
      text: `${esp32Boot("0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))")}waiting for download\r\n`,
      everyMs: 60_000,
    });
    expect(await found()).toMatchObject({
      kind: "rom-loader",
      said: expect.stringContaining("waiting for download"),
    });
  });

  test("one that waits there silently, by its answer to SYNC", async () => {
    const wanted = String.fromCharCode(...ROM_SYNC);
    const { found } = scripted({
      answer: (sent) => (sent.endsWith(wanted) ? "\xc0\x01\x08\x04\x00\x07\x07\x12\x20\0\0\0\0\xc0" : ""),
    });
    expect(await found()).toMatchObject({ kind: "rom-loader" });
  });

  test("an ESP32 with nothing in its flash", async () => {
    const text = `${esp32Boot("0x10 (RTCWDT_RTC_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)")}${"invalid header: 0xffffffff\r\n".repeat(8)}`;
    const { found, clock } = scripted({ text });
    expect(await found()).toMatchObject({
      kind: "empty-flash",
      said: expect.stringContaining("invalid header: 0xffffffff"),
    });
    expect(clock.now()).toBeLessThan(4000);
  });

  test("a board that starts over and over", async () => {
    const panic = "Guru Meditation Error: Core  1 panic'ed (LoadProhibited)\r\nRebooting...\r\n";
    const text = esp32Boot("0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)") + panic;
    expect(await scripted({ text }).found()).toMatchObject({
      kind: "boot-loop",
      restarts: expect.any(Number),
      said: expect.stringContaining("Guru Meditation"),
    });
  });

  test("a locked console", async () => {
    const { found } = simulated("E.setPassword('x');E.lockConsole()");
    expect(await found()).toEqual({ kind: "locked", said: "password>" });
  });

  test("the wrong baud rate", async () => {
    const { found } = scripted({ text: "\x80\xe0\x00\x1c\xfc\xfe\xe0\x9c\xf8\x00\x98\xff", everyMs: 200 });
    const result = await found();
    expect(result).toMatchObject({ kind: "garbled" });
    expect(result.kind === "garbled" && result.unprintable).toBeGreaterThan(0.8);
  });

  test("something else that talks, printable and short", async () => {
    const text = `\x1b[2J$GPGGA,123519,4807.038,N\x07\r\n${"x".repeat(500)}\r\n`;
    const result = await scripted({ text }).found();
    expect(result.kind).toBe("other");
    const said = result.kind === "other" ? result.said : "";
    expect(said.length).toBeLessThanOrEqual(120);
    expect(said).toMatch(/^[\x20-\x7e…]*$/);
  });

  test("nothing at all", async () => {
    expect(await scripted().found()).toEqual({ kind: "silent" });
  });

  test("a silent chip is started anew where the cable can do that, and listened to", async () => {
    const { found } = scripted({
      reset: () =>
        `${esp32Boot("0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)")}invalid header: 0xffffffff\r\n`,
    });
    expect(await found()).toMatchObject({ kind: "empty-flash" });
  });
});

describe("the cable", () => {
  test("is pulled while we ask: that is said at once", async () => {
    const { clock, port } = simulated("");
    const asking = identify(port, { clock }).catch((error: unknown) => error);
    await clock.advance(3);
    port.pull("it was unplugged");
    expect(await inBoardTime(clock, asking)).toMatchObject({ name: "ConsoleError", code: "gone" });
    expect(clock.now()).toBeLessThan(100);
  });

  test("refuses to be written to", async () => {
    const { clock, port } = scripted();
    const refusing = {
      ...port,
      write: () => Promise.reject(new PortGone("/dev/ttyUSB0", "write failed")),
    };
    await expect(inBoardTime(clock, identify(refusing, { clock }))).rejects.toMatchObject({ code: "gone" });
  });
});
