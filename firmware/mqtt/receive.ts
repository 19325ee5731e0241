/** Takes the broker's bytes apart, cut anywhere, and acts on each packet: the hot path of the lamp. */

import { type Client, fail, flush, KNOWN, type Subscription } from "./connection.ts";
import { isTopicName, matches } from "./filter.ts";
import { acknowledged, connected } from "./session.ts";
import {
  CONNACK,
  DUP,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  type QoS,
  SUBACK,
  UNSUBACK,
} from "./wire.ts";

/** Bytes of `Client.bytes`: an incomplete packet and what most often comes with it; sockets deliver at most 536. */
export const BUFFER = MQTT_RX_BUFFER + 128;
/** Largest remaining length that is one byte and fits the buffer. */
const SHORT = MQTT_RX_BUFFER < 129 ? MQTT_RX_BUFFER - 2 : 127;

/** `Client.expect`: the first packet of a connection, which must be CONNACK; the packet identifier of an oversize packet. */
export const FIRST = -1;
const IDENTIFIER = -2;

/**
 * Acts on all packets that are complete and keeps the rest. What is answered leaves in one write at the end.
 *
 * The interpreter reads even what it does not execute, at some 0.3 us a character, and a block with variables of its own
 * costs as much as a call: so the loop holds only what a known message needs, and everything else is a call.
 */
export function receive(client: Client, chunk: string): void {
  var size: number;
  var start: number;
  var known: number;
  var id: number;
  var bytes = client.bytes;
  var room = BUFFER - client.data.length;
  var data = (client.data += chunk.substr(0, room));
  bytes.set(data);
  client.inboundIdle = client.at = 0;
  client.end = data.length;
  client.receiving = !!client.socket;
  while (client.receiving)
    try {
      while ((start = client.at + 2) <= client.end)
        if ((size = bytes[start - 1] as number) > client.short || (client.at = start + size) > client.end)
          unusual(client, start - 2);
        else if (
          MQTT_QOS &&
          bytes[start - 2] === PUBLISH + MQTT_QOS * 2 &&
          (known =
            client.known[
              data.substr(start, client.knownTopic) +
                data.substr((id = start + client.knownTopic) + 2, client.at - id - 2)
            ]!) & KNOWN &&
          (bytes[id] as number) | (bytes[id + 1] as number)
        ) {
          client.out += (MQTT_QOS > 1 ? "P\x02" : "@\x02") + data.substr(id, 2);
          if (MQTT_QOS < 2 || !repeated(client, 0, id)) client.onKnown!(known & 1);
        } else if (bytes[start - 2] === PUBLISH && (known = client.known[data.substr(start, size)]!) & KNOWN)
          client.onKnown!(known & 1);
        else if (MQTT_QOS > 1 && bytes[start - 2] === PUBREL) release(client, start);
        else act(client, bytes[start - 2] as number, start);
      client.receiving = false;
    } catch (error) {
      // The program's own mistake: shown as any other, and the packets after it are not lost.
      setTimeout(
        (again) => {
          throw again;
        },
        0,
        error,
      );
    }
  client.data = data.substr(client.at);
  // After a failure nothing more is taken: what is left of the packet that failed would be there for ever.
  if (client.socket && chunk.length > room) receive(client, chunk.substr(room));
  else flush(client);
}

/** Two bytes of the chunk as a number. */
function wordAt(client: Client, at: number): number {
  return ((client.bytes[at] as number) << 8) | (client.bytes[at + 1] as number);
}

/**
 * PUBREL: the identifier is free again (MQTT 3.1.1 section 4.3.3). An unknown one is answered as well. They come in runs,
 * which a lamp at QoS 2 takes at one go.
 */
function release(client: Client, body: number): void {
  var bytes = client.bytes;
  var id: number;
  do {
    id = ((bytes[body] as number) << 8) | (bytes[body + 1] as number);
    client.out += "p\x02" + client.data.substr(body, 2);
    if (client.received[id & 63] === id) client.received[id & 63] = 0;
    // Ends the run as well: `client.end` is 0 then.
    if (!id || body + 2 !== client.at) malformed(client, "PUBREL");
  } while (
    MQTT_QOS > 1 &&
    (body += 4) + 2 <= client.end &&
    bytes[body - 2] === PUBREL &&
    bytes[body - 1] === 2 &&
    (client.at = body + 2)
  );
}

/** Acts on the packet whose body begins at `body` and ends before `client.at`: a PUBLISH is acknowledged and delivered. */
function act(client: Client, type: number, body: number): void {
  const qos = type & 6;
  const topic = wordAt(client, body) + 2;
  const start = body + topic + (qos ? 2 : 0);
  if ((type & 240) !== PUBLISH) return control(client, type, body, client.at - body);
  if (start > client.at || (qos && (!INBOUND_ACK || !wordAt(client, start - 2))))
    return malformed(client, "PUBLISH");
  if (INBOUND_ACK && qos) {
    client.out += (qos > 2 ? "P\x02" : "@\x02") + client.data.substr(start - 2, 2);
    if (QOS2_RECEIVE && qos > 2 && repeated(client, type, start - 2)) return;
  }
  deliver(client, type, client.data.substr(body, topic), client.data.substr(start, client.at - start));
}

/** Whether the QoS 2 message whose identifier stands at `at` has been delivered already; remembers it. */
function repeated(client: Client, type: number, at: number): boolean {
  var id = ((client.bytes[at] as number) << 8) | (client.bytes[at + 1] as number);
  if (type & 2) malformed(client, "PUBLISH");
  else if (client.received[id & 63] !== id) {
    client.received[id & 63] = id;
    return false;
  }
  return true;
}

/** The broker breaks the protocol: the connection ends (MQTT-4.8.0-1). */
function malformed(client: Client, what: string): void {
  fail(client, "malformed " + what);
}

/** The lamp's handler asks for no more than this. */
type LampHandler = (topic: string, payload: string, retained: boolean) => void;

/** Hands a message to whoever asked for it; one that nobody asked for is checked all the same. */
function deliver(client: Client, type: number, key: string, payload: string): void {
  const topic = key.substr(2);
  const hand = (subscription: Subscription) =>
    OWN_PROGRAM
      ? subscription.handler(topic, payload, !!(type & 1), ((type >> 1) & 3) as QoS, !!(type & DUP))
      : (subscription.handler as LampHandler)(topic, payload, !!(type & 1));
  const subscription = (WILDCARDS ? client.exact : client.subscriptions)[key];
  if (subscription) hand(subscription);
  else if (!isTopicName(topic)) malformed(client, "PUBLISH");
  else if (WILDCARDS) {
    // Two filters of one handler that both match are one message to it.
    let last: unknown;
    for (const other in client.subscriptions) {
      const candidate = client.subscriptions[other] as Subscription;
      if (candidate.handler !== last && matches(other.substr(2), topic)) {
        last = candidate.handler;
        hand(candidate);
      }
    }
  }
}

/**
 * Takes the packet at `start` that is the first of a connection, or incomplete, or has more than one byte of length, or
 * does not fit the buffer, and what follows of the latter.
 */
function unusual(client: Client, start: number): void {
  const expect = client.expect;
  const type = client.bytes[start] as number;
  let body = start + 1;
  let length = 0;
  let shift = 0;
  let byte = 128;
  client.at = start;
  if (expect > 0) {
    // Bytes of a packet that does not fit.
    client.at = Math.min(start + expect, client.end);
    client.expect = expect - client.at + start;
    if (!client.expect) {
      if (INBOUND_ACK && client.skipQos) client.expect = IDENTIFIER;
      else client.short = SHORT;
    }
    return;
  }
  if (INBOUND_ACK && expect === IDENTIFIER) {
    // Acknowledged, so that it is not sent for ever.
    client.out += (client.skipQos > 2 ? "P\x02" : "@\x02") + client.data.substr(start, 2);
    client.at += 2;
    client.skipQos = 0;
    if (!(client.expect = client.skipAfter)) client.short = SHORT;
    return;
  }
  while (byte > 127 && shift < 28 && body < client.end) {
    byte = client.bytes[body++] as number;
    length |= (byte & 127) << shift;
    shift += 7;
  }
  const excess = body - start + length - MQTT_RX_BUFFER;
  if (byte > 127 && shift > 27) malformed(client, "length");
  else if (expect && type !== CONNACK) fail(client, "no CONNACK");
  else if (byte > 127 || (excess > 0 ? body + 2 : body + length) > client.end) client.end = 0;
  else if (excess > 0) {
    const size = wordAt(client, body);
    const qos = type & 6;
    const rest = length - size - (qos ? 4 : 2);
    if ((type & 240) !== PUBLISH || !size || rest < 0 || qos > (INBOUND_ACK ? 4 : 0))
      return malformed(client, "packet");
    print("MQTT: skipped " + length + " bytes");
    client.oversize++;
    client.at = body + 2;
    client.short = -1;
    client.skipQos = qos;
    client.skipAfter = rest;
    client.expect = qos ? size : size + rest;
  } else {
    client.at = body + length;
    act(client, type, body);
  }
}

/** Acts on every packet but PUBLISH and PUBREL. */
function control(client: Client, type: number, body: number, length: number): void {
  const id = wordAt(client, body);
  const code = client.bytes[body + 2] as number;
  if (client.expect) {
    // MQTT-3.2.0-1: the first packet is CONNACK, whose second byte is the return code (table 3.1).
    client.expect = 0;
    client.short = SHORT;
    if (length !== 2 || (id & 255) > 5 || id > 261) malformed(client, "CONNACK");
    else if (id & 255)
      fail(
        client,
        "refused, " +
          ["protocol version", "client id", "unavailable", "user or password", "not authorized"][
            (id & 255) - 1
          ],
      );
    else connected(client, id > 0);
  } else if (QOS2_RECEIVE && type === PUBREL) release(client, body);
  else if (type === SUBACK && length === 3 && (code < 3 || code === 128)) {
    const filter = client.asked[id];
    delete client.asked[id];
    if (filter && code > 2) print("MQTT: refused, " + filter);
    if (filter && client.onSubscribe) client.onSubscribe(filter, code);
  } else if (
    OUTBOUND_ACK &&
    length === 2 &&
    (type === PUBACK || (QOS2_SEND && (type === PUBREC || type === PUBCOMP)))
  )
    acknowledged(client, type, id);
  else if ((type !== PINGRESP || length) && (type !== UNSUBACK || length !== 2)) malformed(client, "packet");
}
