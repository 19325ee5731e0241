/** Ethernet frames of TCP and UDP over IPv4, with every length and checksum in its place. */

/** An address of one side: four bytes of IPv4 as text, and the MAC address its frames carry. */
export interface Host {
  ip: string;
  mac: string;
}

export interface Segment {
  from: Host & { port: number };
  to: Host & { port: number };
  /** Sequence and acknowledgement number, modulo 2^32. */
  sequence: number;
  acknowledged: number;
  /** The sum of `TCP_FLAGS`. */
  flags: number;
  /** What the sender has room for, in bytes. */
  window: number;
  /** Largest segment (MSS option), told in a SYN. */
  largestSegment?: number;
  payload?: Uint8Array;
}

/** RFC 9293 section 3.1 */
export const TCP_FLAGS = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

const ETHERTYPE_IPV4 = 0x0800;
const IPV4_HEADER_BYTES = 20;
const DONT_FRAGMENT = 0x4000;
/** lwIP's IP_DEFAULT_TTL (lwipopts.h of ESP-IDF). */
const TIME_TO_LIVE = 64;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const TCP_HEADER_BYTES = 20;
const UDP_HEADER_BYTES = 8;
const MSS_OPTION = [2, 4];

/** `identification` is the IPv4 field: counts a host's packets. */
export function tcpFrame(segment: Segment, identification: number): Uint8Array {
  const { from, to, largestSegment, payload = new Uint8Array() } = segment;
  const options =
    largestSegment === undefined ? [] : [...MSS_OPTION, largestSegment >> 8, largestSegment & 255];
  const headerBytes = TCP_HEADER_BYTES + options.length;
  const tcp = new Uint8Array(headerBytes + payload.length);
  const view = new DataView(tcp.buffer);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint32(4, segment.sequence >>> 0);
  view.setUint32(8, segment.acknowledged >>> 0);
  view.setUint16(12, ((headerBytes / 4) << 12) | segment.flags);
  view.setUint16(14, segment.window);
  tcp.set(options, TCP_HEADER_BYTES);
  tcp.set(payload, headerBytes);
  view.setUint16(16, pseudoHeaderChecksum(from, to, PROTOCOL_TCP, tcp));
  return ipv4Frame(from, to, PROTOCOL_TCP, tcp, identification);
}

export function udpFrame(
  from: Host & { port: number },
  to: Host & { port: number },
  payload: Uint8Array,
  identification: number,
): Uint8Array {
  const udp = new Uint8Array(UDP_HEADER_BYTES + payload.length);
  const view = new DataView(udp.buffer);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint16(4, udp.length);
  udp.set(payload, UDP_HEADER_BYTES);
  // RFC 768: 0 would mean that there is none.
  view.setUint16(6, pseudoHeaderChecksum(from, to, PROTOCOL_UDP, udp) || 0xffff);
  return ipv4Frame(from, to, PROTOCOL_UDP, udp, identification);
}

/** RFC 894 and RFC 791 */
function ipv4Frame(
  from: Host,
  to: Host,
  protocol: number,
  content: Uint8Array,
  identification: number,
): Uint8Array {
  const ip = new Uint8Array(IPV4_HEADER_BYTES);
  const view = new DataView(ip.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, IPV4_HEADER_BYTES + content.length);
  view.setUint16(4, identification & 0xffff);
  view.setUint16(6, DONT_FRAGMENT);
  view.setUint8(8, TIME_TO_LIVE);
  view.setUint8(9, protocol);
  ip.set(ipBytes(from.ip), 12);
  ip.set(ipBytes(to.ip), 16);
  view.setUint16(10, checksum(ip));
  const type = [ETHERTYPE_IPV4 >> 8, ETHERTYPE_IPV4 & 255];
  return Uint8Array.from([...macBytes(to.mac), ...macBytes(from.mac), ...type, ...ip, ...content]);
}

/** RFC 9293 section 3.1: over addresses, protocol and length as well. */
function pseudoHeaderChecksum(from: Host, to: Host, protocol: number, content: Uint8Array): number {
  const { length } = content;
  const pseudo = [...ipBytes(from.ip), ...ipBytes(to.ip), 0, protocol, length >> 8, length & 255];
  return checksum(Uint8Array.from([...pseudo, ...content]));
}

/** RFC 1071 */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function ipBytes(address: string): number[] {
  return address.split(".").map(Number);
}

function macBytes(address: string): number[] {
  return address.split(":").map((byte) => Number.parseInt(byte, 16));
}
