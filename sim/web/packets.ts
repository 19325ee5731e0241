/** MQTT packets in words, for the page's list of what passes. A password is never shown. */
import type { Packet } from "mqtt-packet";
import type { MalformedStream, PassingPacket } from "../world/mqtt-reader.ts";
import type { PacketLine } from "./protocol.ts";

/** What is longer is cut: a page is no hex editor. */
const LONGEST_PAYLOAD = 2000;

/** MQTT 3.1.1 table 3.1 */
const RETURN_CODES = [
  "accepted",
  "refused: unacceptable protocol version",
  "refused: identifier rejected",
  "refused: server unavailable",
  "refused: bad user name or password",
  "refused: not authorised",
];

type Detail = readonly [name: string, value: string];

/** A packet as a line of the list. */
export function packetLine(
  id: number,
  { t, connection, direction, packet, bytes }: PassingPacket,
): PacketLine {
  return {
    id,
    t,
    connection,
    direction,
    type: packet.cmd,
    bytes,
    ...(typeof packet.messageId === "number" ? { messageId: packet.messageId } : {}),
    ...(packet.cmd === "publish"
      ? {
          topic: packet.topic,
          payload: readable(packet.payload),
          qos: packet.qos,
          retain: packet.retain,
          dup: packet.dup,
        }
      : {}),
    details: details(packet),
  };
}

/** A stream that stopped being MQTT, as a line of the list. */
export function malformedLine(id: number, { t, connection, direction, error }: MalformedStream): PacketLine {
  return { id, t, connection, direction, type: "malformed", bytes: 0, details: [["error", error]] };
}

function details(packet: Packet): Detail[] {
  switch (packet.cmd) {
    case "connect":
      return [
        ["client identifier", packet.clientId],
        ["protocol", `MQTT ${{ 3: "3.1", 4: "3.1.1", 5: "5" }[packet.protocolVersion ?? 4]}`],
        ["clean session", yes(packet.clean)],
        ["keep alive", `${packet.keepalive ?? 0} s`],
        ...(packet.username === undefined ? [] : [["user name", packet.username] as const]),
        ...(packet.password === undefined ? [] : [["password", "not shown"] as const]),
        ...(packet.will
          ? [
              ["will topic", packet.will.topic] as const,
              ["will payload", readable(packet.will.payload)] as const,
              ["will QoS", String(packet.will.qos ?? 0)] as const,
              ["will retained", yes(packet.will.retain)] as const,
            ]
          : []),
      ];
    case "connack": {
      const code = packet.returnCode ?? packet.reasonCode ?? 0;
      return [
        ["answer", RETURN_CODES[code] ?? `code ${code}`],
        ["session present", yes(packet.sessionPresent)],
      ];
    }
    case "subscribe":
      return packet.subscriptions.map(({ topic, qos }) => [topic, `QoS ${qos}`] as const);
    case "suback":
      return packet.granted.map(
        (code, index) =>
          [`filter ${index + 1}`, Number(code) >= 128 ? "refused" : `granted QoS ${Number(code)}`] as const,
      );
    case "unsubscribe":
      return packet.unsubscriptions.map((filter) => ["filter", filter] as const);
    default:
      return [];
  }
}

function yes(flag: boolean | undefined): string {
  return flag ? "yes" : "no";
}

/** Text as text; what is no UTF-8, or has control characters but line ends and tabs, as hex. */
function readable(payload: string | Buffer): string {
  const bytes = Buffer.from(payload);
  const text = bytes.toString("utf8");
  const isText = !/[^\P{Cc}\n\r\t]/u.test(text) && Buffer.from(text).equals(bytes);
  const shown = isText ? text : `hex ${bytes.toString("hex").replace(/(..)(?=.)/g, "$1 ")}`;
  return shown.length > LONGEST_PAYLOAD
    ? `${shown.slice(0, LONGEST_PAYLOAD)}… (${bytes.length} bytes in all)`
    : shown;
}
