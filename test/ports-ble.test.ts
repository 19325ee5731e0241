// A console over Bluetooth: the simulated board behind a Web Bluetooth object with Nordic's UART service, with what radio links do.
import { afterEach, describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { BoardConsole } from "../tools/console/board-console.ts";
import { PortGone } from "../tools/console/port.ts";
import {
  type BluetoothCharacteristicLike,
  type BluetoothDeviceLike,
  type BluetoothLike,
  openBle,
  UART_SERVICE,
} from "../tools/ports/ble.ts";
import { inBoardTime } from "./fixtures/simulated-port.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A connection event of a Bluetooth link. */
const EVENT_MS = 7.5;

interface Faults {
  /** `requestDevice` fails so. */
  readonly notFound?: Error;
  readonly noService?: boolean;
  /** Never gets there. */
  readonly neverConnects?: boolean;
  readonly onlyWithoutResponse?: boolean;
}

/** The simulated board as a Bluetooth device; `drop` loses the link, and what was being written never settles. */
function radio(faults: Faults = {}) {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const board = createBoard({ profile: { name: "bench", wifi: false }, bundle: "", clock, network });
  closing.push(clock.attachOutside());
  const listeners = new Map<string, (event: unknown) => void>();
  let linked = false;
  let written = 0;
  let longest = 0;
  let disconnects = 0;
  const listen = (type: string, listener: (event: unknown) => void): void =>
    void listeners.set(type, listener);
  const write = (value: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      longest = Math.max(longest, value.length);
      clock.schedule(clock.now() + EVENT_MS, () => {
        if (!linked) return;
        written += value.length;
        board.consolePort.receive(value);
        resolve();
      });
    });
  const rx: BluetoothCharacteristicLike = {
    addEventListener: listen,
    properties: { write: !faults.onlyWithoutResponse },
    startNotifications: async () => undefined,
    ...(faults.onlyWithoutResponse
      ? { writeValueWithoutResponse: write }
      : { writeValueWithResponse: write }),
  };
  let value: DataView | undefined;
  const tx: BluetoothCharacteristicLike = {
    addEventListener: listen,
    get value() {
      return value;
    },
    startNotifications: async () => {
      board.consolePort.onOutput((bytes) => {
        for (let at = 0; at < bytes.length && linked; at += 20) {
          // In the middle of a larger buffer, as browsers hand it over.
          const buffer = new Uint8Array(30);
          const piece = bytes.slice(at, at + 20);
          for (let index = 0; index < piece.length; index++) buffer[index + 5] = piece.charCodeAt(index);
          value = new DataView(buffer.buffer, 5, piece.length);
          listeners.get("characteristicvaluechanged")?.({});
        }
      });
    },
  };
  const device: BluetoothDeviceLike = {
    name: "Lamp",
    addEventListener: listen,
    gatt: {
      async connect() {
        if (faults.neverConnects) return new Promise<never>(() => undefined);
        linked = true;
        return device.gatt as NonNullable<BluetoothDeviceLike["gatt"]>;
      },
      disconnect() {
        linked = false;
        disconnects++;
      },
      async getPrimaryService(service) {
        if (faults.noService || service !== UART_SERVICE)
          throw Object.assign(new Error("No Services matching UUID found in Device."), {
            name: "NetworkError",
          });
        return {
          getCharacteristic: async (uuid) => (uuid.startsWith("6e400002") ? rx : tx),
        };
      },
    },
  };
  const asked: string[] = [];
  const bluetooth: BluetoothLike = {
    async requestDevice({ filters, optionalServices }) {
      asked.push(JSON.stringify({ filters, optionalServices }));
      if (faults.notFound) throw faults.notFound;
      return device;
    },
  };
  board.boot();
  return {
    clock,
    board,
    bluetooth,
    asked,
    written: () => written,
    longest: () => longest,
    disconnects: () => disconnects,
    drop() {
      linked = false;
      listeners.get("gattserverdisconnected")?.({});
    },
  };
}

describe("a board over Bluetooth", () => {
  test("is found by name, asked, and takes a file in pieces of at most 20 bytes", async () => {
    const { clock, board, bluetooth, asked, longest } = radio();
    const port = await inBoardTime(clock, openBle(bluetooth, "Lamp"));
    closing.push(() => port.close());
    expect(asked).toEqual([
      JSON.stringify({ filters: [{ name: "Lamp" }], optionalServices: [UART_SERVICE] }),
    ]);
    expect(port.name).toBe("ble:Lamp");
    const console = new BoardConsole(port, { clock });
    expect(await inBoardTime(clock, console.evaluate("'x'.repeat(100)"))).toBe("x".repeat(100));
    const content = Uint8Array.from({ length: 1200 }, (_, at) => at & 255);
    await inBoardTime(clock, console.writeFile("all", content));
    expect(board.storage.files.read("all")).toBe(String.fromCharCode(...content));
    expect(await inBoardTime(clock, console.readFile("all"))).toEqual(content);
    expect(longest()).toBe(20);
  });

  test("in larger pieces where it is known to take them", async () => {
    const { clock, bluetooth, longest } = radio();
    const port = await inBoardTime(clock, openBle(bluetooth, "Lamp", { chunkBytes: 53 }));
    closing.push(() => port.close());
    await inBoardTime(clock, new BoardConsole(port, { clock }).evaluate("'a question'+' that is long'"));
    expect(longest()).toBe(53);
  });

  test("whose service takes writes without response only", async () => {
    const { clock, bluetooth } = radio({ onlyWithoutResponse: true });
    const port = await inBoardTime(clock, openBle(bluetooth, "Lamp"));
    closing.push(() => port.close());
    expect(await inBoardTime(clock, new BoardConsole(port, { clock }).evaluate("6*7"))).toBe(42);
  });

  test("without a name the user chooses among those with the service", async () => {
    const { clock, bluetooth, asked } = radio();
    const port = await inBoardTime(clock, openBle(bluetooth, undefined));
    closing.push(() => port.close());
    expect(asked[0]).toContain(JSON.stringify([{ services: [UART_SERVICE] }]));
    expect(port.name).toBe("ble:Lamp");
  });
});

describe("a link that is lost", () => {
  test("ends a question at once, though the write never settles", async () => {
    const { clock, bluetooth, drop, written } = radio();
    const port = await inBoardTime(clock, openBle(bluetooth, "Lamp"));
    closing.push(() => port.close());
    const console = new BoardConsole(port, { clock });
    expect(await inBoardTime(clock, console.evaluate("1"))).toBe(1);
    const before = written();
    const waiting = console.evaluate("2", { deadlineMs: 60_000 }).catch((error: unknown) => error);
    while (written() < before + 40) await clock.advance(1);
    const at = clock.now();
    drop();
    expect(await inBoardTime(clock, waiting)).toMatchObject({
      code: "gone",
      message: expect.stringContaining("ble:Lamp is gone (the Bluetooth link was lost)"),
    });
    expect(clock.now() - at).toBeLessThan(1);
    await expect(port.write(Uint8Array.of(1))).rejects.toBeInstanceOf(PortGone);
  });
});

describe("what goes wrong is said in one line", () => {
  const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

  test.each<[string, Faults, string]>([
    [
      "no such device",
      { notFound: named("NotFoundError", "User cancelled the requestDevice() chooser.") },
      "ble:Lamp: no board of that name was found: is it on, near, and not connected to something else?",
    ],
    [
      "not allowed",
      { notFound: named("SecurityError", "Must be handling a user gesture") },
      "ble:Lamp: Bluetooth is not allowed here: allow it in the settings of system or browser",
    ],
    [
      "no adapter",
      { notFound: new Error("Bluetooth adapter not available.") },
      "ble:Lamp: this computer's Bluetooth is off or missing: switch it on",
    ],
    ["no UART service", { noService: true }, "ble:Lamp: it has no UART service: is it an Espruino"],
    ["no answer", { neverConnects: true }, "ble:Lamp: no such board answered within 0.03 s"],
  ])("%s", async (_what, faults, message) => {
    const { bluetooth } = radio(faults);
    const error = await openBle(bluetooth, "Lamp", { deadlineMs: 30 }).catch((thrown: unknown) => thrown);
    expect((error as Error).name).toBe("Failure");
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain("\n");
  });

  test("and nothing stays connected", async () => {
    const { bluetooth, disconnects } = radio({ noService: true });
    await openBle(bluetooth, "Lamp").catch(() => undefined);
    expect(disconnects()).toBe(1);
  });
});
test("Ctrl-C while nobody answers: it is given up at once", async () => {
  const { bluetooth } = radio({ neverConnects: true });
  const controller = new AbortController();
  const opening = openBle(bluetooth, "Lamp", { signal: controller.signal });
  controller.abort();
  await expect(opening).rejects.toThrow("ble:Lamp: stopped before it answered");
});
