/** A cable that may be lost while its board starts over (a console over Wi-Fi, a chip with USB of its own) and is then opened again, unnoticed by whoever holds it. */
import { ConsoleError } from "../console/errors.ts";
import { type ConsoleClock, hostClock } from "../console/host-clock.ts";
import { type Port, PortGone } from "../console/port.ts";
import { Listeners } from "./listeners.ts";

export interface ReturningOptions {
  /** How long it may stay away. Default 25,000: a board joins its Wi-Fi before its console can be reached, and is waited for half a minute (restart.ts). */
  readonly withinMs?: number | undefined;
  /** Default: the host's time. */
  readonly clock?: ConsoleClock | undefined;
}

const WITHIN_MS = 25_000;
/** Between two attempts. */
const PAUSE_MS = 250;
/** What is to be written waits so long for the cable: later nobody wants to know any more. */
const PATIENCE_MS = 3000;

/**
 * `first`, and whatever `open` gives once that is lost; only while `mayDrop` allows it, else the loss is told at once. What is written meanwhile leaves
 * when the cable is back, or fails with a ConsoleError "timeout": whoever asked may ask again. Nothing old is ever sent late.
 */
export function returningPort(first: Port, open: () => Promise<Port>, options: ReturningOptions = {}): Port {
  const { clock = hostClock, withinMs = WITHIN_MS } = options;
  const listeners = new Listeners(first.name);
  let current = first;
  let allowed = false;
  let closed = false;
  /** Settles when the cable is back or given up; undefined while it is there. */
  let returning: Promise<void> | undefined;
  let wake = (): void => undefined;

  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const alarm = clock.schedule(clock.now() + PAUSE_MS, resolve);
      wake = () => {
        clock.cancel(alarm);
        resolve();
      };
    });
  const back = (): Promise<void> =>
    new Promise((resolve) => {
      const alarm = clock.schedule(clock.now() + PATIENCE_MS, resolve);
      returning?.finally(() => {
        clock.cancel(alarm);
        resolve();
      });
    });
  const away = (): ConsoleError =>
    new ConsoleError(
      "timeout",
      `${first.name} was lost while the board started over, and is not back yet: repeat the command`,
    );
  const take = (port: Port): void => {
    current = port;
    port.onBytes((bytes) => listeners.bytes(bytes));
    port.onGone((reason) => {
      if (!allowed) return listeners.gone(reason);
      returning ??= reopened(reason).finally(() => {
        returning = undefined;
      });
    });
  };
  const reopened = async (reason: string): Promise<void> => {
    const until = clock.now() + withinMs;
    // What is left of it holds the line.
    await current.close();
    while (!closed && clock.now() < until) {
      await pause();
      if (closed) return;
      const port = await open().catch(() => undefined);
      if (port && closed) await port.close();
      else if (port) return take(port);
    }
    if (!closed) listeners.gone(reason);
  };

  take(first);
  return {
    name: first.name,
    mostAtOnce: first.mostAtOnce,
    onBytes: (listener) => listeners.onBytes(listener),
    onGone: (listener) => listeners.onGone(listener),
    mayDrop(may) {
      allowed = may;
    },
    async write(bytes) {
      if (returning) await back();
      listeners.check();
      if (returning) throw away();
      try {
        await current.write(bytes);
      } catch (error) {
        throw allowed && error instanceof PortGone ? away() : error;
      }
    },
    async close() {
      closed = true;
      listeners.closed();
      wake();
      await current.close();
    },
    ...(first.reset && { reset: (into) => current.reset?.(into) ?? Promise.resolve() }),
    ...(first.setBaud && { setBaud: (baud) => current.setBaud?.(baud) ?? Promise.resolve() }),
  };
}
