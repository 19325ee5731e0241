/** A board's console over TCP: Espruino's own telnet server, a terminal server, or the simulator. Bytes pass as they are. */
import { connect, type Socket } from "node:net";
import { Failure } from "../cli/errors.ts";
import { type Port, PortGone } from "../console/port.ts";
import { addressText } from "./address.ts";
import { Listeners } from "./listeners.ts";

const CONNECT_MS = 10_000;

export interface TcpOptions {
  /** Default 10,000. */
  readonly withinMs?: number | undefined;
  /** Breaks it off at once. */
  readonly signal?: AbortSignal | undefined;
  /** Makes the connection, in place of Node's. */
  readonly dial?: (options: { host: string; port: number; noDelay: boolean }) => Socket;
}

/** @throws Failure with what to do about it, at the latest after `withinMs`. */
export async function openTcp(host: string, port: number, options: TcpOptions = {}): Promise<Port> {
  const { withinMs = CONNECT_MS, signal, dial = connect } = options;
  const name = addressText({ kind: "tcp", host, port });
  const socket = dial({ host, port, noDelay: true });
  await connected(socket, name, { host, port, withinMs, signal });
  const listeners = new Listeners(name);
  let failure = "the other side closed the connection";
  socket.on("error", (error) => {
    failure = lossIn(error);
  });
  socket.on("close", () => listeners.gone(failure));
  socket.on("data", (data: Buffer) => listeners.bytes(data));
  return {
    name,
    onBytes: (listener) => listeners.onBytes(listener),
    onGone: (listener) => listeners.onGone(listener),
    write(bytes) {
      return new Promise((resolve, reject) => {
        listeners.check();
        const onGone = (): void => reject(new PortGone(name, failure));
        socket.once("close", onGone);
        socket.write(bytes, (error) => {
          socket.off("close", onGone);
          if (error) reject(new PortGone(name, lossIn(error)));
          else resolve();
        });
      });
    },
    close() {
      listeners.closed();
      return new Promise((resolve) => {
        if (socket.closed) return resolve();
        socket.once("close", () => resolve());
        // What was written leaves first; a board that does not take it is not waited for.
        socket.end(() => socket.destroy());
        setTimeout(() => socket.destroy(), 500).unref();
      });
    },
  };
}

function connected(
  socket: Socket,
  name: string,
  {
    host,
    port,
    withinMs,
    signal,
  }: Required<Pick<TcpOptions, "signal">> & {
    readonly host: string;
    readonly port: number;
    readonly withinMs: number;
  },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      clearTimeout(tooLate);
      signal?.removeEventListener("abort", stop);
    };
    const stop = (): void => fail("stopped before it answered");
    const fail = (sentence: string): void => {
      over();
      socket.destroy();
      reject(new Failure(`${name}: ${sentence}`));
    };
    const tooLate = setTimeout(
      () =>
        fail(
          `no answer within ${withinMs / 1000} s: check the address, and that board and computer are in the same network`,
        ),
      withinMs,
    );
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) return stop();
    socket.once("connect", () => {
      over();
      socket.removeAllListeners("error");
      resolve();
    });
    socket.once("error", (error: NodeJS.ErrnoException) => fail(sentenceFor(error, host, port)));
  });
}

/** Why a connection that stood is lost. */
function lossIn(error: NodeJS.ErrnoException): string {
  if (error.code === "ECONNRESET" || error.code === "EPIPE")
    return "the other side broke the connection off; is it a board's console that listens there?";
  if (error.code === "ETIMEDOUT") return "nothing answers there any more";
  return error.message;
}

function sentenceFor(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === "ECONNREFUSED")
    return `nothing listens on port ${port} there: is the board's telnet on (port 23), or the simulator started with --console tcp:${port}?`;
  if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN")
    return `no computer called "${host}" is known: check the spelling, or give its IP address`;
  if (error.code === "EHOSTUNREACH" || error.code === "ENETUNREACH")
    return "there is no way there: check the address, and that board and computer are in the same network";
  if (error.code === "ETIMEDOUT") return "no answer: check the address, and that the board is on";
  return error.message;
}
