/** Opens the cable that an address names. */
import { Failure } from "../cli/errors.ts";
import type { Port } from "../console/port.ts";
import type { PortAddress } from "./address.ts";
import { type BleOptions, type BluetoothLike, openBle } from "./ble.ts";
import { openSerial } from "./serial.ts";
import { openTcp } from "./tcp.ts";

export interface OpenOptions {
  /** Of a serial line. Default 115,200. */
  baud?: number | undefined;
  /** For `ble:`, in place of the package `webbluetooth`. */
  bluetooth?: BluetoothLike | undefined;
  /** Breaks off the waiting for a cable that takes its time. */
  signal?: AbortSignal | undefined;
}

/**
 * An open port; `mqtt:` is none (a lamp that is online is reached through its broker: tools/flash).
 * @throws Failure with what to do about it.
 */
export async function openPort(
  address: Exclude<PortAddress, { kind: "mqtt" }>,
  options: OpenOptions = {},
): Promise<Port> {
  if (address.kind === "tcp") return openTcp(address.host, address.port, { signal: options.signal });
  if (address.kind === "serial") return openSerial(address.path, options.baud);
  const bleOptions: BleOptions = { signal: options.signal };
  return openBle(options.bluetooth ?? (await ofThisComputer(address.name)), address.name, bleOptions);
}

/** This computer's Bluetooth by the package `webbluetooth`, which is optional: it brings native code. Chooses the device called `name`. */
async function ofThisComputer(name: string): Promise<BluetoothLike> {
  const library = await import("webbluetooth").catch(() => {
    throw new Failure(
      "ble: needs the package webbluetooth: run `npm install webbluetooth`; or use `wick web` in a browser that has Bluetooth",
    );
  });
  const bluetooth = new library.Bluetooth({ deviceFound: (device) => device.name === name });
  return bluetooth as unknown as BluetoothLike;
}
