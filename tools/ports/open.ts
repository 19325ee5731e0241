/** Opens the cable that an address names. */
import type { Port } from "../console/port.ts";
import type { PortAddress } from "./address.ts";

export interface OpenOptions {
  /** Of a serial line. Default 115,200. */
  baud?: number | undefined;
}

/**
 * An open port; `mqtt:` is none (a lamp that is online is reached through its broker: tools/flash).
 * @throws Failure with what to do about it.
 */
export async function openPort(
  address: Exclude<PortAddress, { kind: "mqtt" }>,
  _options: OpenOptions = {},
): Promise<Port> {
  throw new Error(`${address.kind}: not there yet`);
}
