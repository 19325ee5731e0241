/** Files and web sockets on 127.0.0.1, for pages that this server itself served and for nobody else. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Asset } from "./assets.ts";
import { refusal, setSecurityHeaders, socketRefusal } from "./guard.ts";

/** How many ports after the wanted one are tried. */
const PORT_TRIES = 100;
/** More are refused: a page that opens itself without end must not eat the host's memory. */
const MOST_PAGES = 50;

/** What is offered; paths begin with "/" and have no query. */
export interface Offered {
  /** Undefined: there is none. */
  file(path: string): Asset | undefined | Promise<Asset | undefined>;
  /** Who takes a web socket that is opened there, or why nobody does, in one sentence. */
  socket(path: string): ((socket: WebSocket) => void) | string;
  /** The longest message of a page, in bytes. */
  longestMessageBytes: number;
  /** Path of the page, for whoever looks elsewhere. */
  home: string;
}

export interface LoopbackServer {
  readonly url: string;
  readonly port: number;
  /** Ends all connections and frees the port. */
  close(): Promise<void>;
}

/**
 * Listens on `wanted`, or the next port that is free; 0: any.
 * @throws Error when a hundred ports in a row are taken, or the port may not be used.
 */
export async function serveOnLoopback(offered: Offered, wanted: number): Promise<LoopbackServer> {
  const server = createServer((request, response) => void answer(request, response, port, offered));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: offered.longestMessageBytes,
    perMessageDeflate: false,
  });
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const taker = offered.socket(request.url ?? "");
    const refused = typeof taker === "string" ? taker : socketRefusal(request, port);
    if (refused !== undefined || typeof taker === "string") refuse(stream, 403, refused ?? "");
    else if (sockets.clients.size >= MOST_PAGES) refuse(stream, 503, `${MOST_PAGES} pages are open already.`);
    else sockets.handleUpgrade(request, stream, head, (socket) => taker(socket));
  });
  const port = await listen(server, wanted);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  offered: Offered,
): Promise<void> {
  setSecurityHeaders(response);
  const [path = ""] = (request.url ?? "").split("?");
  const refused = refusal(request, port);
  if (refused !== undefined) return say(response, 403, refused);
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return say(response, 405, "This server only answers to GET and HEAD.");
  }
  const asset = await Promise.resolve(offered.file(path)).catch(() => null);
  if (asset === null) return say(response, 500, `${path.slice(0, 80)} could not be made.`);
  if (!asset) return say(response, 404, `There is no ${path.slice(0, 80)}; the page is at ${offered.home}.`);
  response.writeHead(200, { "Content-Type": asset.type, "Content-Length": asset.body.length });
  response.end(request.method === "HEAD" ? undefined : asset.body);
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" });
  response.end(`${text}\n`);
}

function refuse(stream: Duplex, status: 403 | 503, reason: string): void {
  const name = status === 403 ? "Forbidden" : "Service Unavailable";
  stream.on("error", () => {});
  stream.end(
    `HTTP/1.1 ${status} ${name}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(reason) + 1}\r\n\r\n${reason}\n`,
  );
}

async function listen(server: Server, wanted: number): Promise<number> {
  for (let candidate = wanted; ; candidate++) {
    const error = await tryPort(server, candidate);
    if (!error) return (server.address() as AddressInfo).port;
    if (error.code !== "EADDRINUSE" || candidate >= wanted + PORT_TRIES || candidate >= 65535) throw error;
  }
}

function tryPort(server: Server, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve(error);
    server.once("error", failed);
    server.listen(port, "127.0.0.1", () => {
      server.removeListener("error", failed);
      resolve(undefined);
    });
  });
}
