/** Why a board could not be reached, in a sentence that says what to do; by the names that browsers give their errors. */

/** How a browser reaches a real board. */
export type Means = "bluetooth" | "serial";

/** Why this browser cannot, or undefined when it can. */
export function unavailable(means: Means): string | undefined {
  const name = means === "bluetooth" ? "Web Bluetooth" : "Web Serial";
  if (!globalThis.isSecureContext)
    return `${name} works only on https:// and on this computer itself: open the page at http://127.0.0.1 or http://localhost.`;
  if (means === "bluetooth" ? navigator.bluetooth : navigator.serial) return undefined;
  if (means === "bluetooth" && /Linux/.test(navigator.userAgent) && /Chrome\//.test(navigator.userAgent))
    return "No Web Bluetooth: on Linux, Chrome has it behind chrome://flags/#enable-experimental-web-platform-features.";
  return `No ${name}: this browser does not have it.`;
}

export const BROWSERS =
  "Chrome, Edge and Opera have both on Windows, macOS and Chrome OS; on Linux they have Web Serial, on Android Web Bluetooth.";

/** `name` and `words` of the browser's error. */
export function explained(means: Means, name: string, words: string): string {
  if (name === "TimeoutError")
    return means === "bluetooth"
      ? "The board does not answer over Bluetooth: bring it near, switch it off and on, and connect again."
      : "The serial port does not open: unplug the board, plug it in, and connect again.";
  if (name === "SecurityError")
    return `The browser does not allow it (${plain(words)}): allow this page ${means === "bluetooth" ? "Bluetooth" : "serial ports"} in the settings of the site.`;
  if (means === "bluetooth") {
    if (/adapter/i.test(words))
      return "Bluetooth is off or missing on this computer: switch it on, and connect again.";
    if (/globally disabled/i.test(words))
      return "This browser has Web Bluetooth switched off: see chrome://flags/#enable-experimental-web-platform-features, or choose Serial.";
    if (/no services? (matching|found)|getPrimaryService/i.test(words))
      return "That device has no serial console over Bluetooth: choose the board; Espruino on it needs Bluetooth switched on.";
    return `The board could not be reached over Bluetooth (${plain(words)}): bring it near, see that no other page or phone is connected to it, and connect again.`;
  }
  if (name === "InvalidStateError")
    return "The serial port is open in this page already: unplug the board, plug it in, and connect again.";
  if (/open/i.test(words))
    return "The serial port could not be opened: close what else uses it (a monitor, another tab); on Linux your user must be in the group dialout (sudo usermod -aG dialout $USER, then log in again).";
  return `The serial port failed (${plain(words)}): unplug the board, plug it in, and connect again.`;
}

function plain(words: string): string {
  const line = words.split("\n")[0]?.trim().replace(/\.$/, "") ?? "";
  return line === "" ? "no reason given" : line.slice(0, 160);
}
