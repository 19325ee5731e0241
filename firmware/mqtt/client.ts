/** One MQTT connection that comes back by itself: connect, keep alive, subscribe, publish. */

import { type Client, close, fail, flush, type Handler, send } from "./connection.ts";
import { hasWildcard } from "./filter.ts";
import { CHUNK, FIRST, receive } from "./receive.ts";
import { ask, nextId, store } from "./session.ts";
import { DISCONNECT, PINGREQ, packet, type QoS, text, unsubscribePacket } from "./wire.ts";

/** Seconds from opening the socket to CONNACK. */
const CONNECT_TIMEOUT = 10;
/** Seconds after which a connection counts as good. */
const STABLE = 20;
/** Seconds of silence after which the broker is asked, and after which it is given up. */
const PING_AFTER = Math.max(1, Math.floor(MQTT_KEEP_ALIVE * 0.75));
const DEAD_AFTER = MQTT_KEEP_ALIVE * 1.25;
/** Identifiers of QoS 2 messages remembered at once; a power of two. */
const RECEIVED = 64;

/**
 * A client that is not connected yet: `start` lets it try, `tick` once a second keeps it going. `open` makes a socket,
 * `greeting` is a CONNECT packet.
 */
export function createClient(open: Client["open"], greeting: string): Client {
  const client = {
    bytes: new Uint8Array(MQTT_RX_BUFFER + CHUNK),
    exact: {},
    known: {},
    subscriptions: [],
    open,
    greeting,
    out: "",
    data: "",
    fresh: true,
    receiving: false,
    online: false,
    socket: undefined,
    id: 0,
    wait: 0,
    failures: 0,
    dropped: 0,
    oversize: 0,
    onOpen: () => {
      send(client, client.greeting);
    },
    onData: (data: string) => {
      if (client.socket) receive(client, data);
    },
    onDrain: () => {
      client.unsent = client.undrained = 0;
      flush(client);
    },
    onClose: () => {
      if (client.socket) fail(client, client.online && client.age < STABLE ? "closed; is the client id in use twice?" : "closed");
    },
    onError: (error: { message: string }) => {
      if (client.socket) fail(client, error.message);
    },
  } as unknown as Client;
  if (OUTBOUND_ACK) client.messages = [];
  if (QOS2_RECEIVE) client.received = new Uint16Array(RECEIVED);
  return client;
}

/** Lets the client connect at the next tick and for ever after. */
export function start(client: Client): void {
  client.wait = 1;
}

/** To be called once a second while the network is up. */
export function tick(client: Client): void {
  if (client.socket) {
    client.outboundIdle++;
    client.inboundIdle++;
    if (++client.age === STABLE && client.online) client.failures = 0;
    if (client.unsent && ++client.undrained > MQTT_KEEP_ALIVE) fail(client, "socket does not drain");
    else if (client.inboundIdle > (client.online ? DEAD_AFTER : CONNECT_TIMEOUT)) fail(client, "no answer");
    else if (client.online && (client.outboundIdle >= PING_AFTER || client.inboundIdle === PING_AFTER)) send(client, packet(PINGREQ, ""));
  } else if (client.wait && !--client.wait) connect(client);
}

function connect(client: Client): void {
  client.inboundIdle = client.outboundIdle = client.undrained = client.unsent = client.age = 0;
  client.expect = FIRST;
  client.short = -1;
  client.data = client.out = "";
  try {
    const socket = client.open(client.onOpen);
    client.socket = socket;
    socket.on("data", client.onData);
    socket.on("drain", client.onDrain);
    socket.on("error", client.onError);
    socket.on("close", client.onClose);
  } catch (error) {
    fail(client, (error as Error).message || (error as string));
  }
}

/**
 * Asks for the messages of a topic filter, now and after each loss of the session. A filter asked for before gets the
 * new handler and quality of service.
 */
export function subscribe(client: Client, filter: string, qos: QoS, handler: Handler): void {
  const subscription = { filter, qos, handler, id: 0 };
  if (WILDCARDS) client.subscriptions = client.subscriptions.filter((other) => other.filter !== filter);
  client.subscriptions.push(subscription);
  index(client);
  if (client.online) ask(client, subscription);
}

/** Gives a topic filter back (MQTT 3.1.1 section 3.10). */
export function unsubscribe(client: Client, filter: string): void {
  client.subscriptions = client.subscriptions.filter((subscription) => subscription.filter !== filter);
  index(client);
  if (client.online) send(client, unsubscribePacket(nextId(client), filter));
}

/** Makes the table of filters that are found letter by letter. */
function index(client: Client): void {
  client.exact = {};
  if (!WILDCARDS || !client.subscriptions.some((subscription) => hasWildcard(subscription.filter)))
    client.subscriptions.forEach((subscription) => {
      client.exact[text(subscription.filter)] = subscription;
    });
}

/**
 * Sends a message, or keeps it until the broker is there: at most MQTT_QUEUE wait, then the oldest goes and is counted.
 * Returns the packet identifier, 0 at QoS 0. Throws when the packet is larger than MQTT_TX_BUFFER.
 */
export function publish(client: Client, topic: string, payload: string, qos: QoS, retain: boolean): number {
  return store(client, topic, payload, qos, retain);
}

/** Says goodbye, so that the broker does not publish the will, and stays away until `start`. */
export function disconnect(client: Client): void {
  if (client.online) send(client, packet(DISCONNECT, ""));
  close(client);
}
