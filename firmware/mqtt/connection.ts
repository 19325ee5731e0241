/** The state of one MQTT connection, its way to the socket and its end. */

import { backoffSeconds } from "../link/backoff.ts";
import type { Message } from "./session.ts";
import type { QoS } from "./wire.ts";

/** Called for each message that matches a filter. `payload` carries one byte per character. */
export type Handler = (topic: string, payload: string, retained: boolean, qos: QoS, dup: boolean) => void;

/**
 * What was asked of the broker for one topic filter, and who takes the messages.
 * @internal
 */
export interface Subscription {
  qos: QoS;
  handler: Handler;
}

/** What a program is told; each is optional. */
export interface Callbacks {
  onConnect?(sessionPresent: boolean): void;
  onDisconnect?(reason: string): void;
  /** `grantedQos` is 128 where the broker refused the filter (MQTT 3.1.1 section 3.9.3). */
  onSubscribe?(filter: string, grantedQos: number): void;
  /** A message has been acknowledged; at QoS 0, `packetId` 0, it was handed to the socket. */
  onPublish?(packetId: number): void;
  /** A message of `Client.known` has come: the number that stands there. */
  onKnown?(value: number): void;
  /** Called before bytes go to the socket: the place to publish what changed since the last time. */
  onFlush?(): void;
}

/**
 * The state of one client; two of them can live in one program.
 * @internal but for what docs/mqtt.md names: the build may rename the fields where no program names them.
 */
export interface Client extends Callbacks {
  /** Opens a socket; called again for each attempt. May throw. */
  open: (onOpen: () => void) => Socket;
  /** The CONNECT packet. */
  greeting: string;
  socket: Socket | undefined;
  /** CONNACK has come. @public */
  online: boolean;
  /** Packets for the socket, handed over together. */
  out: string;
  /** Set while a chunk is taken apart: what is sent waits for its end. */
  receiving: boolean;
  /** Bytes handed to the socket since it was last empty. */
  unsent: number;
  /** The chunk being taken apart, as text and as bytes; between chunks the bytes of an incomplete packet. */
  data: string;
  bytes: Uint8Array;
  /** Where the next packet begins in it, and where it ends. */
  at: number;
  end: number;
  /** Largest remaining length taken the short way; -1 while `expect` says otherwise. */
  short: number;
  /** What comes next: 0 any packet, FIRST the first one, IDENTIFIER or a number of bytes inside an oversize packet. */
  expect: number;
  /** Of an oversize packet: its quality of service bits, and the bytes that follow its packet identifier. */
  skipQos: number;
  skipAfter: number;
  /** Subscriptions by the bytes of their filter, its length before it. */
  subscriptions: { [key: string]: Subscription };
  /** Those found by the bytes of a topic: all of them, or none while one has a wildcard. */
  exact: { [key: string]: Subscription };
  /** Filters of the SUBSCRIBE packets that are not answered yet, by packet identifier. */
  asked: { [id: number]: string };
  /**
   * KNOWN plus 0 or 1 for messages acted on without being taken apart, by their bytes: topic with its length before it, then payload. Never
   * retained ones.
   */
  known: { [key: string]: number };
  /** Bytes of their topic with its length; they have one topic. */
  knownTopic: number;
  id: number;
  messages: Message[];
  /** How many of them, from the first, are on their way. */
  inFlight: number;
  /** Identifiers of QoS 2 messages that came in and are not released yet; identifier n stands at n modulo the length. */
  received: Uint16Array;
  /** Seconds without a byte from the broker, without a byte to it, and with bytes waiting in the socket. */
  inboundIdle: number;
  outboundIdle: number;
  undrained: number;
  /** Seconds since the socket was opened. */
  age: number;
  /** Seconds until the next attempt; 0 while a socket is open or the client is stopped. */
  wait: number;
  failures: number;
  /** Messages lost: too many waiting, or a broker that forgot them. @public */
  dropped: number;
  /** Packets larger than the receive buffer, skipped. @public */
  oversize: number;
}

/** Marks the numbers of `Client.known`: what an object inherits under a name such as "toString" is none. */
export const KNOWN = 2;

/** Bytes handed to the socket and not drained at which states wait, so that the newest stands for all. */
export const UNSENT_LIMIT = 40000;

/** Ends the connection for a reason that people can read, and plans the next attempt. */
export function fail(client: Client, reason: string): void {
  const wasOnline = client.online;
  close(client);
  client.wait = backoffSeconds(client.failures++);
  print("MQTT: " + reason + "; again in " + client.wait + " s");
  if (wasOnline && client.onDisconnect) client.onDisconnect(reason);
}

/** Closes the socket at once and plans nothing. */
export function close(client: Client): void {
  const socket = client.socket;
  client.socket = undefined;
  client.online = false;
  client.wait = client.end = 0;
  if (socket) {
    socket.removeAllListeners();
    socket.end();
  }
}

/** Sends a whole packet, together with others if a chunk is being taken apart. */
export function send(client: Client, bytes: string): void {
  client.out += bytes;
  flush(client);
}

/** Hands what has been gathered to the socket in one write. */
export function flush(client: Client): void {
  if (client.receiving) return;
  if (client.onFlush) {
    client.receiving = true;
    client.onFlush();
    client.receiving = false;
  }
  const out = client.out;
  if (out && client.socket) {
    client.out = "";
    client.outboundIdle = 0;
    client.unsent += out.length;
    try {
      client.socket.write(out);
    } catch (error) {
      fail(client, (error as Error).message);
    }
  }
}
