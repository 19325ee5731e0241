/** What outlives a connection: packet identifiers, messages on their way, and their order (MQTT 3.1.1 section 4). */

import { type Client, flush, send } from "./connection.ts";
import {
  acknowledgement,
  bytes,
  DUP,
  PUBACK,
  PUBCOMP,
  PUBREC,
  PUBREL,
  publishPacket,
  type QoS,
  subscribePacket,
} from "./wire.ts";

/**
 * A message that waits for the broker or for its acknowledgement.
 * @internal
 */
export interface Message {
  /** Packet identifier; 0 at QoS 0. */
  id: number;
  /** The PUBLISH, or the PUBREL once PUBREC has come. */
  packet: string;
}

/** The next packet identifier that is not in use (MQTT-2.3.1-1, -2). */
export function nextId(client: Client): number {
  do client.id = (client.id % 65535) + 1;
  while (
    client.asked[client.id] ||
    (OUTBOUND_ACK && client.messages.some((message) => message.id === client.id))
  );
  return client.id;
}

/**
 * Sends a message, or keeps it until the broker is there: at most MQTT_QUEUE wait, then the oldest goes and is counted.
 * Returns the packet identifier, 0 at QoS 0. Throws when the packet is larger than MQTT_TX_BUFFER.
 */
export function publish(client: Client, topic: string, payload: string, qos: QoS, retain: boolean): number {
  const id = qos && nextId(client);
  const packet = publishPacket(topic, payload, qos, retain, id);
  if (packet.length > MQTT_TX_BUFFER)
    throw new Error(
      packet.length + (OWN_PROGRAM ? " bytes, txBuffer is " : " bytes, over ") + MQTT_TX_BUFFER,
    );
  if (OUTBOUND_ACK) {
    if (client.messages.length - client.inFlight >= MQTT_QUEUE) {
      client.dropped++;
      client.messages.splice(client.inFlight, 1);
    }
    client.messages.push({ id, packet });
    pump(client);
  } else if (client.online) {
    send(client, packet);
    if (client.onPublish) client.onPublish(0);
  } else client.dropped++;
  return id;
}

/** Sends what waits, in order, as far as MQTT_INFLIGHT allows. */
export function pump(client: Client): void {
  while (client.online && client.inFlight < MQTT_INFLIGHT && client.inFlight < client.messages.length) {
    const message = client.messages[client.inFlight] as Message;
    client.out += message.packet;
    if (message.id) client.inFlight++;
    else {
      client.messages.splice(client.inFlight, 1);
      if (client.onPublish) client.onPublish(0);
    }
  }
  flush(client);
}

/**
 * PUBACK, PUBREC or PUBCOMP has come (MQTT 3.1.1 sections 4.3.2, 4.3.3). One that does not fit the message is passed
 * over; a PUBREC for an unknown message is answered all the same, so that the broker can forget it.
 */
export function acknowledged(client: Client, type: number, id: number): void {
  const index = client.messages.findIndex((message) => message.id === id);
  const message = index < client.inFlight ? client.messages[index] : undefined;
  const first = QOS2_SEND && message ? message.packet.charCodeAt(0) : 0;
  const releasing = first === PUBREL;
  if (QOS2_SEND && type === PUBREC && (!first || first & 4 || releasing)) {
    const release = acknowledgement(PUBREL, id);
    if (message) message.packet = release;
    client.out += release;
  } else if (
    message &&
    (!QOS2_SEND || (type === (releasing ? PUBCOMP : PUBACK) && (releasing || !(first & 4))))
  ) {
    client.messages.splice(index, 1);
    client.inFlight--;
    pump(client);
    if (client.onPublish) client.onPublish(id);
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
  // Always: the session may be from before a restart, or the last connection may have ended before SUBACK.
  for (const key in client.subscriptions) ask(client, key.substr(2), client.subscriptions[key]!.qos);
  if (OUTBOUND_ACK) {
    while (client.inFlight) {
      const message = client.messages[--client.inFlight] as Message;
      const type = message.packet.charCodeAt(0);
      if (QOS2_SEND && !sessionPresent && (type & 4 || type === PUBREL)) {
        client.messages.splice(client.inFlight, 1);
        client.dropped++;
      } else if (!QOS2_SEND || type !== PUBREL)
        message.packet = bytes(sessionPresent ? type | DUP : type & ~DUP) + message.packet.substr(1);
    }
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
