// A session's stage on the real interpreter: a process of its own, TCP over loopback, time that passes by itself.
import { createServer, type Server, type Socket } from "node:net";
import { type EspruinoProcess, startEspruino } from "../drivers/espruino-process.ts";
import type { Listeners, Peer, Ports, Stage } from "./stage.ts";

export class InterpreterStage implements Stage {
  private readonly interpreter: string;
  private board: EspruinoProcess | undefined;
  private programServer: Server | undefined;
  private controlServer: Server | undefined;
  private programPort = 0;
  private accept: (socket: Socket) => void = () => {};
  private readonly sockets = new Set<Socket>();
  /** Woken by whatever happens. */
  private wake: (() => void) | undefined;

  constructor(interpreter: string) {
    this.interpreter = interpreter;
  }

  get name(): string {
    const version = /\b\d+v\d+\S*/.exec(this.lines.find((line) => line.includes("(c)")) ?? "")?.[0];
    return `Espruino ${version ?? "of an unknown version"}`;
  }

  get lines(): readonly string[] {
    return this.board?.console ?? [];
  }

  async launch(listeners: Listeners, program: (ports: Ports) => string): Promise<void> {
    this.accept = (socket) => listeners.program(this.peerOf(socket));
    this.controlServer = createServer((socket) => listeners.control(this.peerOf(socket)));
    const control = await listen(this.controlServer, 0);
    await this.refuse(false);
    this.board = await startEspruino({
      interpreter: this.interpreter,
      script: program({ program: this.programPort, control }),
    });
    this.board.onLine(() => this.wake?.());
  }

  async refuse(on: boolean): Promise<void> {
    const server = this.programServer;
    if (on === (server === undefined)) return;
    if (server) {
      this.programServer = undefined;
      // Connections that are open stay; it only takes no more.
      server.close();
    } else {
      this.programServer = createServer((socket) => this.accept(socket));
      this.programPort = await listen(this.programServer, this.programPort);
    }
  }

  async until(condition: () => boolean, what: string, withinMs = 10_000): Promise<void> {
    const end = performance.now() + withinMs;
    while (!condition()) {
      if (this.board?.hasEnded()) throw new Error(`the interpreter ended while waiting: ${what}`);
      const left = end - performance.now();
      if (left <= 0) {
        const said = this.lines.slice(-5).join(" | ");
        throw new Error(`not within ${withinMs} ms on the interpreter: ${what}; the console says: ${said}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 100));
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  async close(): Promise<void> {
    await this.board?.stop();
    for (const socket of this.sockets) socket.destroy();
    this.programServer?.close();
    this.controlServer?.close();
  }

  private peerOf(socket: Socket): Peer {
    socket.setNoDelay(true);
    this.sockets.add(socket);
    const peer: Peer = {
      send: (bytes) => void socket.write(bytes, "latin1"),
      end: () => void socket.end(),
      reset: () => void socket.resetAndDestroy(),
      onData: () => {},
      onClose: () => {},
    };
    socket.on("data", (bytes) => {
      peer.onData(bytes.toString("latin1"));
      this.wake?.();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.sockets.delete(socket);
      peer.onClose();
      this.wake?.();
    });
    return peer;
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}
