/** The boards on this computer's serial ports: what the plug tells by its USB numbers, and what the board says when it is asked. */

import { Failure } from "../cli/errors.ts";
import { describeEspruino, describeMisfortune } from "../cli/flash/found.ts";
import { type BoardProfile, loadProfile, profileNames } from "../config/profile.ts";
import { ConsoleError } from "../console/errors.ts";
import { identify } from "../console/identify.ts";
import { parseAddress } from "../ports/address.ts";
import { type ListedPort, listPorts, portText } from "../ports/list.ts";
import { openPort } from "../ports/open.ts";
import { DEFAULT_BAUD } from "../ports/serial.ts";

/** A port that may have a board. */
export interface NearbyPort {
  /** Such as /dev/ttyUSB0. */
  readonly path: string;
  /** For people: "/dev/ttyUSB0: CP210x (ESP32-DevKitC, NodeMCU and others)". */
  readonly title: string;
  /** Profiles that its USB numbers speak for; empty when they say nothing. */
  readonly profiles: readonly string[];
}

/** What a board answered. */
export interface BoardAnswer {
  /** `process.env.BOARD`; undefined when it is no Espruino. */
  readonly board: string | undefined;
  /** One sentence for people. */
  readonly said: string;
}

export interface BoardFinder {
  /** Those that look like a board. Never throws: without the package for serial ports there are none. */
  ports(): Promise<readonly NearbyPort[]>;
  /** Never throws for what the port or the board does. */
  ask(port: string): Promise<BoardAnswer>;
}

/** Longest wait for the board's answer, in ms. */
const ASK_MS = 5000;

export const boardFinder: BoardFinder = {
  async ports() {
    const profiles = profileNames().map((name) => loadProfile(name));
    return (await listPorts()).map((port) => ({
      path: port.path,
      title: portText(port),
      profiles: likelyProfiles(port, profiles),
    }));
  },
  async ask(port) {
    try {
      const address = parseAddress(port);
      if (address.kind === "mqtt") return { board: undefined, said: `${port} is no cable` };
      const cable = await openPort(address);
      try {
        const found = await identify(cable, { deadlineMs: ASK_MS });
        if (found.kind === "espruino") return { board: found.board, said: describeEspruino(found) };
        const place = { port, baud: DEFAULT_BAUD, profileBaud: DEFAULT_BAUD };
        return { board: undefined, said: describeMisfortune(found, place) };
      } finally {
        await cable.close();
      }
    } catch (error) {
      if (error instanceof Failure || error instanceof ConsoleError)
        return { board: undefined, said: error.message };
      throw error;
    }
  },
};

/** A chip with a USB plug of its own says what it is. */
const chipsByUsb: Readonly<Record<string, readonly string[]>> = {
  "303a:1001": ["ESP32-C3", "ESP32-S3"],
  "0483:5740": ["STM32F411"],
};

/** Boards that are sold with these bridges, among others: nothing but the order of the offer hangs on it. */
const boardsByUsb: Readonly<Record<string, readonly string[]>> = {
  "10c4:ea60": ["esp32-devkitc", "nodemcu", "esp32-s3-devkitc"],
  "1a86:7523": ["wemos-d1-mini", "nodemcu", "esp32-cam"],
  "1a86:55d4": ["lilygo-t-display", "m5stack-atom-lite"],
  "0403:6001": ["m5stack-atom-lite"],
};

/** Names of profiles that may be on a port, by its USB numbers. */
export function likelyProfiles(
  { vendorId, productId }: Pick<ListedPort, "vendorId" | "productId">,
  profiles: readonly Pick<BoardProfile, "name" | "chip">[],
): string[] {
  const usb = `${vendorId}:${productId}`;
  const ofChip = profiles.filter(({ chip }) => chipsByUsb[usb]?.includes(chip)).map(({ name }) => name);
  const sold = (boardsByUsb[usb] ?? []).filter((name) => profiles.some((profile) => profile.name === name));
  return [...ofChip, ...sold];
}
