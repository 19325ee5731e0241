/** How a serial line's DTR and RTS start a board anew, into its program or into the loader of its chip. */

/** What the two lines are set to, and how long they stay so. */
export interface ResetStep {
  readonly dtr: boolean;
  readonly rts: boolean;
  readonly ms: number;
}

/** How long EN and IO0 are held (esptool, "classic reset"). */
const HOLD_MS = 100;
const BOOT_PIN_MS = 50;

/** An ESP chip that is on USB by itself, without a converter (ESP32-S3, ESP32-C3: "USB Serial/JTAG"). */
export function isOwnUsb(
  port: { vendorId: string | undefined; productId: string | undefined } | undefined,
): boolean {
  return port?.vendorId === "303a" && port.productId === "1001";
}

/**
 * Behind a converter RTS pulls EN (reset), DTR pulls IO0 (the boot pin), by two transistors that do neither when both are set (ESP32-DevKitC
 * schematic). A chip's own USB has no such pins: DTR alone marks that the loader is wanted, RTS alone starts the chip, neither of them takes the
 * mark back; both together do nothing, so the way from the one to the other leads there (ESP32-C3 Technical Reference Manual, USB Serial/JTAG).
 */
export function resetSteps(into: "program" | "loader", ownUsb: boolean): readonly ResetStep[] {
  const idle = { dtr: false, rts: false };
  const start = { dtr: false, rts: true, ms: HOLD_MS };
  if (into === "program") return [{ ...idle, ms: 0 }, start, { ...idle, ms: 0 }];
  if (ownUsb)
    return [
      { ...idle, ms: HOLD_MS },
      { dtr: true, rts: false, ms: HOLD_MS },
      { dtr: true, rts: true, ms: 0 },
      start,
      { ...idle, ms: 0 },
    ];
  return [start, { dtr: true, rts: false, ms: BOOT_PIN_MS }, { ...idle, ms: 0 }];
}
