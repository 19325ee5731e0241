/** The cable to a simulated board: a web socket to the server of the page. */
import { type Port, PortGone } from "../../console/port.ts";
import { CABLE_PATH } from "../offer.ts";

const OPEN_MS = 10_000;
/** As the server has it for a second page. */
const TAKEN = 4001;
/** So much may be on its way before a write waits. */
const BACKLOG_BYTES = 4096;
const LOOK_MS = 5;

/** @throws Error with a sentence for people. */
export function openSocketCable(): Promise<Port> {
  return new Promise((resolve, reject) => {
    const url = new URL(CABLE_PATH, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    const alarm = setTimeout(() => socket.close(), OPEN_MS);
    const failed = (): void => {
      clearTimeout(alarm);
      reject(new Error("The simulation does not answer: see that wick sim still runs, and connect again."));
    };
    socket.addEventListener("close", failed, { once: true });
    socket.addEventListener(
      "open",
      () => {
        clearTimeout(alarm);
        socket.removeEventListener("close", failed);
        resolve(new SocketCable(socket));
      },
      { once: true },
    );
  });
}

class SocketCable implements Port {
  readonly name = "simulated board";
  private readonly socket: WebSocket;
  private readonly goneListeners = new Set<(reason: string) => void>();
  private reason: string | undefined;
  private isClosing = false;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("close", ({ code }) => {
      if (this.isClosing) return;
      this.reason = code === TAKEN ? "another page holds its cable" : "the simulation ended";
      for (const listener of [...this.goneListeners]) listener(this.reason);
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.require();
    this.socket.send(new Uint8Array(bytes));
    while (this.socket.bufferedAmount > BACKLOG_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      this.require();
    }
  }

  onBytes(listener: (bytes: Uint8Array) => void): () => void {
    const take = ({ data }: MessageEvent): void => listener(new Uint8Array(data as ArrayBuffer));
    this.socket.addEventListener("message", take);
    return () => this.socket.removeEventListener("message", take);
  }

  onGone(listener: (reason: string) => void): () => void {
    this.goneListeners.add(listener);
    return () => this.goneListeners.delete(listener);
  }

  close(): Promise<void> {
    this.isClosing = true;
    if (this.socket.readyState === WebSocket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      this.socket.addEventListener("close", () => resolve(), { once: true });
      this.socket.close();
      // A server that went away says no farewell.
      setTimeout(resolve, 1000);
    });
  }

  private require(): void {
    if (this.isClosing || this.socket.readyState !== WebSocket.OPEN)
      throw new PortGone(this.name, this.reason ?? "it was closed");
  }
}
