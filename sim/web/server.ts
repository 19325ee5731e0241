/** Serves the page of a simulation on 127.0.0.1, and nobody but that page. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Simulation } from "../simulation.ts";
import { type Assets, pageAssets } from "./assets.ts";
import { refusal, setSecurityHeaders, socketRefusal } from "./guard.ts";
import { Hub, send } from "./hub.ts";
import { Observer } from "./observer.ts";
import { BadRequest, LONGEST_REQUEST_BYTES, parseRequest, SOCKET_PATH, type ToServer } from "./protocol.ts";
import { Requests } from "./requests.ts";

/** How many ports after the wanted one are tried. */
const PORT_TRIES = 100;
/** More are refused: a page that opens itself without end must not eat the host's memory. */
const MOST_PAGES = 50;

/** What a page may do to the world around the board. */
export interface PageActions {
  /**
   * Carries out a step as a scenario has it, such as `{wifi: "down"}`.
   * @throws Error (the promise is rejected) with one sentence for the person at the page.
   */
  perform(step: unknown): Promise<void>;
}

export interface PageOptions {
  /** Where to listen; the next port that is free when it is taken; 0: any. */
  port: number;
  actions: PageActions;
}

export interface PageServer {
  readonly url: string;
  readonly port: number;
  /** Closes every page's connection and the port. */
  close(): Promise<void>;
}

/**
 * Starts to serve; the simulation may be started before or after.
 * @throws Error when a hundred ports in a row are taken, or the port may not be used.
 */
export async function serveSimulation(
  simulation: Simulation,
  { port: wanted, actions }: PageOptions,
): Promise<PageServer> {
  const assets = await pageAssets();
  const requests = new Requests(simulation, actions, () => hub.news());
  const observer = new Observer(
    simulation,
    () => hub.news(),
    () => requests.held,
  );
  const hub: Hub = new Hub(observer);
  const server = createServer((request, response) => answer(request, response, port, assets));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LONGEST_REQUEST_BYTES,
    perMessageDeflate: false,
  });
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const refused =
      request.url === SOCKET_PATH ? socketRefusal(request, port) : `The web socket is at ${SOCKET_PATH}.`;
    if (refused !== undefined) refuse(stream, 403, refused);
    else if (hub.size >= MOST_PAGES) refuse(stream, 503, `${MOST_PAGES} pages are open already.`);
    else sockets.handleUpgrade(request, stream, head, (socket) => attach(socket, hub, requests));
  });
  const port = await listen(server, wanted);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      observer.close();
      hub.close();
      for (const socket of sockets.clients) socket.terminate();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function attach(socket: WebSocket, hub: Hub, requests: Requests): void {
  // An error is followed by a close; it says nothing more.
  socket.on("error", () => {});
  socket.on("close", () => {
    hub.remove(socket);
    requests.leave(socket);
  });
  socket.on("message", (data, isBinary) => {
    void handle(isBinary ? undefined : String(data), socket, hub, requests);
  });
  hub.add(socket);
}

/** Every message is answered, whatever it holds. */
async function handle(
  text: string | undefined,
  socket: WebSocket,
  hub: Hub,
  requests: Requests,
): Promise<void> {
  let request: ToServer;
  try {
    if (text === undefined) throw new BadRequest("a message must be text");
    request = parseRequest(text);
  } catch (error) {
    const { id, message } = error as BadRequest;
    return send(socket, { type: "answer", ...(id === undefined ? {} : { id }), error: message });
  }
  try {
    if (request.type === "watch") hub.watch(socket, request.on);
    else await requests.carryOut(request, socket);
    send(socket, { type: "answer", id: request.id });
  } catch (error) {
    send(socket, { type: "answer", id: request.id, error: firstLine(error) });
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

function answer(request: IncomingMessage, response: ServerResponse, port: number, assets: Assets): void {
  setSecurityHeaders(response);
  const [path = ""] = (request.url ?? "").split("?");
  const asset = assets.get(path);
  const refused = refusal(request, port);
  if (refused !== undefined) {
    say(response, 403, refused);
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    say(response, 405, "This server only answers to GET and HEAD.");
  } else if (!asset) {
    say(response, 404, `There is no ${path.slice(0, 80)}; the page is at /.`);
  } else {
    response.writeHead(200, { "Content-Type": asset.type, "Content-Length": asset.body.length });
    response.end(request.method === "HEAD" ? undefined : asset.body);
  }
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
