// What a broker must not send, as data: each closes the connection with a reason that people can read, and the lamp comes back.

export interface MalformedVector {
  name: string;
  /** Ids of the OASIS standard's statements, or the section where there is none. */
  statements: readonly string[];
  hex: string;
  /** Text of the reason on the console. */
  reason: RegExp;
}

const lamp = "00 10 68 6f 6d 65 2f 6f 66 66 69 63 65 2f 6c 61 6d 70";

/** Sent as the first bytes, in place of a good CONNACK. */
export const insteadOfConnack: readonly MalformedVector[] = [
  { name: "PUBLISH first", statements: ["MQTT-3.2.0-1"], hex: `30 14 ${lamp} 6f 6e`, reason: /CONNACK/ },
  { name: "PINGRESP first", statements: ["MQTT-3.2.0-1"], hex: "d0 00", reason: /CONNACK/ },
  { name: "SUBACK first", statements: ["MQTT-3.2.0-1"], hex: "90 03 00 01 00", reason: /CONNACK/ },
  {
    name: "another protocol's greeting",
    statements: ["MQTT-3.2.0-1"],
    hex: "48 54 54 50 2f 31 2e 31 20 34 30 30",
    reason: /CONNACK|malformed/,
  },
  {
    name: "CONNACK with reserved flags in the fixed header",
    statements: ["MQTT-2.2.2-1", "MQTT-2.2.2-2"],
    hex: "21 02 00 00",
    reason: /CONNACK/,
  },
  {
    name: "CONNACK with reserved acknowledge flags",
    statements: ["section 3.2.2.1"],
    hex: "20 02 02 00",
    reason: /CONNACK/,
  },
  { name: "CONNACK of 3 bytes", statements: ["section 3.2.1"], hex: "20 03 00 00 00", reason: /CONNACK/ },
  { name: "CONNACK of 1 byte", statements: ["section 3.2.1"], hex: "20 01 00", reason: /CONNACK/ },
  {
    name: "CONNACK with reserved return code 6",
    statements: ["section 3.2.2.3"],
    hex: "20 02 00 06",
    reason: /CONNACK/,
  },
  {
    name: "CONNACK, unacceptable protocol version",
    statements: ["MQTT-3.2.2-5"],
    hex: "20 02 00 01",
    reason: /refused.*protocol version/,
  },
  {
    name: "CONNACK, identifier rejected",
    statements: ["MQTT-3.2.2-5"],
    hex: "20 02 00 02",
    reason: /refused.*client id/,
  },
  {
    name: "CONNACK, server unavailable",
    statements: ["MQTT-3.2.2-5"],
    hex: "20 02 00 03",
    reason: /refused.*unavailable/,
  },
  {
    name: "CONNACK, bad user name or password",
    statements: ["MQTT-3.2.2-5"],
    hex: "20 02 00 04",
    reason: /refused.*password/,
  },
  {
    name: "CONNACK, not authorized",
    statements: ["MQTT-3.2.2-5"],
    hex: "20 02 00 05",
    reason: /refused.*not authorized/,
  },
  {
    name: "remaining length of 5 bytes",
    statements: ["section 2.2.3"],
    hex: "20 82 80 80 80 00 00 00",
    reason: /length|CONNACK/,
  },
];

/** Sent to a lamp that is online and has subscribed at QoS 2. */
export const whileOnline: readonly MalformedVector[] = [
  { name: "packet type 0", statements: ["section 2.2.1", "MQTT-4.8.0-1"], hex: "00 00", reason: /malformed/ },
  {
    name: "packet type 15",
    statements: ["section 2.2.1", "MQTT-4.8.0-1"],
    hex: "f0 00",
    reason: /malformed/,
  },
  {
    name: "CONNECT from the broker",
    statements: ["section 2.2.1", "MQTT-4.8.0-1"],
    hex: "10 00",
    reason: /malformed/,
  },
  { name: "a second CONNACK", statements: ["MQTT-4.8.0-1"], hex: "20 02 00 00", reason: /malformed|CONNACK/ },
  {
    name: "SUBSCRIBE from the broker",
    statements: ["section 2.2.1", "MQTT-4.8.0-1"],
    hex: "82 06 00 01 00 01 61 00",
    reason: /malformed/,
  },
  {
    name: "UNSUBSCRIBE from the broker",
    statements: ["section 2.2.1", "MQTT-4.8.0-1"],
    hex: "a2 05 00 01 00 01 61",
    reason: /malformed/,
  },
  {
    name: "PINGREQ from the broker",
    statements: ["section 2.2.1", "MQTT-4.8.0-1"],
    hex: "c0 00",
    reason: /malformed/,
  },
  {
    name: "DISCONNECT from the broker",
    statements: ["section 2.2.1", "MQTT-4.8.0-1"],
    hex: "e0 00",
    reason: /malformed/,
  },
  {
    name: "PUBACK with reserved flags",
    statements: ["MQTT-2.2.2-1", "MQTT-2.2.2-2"],
    hex: "41 02 00 01",
    reason: /malformed/,
  },
  {
    name: "PUBREC with reserved flags",
    statements: ["MQTT-2.2.2-1", "MQTT-2.2.2-2"],
    hex: "52 02 00 01",
    reason: /malformed/,
  },
  {
    name: "PUBREL without its flags",
    statements: ["MQTT-3.6.1-1", "MQTT-2.2.2-2"],
    hex: "60 02 00 01",
    reason: /malformed/,
  },
  {
    name: "PUBREL with further flags",
    statements: ["MQTT-3.6.1-1", "MQTT-2.2.2-2"],
    hex: "63 02 00 01",
    reason: /malformed/,
  },
  {
    name: "PUBCOMP with reserved flags",
    statements: ["MQTT-2.2.2-1", "MQTT-2.2.2-2"],
    hex: "78 02 00 01",
    reason: /malformed/,
  },
  {
    name: "SUBACK with reserved flags",
    statements: ["MQTT-2.2.2-1", "MQTT-2.2.2-2"],
    hex: "92 03 00 01 00",
    reason: /malformed/,
  },
  {
    name: "UNSUBACK with reserved flags",
    statements: ["MQTT-2.2.2-1", "MQTT-2.2.2-2"],
    hex: "b2 02 00 01",
    reason: /malformed/,
  },
  {
    name: "PINGRESP with reserved flags",
    statements: ["MQTT-2.2.2-1", "MQTT-2.2.2-2"],
    hex: "d1 00",
    reason: /malformed/,
  },
  { name: "PINGRESP with a body", statements: ["section 3.13.1"], hex: "d0 01 00", reason: /malformed/ },
  { name: "PUBACK of 3 bytes", statements: ["section 3.4.1"], hex: "40 03 00 01 00", reason: /malformed/ },
  { name: "PUBREC of 1 byte", statements: ["section 3.5.1"], hex: "50 01 01", reason: /malformed/ },
  { name: "PUBREL of 3 bytes", statements: ["section 3.6.1"], hex: "62 03 00 01 00", reason: /malformed/ },
  { name: "PUBREL of 0 bytes", statements: ["section 3.6.1"], hex: "62 00", reason: /malformed/ },
  { name: "UNSUBACK of 1 byte", statements: ["section 3.11.1"], hex: "b0 01 01", reason: /malformed/ },
  {
    name: "SUBACK without a return code",
    statements: ["section 3.9.3"],
    hex: "90 02 00 01",
    reason: /malformed/,
  },
  {
    name: "SUBACK with reserved return code 3",
    statements: ["MQTT-3.9.3-2"],
    hex: "90 03 00 01 03",
    reason: /malformed/,
  },
  {
    name: "SUBACK with reserved return code 0x81",
    statements: ["MQTT-3.9.3-2"],
    hex: "90 03 00 01 81",
    reason: /malformed/,
  },
  {
    name: "PUBLISH at QoS 3",
    statements: ["MQTT-3.3.1-4"],
    hex: `36 16 ${lamp} 00 01 6f 6e`,
    reason: /PUBLISH|QoS 3/,
  },
  {
    name: "PUBLISH at QoS 1 with packet id 0",
    statements: ["MQTT-2.3.1-1"],
    hex: `32 16 ${lamp} 00 00 6f 6e`,
    reason: /PUBLISH|identifier/,
  },
  {
    name: "PUBLISH at QoS 2 with packet id 0",
    statements: ["MQTT-2.3.1-1"],
    hex: `34 16 ${lamp} 00 00 6f 6e`,
    reason: /PUBLISH|identifier/,
  },
  {
    name: "PUBLISH of 0 bytes",
    statements: ["section 3.3.2"],
    hex: "30 00",
    reason: /PUBLISH|topic|malformed/,
  },
  {
    name: "PUBLISH of 1 byte",
    statements: ["section 3.3.2"],
    hex: "30 01 00",
    reason: /PUBLISH|topic|malformed/,
  },
  {
    name: "PUBLISH, topic longer than its packet",
    statements: ["section 3.3.2"],
    hex: "30 05 00 10 61 62 63",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH, topic one byte longer than its packet",
    statements: ["section 3.3.2"],
    hex: "30 05 00 04 61 62 63",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH at QoS 1 without room for a packet id",
    statements: ["MQTT-2.3.1-1"],
    hex: "32 05 00 03 61 62 63",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH at QoS 1 with half a packet id",
    statements: ["MQTT-2.3.1-1"],
    hex: "32 06 00 03 61 62 63 01",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH, empty topic",
    statements: ["MQTT-4.7.3-1"],
    hex: "30 04 00 00 6f 6e",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH, + in the topic name",
    statements: ["MQTT-3.3.2-2", "MQTT-4.7.1-1"],
    hex: "30 07 00 03 61 2f 2b 6f 6e",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH, # in the topic name",
    statements: ["MQTT-3.3.2-2", "MQTT-4.7.1-1"],
    hex: "30 07 00 03 61 2f 23 6f 6e",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH, U+0000 in the topic name",
    statements: ["MQTT-1.5.3-2", "MQTT-4.7.3-2"],
    hex: "30 07 00 03 61 00 62 6f 6e",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH, a byte that is never UTF-8",
    statements: ["MQTT-1.5.3-1"],
    hex: "30 07 00 03 61 ff 62 6f 6e",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH, a surrogate in UTF-8",
    statements: ["MQTT-1.5.3-1"],
    hex: "30 07 00 03 ed a0 80 6f 6e",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH, an overlong form in UTF-8",
    statements: ["MQTT-1.5.3-1"],
    hex: "30 06 00 02 c0 af 6f 6e",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH, UTF-8 that breaks off",
    statements: ["MQTT-1.5.3-1"],
    hex: "30 06 00 02 e2 82 6f 6e",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH, UTF-8 beyond U+10FFFF",
    statements: ["MQTT-1.5.3-1"],
    hex: "30 08 00 04 f4 90 80 80 6f 6e",
    reason: /PUBLISH|topic/,
  },
  {
    name: "PUBLISH, remaining length of 5 bytes",
    statements: ["section 2.2.3"],
    hex: "30 ff ff ff ff 01 00",
    reason: /length/,
  },
  {
    name: "PUBACK, remaining length of 5 bytes",
    statements: ["section 2.2.3"],
    hex: "40 82 80 80 80 00 00 01",
    reason: /length/,
  },
  {
    name: "an oversize packet that is no PUBLISH",
    statements: ["MQTT-4.8.0-1"],
    hex: "90 ff 7f 00 01 00",
    reason: /malformed/,
  },
];
