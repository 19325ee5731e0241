/** require("net"): TCP sockets, polled from the idle loop in the same order as the interpreter does it (libs/network/socketserver.c). */
import type { Emit } from "./events.ts";
import type { IdleLoop, LoopPart } from "./loop.ts";
import { CONNECT_CALLBACK, charactersIn, heldDataVariables, SOCKET } from "./memory/costs.ts";
import type { Members, Realm, Value } from "./realm.ts";
import { ConnectFailure, LINK_ERRORS, type Link, type LinkError, type Network } from "./world/network.ts";

/** Where people are told otherwise than programs: the interpreter has one code for whatever ends a connection before it is open. */
const HUMAN_REASONS: Partial<Record<LinkError, string>> = { reset: "connection refused" };

/** JsNetwork.chunkSize: the most that is received or sent in one go. */
export const CHUNK_BYTES = 536;
/** jswrap_stream.c: what is received while nobody listens is kept up to this size. */
const UNREAD_BYTES = 512;

interface Connection {
  readonly object: Value;
  readonly link: Link;
  connected: boolean;
  /** Received and not yet handed to the program. */
  received: string;
  /** Received without a listener, for `read()`. */
  unread: string;
  unsent: string;
  /** `end()` was called: close when all is sent. */
  close: boolean;
  closeNow: boolean;
}

export class Sockets implements LoopPart {
  private readonly connections: Connection[] = [];
  private readonly connectionOf = new WeakMap<object, Connection>();
  private readonly prototype: Value;
  /** Power has gone. */
  private off = false;

  private readonly realm: Realm;
  private readonly loop: IdleLoop;
  private readonly network: Network;
  /** False while there is no Wi-Fi: sockets then stay as they are and nothing comes or goes. */
  private readonly online: () => boolean;
  private readonly emit: Emit;

  constructor(realm: Realm, loop: IdleLoop, network: Network, online: () => boolean, emit: Emit) {
    this.realm = realm;
    this.loop = loop;
    this.network = network;
    this.online = online;
    this.emit = emit;
    const Socket = realm.constructorNamed("Socket");
    this.prototype = Socket.prototype;
    realm.define(realm.global, "Socket", Socket);
    realm.members(this.prototype, this, Sockets.METHODS);
  }

  private static readonly METHODS: Members<Sockets> = {
    write: (sockets, args, self) => sockets.write(sockets.connection(self), args[0]),
    end: (sockets, args, self) => sockets.end(sockets.connection(self), args[0]),
    read: (sockets, args, self) => sockets.read(sockets.connection(self), Number(args[0] ?? 0)),
    available: (sockets, _args, self) => sockets.connection(self).unread.length,
    pipe: ({ realm }) => {
      throw realm.error("Error", "Socket.pipe is not simulated");
    },
  };

  /** Objects of the sockets there are. */
  get objects(): Value[] {
    return this.connections.map(({ object }) => object);
  }

  /** Variables that the sockets take, without their listeners and the data on its way. */
  get variables(): number {
    return this.connections.reduce((sum, { object }) => sum + socketVariables(object["#onconnect"]), 0);
  }

  /** Variables of the data that is not sent yet, or not handed over. */
  get dataVariables(): number {
    return this.connections.reduce(
      (sum, { received, unread, unsent }) =>
        sum +
        heldDataVariables(received.length) +
        heldDataVariables(unread.length) +
        heldDataVariables(unsent.length),
      0,
    );
  }

  /** The module that `require("net")` gives. */
  module(): Value {
    const module = this.realm.object();
    this.realm.define(
      module,
      "connect",
      this.realm.method("connect", (_self, args) => this.connect(args[0], args[1])),
    );
    return module;
  }

  /** Power is gone: the other sides see their connections break. */
  powerOff(): void {
    this.off = true;
    for (const { link, connected } of this.connections) {
      link.abort();
      if (connected) this.emit({ type: "socket", state: "closed", reason: "power off" });
    }
    this.connections.length = 0;
  }

  idle(): boolean {
    if (!this.online()) return this.idleOffline();
    let busy = false;
    for (const connection of [...this.connections]) if (this.poll(connection)) busy = true;
    return busy;
  }

  /** Without a network a program can still give a socket up; nothing else happens to it. */
  private idleOffline(): boolean {
    const given = this.connections.filter(({ closeNow }) => closeNow);
    for (const connection of given) this.closed(connection, undefined);
    return given.length > 0;
  }

  private connect(target: Value, callback: Value): Value {
    if (typeof target !== "object" || target === null)
      throw this.realm.error("Error", "Expecting Options to be an Object");
    if (callback !== undefined && typeof callback !== "function") {
      throw this.realm.error("Error", `Expecting Callback Function but got ${typeof callback}`);
    }
    const host = target.host === undefined ? "127.0.0.1" : String(target.host);
    this.loop.memory?.meter.require(socketVariables(callback));
    const link = this.open(host, Number(target.port) & 0xffff);
    const object = this.realm.create(this.prototype);
    if (callback !== undefined) object["#onconnect"] = callback;
    const connection = {
      object,
      link,
      connected: false,
      received: "",
      unread: "",
      unsent: "",
      close: false,
      closeNow: false,
    };
    this.connections.push(connection);
    this.connectionOf.set(object, connection);
    this.loop.wake();
    return object;
  }

  private open(host: string, port: number): Link {
    let reason: ConnectFailure["reason"];
    if (this.online()) {
      try {
        return this.network.connect(host, port, () => this.loop.wake());
      } catch (error) {
        if (!(error instanceof ConnectFailure)) throw error;
        reason = error.reason;
      }
    } else {
      reason = /^[\d.]+$/.test(host) ? "refused" : "unknown-host";
    }
    const message = reason === "refused" ? "Unable to create socket" : "Unable to locate host";
    this.emit({ type: "socket", state: "closed", reason: message });
    throw this.realm.error("InternalError", message);
  }

  private write(connection: Connection, data: Value): boolean {
    if (connection.close || connection.closeNow) throw this.realm.error("Error", "This socket is closed");
    if (data !== undefined) this.keep(connection, bytesOf(data, this.realm));
    this.loop.wake();
    return false;
  }

  /** Adds to what is to be sent. Where memory runs out what still fits is kept, as on the board. */
  private keep(connection: Connection, data: string): void {
    const { memory } = this.loop;
    const before = connection.unsent.length;
    const held = heldDataVariables(before);
    const more = heldDataVariables(before + data.length) - held;
    const room = memory?.meter.room(more) ?? more;
    if (room >= more) {
      connection.unsent += data;
      return;
    }
    connection.unsent += data.slice(0, Math.max(0, charactersIn(held + room) - before));
    memory?.exhausted();
  }

  private end(connection: Connection, data: Value): void {
    if (data !== undefined) this.write(connection, data);
    if (connection.unsent === "") connection.closeNow = true;
    connection.close = true;
    this.loop.wake();
  }

  private read(connection: Connection, count: number): string {
    const taken = count > 0 ? connection.unread.slice(0, count) : connection.unread;
    connection.unread = connection.unread.slice(taken.length);
    return taken;
  }

  /** socketClientConnectionsIdle */
  private poll(connection: Connection): boolean {
    const { object, link } = connection;
    let busy = this.push(connection, false);
    let closing = connection.closeNow;
    let error: LinkError | undefined;
    if (!closing && link.state !== "connecting") {
      if (connection.unsent !== "" && link.state === "open") {
        if (this.send(connection)) busy = true;
      } else if (connection.unsent === "" && connection.close) {
        closing = true;
      }
      const data = link.receive(CHUNK_BYTES);
      if (data === "" && link.state === "closed") {
        closing = true;
        error = link.error ?? (connection.unsent === "" ? undefined : "unsentData");
      } else {
        if (!connection.connected) {
          this.opened(connection);
          if (connection.unsent === "") this.loop.queueEvent(object, "drain", [object]);
          busy = true;
        }
        if (data !== "") {
          this.loop.memory?.meter.heard();
          connection.received += data;
          this.push(connection, false);
          busy = true;
        }
      }
    }
    if (closing) {
      this.push(connection, true);
      if (connection.received === "") this.closed(connection, error);
      busy = true;
    }
    return busy;
  }

  private opened(connection: Connection): void {
    if (this.off) return;
    connection.connected = true;
    this.emit({ type: "socket", state: "open" });
    this.loop.queueEvent(connection.object, "connect", [connection.object]);
  }

  private send(connection: Connection): boolean {
    const sent = connection.link.send(connection.unsent.slice(0, CHUNK_BYTES));
    if (sent === 0) return false;
    connection.unsent = connection.unsent.slice(sent);
    if (connection.unsent === "" && !connection.close)
      this.loop.queueEvent(connection.object, "drain", [connection.object]);
    if (!connection.connected) this.opened(connection);
    return true;
  }

  /** Hands what was received to the program: at once, within the pass, not through the queue. */
  private push(connection: Connection, force: boolean): boolean {
    const data = connection.received;
    if (data === "") return false;
    const listeners = connection.object["#ondata"];
    if (listeners !== undefined) {
      connection.received = "";
      this.loop.call(connection.object, listeners, [data]);
      return true;
    }
    if (connection.unread.length + data.length > UNREAD_BYTES && connection.unread !== "" && !force)
      return false;
    connection.received = "";
    connection.unread = connection.unread === "" ? data : (connection.unread + data).slice(0, UNREAD_BYTES);
    return true;
  }

  private closed(connection: Connection, error: LinkError | undefined): void {
    if (this.off) return;
    const { object, link } = connection;
    this.connections.splice(this.connections.indexOf(connection), 1);
    const byOther = link.state === "closed";
    link.close();
    connection.close = true;
    const reason = error
      ? (HUMAN_REASONS[error] ?? LINK_ERRORS[error].message)
      : byOther
        ? "closed by the other side"
        : "closed by the board";
    this.emit({ type: "socket", state: "closed", reason });
    if (error)
      this.loop.queueEvent(object, "error", [Object.assign(this.realm.object(), LINK_ERRORS[error])]);
    this.loop.queueEvent(object, "end", []);
    this.loop.queueEvent(object, "close", [error !== undefined]);
  }

  private connection(self: Value): Connection {
    const connection = this.connectionOf.get(self);
    if (!connection) throw this.realm.error("Error", "Not a socket");
    return connection;
  }
}

function socketVariables(callback: Value): number {
  return SOCKET + (callback === undefined ? 0 : CONNECT_CALLBACK);
}

/** Any value as the bytes that are sent: its string, of which each character is one byte. */
function bytesOf(data: Value, realm: Realm): string {
  const text = realm.isView(data) ? Array.prototype.join.call(data, ",") : String(data);
  return Buffer.from(text, "latin1").toString("latin1");
}
