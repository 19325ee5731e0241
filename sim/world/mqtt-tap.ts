/** Listens in on a board's connections and tells of the MQTT messages that pass, whatever broker is at the other end. */
import type { Link, Network } from "./network.ts";

/** A message seen on the wire. */
export interface PassingMessage {
  direction: "to-board" | "from-board";
  topic: string;
  payload: string;
  retain: boolean;
}

/** What is longer than this is not decoded, only skipped. */
const LONGEST_PACKET_BYTES = 65_536;
/** MQTT 3.1.1 table 2.1 and section 3.3 */
const PUBLISH = 3;

/** `network` with ears: connections behave the same. */
export function tapMqtt(network: Network, heard: (message: PassingMessage) => void): Network {
  return {
    connect(host, port, changed) {
      const link = network.connect(host, port, changed);
      const inbound = new PublishReader((message) => heard({ direction: "to-board", ...message }));
      const outbound = new PublishReader((message) => heard({ direction: "from-board", ...message }));
      const tapped: Link = {
        get state() {
          return link.state;
        },
        get error() {
          return link.error;
        },
        receive(limit) {
          const bytes = link.receive(limit);
          inbound.push(bytes);
          return bytes;
        },
        send(bytes) {
          const taken = link.send(bytes);
          outbound.push(bytes.slice(0, taken));
          return taken;
        },
        close: () => link.close(),
        abort: () => link.abort(),
      };
      return tapped;
    },
  };
}

/** Finds the PUBLISH packets of a stream that is cut anywhere. */
class PublishReader {
  private bytes = "";
  /** Of a packet too long to look at: how much of it is still to come. */
  private skip = 0;
  private readonly found: (message: { topic: string; payload: string; retain: boolean }) => void;

  constructor(found: (message: { topic: string; payload: string; retain: boolean }) => void) {
    this.found = found;
  }

  push(bytes: string): void {
    this.bytes += bytes;
    for (;;) {
      if (this.skip > 0) {
        const skipped = Math.min(this.skip, this.bytes.length);
        this.bytes = this.bytes.slice(skipped);
        this.skip -= skipped;
      }
      const header = this.header();
      if (!header) return;
      const size = header.start + header.length;
      if (size > LONGEST_PACKET_BYTES) {
        this.skip = size;
        continue;
      }
      if (this.bytes.length < size) return;
      this.packet(this.bytes.slice(0, size), header.start);
      this.bytes = this.bytes.slice(size);
    }
  }

  /** MQTT 3.1.1 section 2.2.3: the remaining length; undefined while it is incomplete. */
  private header(): { start: number; length: number } | undefined {
    let length = 0;
    for (let index = 1; index <= 4 && index < this.bytes.length; index++) {
      const digit = this.bytes.charCodeAt(index);
      length += (digit & 127) * 128 ** (index - 1);
      if (digit < 128) return { start: index + 1, length };
    }
    // Five digits are no MQTT: nothing more can be told of this stream.
    if (this.bytes.length > 4) this.bytes = "";
    return undefined;
  }

  private packet(packet: string, start: number): void {
    const first = packet.charCodeAt(0);
    if (first >> 4 !== PUBLISH) return;
    const topicEnd = start + 2 + packet.charCodeAt(start) * 256 + packet.charCodeAt(start + 1);
    const payloadStart = topicEnd + ((first & 6) === 0 ? 0 : 2);
    if (payloadStart > packet.length) return;
    const text = (from: number, to: number): string =>
      Buffer.from(packet.slice(from, to), "latin1").toString("utf8");
    this.found({
      topic: text(start + 2, topicEnd),
      payload: text(payloadStart, packet.length),
      retain: (first & 1) === 1,
    });
  }
}
