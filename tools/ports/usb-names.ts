/** USB identities of what stands between a computer and a board, so that ports can be shown by name and a missing driver be named. */

export interface UsbName {
  /** The bridge, or the chip where it has USB itself. */
  readonly name: string;
  /** Where it is found, as far as that can be told. */
  readonly boards?: string | undefined;
  /** Whether the chip itself has the USB plug: its reset lines work otherwise. */
  readonly native?: boolean;
}

/**
 * By `vendor:product`, lower case. Sources: platformio-core assets/system/99-platformio-udev.rules, espflash resources/70-espflash.rules, esptool-js
 * USB_JTAG_SERIAL_PID, usb-serial-for-android UsbId.java (FTDI), Espruino misc/45-espruino.rules.
 */
const NAMES: Readonly<Record<string, UsbName>> = {
  "10c4:ea60": { name: "CP210x", boards: "ESP32-DevKitC, NodeMCU and others" },
  "10c4:ea70": { name: "CP2105" },
  "1a86:7522": { name: "CH340", boards: "FireBeetle ESP32" },
  "1a86:7523": { name: "CH340", boards: "Wemos D1 mini, NodeMCU and others" },
  "1a86:55d4": { name: "CH9102" },
  "0403:6001": { name: "FT232R" },
  "0403:6010": { name: "FT2232H" },
  "0403:6015": { name: "FT231X" },
  "067b:2303": { name: "PL2303" },
  "303a:1001": { name: "Espressif USB-JTAG", boards: "ESP32-C3 or ESP32-S3 by its own USB", native: true },
  "303a:1002": { name: "Espressif USB bridge" },
  "0483:5740": { name: "STM32 USB", boards: "Espruino boards", native: true },
};

/** `vendorId` and `productId` as four hexadecimal digits, in any case. */
export function usbName(vendorId: string | undefined, productId: string | undefined): UsbName | undefined {
  if (vendorId === undefined || productId === undefined) return undefined;
  return NAMES[`${vendorId}:${productId}`.toLowerCase()];
}
