/** What chips say of themselves when they start, before any program of ours: the texts of their ROM and of the second-stage loader. */

/** So many restarts while we listened are a loop. */
export const LOOP_RESTARTS = 3;

/** An ESP chip that was started with its boot pin held low (ESP-IDF "Boot Mode Selection": ESP32, ESP32-S3, ESP32-C3 alike). */
export function isRomLoader(text: string): boolean {
  return /waiting for download/i.test(text) || SYNC_ANSWER.test(text);
}

/** The ROM finds no program in the flash, and starts over (esp-idf-monitor and ROM: "invalid header: 0xffffffff"). */
export function isEmptyFlash(text: string): boolean {
  return /invalid header: 0x[0-9a-f]{2,8}|No bootable app partitions|flash read err/i.test(text);
}

/** Starts of the chip that are heard in `text`: by the ROM's reason for the reset, or where none is told by Espruino's greeting. */
export function restartsIn(text: string): number {
  const byRom = text.match(/rst:0x[0-9a-f]+|\n ets [A-Z][a-z]{2} [ \d]\d 20\d\d,rst cause/gi)?.length ?? 0;
  const byGreeting = text.match(/\|_\| (?:http:\/\/)?espruino\.com/g)?.length ?? 0;
  return Math.max(byRom, byGreeting);
}

/** Nobody there will answer as a console, however long we ask. */
export function isNoConsole(text: string): boolean {
  return isRomLoader(text) || isEmptyFlash(text) || restartsIn(text) >= LOOP_RESTARTS;
}

/**
 * SYNC of the ROM loader's protocol, framed by SLIP: direction 0, command 8, 36 bytes of data, no checksum (Espressif, "Serial Protocol"). Its answer
 * begins with direction 1 and the same command.
 */
export const ROM_SYNC = Uint8Array.from([
  ...[0xc0, 0, 8, 36, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20],
  ...new Array<number>(32).fill(0x55),
  0xc0,
]);
const SYNC_ANSWER = /\xc0\x01\x08/;
