/** What outlives a connection: packet identifiers, messages on their way, and their order (MQTT 3.1.1 section 4). */

import { type Client, flush, type Subscription, send } from "./connection.ts";
import { acknowledgement, DUP, PUBACK, PUBCOMP, PUBREC, PUBREL, publishPacket, type QoS, subscribePacket } from "./wire.ts";

/** A message that waits for the broker or for its acknowledgement. */
export interface Message {
  /** Packet identifier; 0 at QoS 0. */
  id: number;
  /** The PUBLISH, or the PUBREL once PUBREC has come. */
  packet: string;
  /** Whether it went out in this session. */
  sent: boolean;
}

/** The next packet identifier that is not in use (MQTT-2.3.1-1, -2). */
export function nextId(client: Client): number {
  do client.id = (client.id % 65535) + 1;
  while (
    (OUTBOUND_ACK && client.messages.some((message) => message.id === client.id)) ||
    client.subscriptions.some((subscription) => subscription.id === client.id)
  );
  return client.id;
}

/** How many messages wait for their acknowledgement. */
function inFlight(client: Client): number {
  return client.messages.filter((message) => message.sent).length;
}

/** Whether a message above QoS 0 would go out at once. */
export function hasRoom(client: Client): boolean {
  return client.online && client.messages.length < MQTT_INFLIGHT;
}

/** Sends a message or puts it in the queue; see `publish`. */
export function store(client: Client, topic: string, payload: string, qos: QoS, retain: boolean): number {
  const id = qos && nextId(client);
  const packet = publishPacket(topic, payload, qos, retain, id);
  if (packet.length > MQTT_TX_BUFFER) throw new Error("MQTT: " + packet.length + " bytes, txBuffer holds " + MQTT_TX_BUFFER);
  if (!OUTBOUND_ACK || (!qos && client.online && !client.messages.length)) {
    if (client.online) {
      client.out += packet;
      if (client.onPublish) client.onPublish(0);
      flush(client);
    } else client.dropped++;
    return 0;
  }
  const waiting = client.messages.filter((message) => !message.sent);
  if (waiting.length >= MQTT_QUEUE) {
    client.dropped++;
    client.messages.splice(client.messages.indexOf(waiting[0] as Message), 1);
  }
  client.messages.push({ id, packet, sent: false });
  pump(client);
  return id;
}

/** Sends what waits, in order, as far as MQTT_INFLIGHT allows. */
export function pump(client: Client): void {
  if (!client.online) return;
  client.messages = client.messages.filter((message) => {
    if (!message.sent && (!message.id || inFlight(client) < MQTT_INFLIGHT)) {
      client.out += message.packet;
      message.sent = true;
      if (!message.id) {
        if (client.onPublish) client.onPublish(0);
        return false;
      }
    }
    return true;
  });
  flush(client);
}

/** Sends again, in their order and with their identifiers, the messages that were on their way (MQTT-4.4.0-1, 4.6.0-1). */
export function resend(client: Client): void {
  client.messages.forEach((message) => {
    if (message.sent) {
      const type = message.packet.charCodeAt(0);
      client.out += String.fromCharCode(type === PUBREL ? type : type | DUP) + message.packet.substr(1);
    }
  });
  pump(client);
}

/**
 * The broker has no session: messages that were on their way start again as new ones, but for those of QoS 2, which may
 * have been delivered.
 */
export function forgetSession(client: Client): void {
  if (QOS2_RECEIVE) client.received.fill(0);
  if (OUTBOUND_ACK) {
    client.messages = client.messages.filter((message) => {
      if (message.sent && (message.packet.charCodeAt(0) & 6) !== 2) {
        client.dropped++;
        return false;
      }
      message.sent = false;
      return true;
    });
  }
}

/**
 * PUBACK, PUBREC or PUBCOMP has come (MQTT 3.1.1 sections 4.3.2, 4.3.3). One that does not fit the message is passed
 * over; a PUBREC for an unknown message is answered all the same, so that the broker can forget it.
 */
export function acknowledged(client: Client, type: number, id: number): void {
  const message = client.messages.find((candidate) => candidate.id === id && candidate.sent);
  if (QOS2_SEND) {
    const first = message ? message.packet.charCodeAt(0) : 0;
    if (type === PUBREC) {
      if (first && first !== PUBREL && !(first & 4)) return;
      const release = acknowledgement(PUBREL, id);
      if (message) message.packet = release;
      client.out += release;
      return;
    }
    if (type !== (first === PUBREL ? PUBCOMP : PUBACK) || (first !== PUBREL && first & 4)) return;
  }
  if (message && (QOS2_SEND || type === PUBACK)) {
    client.messages.splice(client.messages.indexOf(message), 1);
    if (client.onPublish) client.onPublish(id);
    pump(client);
  }
}

/** Called with a good CONNACK (MQTT 3.1.1 section 3.2). */
export function connected(client: Client, sessionPresent: boolean): void {
  client.online = true;
  if (!sessionPresent) forgetSession(client);
  if (!sessionPresent || client.fresh) client.subscriptions.forEach((subscription) => ask(client, subscription));
  client.fresh = false;
  if (OUTBOUND_ACK) resend(client);
  if (client.onConnect) client.onConnect(sessionPresent);
}

/** Sends the SUBSCRIBE of one filter. */
export function ask(client: Client, subscription: Subscription): void {
  send(client, subscribePacket((subscription.id = nextId(client)), subscription.filter, subscription.qos));
}
