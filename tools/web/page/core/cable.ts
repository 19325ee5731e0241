/** A cable made by @espruino-tools/core, over Web Bluetooth or Web Serial, as the rest of Wick knows cables. */
import { type Port, PortGone } from "../../../console/port.ts";
import { core } from "./core.ts";
import { press, state } from "./surroundings.ts";
import { explained, type Means } from "./why-not.ts";

/** A connection as core has it; bytes are text, one character a byte. */
interface CoreConnection {
  isOpen: boolean;
  on(event: "data" | "close", listener: (bytes: string) => void): void;
  write(bytes: string, written: () => void): void;
  close(): void;
}

/** From the choice to an open cable. */
const OPEN_MS = 20_000;

/** Core tells nothing of a write that never ends. The longest, of some kB over Bluetooth, takes a second or two. */
const WRITE_MS = 15_000;

/** A Bluetooth packet as every board takes it; core sends longer ones once it has got a longer one. */
const SHORTEST_PACKET_BYTES = 20;
/** So many bytes, or fewer, go to core together: in packets that are full. */
const TOGETHER_BYTES = 60;

/** Nobody chose anything; that is no fault. */
export class NothingChosen extends Error {}

export interface OpenOptions {
  baud: number;
  /** The same as the last time, without asking, where there was one. */
  again: boolean;
}

let newest: CorePort | undefined;

/** Must be called from a click: the browser shows its chooser for nothing less. @throws NothingChosen, or Error with a sentence for people. */
export function openByCore(means: Means, { baud, again }: OpenOptions): Promise<Port> {
  // Core has one connection at a time.
  const before = newest;
  newest = undefined;
  if (!again) {
    state.device = undefined;
    state.port = undefined;
  }
  state.closing = before?.close() ?? Promise.resolve();
  state.baud = baud;
  state.isOpen = true;
  return new Promise<Port>((resolve, reject) => {
    let isOver = false;
    let alarm: ReturnType<typeof setTimeout> | undefined;
    const fail = (error: Error): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(alarm);
      state.isOpen = false;
      reject(error);
    };
    state.chosen = () => {
      alarm = setTimeout(() => {
        fail(new Error(explained(means, "TimeoutError", "")));
        connection.close?.();
      }, OPEN_MS);
    };
    state.complained = (text) => {
      const [, name = "", words = ""] = /^(?:SEND )?ERROR: (?:(\w+): )?(.*)$/s.exec(text) ?? [];
      if (!isOver && isChooserClosed(name, words)) fail(new NothingChosen());
      else if (!isOver) fail(new Error(explained(means, name, words)));
      else newest?.lost(explained(means, name, words));
    };
    const connection: CoreConnection = core.UART.connect((made: CoreConnection) => {
      // Too late: it was given up.
      if (isOver) return made.close();
      isOver = true;
      clearTimeout(alarm);
      newest = new CorePort(means, made);
      resolve(newest);
    });
    press(means === "bluetooth" ? "Web Bluetooth" : "Web Serial");
  });
}

function isChooserClosed(name: string, words: string): boolean {
  return name === "NotFoundError" && /cancel|no port selected|no device selected/i.test(words);
}

class CorePort implements Port {
  readonly name: string;
  readonly reset?: (into: "program" | "loader") => Promise<void>;
  private longestPacketBytes: number | undefined;
  private readonly connection: CoreConnection;
  private readonly stream = state.stream;
  private readonly byteListeners = new Set<(bytes: Uint8Array) => void>();
  private readonly goneListeners = new Set<(reason: string) => void>();
  private reason: string | undefined;
  private writing: Promise<void> = Promise.resolve();
  private giveUp: ((error: Error) => void) | undefined;
  private isClosed = false;

  constructor(means: Means, connection: CoreConnection) {
    this.connection = connection;
    this.name = means === "bluetooth" ? `ble:${state.device?.name ?? "board"}` : "serial port";
    const { stream } = this;
    if (means === "serial" && stream) this.reset = (into) => stream.reset(into);
    if (means === "bluetooth") this.longestPacketBytes = SHORTEST_PACKET_BYTES;
    connection.on("data", (text) => {
      const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
      if (this.longestPacketBytes !== undefined)
        this.longestPacketBytes = Math.max(this.longestPacketBytes, bytes.length);
      if (bytes.length > 0) for (const listener of [...this.byteListeners]) listener(bytes);
    });
    connection.on("close", () =>
      this.lost(
        means === "bluetooth"
          ? "the Bluetooth connection ended"
          : "it was unplugged, or the browser let go of it",
      ),
    );
  }

  get mostAtOnce(): number | undefined {
    const { longestPacketBytes: packet } = this;
    return packet && Math.max(1, Math.floor(TOGETHER_BYTES / packet)) * packet;
  }

  /** One after the other: core mixes up what is written while it waits for XON. */
  write(bytes: Uint8Array): Promise<void> {
    const written = this.writing.then(() => this.hand(bytes));
    this.writing = written.catch(() => undefined);
    return written;
  }

  onBytes(listener: (bytes: Uint8Array) => void): () => void {
    this.byteListeners.add(listener);
    return () => this.byteListeners.delete(listener);
  }

  onGone(listener: (reason: string) => void): () => void {
    this.goneListeners.add(listener);
    return () => this.goneListeners.delete(listener);
  }

  async close(): Promise<void> {
    if (!this.isClosed) {
      this.isClosed = true;
      state.isOpen = false;
      this.giveUp?.(new PortGone(this.name, "it was closed"));
      this.connection.close();
    }
    await this.stream?.closed;
  }

  /** The board is gone. */
  lost(reason: string): void {
    if (this.reason !== undefined || this.isClosed) return;
    this.reason = reason;
    state.isOpen = false;
    this.giveUp?.(new PortGone(this.name, reason));
    for (const listener of [...this.goneListeners]) listener(reason);
    this.connection.close();
  }

  private hand(bytes: Uint8Array): Promise<void> {
    if (this.isClosed || this.reason !== undefined)
      return Promise.reject(new PortGone(this.name, this.reason ?? "it was closed"));
    if (bytes.length === 0) return Promise.resolve();
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return new Promise<void>((resolve, reject) => {
      const alarm = setTimeout(() => this.lost("it takes nothing any more"), WRITE_MS);
      const settle = (end: () => void) => (): void => {
        clearTimeout(alarm);
        end();
      };
      this.giveUp = (error) => settle(() => reject(error))();
      this.connection.write(text, settle(resolve));
    });
  }
}
