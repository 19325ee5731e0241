/**
 * What @espruino-tools/core sees in place of the browser: its own module of connections is bundled with these names (tools/web/assets.ts).
 *
 * So its chooser is pressed and never drawn (it is made of HTML text and inline styles, which our policy forbids), nothing of a bundle goes to the browser's
 * log, what it only logs reaches us, and its serial port notices when the board is gone and can be closed.
 */
import type { BluetoothDevice, RequestDeviceOptions, SerialPort } from "./browser-cables.ts";
import { SerialStream } from "./serial-stream.ts";

/** Boards that do not say in their advertisement that they have a serial service. */
const NAMES_OF_BOARDS = ["ESP32", "Wick", "Lamp"];

interface State {
  /** Of the serial line. */
  baud: number;
  /** Connect to this one without asking. */
  device: BluetoothDevice | undefined;
  port: SerialPort | undefined;
  stream: SerialStream | undefined;
  /** Told in core's words what went wrong. */
  complained: (text: string) => void;
  /** Told when the person at the browser has chosen. */
  chosen: () => void;
  isOpen: boolean;
  /** Settles when the cable before is closed: the same port cannot be opened earlier. */
  closing: Promise<void>;
}

export const state: State = {
  baud: 115_200,
  device: undefined,
  port: undefined,
  stream: undefined,
  complained: () => undefined,
  chosen: () => undefined,
  isOpen: false,
  closing: Promise.resolve(),
};

const real = globalThis.navigator;

export const navigator = {
  platform: real.platform,
  userAgent: real.userAgent,
  get bluetooth() {
    const { bluetooth } = real;
    if (!bluetooth) return undefined;
    return {
      async requestDevice({ filters = [], optionalServices = [] }: RequestDeviceOptions) {
        state.device ??= await bluetooth.requestDevice({
          filters: [...filters, ...NAMES_OF_BOARDS.map((namePrefix) => ({ namePrefix }))],
          optionalServices,
        });
        state.chosen();
        return state.device;
      },
    };
  },
  get serial() {
    const { serial } = real;
    if (!serial) return undefined;
    return {
      async requestPort() {
        state.port ??= await serial.requestPort();
        state.chosen();
        await state.closing;
        state.stream = new SerialStream(state.port, state.baud);
        return state.stream;
      },
    };
  },
};

/** Core refuses 127.0.0.1 because its name is not "localhost"; browsers do not. */
export const window = {
  location: {
    protocol: globalThis.isSecureContext ? "https:" : "http:",
    hostname: globalThis.location.hostname,
  },
};

const SAID = "<UART> ";

/** Core logs every byte it sends, Wi-Fi password and all, and errors nowhere else. */
export const console = {
  log(text: string): void {
    if (/^<UART> (SEND )?ERROR: /.test(text)) state.complained(text.slice(SAID.length));
  },
};

/** Core waits for XON for ever, also when the board is gone. */
export function setTimeout(run: () => void, milliseconds: number): unknown {
  return state.isOpen ? globalThis.setTimeout(run, milliseconds) : undefined;
}

/** An element that is made and never shown. */
class Undrawn {
  readonly classList = { add(): void {} };
  innerHTML = "";
  innerText = "";
  onclick: ((event: { preventDefault(): void }) => void) | undefined;
  setAttribute(): void {}
  appendChild(): void {}
  removeChild(): void {}
}

let undrawn: Undrawn[] = [];

export const document = {
  body: new Undrawn(),
  createElement(): Undrawn {
    const element = new Undrawn();
    undrawn.push(element);
    return element;
  },
};

/** Chooses in the chooser that core has just made. @throws Error when it offers no such thing. */
export function press(name: "Web Bluetooth" | "Web Serial"): void {
  const offered = undrawn.find(({ innerHTML }) => innerHTML.includes(`>${name}<`));
  undrawn = [];
  if (!offered?.onclick) throw new Error(`@espruino-tools/core does not offer ${name}`);
  offered.onclick({ preventDefault: () => undefined });
}
