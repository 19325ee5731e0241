/** What the server of the page says of the bundle it offers, as JSON; nothing of it is secret. */
import type { BoardProfile } from "../config/profile.ts";
import { bundleHash, crc32 } from "../console/bundle-hash.ts";

/** Names on the server, beside the page. */
export const OFFER_FILE = "offer.json";
export const BUNDLE_FILE = "lamp.js";
export const CABLE_PATH = "cable";

export interface Offer {
  readonly bundle: {
    /** For people: where it comes from. */
    readonly name: string;
    readonly bytes: number;
    /** As of tools/console/bundle-hash.ts. */
    readonly hash: string;
    /** `E.CRC32` of it, for boards that cannot hash. */
    readonly crc32: number;
  };
  readonly board: {
    /** Name of the profile the bundle was built for. */
    readonly profile: string;
    readonly title: string;
    /** Of the serial line. */
    readonly baud: number;
    /** Of the flash. */
    readonly pageBytes: number | undefined;
  };
  /** All profiles, as far as a board can be told by them. */
  readonly profiles: readonly Pick<BoardProfile, "name" | "interpreter" | "memory">[];
  readonly lamp: LampOffer;
  /** Whether a simulated board can be reached over a web socket at `CABLE_PATH`. */
  readonly isSimulated: boolean;
}

export interface LampOffer {
  readonly topic: string;
  readonly pin: string;
  readonly activeLow: boolean;
  /** Whether the pin can be dimmed, and the lamp does. */
  readonly pwm: boolean;
}

/** A bundle and whom it is for. */
export interface OfferedBundle extends Omit<Offer, "bundle"> {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export async function offerOf({ name, bytes, ...facts }: OfferedBundle): Promise<Offer> {
  const hash = await bundleHash(bytes);
  return { bundle: { name, bytes: bytes.length, hash, crc32: crc32(bytes) }, ...facts };
}
