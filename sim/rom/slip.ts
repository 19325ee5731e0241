/** SLIP framing, as the ROM loader of ESP chips uses it: C0 around a packet, DB DC for C0 and DB DD for DB within. */

const END = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED_END = 0xdc;
const ESCAPED_ESCAPE = 0xdd;
/** More than any command has: what is longer is noise. */
const LONGEST = 0x10000;

export function slipFrame(packet: Iterable<number>): Uint8Array {
  const framed = [END];
  for (const byte of packet) {
    if (byte === END) framed.push(ESCAPE, ESCAPED_END);
    else if (byte === ESCAPE) framed.push(ESCAPE, ESCAPED_ESCAPE);
    else framed.push(byte);
  }
  framed.push(END);
  return Uint8Array.from(framed);
}

/** Finds the packets in a stream of bytes. */
export class SlipReader {
  private packet: number[] | undefined;
  private escaping = false;

  /** Forgets a packet that has begun. */
  clear(): void {
    this.packet = undefined;
    this.escaping = false;
  }

  /** The packets that end within `bytes`. */
  take(bytes: Iterable<number>): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (const byte of bytes) {
      if (byte === END) {
        // It may end one packet and begin the next: what stood between them then makes a packet that nobody understands.
        if (this.packet !== undefined && this.packet.length > 0) packets.push(Uint8Array.from(this.packet));
        this.packet = [];
        this.escaping = false;
      } else if (this.packet === undefined) continue;
      else if (this.escaping) this.escaped(byte);
      else if (byte === ESCAPE) this.escaping = true;
      else this.packet.push(byte);
      if (this.packet && this.packet.length > LONGEST) this.clear();
    }
    return packets;
  }

  private escaped(byte: number): void {
    this.escaping = false;
    if (byte === ESCAPED_END) this.packet?.push(END);
    else if (byte === ESCAPED_ESCAPE) this.packet?.push(ESCAPE);
    // No such escape: what follows up to the next END is no packet.
    else this.packet = undefined;
  }
}
