/** The board's connections as a packet capture (pcap with microseconds) that Wireshark opens: real bytes and times in frames that are made up. */
import { isIPv4 } from "node:net";
import { DEFAULT_EPOCH_MS } from "../board.ts";
import type { Traffic } from "../world/traffic.ts";
import { DNS_PORT, dnsAnswer, dnsQuery } from "./dns.ts";
import { type Host, TCP_FLAGS, tcpFrame, udpFrame } from "./frames.ts";
import { ConnectMask } from "./mask.ts";
import type { Sink } from "./sink.ts";

/** The file header of https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html, written least significant byte first. */
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const VERSION = [2, 4] as const;
const LONGEST_PACKET = 65_535;
const LINK_TYPE_ETHERNET = 1;

/** As `require("Wifi")` tells them of the simulated board. */
const BOARD: Host = { ip: "192.168.4.23", mac: "24:0a:c4:00:00:17" };
const GATEWAY: Host = { ip: "192.168.4.1", mac: "24:0a:c4:00:00:01" };
/** Addresses that documentation may use (RFC 5737), for names. */
const NAMED_HOSTS = "192.0.2.";
const FIRST_PORT = 49_152;
const PORTS = 65_536 - FIRST_PORT;
/** lwIP of ESP-IDF: CONFIG_LWIP_TCP_MSS and CONFIG_LWIP_TCP_WND_DEFAULT. */
const BOARD_SEGMENT = 1440;
const BOARD_WINDOW = 5744;
const OTHER_WINDOW = 64_240;
/** So that the numbers of two connections cannot be taken for each other's. */
const SEQUENCE_STEP = 0x10000000;

interface Stream {
  board: Host & { port: number };
  other: Host & { port: number };
  /** Next byte of the board and of the other side. */
  sequence: { board: number; other: number };
  mask: ConnectMask;
  opened: boolean;
}

/** Feed it the traffic of a board, in order. What was written is a whole file whenever it is cut off. */
export class PcapWriter {
  private readonly sink: Sink;
  private readonly epochMs: number;
  private readonly streams = new Map<number, Stream>();
  private readonly addresses = new Map<string, string>();
  /** A connect whose outcome is not known yet: a name that is unknown never gets as far as a SYN. */
  private attempt: (Traffic & { type: "connect" }) | undefined;
  private packets = 0;
  private lookUps = 0;

  /** @param epochMs The time of day (Unix, ms) at board time 0. */
  constructor(sink: Sink, epochMs: number = DEFAULT_EPOCH_MS) {
    this.sink = sink;
    this.epochMs = epochMs;
    const header = Buffer.alloc(24);
    header.writeUInt32LE(MAGIC_MICROSECONDS, 0);
    header.writeUInt16LE(VERSION[0], 4);
    header.writeUInt16LE(VERSION[1], 6);
    header.writeUInt32LE(LONGEST_PACKET, 16);
    header.writeUInt32LE(LINK_TYPE_ETHERNET, 20);
    sink(header);
  }

  traffic(traffic: Traffic): void {
    const { t, connection } = traffic;
    // What the board has yet to notice, or cannot get rid of, is on no wire.
    if (traffic.type === "ended" || traffic.type === "blocked") return;
    if (traffic.type === "refused" && this.attempt?.connection === connection && isUnknown(traffic.reason)) {
      const { host } = this.attempt;
      this.lookUp(this.attempt.t, t, host, undefined);
      this.attempt = undefined;
      return;
    }
    this.dial();
    if (traffic.type === "connect") {
      this.attempt = traffic;
      return;
    }
    const stream = this.streams.get(connection);
    if (!stream) return;
    switch (traffic.type) {
      case "open":
        stream.opened = true;
        this.segment(t, stream, "other", TCP_FLAGS.syn | TCP_FLAGS.ack);
        this.segment(t, stream, "board", TCP_FLAGS.ack);
        break;
      case "from-board":
        this.data(t, stream, "board", stream.mask.mask(traffic.bytes));
        break;
      case "to-board":
        this.data(t, stream, "other", traffic.bytes);
        break;
      case "refused":
        if (!SILENT.has(traffic.reason)) this.segment(t, stream, "other", TCP_FLAGS.rst | TCP_FLAGS.ack);
        this.streams.delete(connection);
        break;
      case "closed":
        if (stream.opened) this.close(t, stream, traffic.by);
        this.streams.delete(connection);
        break;
    }
  }

  /** Writes what was held back; no packet comes after it. */
  end(): void {
    this.dial();
  }

  /** The SYN of the attempt that is held back. */
  private dial(): void {
    const { attempt } = this;
    if (!attempt) return;
    this.attempt = undefined;
    const { t, connection, host, port } = attempt;
    const ip = this.addressOf(t, host);
    const stream: Stream = {
      board: { ...BOARD, port: FIRST_PORT + ((connection - 1) % PORTS) },
      other: { ip, mac: GATEWAY.mac, port },
      sequence: { board: connection * SEQUENCE_STEP, other: connection * SEQUENCE_STEP + SEQUENCE_STEP / 2 },
      mask: new ConnectMask(),
      opened: false,
    };
    this.streams.set(connection, stream);
    this.segment(t, stream, "board", TCP_FLAGS.syn);
  }

  private close(t: number, stream: Stream, by: (Traffic & { type: "closed" })["by"]): void {
    if (by === "reset" || by === "power") {
      // Nothing is sent without power, but the simulated network breaks the connection for the other side too.
      this.segment(t, stream, by === "power" ? "board" : "other", TCP_FLAGS.rst | TCP_FLAGS.ack);
      return;
    }
    const [first, second] = by === "board" ? (["board", "other"] as const) : (["other", "board"] as const);
    this.segment(t, stream, first, TCP_FLAGS.fin | TCP_FLAGS.ack);
    this.segment(t, stream, second, TCP_FLAGS.fin | TCP_FLAGS.ack);
    this.segment(t, stream, first, TCP_FLAGS.ack);
  }

  private data(t: number, stream: Stream, from: "board" | "other", bytes: string): void {
    for (let start = 0; start < bytes.length; start += BOARD_SEGMENT) {
      const payload = Buffer.from(bytes.slice(start, start + BOARD_SEGMENT), "latin1");
      this.segment(t, stream, from, TCP_FLAGS.psh | TCP_FLAGS.ack, payload);
      this.segment(t, stream, from === "board" ? "other" : "board", TCP_FLAGS.ack);
    }
  }

  private segment(
    t: number,
    stream: Stream,
    from: "board" | "other",
    flags: number,
    payload: Uint8Array = new Uint8Array(),
  ): void {
    const to = from === "board" ? "other" : "board";
    const isSyn = (flags & TCP_FLAGS.syn) !== 0;
    this.packets++;
    const frame = tcpFrame(
      {
        from: stream[from],
        to: stream[to],
        sequence: stream.sequence[from],
        acknowledged: (flags & TCP_FLAGS.ack) === 0 ? 0 : stream.sequence[to],
        flags,
        window: from === "board" ? BOARD_WINDOW : OTHER_WINDOW,
        ...(isSyn ? { largestSegment: BOARD_SEGMENT } : {}),
        payload,
      },
      this.packets,
    );
    // RFC 9293 section 3.4: SYN and FIN take a number each.
    const numbers = payload.length + (isSyn || (flags & TCP_FLAGS.fin) !== 0 ? 1 : 0);
    stream.sequence[from] = (stream.sequence[from] + numbers) >>> 0;
    this.packet(t, frame);
  }

  /** The address that stands for `host`; the first time it is asked for by DNS. */
  private addressOf(t: number, host: string): string {
    if (isIPv4(host)) return host;
    const known = this.addresses.get(host);
    if (known !== undefined) return known;
    const address = NAMED_HOSTS + (1 + (this.addresses.size % 254));
    this.addresses.set(host, address);
    this.lookUp(t, t, host, address);
    return address;
  }

  private lookUp(asked: number, answered: number, host: string, address: string | undefined): void {
    const id = ++this.lookUps & 0xffff;
    const client = { ...BOARD, port: FIRST_PORT + (this.lookUps % PORTS) };
    const server = { ...GATEWAY, port: DNS_PORT };
    this.packet(asked, udpFrame(client, server, dnsQuery(id, host), ++this.packets));
    this.packet(answered, udpFrame(server, client, dnsAnswer(id, host, address), ++this.packets));
  }

  private packet(t: number, frame: Uint8Array): void {
    const microseconds = Math.round(this.epochMs * 1000) + Math.round(t * 1000);
    const record = Buffer.alloc(16 + frame.length);
    record.writeUInt32LE(Math.floor(microseconds / 1e6), 0);
    record.writeUInt32LE(microseconds % 1e6, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    record.set(frame, 16);
    this.sink(record);
  }
}

/** Nobody answered: no packet tells of it. */
const SILENT = new Set(["timeout", "no route"]);

function isUnknown(reason: string): boolean {
  return reason === "unknown-host" || reason === "not found";
}

/** Writes the traffic of `simulation` from now on; begin before the board is switched on. Returns how to end it. */
export function recordPcap(
  simulation: { onTraffic(listener: (traffic: Traffic) => void): () => void },
  sink: Sink,
  epochMs?: number,
): () => void {
  const writer = new PcapWriter(sink, epochMs);
  const stop = simulation.onTraffic((traffic) => writer.traffic(traffic));
  return () => {
    stop();
    writer.end();
  };
}
