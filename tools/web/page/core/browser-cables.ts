/** What a browser offers to reach a board, as much of it as is used: Web Bluetooth and Web Serial, which TypeScript's own types lack. */

export interface RequestDeviceOptions {
  filters?: { namePrefix?: string; services?: string[] }[];
  optionalServices?: string[];
}

export interface BluetoothDevice extends EventTarget {
  readonly name?: string;
}

/** Web Serial, W3C community group report. */
export interface SerialPort extends EventTarget {
  /** Null while it is closed, and from when the device is lost. */
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
  open(options: { baudRate: number; bufferSize?: number }): Promise<void>;
  close(): Promise<void>;
  setSignals(signals: { dataTerminalReady?: boolean; requestToSend?: boolean }): Promise<void>;
  getInfo(): { usbVendorId?: number; usbProductId?: number };
}

declare global {
  interface Navigator {
    readonly bluetooth?: { requestDevice(options: RequestDeviceOptions): Promise<BluetoothDevice> };
    readonly serial?: { requestPort(): Promise<SerialPort> };
  }
}
