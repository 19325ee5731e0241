/** Serves the page of a simulation on 127.0.0.1, and nobody but that page. */
import type { WebSocket } from "ws";
import type { Simulation } from "../simulation.ts";
import { type Asset, pageAssets } from "./assets.ts";
import { Hub, send } from "./hub.ts";
import { type LoopbackServer, serveOnLoopback } from "./loopback-server.ts";
import { Observer } from "./observer.ts";
import { BadRequest, LONGEST_REQUEST_BYTES, parseRequest, SOCKET_PATH, type ToServer } from "./protocol.ts";
import { Requests } from "./requests.ts";

/** A page that has not read so many bytes of what it was answered is let go. */
const MOST_UNREAD = 8_388_608;

/** What a page may do to the world around the board. */
export interface PageActions {
  /**
   * Carries out a step as a scenario has it, such as `{wifi: "down"}`.
   * @throws Error (the promise is rejected) with one sentence for the person at the page.
   */
  perform(step: unknown): Promise<void>;
}

/** Another page on the same server, which the board's page links to. */
export interface FurtherPage {
  /** Begins and ends with "/". */
  readonly path: string;
  /** What the link says. */
  readonly title: string;
  /** Its file of that name, "" for the page itself; undefined: there is none. */
  file(name: string): Asset | undefined | Promise<Asset | undefined>;
  /** Who takes a web socket of that name; undefined: there is none. */
  socket(name: string): ((socket: WebSocket) => void) | undefined;
}

export interface PageOptions {
  /** Where to listen; the next port that is free when it is taken; 0: any. */
  port: number;
  actions: PageActions;
  further?: FurtherPage | undefined;
}

export type PageServer = LoopbackServer;

/**
 * Starts to serve; the simulation may be started before or after.
 * @throws Error when a hundred ports in a row are taken, or the port may not be used.
 */
export async function serveSimulation(
  simulation: Simulation,
  { port, actions, further }: PageOptions,
): Promise<PageServer> {
  const assets = await pageAssets();
  const requests = new Requests(simulation, actions, () => hub.news());
  const observer = new Observer(
    simulation,
    () => hub.news(),
    () => requests.held,
    further && { path: further.path, title: further.title },
  );
  const hub: Hub = new Hub(observer);
  const below = (path: string): string | undefined =>
    further && path.startsWith(further.path) ? path.slice(further.path.length) : undefined;
  const server = await serveOnLoopback(
    {
      home: "/",
      longestMessageBytes: LONGEST_REQUEST_BYTES,
      file: (path) => {
        const name = below(path);
        return name === undefined ? assets.get(path.slice(1)) : further?.file(name);
      },
      socket: (path) => {
        if (path === SOCKET_PATH) return (socket) => attach(socket, hub, requests);
        const name = below(path);
        return (
          (name === undefined ? undefined : further?.socket(name)) ?? `The web socket is at ${SOCKET_PATH}.`
        );
      },
    },
    port,
  );
  return {
    ...server,
    close: async () => {
      observer.close();
      hub.close();
      await server.close();
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
    // Every message is answered: who asks and asks and takes no answers would fill the memory.
    if (socket.bufferedAmount > MOST_UNREAD) socket.terminate();
    else void handle(isBinary ? undefined : String(data), socket, hub, requests);
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
