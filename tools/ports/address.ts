/** The address of a port as the user writes it: a serial path, `tcp://host:port`, `ble:NAME` or `mqtt:TOPIC`. */
import { UsageError } from "../cli/errors.ts";

export type PortAddress =
  | { readonly kind: "serial"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "ble"; readonly name: string }
  | { readonly kind: "mqtt"; readonly topic: string };

/** @throws UsageError in one line that says what is allowed. */
export function parseAddress(text: string): PortAddress {
  if (text.startsWith("/dev/")) return { kind: "serial", path: text };
  throw new UsageError(`unknown port "${text}"`);
}
