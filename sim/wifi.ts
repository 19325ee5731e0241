/** The Wi-Fi around a board: an access point with its faults, and the strings by which the world pulls them. */
import type { Emit } from "./events.ts";

/**
 * What becomes of a `Wifi.connect`:
 * - `connects`: `associated`, then `connected` and the callback;
 * - `no-access-point`: `disconnected` with reason 201 and a callback with an error, after the scan;
 * - `wrong-password`: the same with reason 15, after the handshake was given up;
 * - `no-dhcp`: `associated`, and then nothing more (the ESP32 does not tell); `dhcp-timeout`: that event follows (the ESP8266 tells);
 * - `never`: nothing at all, as firmware up to 2v29 may;
 * - `fails`: the same as `no-access-point`, at once.
 */
export const WIFI_ANSWERS = [
  "connects",
  "no-access-point",
  "wrong-password",
  "no-dhcp",
  "dhcp-timeout",
  "never",
  "fails",
] as const;

export type WifiAnswer = (typeof WIFI_ANSWERS)[number];

/** The Wi-Fi around the board. It outlives the board's reboots. */
export interface WifiControl {
  /** Whether the board is associated and has an address. */
  readonly connected: boolean;
  /** Network names the board tried to join, in order; the newest 1,000. */
  readonly attempts: readonly { ssid: string; password: string | undefined }[];
  /** Whether the access point is there: `up()` and `down()`. */
  readonly reachable: boolean;
  /** Of attempts from now on; who is connected stays connected. */
  answer: WifiAnswer;
  /**
   * The signal is too weak for anything to get through, but not so weak that the board would notice: it keeps its address, no event comes,
   * sockets stay open and silent.
   */
  weakSignal: boolean;
  /** Signal strength in dBm that `getDetails()` and `getStatus()` report, -127 to 0. */
  rssi: number;
  /** How far each reading may be off `rssi`, in dB either way, at random by the board's seed. Default 0. */
  rssiSpread: number;
  /** From `connect()` to an address, in ms of board time. */
  connectMs: number;
  /**
   * How often the firmware tries again by itself before it tells of a failure or a loss: 0 up to 2v29, later 2 on the ESP32, which then
   * heals a short loss without any `disconnected`.
   */
  retries: number;
  /** The access point is back. The board does not join by itself. */
  up(): void;
  /**
   * The access point is gone. Sockets stay as they are and nothing comes through, as on an ESP32. `reason` is what the `disconnected` event
   * carries; with `silent` that event never comes, as on a weak signal.
   */
  down(options?: { reason?: string; silent?: boolean }): void;
}

/** A reason as the `disconnected` event carries it: esp_wifi_types.h wifi_err_reason_t, and its name. */
export interface Reason {
  reason: string;
  msg: string;
}

export const NOT_FOUND: Reason = { reason: "201", msg: "NO_AP_FOUND" };
export const BEACON_TIMEOUT: Reason = { reason: "200", msg: "BEACON_TIMEOUT" };
export const WRONG_PASSWORD: Reason = { reason: "15", msg: "4WAY_HANDSHAKE_TIMEOUT" };
export const LEFT: Reason = { reason: "8", msg: "ASSOC_LEAVE" };

/** A look at every channel, and a handshake that is given up, take the ESP32 about so long. */
const SCAN_MS = 2400;
const HANDSHAKE_MS = 4000;

/** The station of one power-on. */
export interface Station {
  accessPointGone(reason: Reason, silent: boolean): void;
}

export class Wifi implements WifiControl {
  readonly attempts: { ssid: string; password: string | undefined }[] = [];
  answer: WifiAnswer = "connects";
  rssi = -58;
  rssiSpread = 0;
  connectMs = 40;
  retries = 0;
  connected = false;
  reachable = true;
  private weak = false;
  private station: Station | undefined;

  private readonly emit: Emit;
  private readonly random: () => number;
  private readonly changed: () => void;

  /** `changed` is called when sockets may have news again. */
  constructor(emit: Emit, random: () => number, changed: () => void) {
    this.emit = emit;
    this.random = random;
    this.changed = changed;
  }

  /** Whether anything gets through. */
  get carries(): boolean {
    return this.connected && !this.weak;
  }

  get weakSignal(): boolean {
    return this.weak;
  }

  set weakSignal(weak: boolean) {
    this.weak = weak;
    this.changed();
  }

  up(): void {
    this.reachable = true;
  }

  down(options: { reason?: string; silent?: boolean } = {}): void {
    this.reachable = false;
    const reason =
      options.reason === undefined ? BEACON_TIMEOUT : { reason: options.reason, msg: options.reason };
    this.station?.accessPointGone(reason, options.silent === true);
    this.setConnected(false);
  }

  attach(station: Station): void {
    this.station = station;
  }

  powerOff(): void {
    this.station = undefined;
    this.setConnected(false);
  }

  setConnected(connected: boolean): void {
    if (connected === this.connected) return;
    this.connected = connected;
    this.emit({ type: "wifi", state: connected ? "connected" : "disconnected" });
    this.changed();
  }

  /** One reading, whole dBm. */
  readRssi(): number {
    if (this.rssiSpread === 0) return this.rssi;
    const off = (this.random() * 2 - 1) * this.rssiSpread;
    return Math.max(-127, Math.min(0, Math.round(this.rssi + off)));
  }

  /** What an attempt that is made now comes to, and after how many ms; `never` does not end. */
  outcome(): { ms: number; failure: Reason | undefined } | "never" {
    if (this.answer === "never") return "never";
    if (this.answer === "fails") return { ms: this.connectMs, failure: NOT_FOUND };
    if (!this.reachable || this.answer === "no-access-point" || this.weak)
      return { ms: SCAN_MS, failure: NOT_FOUND };
    if (this.answer === "wrong-password") return { ms: HANDSHAKE_MS, failure: WRONG_PASSWORD };
    return { ms: this.connectMs, failure: undefined };
  }
}
