/** Framed packets of the console (README_Protocol.md of Espruino, 2v25 on): 16, 1, two bytes of type and length, data; the board answers ACK or NAK. */

export const ACK = "\x06";
export const NAK = "\x15";
export const XON = 0x11;
export const XOFF = 0x13;

export const packetType = { eval: 1, fileSend: 3, data: 4 } as const;
/** From its first byte on a packet must be complete within so long: then the board says NAK, and takes the rest for typed text (jsinteractive.c jsiPacketStart). */
export const PACKET_MS = 5_000;
/** The length has 13 bits. */
export const MOST_PACKET_BYTES = 0x1fff;

/**
 * Bytes that somebody on the way may take for himself. 3 is Ctrl-C: it is looked at when it arrives, so that within a packet it breaks off whatever
 * program runs until the packet's first bytes have been handled (jsdevices.c jshPushIOCharEventsHandler). 4 ends Espruino for Linux where it reads
 * its standard input. 17 and 19 are XON and XOFF to terminal servers and drivers.
 */
const UNSAFE: readonly number[] = [3, 4, 0x11, 0x13];

/** Whether `bytes` may be sent as they are. */
export function isSafe(bytes: Uint8Array): boolean {
  return !UNSAFE.some((unsafe) => bytes.includes(unsafe));
}

/** Whether a packet may have so many bytes of data: the second byte of its length is none that is unsafe. */
export function isSafeLength(bytes: number): boolean {
  return !UNSAFE.includes(bytes & 255);
}

/** The bytes of a packet. `data` must be no longer than `MOST_PACKET_BYTES`. */
export function packet(type: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + data.length);
  bytes.set([0x10, 1, (type << 5) | (data.length >> 8), data.length & 255]);
  bytes.set(data, 4);
  return bytes;
}

/** Whether `bytes` are a packet. */
export function isPacket(bytes: Uint8Array): boolean {
  return bytes[0] === 0x10 && bytes[1] === 1;
}

/** A packet of text, one character a byte; blanks at the end make its length safe. */
export function textPacket(type: number, text: string): Uint8Array {
  let padded = text;
  while (!isSafeLength(padded.length)) padded += " ";
  return packet(type, latin1(padded));
}

/** One character a byte. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 255);
}
