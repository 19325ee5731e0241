/** One MQTT connection that comes back by itself: connect, keep alive, subscribe, publish. */

import { backoffSeconds } from "../link/backoff.ts";
import { type Client, close, fail, flush, type Handler, send } from "./connection.ts";
import { hasWildcard } from "./filter.ts";
import { BUFFER, FIRST, receive } from "./receive.ts";
import { ask, nextId } from "./session.ts";
import { DISCONNECT, PINGREQ, packet, type QoS, text, unsubscribePacket } from "./wire.ts";

export { publish } from "./session.ts";

/** Seconds from opening the socket to CONNACK. */
const CONNECT_TIMEOUT = 10;
/** Seconds after which a connection counts as good. */
const STABLE = 20;
/** Seconds of silence after which the broker is asked, and after which it is given up. */
const PING_AFTER = Math.max(1, Math.floor(MQTT_KEEP_ALIVE * 0.75));
const DEAD_AFTER = MQTT_KEEP_ALIVE * 1.25;
/** Bytes handed to the socket and not drained at which the connection is given up. */
const UNSENT_END = 60000;
/** Identifiers of QoS 2 messages remembered at once; a power of two. */
const RECEIVED = 64;

/**
 * A client that is not connected yet: `start` lets it try, `tick` once a second keeps it going. `open` makes a socket,
 * `greeting` is a CONNECT packet.
 */
export function createClient(open: Client["open"], greeting: string): Client {
  const client = {
    bytes: new Uint8Array(BUFFER),
    subscriptions: {},
    known: {},
    asked: {},
    knownTopic: 0,
    open,
    greeting,
    receiving: false,
    online: false,
    id: 0,
    wait: 0,
    failures: 0,
    inFlight: 0,
    dropped: 0,
    oversize: 0,
  } as unknown as Client;
  if (OUTBOUND_ACK) client.messages = [];
  if (WILDCARDS) client.exact = {};
  if (QOS2_RECEIVE) client.received = new Uint16Array(RECEIVED);
  return client;
}

/** Lets the client connect at the next tick and for ever after. */
export function start(client: Client): void {
  client.wait = backoffSeconds(0);
}

/** To be called once a second while the network is up. */
export function tick(client: Client): void {
  if (client.socket) {
    client.outboundIdle++;
    client.inboundIdle++;
    if (++client.age === STABLE && client.online) client.failures = 0;
    if (client.unsent && ++client.undrained > (client.unsent > UNSENT_END ? 0 : MQTT_KEEP_ALIVE))
      fail(client, "socket does not drain");
    else if (client.inboundIdle > (client.online ? DEAD_AFTER : CONNECT_TIMEOUT)) fail(client, "no answer");
    else if (client.online && (client.outboundIdle >= PING_AFTER || client.inboundIdle === PING_AFTER))
      send(client, packet(PINGREQ, ""));
  } else if (client.wait && !--client.wait) connect(client);
}

function connect(client: Client): void {
  client.inboundIdle = client.outboundIdle = client.undrained = client.unsent = client.age = 0;
  client.expect = client.short = FIRST;
  client.asked = {};
  client.receiving = false;
  client.data = client.out = "";
  try {
    const socket = client.open(() => greet(client));
    client.socket = socket;
    socket.on("data", (data) => receive(client, data));
    socket.on("drain", () => drained(client));
    socket.on("close", () => closed(client));
  } catch (error) {
    fail(client, (error as Error).message);
  }
}

function greet(client: Client): void {
  send(client, client.greeting);
}

function drained(client: Client): void {
  client.unsent = client.undrained = 0;
  flush(client);
}

function closed(client: Client): void {
  if (client.socket)
    fail(client, client.online && client.age < STABLE ? "closed; client id used twice?" : "closed");
}

/**
 * Asks for the messages of a topic filter, now and after each loss of the session. A filter asked for before gets the
 * new handler and quality of service.
 */
export function subscribe(client: Client, filter: string, qos: QoS, handler: Handler): void {
  client.subscriptions[text(filter)] = { qos, handler };
  if (WILDCARDS) index(client);
  if (OWN_PROGRAM && client.online) ask(client, filter, qos);
}

/** Gives a topic filter back (MQTT 3.1.1 section 3.10). */
export function unsubscribe(client: Client, filter: string): void {
  delete client.subscriptions[text(filter)];
  if (WILDCARDS) index(client);
  if (client.online) send(client, unsubscribePacket(nextId(client), filter));
}

/** Looks topics up letter by letter only while no filter has a wildcard. */
function index(client: Client): void {
  client.exact = client.subscriptions;
  for (const key in client.subscriptions) if (hasWildcard(key.substr(2))) client.exact = {};
}

/** Says goodbye, so that the broker does not publish the will, and stays away until `start`. */
export function disconnect(client: Client): void {
  client.receiving = false;
  flush(client);
  if (client.online && client.socket) client.socket.write(packet(DISCONNECT, ""));
  close(client);
}
