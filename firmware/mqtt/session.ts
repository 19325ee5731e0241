/** What outlives a connection: packet identifiers, messages on their way, and their order (MQTT 3.1.1 section 4). */

import { type Client, flush, send } from "./connection.ts";
import { acknowledgement, bytes, DUP, PUBACK, PUBCOMP, PUBREC, PUBREL, publishPacket, type QoS, subscribePacket } from "./wire.ts";

/** A message that waits for the broker or for its acknowledgement. */
export interface Message {
  /** Packet identifier; 0 at QoS 0. */
  id: number;
  /** The PUBLISH, or the PUBREL once PUBREC has come. */
  packet: string;
  /** Whether it went out over this connection. */
  sent: boolean;
}

/** The next packet identifier that is not in use (MQTT-2.3.1-1, -2). */
export function nextId(client: Client): number {
  do client.id = (client.id % 65535) + 1;
  while (client.asked[client.id] || (OUTBOUND_ACK && client.messages.some((message) => message.id === client.id)));
  return client.id;
}

/**
 * Sends a message, or keeps it until the broker is there: at most MQTT_QUEUE wait, then the oldest goes and is counted.
 * Returns the packet identifier, 0 at QoS 0. Throws when the packet is larger than MQTT_TX_BUFFER.
 */
export function publish(client: Client, topic: string, payload: string, qos: QoS, retain: boolean): number {
  const id = qos && nextId(client);
  const packet = publishPacket(topic, payload, qos, retain, id);
  if (packet.length > MQTT_TX_BUFFER) throw new Error(packet.length + " bytes, txBuffer is " + MQTT_TX_BUFFER);
  if (OUTBOUND_ACK) {
    const waiting = client.messages.filter((message) => !message.sent);
    if (waiting.length >= MQTT_QUEUE) {
      client.dropped++;
      client.messages.splice(client.messages.indexOf(waiting[0] as Message), 1);
    }
    client.messages.push({ id, packet, sent: false });
    pump(client);
  } else if (client.online) {
    send(client, packet);
    if (client.onPublish) client.onPublish(0);
  } else client.dropped++;
  return id;
}

/** Sends what waits, in order, as far as MQTT_INFLIGHT allows. */
export function pump(client: Client): void {
  if (!client.online) return;
  let inFlight = 0;
  client.messages = client.messages.filter((message) => {
    if (!message.sent && inFlight < MQTT_INFLIGHT) {
      client.out += message.packet;
      message.sent = true;
      if (!message.id && client.onPublish) client.onPublish(0);
    }
    if (message.id) inFlight++;
    return message.id || !message.sent;
  });
  flush(client);
}

/**
 * PUBACK, PUBREC or PUBCOMP has come (MQTT 3.1.1 sections 4.3.2, 4.3.3). One that does not fit the message is passed
 * over; a PUBREC for an unknown message is answered all the same, so that the broker can forget it.
 */
export function acknowledged(client: Client, type: number, id: number): void {
  const message = client.messages.find((candidate) => candidate.id === id && candidate.sent);
  const first = QOS2_SEND && message ? message.packet.charCodeAt(0) : 0;
  const releasing = first === PUBREL;
  if (QOS2_SEND && type === PUBREC && (!first || first & 4 || releasing)) {
    const release = acknowledgement(PUBREL, id);
    if (message) message.packet = release;
    client.out += release;
  } else if (message && type === (QOS2_SEND && releasing ? PUBCOMP : PUBACK) && (!QOS2_SEND || releasing || !(first & 4))) {
    client.messages.splice(client.messages.indexOf(message), 1);
    if (client.onPublish) client.onPublish(id);
    pump(client);
  }
}

/**
 * Called with a good CONNACK (MQTT 3.1.1 section 3.2). What was on its way goes out again, in its order and with its
 * identifier (MQTT-4.4.0-1, 4.6.0-1). Where the broker has no session it goes as a new message, but for QoS 2, which may
 * have been delivered.
 */
export function connected(client: Client, sessionPresent: boolean): void {
  client.online = true;
  if (!sessionPresent && QOS2_RECEIVE) client.received.fill(0);
  if (!sessionPresent || client.fresh)
    for (const key in client.subscriptions) ask(client, key.substr(2), client.subscriptions[key]!.qos);
  client.fresh = false;
  if (OUTBOUND_ACK) {
    client.messages = client.messages.filter((message) => {
      const type = message.packet.charCodeAt(0);
      if (message.sent) {
        if (QOS2_SEND && !sessionPresent && (type === PUBREL || type & 4)) {
          client.dropped++;
          return false;
        }
        if (!QOS2_SEND || type !== PUBREL)
          message.packet = bytes(sessionPresent ? type | DUP : type & ~DUP) + message.packet.substr(1);
      }
      message.sent = false;
      return true;
    });
    pump(client);
  }
  if (client.onConnect) client.onConnect(sessionPresent);
}

/** Sends the SUBSCRIBE of one filter. */
export function ask(client: Client, filter: string, qos: QoS): void {
  const id = nextId(client);
  client.asked[id] = filter;
  send(client, subscribePacket(id, filter, qos));
}
