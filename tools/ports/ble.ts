/** A board's console over Bluetooth (Nordic's UART service), by any Web Bluetooth object: a browser's, or the package `webbluetooth` in Node. */
import { Failure } from "../cli/errors.ts";
import { type Port, PortGone } from "../console/port.ts";
import { Listeners } from "./listeners.ts";

/** Nordic UART Service: the desk writes to RX and is told of TX (Nordic nRF5 SDK, "UART/Serial Port Emulation over BLE"). */
export const UART_SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e";
const UART_RX = "6e400002-b5a3-f393-e0a9-e50e24dcca9e";
const UART_TX = "6e400003-b5a3-f393-e0a9-e50e24dcca9e";

/** What fits in a packet of the smallest size that every device must take (ATT_MTU 23, less 3). */
export const SMALLEST_CHUNK_BYTES = 20;
const CONNECT_MS = 20_000;

/** As much of Web Bluetooth as is used. */
export interface BluetoothLike {
  requestDevice(options: {
    filters: ({ name: string } | { services: string[] })[];
    optionalServices: string[];
  }): Promise<BluetoothDeviceLike>;
}

export interface BluetoothDeviceLike extends EventTargetLike {
  readonly name?: string | undefined;
  readonly gatt?: BluetoothServerLike | undefined;
}

export interface BluetoothServerLike {
  connect(): Promise<BluetoothServerLike>;
  disconnect(): void;
  getPrimaryService(service: string): Promise<{
    getCharacteristic(characteristic: string): Promise<BluetoothCharacteristicLike>;
  }>;
}

export interface BluetoothCharacteristicLike extends EventTargetLike {
  readonly value?: DataView | undefined;
  readonly properties?: { readonly write?: boolean } | undefined;
  startNotifications(): Promise<unknown>;
  writeValueWithResponse?(value: Uint8Array<ArrayBuffer>): Promise<void>;
  writeValueWithoutResponse?(value: Uint8Array<ArrayBuffer>): Promise<void>;
}

interface EventTargetLike {
  // biome-ignore lint/suspicious/noExplicitAny: listeners of DOM events and of the package's differ in their event's type only.
  addEventListener(type: string, listener: (event: any) => void): void;
}

export interface BleOptions {
  /** Bytes that the board takes at once, where more than 20 is known. */
  chunkBytes?: number | undefined;
  /** To find and to connect. Default 20,000. */
  deadlineMs?: number | undefined;
  /** Breaks that off at once. */
  signal?: AbortSignal | undefined;
}

/**
 * Asks for the device called `name` (undefined: any with the UART service, chosen by the user), connects, and listens.
 * @throws Failure with what to do about it.
 */
export async function openBle(
  bluetooth: BluetoothLike,
  name: string | undefined,
  { chunkBytes = SMALLEST_CHUNK_BYTES, deadlineMs = CONNECT_MS, signal }: BleOptions = {},
): Promise<Port> {
  const wanted = `ble:${name ?? ""}`;
  let device: BluetoothDeviceLike | undefined;
  const opening = (async () => {
    device = await bluetooth.requestDevice({
      filters: [name === undefined ? { services: [UART_SERVICE] } : { name }],
      optionalServices: [UART_SERVICE],
    });
    return connect(device, name ?? device.name ?? "", chunkBytes);
  })();
  try {
    return await within(opening, deadlineMs, signal);
  } catch (error) {
    device?.gatt?.disconnect();
    // Should it come off after all, nobody is there to use it.
    opening.then(
      (port) => port.close(),
      () => undefined,
    );
    throw error instanceof Failure ? error : new Failure(`${wanted}: ${sentenceFor(error, deadlineMs)}`);
  }
}

async function connect(device: BluetoothDeviceLike, name: string, chunkBytes: number): Promise<Port> {
  const { gatt } = device;
  if (!gatt) throw new Failure(`ble:${name} offers no connection: move nearer, or restart the board`);
  const listeners = new Listeners(`ble:${name}`);
  device.addEventListener("gattserverdisconnected", () => listeners.gone("the Bluetooth link was lost"));
  const server = await gatt.connect();
  const service = await server.getPrimaryService(UART_SERVICE);
  const rx = await service.getCharacteristic(UART_RX);
  const tx = await service.getCharacteristic(UART_TX);
  tx.addEventListener("characteristicvaluechanged", () => {
    const { value } = tx;
    if (value)
      listeners.bytes(
        new Uint8Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength)),
      );
  });
  await tx.startNotifications();
  return {
    name: `ble:${name}`,
    mostAtOnce: chunkBytes,
    onBytes: (listener) => listeners.onBytes(listener),
    onGone: (listener) => listeners.onGone(listener),
    async write(bytes) {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        listeners.check();
        await written(rx, new Uint8Array(bytes.subarray(at, at + chunkBytes)), listeners, name);
      }
    },
    async close() {
      listeners.closed();
      server.disconnect();
    },
  };
}

/** A write during which the link drops may never settle: the loss of the link decides. */
function written(
  rx: BluetoothCharacteristicLike,
  chunk: Uint8Array<ArrayBuffer>,
  listeners: Listeners,
  name: string,
): Promise<void> {
  let stop: () => void = () => undefined;
  return new Promise<void>((resolve, reject) => {
    const fail = (reason: string): void => reject(new PortGone(`ble:${name}`, reason));
    stop = listeners.onGone(fail);
    const withResponse = rx.properties?.write !== false && rx.writeValueWithResponse !== undefined;
    const write = withResponse ? rx.writeValueWithResponse : rx.writeValueWithoutResponse;
    if (!write) return fail("its Bluetooth cannot be written to");
    write.call(rx, chunk).then(resolve, (error: Error) => fail(error.message));
  }).finally(() => stop());
}

class TooLate extends Error {}

function within<T>(work: Promise<T>, ms: number, signal: AbortSignal | undefined): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new TooLate()), ms);
    const stop = (): void => reject(new Error("stopped before it answered"));
    const over = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    };
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    work.then(resolve, reject).finally(over);
  });
}

function sentenceFor(error: unknown, deadlineMs: number): string {
  if (error instanceof TooLate)
    return `no such board answered within ${deadlineMs / 1000} s: is it on, near, and not connected to something else?`;
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  if (
    name === "NotFoundError" ||
    /no (?:devices?|bluetooth devices?) found|cancelled|not find/i.test(message)
  )
    return "no board of that name was found: is it on, near, and not connected to something else?";
  if (name === "SecurityError" || /permission|not authori[sz]ed|denied/i.test(message))
    return `Bluetooth is not allowed here: allow it in the settings of system or browser (${message})`;
  if (/adapter|unavailable|not available|powered off/i.test(message))
    return `this computer's Bluetooth is off or missing: switch it on (${message})`;
  if (/service/i.test(message))
    return "it has no UART service: is it an Espruino whose Bluetooth console is on (not on ESP8266)?";
  return message;
}
