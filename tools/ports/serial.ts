/** A serial port by the package `serialport`, which is optional: it brings native code. */
import type { SerialPort } from "serialport";
import { Failure } from "../cli/errors.ts";
import { type Port, PortGone } from "../console/port.ts";
import { Listeners } from "./listeners.ts";
import { isOwnUsb, type ResetStep, resetSteps } from "./reset-steps.ts";
import { type Surroundings, serialFailure, thisComputer } from "./serial-failure.ts";

export interface SerialLine extends Port {
  /** Of the modem lines; absent where the port has none, as pseudo-terminals. */
  setSignals?(signals: { dtr?: boolean; rts?: boolean }): Promise<void>;
  setBaud(baud: number): Promise<void>;
}

export const DEFAULT_BAUD = 115_200;
const NO_PACKAGE =
  "serial ports need the package serialport: run `npm install serialport`; tcp://, ble: and mqtt: go without";
/** A line that takes nothing for so long has stopped. */
const WRITE_MS = 10_000;
const LOOK_MS = 500;
const UNPLUGGED = "it was unplugged";

/** @throws Failure with what to do about it: permission, held by another program, not there, package missing. */
export async function openSerial(
  path: string,
  baud = DEFAULT_BAUD,
  computer: Surroundings = thisComputer,
): Promise<SerialLine> {
  const { SerialPort: Serial } = await import("serialport").catch(() => {
    throw new Failure(NO_PACKAGE);
  });
  // DTR stays up at the end: falling, it would start many boards anew.
  const port = new Serial({ path, baudRate: baud, hupcl: false, autoOpen: false });
  const refused = await new Promise<Error | null>((resolve) => port.open((error) => resolve(error)));
  if (refused) throw await serialFailure(path, refused.message, computer);
  const modem = await hasModemLines(port);
  const listed = modem ? (await computer.list()).find((one) => one.path === path) : undefined;
  return line(port, modem, isOwnUsb(listed));
}

/** A pseudo-terminal has none, and says so when asked. */
function hasModemLines(port: SerialPort): Promise<boolean> {
  return new Promise((resolve) => port.get((error) => resolve(error === null)));
}

/**
 * Looks again and again whether the line is still there, and calls `onGone` once it is not; returns how to stop that. The package does not always
 * notice: from a line that was hung up one reads nothing for ever, which it takes for a line on which nothing comes yet (unix-read.js).
 */
function watchForUnplugging(port: SerialPort, onGone: () => void): () => void {
  const timer = setInterval(() => {
    if (!port.isOpen) return;
    port.get((error) => {
      if (error && !/inappropriate ioctl/i.test(error.message)) onGone();
    });
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function line(port: SerialPort, modem: boolean, ownUsb: boolean): SerialLine {
  const name = port.path;
  const listeners = new Listeners(name);
  port.on("data", (data: Buffer) => listeners.bytes(data));
  port.on("error", (error) => listeners.gone(error.message));
  const unplugged = (): void => {
    stopLooking();
    listeners.gone(UNPLUGGED);
    // Nothing is read from it any more.
    if (port.isOpen) port.close(() => undefined);
  };
  const stopLooking = watchForUnplugging(port, unplugged);
  port.on("close", unplugged);
  /** Whatever the package answers, or that the cable is gone meanwhile, or nothing for too long. */
  const done = (start: (callback: (error?: Error | null) => void) => void): Promise<void> => {
    let stop: () => void = () => undefined;
    let tooLate: NodeJS.Timeout | undefined;
    return new Promise<void>((resolve, reject) => {
      listeners.check();
      stop = listeners.onGone((reason) => reject(new PortGone(name, reason)));
      tooLate = setTimeout(
        () => reject(new PortGone(name, `it took nothing for ${WRITE_MS / 1000} s`)),
        WRITE_MS,
      );
      start((error) => (error ? reject(new PortGone(name, error.message)) : resolve()));
    }).finally(() => {
      clearTimeout(tooLate);
      stop();
    });
  };
  const setSignals = (signals: { dtr?: boolean; rts?: boolean }): Promise<void> =>
    done((callback) => port.set(signals, callback));
  const serial: SerialLine = {
    name,
    onBytes: (listener) => listeners.onBytes(listener),
    onGone: (listener) => listeners.onGone(listener),
    write: (bytes) =>
      done((callback) =>
        port.write(Buffer.from(bytes), (error) => {
          // "Left" means out of the system's buffer, so that XOFF stops the rest; what is no line has no such moment.
          if (error || !modem) callback(error);
          else port.drain(callback);
        }),
      ),
    setBaud: (baud) => done((callback) => port.update({ baudRate: baud }, callback)),
    close() {
      listeners.closed();
      stopLooking();
      return new Promise((resolve) => {
        if (!port.isOpen) resolve();
        else port.close(() => resolve());
      });
    },
  };
  if (!modem) return serial;
  return { ...serial, setSignals, reset: (into) => reset(setSignals, resetSteps(into, ownUsb)) };
}

async function reset(
  setSignals: (signals: { dtr: boolean; rts: boolean }) => Promise<void>,
  steps: readonly ResetStep[],
): Promise<void> {
  for (const { dtr, rts, ms } of steps) {
    await setSignals({ dtr, rts });
    if (ms > 0) await pause(ms);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
