/** Bytes of MQTT 3.1.1 packets, pure: values in, strings of one byte per character out. */

/** Quality of service (MQTT 3.1.1 section 4.3). */
export type QoS = 0 | 1 | 2;

/** First byte of a packet: control packet type and its reserved flags (MQTT 3.1.1 table 2.1 and 2.2). */
export const CONNECT = 0x10;
export const CONNACK = 0x20;
export const PUBLISH = 0x30;
export const PUBACK = 0x40;
export const PUBREC = 0x50;
export const PUBREL = 0x62;
export const PUBCOMP = 0x70;
export const SUBSCRIBE = 0x82;
export const SUBACK = 0x90;
export const UNSUBSCRIBE = 0xa2;
export const UNSUBACK = 0xb0;
export const PINGREQ = 0xc0;
export const PINGRESP = 0xd0;
export const DISCONNECT = 0xe0;

/** Bit of the first byte of a PUBLISH that marks a redelivery (MQTT 3.1.1 section 3.3.1.1). */
export const DUP = 8;

/** What the broker publishes when the link is lost without DISCONNECT (MQTT 3.1.1 section 3.1.2.5). */
export interface Will {
  topic: string;
  payload: string;
  qos: QoS;
  retain: boolean;
}

/** What a CONNECT says. Strings are UTF-8, one byte per character. */
export interface ConnectOptions {
  clientId: string;
  /** Seconds, 0 to 65535; 0 switches it off. */
  keepAlive: number;
  cleanSession: boolean;
  username?: string | undefined;
  password?: string | undefined;
  will?: Will;
}

/** Bytes as a string. */
export const bytes = String.fromCharCode;

/** A number of 0 to 65535 as two bytes, high byte first (MQTT 3.1.1 section 1.5.2). */
export function word(value: number): string {
  return bytes(value >> 8, value & 255);
}

/** A string with its length before it, at most 65535 bytes (MQTT 3.1.1 section 1.5.3). */
export function text(value: string): string {
  return word(value.length) + value;
}

/** A whole packet; `body` is at most 16383 bytes, which two bytes of remaining length hold (section 2.2.3). */
export function packet(type: number, body: string): string {
  const length = body.length;
  return (length > 127 ? bytes(type, (length & 127) | 128, length >> 7) : bytes(type, length)) + body;
}

/** What stands before and after the client identifier in the body of a CONNECT (MQTT 3.1.1 section 3.1). */
export function connectParts(options: Omit<ConnectOptions, "clientId">): { before: string; after: string } {
  const will = options.will;
  const username = options.username;
  const password = options.password;
  return {
    before:
      text("MQTT") +
      bytes(
        4,
        (options.cleanSession ? 2 : 0) +
          (will ? 4 + will.qos * 8 + (will.retain ? 32 : 0) : 0) +
          (username === undefined ? 0 : 128 + (password === undefined ? 0 : 64)),
      ) +
      word(options.keepAlive),
    after:
      (will ? text(will.topic) + text(will.payload) : "") +
      (username === undefined ? "" : text(username) + (password === undefined ? "" : text(password))),
  };
}

/** CONNECT, fields in the order of MQTT 3.1.1 section 3.1.3. */
export function connectPacket(options: ConnectOptions): string {
  const parts = connectParts(options);
  return packet(CONNECT, parts.before + text(options.clientId) + parts.after);
}

/** PUBLISH; `id` is left out at QoS 0 (MQTT 3.1.1 section 3.3). */
export function publishPacket(topic: string, payload: string, qos: QoS, retain: boolean, id: number): string {
  return packet(PUBLISH + qos * 2 + (retain ? 1 : 0), text(topic) + (qos ? word(id) : "") + payload);
}

/** An acknowledgement (PUBACK, PUBREC, PUBREL, PUBCOMP): nothing but the packet identifier. */
export function acknowledgement(type: number, id: number): string {
  return packet(type, word(id));
}

/** SUBSCRIBE to one topic filter (MQTT 3.1.1 section 3.8). */
export function subscribePacket(id: number, filter: string, qos: QoS): string {
  return packet(SUBSCRIBE, word(id) + text(filter) + bytes(qos));
}

/** UNSUBSCRIBE from one topic filter (MQTT 3.1.1 section 3.10). */
export function unsubscribePacket(id: number, filter: string): string {
  return packet(UNSUBSCRIBE, word(id) + text(filter));
}
