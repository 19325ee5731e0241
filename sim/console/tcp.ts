/** The board's console on a TCP port of this computer, for telnet, netcat and uploaders. */
import { createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../clock.ts";
import { Inlet } from "./inlet.ts";
import type { ConsolePort } from "./port.ts";
import { StrangerCheck } from "./stranger.ts";

/** Whose console it is: a `Simulation`, or a board with its clock. */
export interface ConsoleOwner {
  readonly board: { readonly consolePort: ConsolePort };
  readonly clock: Clock;
}

export interface TcpConsole {
  readonly port: number;
  /** Ends the connections and stops listening. */
  close(): Promise<void>;
}

/** More than this is not read from a connection before the board has taken it. */
const MOST_WAITING = 65_536;
/** A client that has not read so many bytes is let go. */
const MOST_UNREAD = 1_048_576;

export interface TcpConsoleOptions {
  /** Is told in a sentence whose connection was closed, and why; the same sentence once. */
  note?(sentence: string): void;
}

/**
 * Listens on `port` (0: any free one) of the loopback interface. All connections are one cable: each sees everything the board sends, and what
 * comes from any of them is typed, unless it is HTTP or TLS: any web page can have a browser send those. They outlive restarts of the board.
 * @throws Error in one sentence when the port cannot be had.
 */
export async function serveConsoleOnTcp(
  { board, clock }: ConsoleOwner,
  port: number,
  { note }: TcpConsoleOptions = {},
): Promise<TcpConsole> {
  const noted = new Set<string>();
  const noteOnce = (sentence: string): void => {
    if (!noted.has(sentence)) note?.(sentence);
    noted.add(sentence);
  };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    attach(socket, board.consolePort, clock, { closed: () => sockets.delete(socket), note: noteOnce });
  });
  const actual = await listen(server, port);
  return {
    port: actual,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface Told {
  closed(): void;
  note(sentence: string): void;
}

function attach(socket: Socket, port: ConsolePort, clock: Clock, told: Told): void {
  const detach = clock.attachOutside();
  const inlet = new Inlet(port, clock);
  const check = new StrangerCheck();
  const stopOutput = port.onOutput((bytes) => {
    if (socket.destroyed) return;
    socket.write(bytes, "latin1");
    if (socket.writableLength <= MOST_UNREAD) return;
    told.note("A client of the console does not read what the board prints: closed.");
    socket.destroy();
  });
  inlet.onDrained = () => socket.resume();
  socket.on("data", (data: Buffer) => {
    const language = check.speaks(data.toString("latin1"));
    if (language) {
      told.note(
        `Something spoke ${language} to the console, perhaps a web page: closed, nothing of it was typed.`,
      );
      socket.destroy();
    }
    if (socket.destroyed) return;
    clock.fromOutside(() => {
      inlet.write(data.toString("latin1"));
      if (inlet.backlog > MOST_WAITING) socket.pause();
    });
  });
  // Whoever was connected may go at any moment; "close" follows.
  socket.on("error", () => undefined);
  socket.on("close", () => {
    stopOutput();
    // What was sent before the end is still typed.
    clock.fromOutside(() => {
      if (inlet.backlog === 0) inlet.close();
      else inlet.onDrained = () => inlet.close();
    });
    detach();
    told.closed();
  });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === "EADDRINUSE" ? `TCP port ${port} is in use by another program` : error.message;
      reject(new Error(`cannot offer the console: ${reason}; give another port, as in --console tcp:2424`));
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
