/** What a serial line makes of bytes when sender and receiver do not agree on its speed. */

/** Start bit, eight data bits, stop bit. */
const BITS = 10;

/** Bytes sent at `sentBaud` as a receiver set to `heardBaud` understands them: it samples the middle of the bits that it expects. */
export function heardAt(bytes: Iterable<number>, sentBaud: number, heardBaud: number): Uint8Array {
  const sent = Uint8Array.from(bytes);
  if (sentBaud === heardBaud) return sent;
  const level = (bit: number): number => {
    const index = Math.floor(bit / BITS);
    const place = Math.floor(bit) - index * BITS;
    if (index >= sent.length || place === BITS - 1) return 1;
    return place === 0 ? 0 : ((sent[index] ?? 0) >> (place - 1)) & 1;
  };
  const pace = sentBaud / heardBaud;
  const heard: number[] = [];
  const end = sent.length * BITS;
  for (let at = 0; at < end; ) {
    // Nothing begins while the line is high.
    if (level(at) === 1) {
      at = Math.floor(at) + 1;
      continue;
    }
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte |= level(at + (bit + 1.5) * pace) << bit;
    heard.push(byte);
    at += 9.5 * pace;
  }
  return Uint8Array.from(heard);
}
