/** require("Wifi"): a station that joins one access point, and the strings by which the world around it is pulled. */
import type { Alarm, Clock } from "./clock.ts";
import { countListeners } from "./emitter.ts";
import type { Emit } from "./events.ts";
import type { IdleLoop } from "./loop.ts";
import type { Realm, Value } from "./realm.ts";

/** What becomes of a `Wifi.connect`: `never` does not even call back, as firmware up to 2v29 may. */
export type WifiAnswer = "connects" | "fails" | "dhcp-timeout" | "never";

/** The Wi-Fi around the board. It outlives the board's reboots. */
export interface WifiControl {
  /** Whether the board is associated and has an address. */
  readonly connected: boolean;
  /** Network names the board tried to join, in order. */
  readonly attempts: readonly { ssid: string; password: string | undefined }[];
  answer: WifiAnswer;
  /** Signal strength in dBm that `getDetails()` reports. */
  rssi: number;
  /** From `connect()` to the answer, in ms of board time. */
  connectMs: number;
  /** The access point is back. The board does not join by itself. */
  up(): void;
  /**
   * The access point is gone. Sockets stay as they are and nothing comes through, as on an ESP32. `reason` is what the `disconnected` event
   * carries; with `silent` that event never comes, as on a weak signal.
   */
  down(options?: { reason?: string; silent?: boolean }): void;
}

const ADDRESS = { ip: "192.168.4.23", netmask: "255.255.255.0", gw: "192.168.4.1", mac: "24:0a:c4:00:00:17" };
const ACCESS_POINT_MAC = "24:0a:c4:00:00:01";

/** esp_wifi: reason 201, no access point found; 200, beacon timeout; 8, association left. */
const NOT_FOUND = { reason: "201", msg: "NO_AP_FOUND" };
const BEACON_TIMEOUT = { reason: "200", msg: "BEACON_TIMEOUT" };
const LEFT = { reason: "8", msg: "ASSOC_LEAVE" };

/** The station of one power-on. */
interface Station {
  accessPointGone(details: { reason: string; msg: string }, silent: boolean): void;
}

export class Wifi implements WifiControl {
  readonly attempts: { ssid: string; password: string | undefined }[] = [];
  answer: WifiAnswer = "connects";
  rssi = -58;
  connectMs = 40;
  connected = false;
  reachable = true;
  private station: Station | undefined;

  private readonly emit: Emit;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  up(): void {
    this.reachable = true;
  }

  down(options: { reason?: string; silent?: boolean } = {}): void {
    this.reachable = false;
    const details =
      options.reason === undefined ? BEACON_TIMEOUT : { reason: options.reason, msg: options.reason };
    this.station?.accessPointGone(details, options.silent === true);
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
  }
}

/** The module of one power-on. `clockSet` is called when SNTP sets the clock. */
export class WifiModule implements Station {
  readonly module: Value;
  private ssid = "";
  private hostname = "espruino";
  private associated = false;
  private usesSntp = false;
  private attempt: Alarm | undefined;

  private readonly realm: Realm;
  private readonly loop: IdleLoop;
  private readonly clock: Clock;
  private readonly wifi: Wifi;
  private readonly clockSet: () => void;

  constructor(realm: Realm, loop: IdleLoop, clock: Clock, wifi: Wifi, clockSet: () => void) {
    this.realm = realm;
    this.loop = loop;
    this.clock = clock;
    this.wifi = wifi;
    this.clockSet = clockSet;
    this.module = realm.object();
    wifi.attach(this);
    const method = (name: string, run: (args: ArrayLike<Value>) => unknown): void =>
      realm.define(
        this.module,
        name,
        realm.method(name, (_self, args) => run(args)),
      );
    method("connect", (args) => this.connect(args[0], args[1], args[2]));
    method("disconnect", (args) => this.disconnect(args[0]));
    method("getDetails", (args) => this.answerWith(this.details(), args[0]));
    method("getIP", (args) => this.answerWith(this.address(), args[0]));
    method("getStatus", (args) => this.answerWith({ station: this.status(), mode: "sta" }, args[0]));
    method("getHostname", () => this.hostname);
    method("setHostname", (args) => {
      this.hostname = String(args[0]);
      this.callBack(args[1], []);
    });
    method("setSNTP", () => {
      this.usesSntp = true;
      if (this.wifi.connected) this.clockSet();
    });
    method("stopAP", (args) => this.callBack(args[0], []));
    method("save", () => undefined);
  }

  get listeners(): number {
    return countListeners(this.module);
  }

  accessPointGone(details: { reason: string; msg: string }, silent: boolean): void {
    if (!this.associated || silent) return;
    this.associated = false;
    this.event("disconnected", { ssid: this.ssid, mac: ACCESS_POINT_MAC, ...details });
  }

  powerOff(): void {
    if (this.attempt) this.clock.cancel(this.attempt);
  }

  private connect(ssid: Value, options: Value, callback: Value): void {
    if (typeof ssid !== "string")
      throw this.realm.error("Error", `Expecting ssid to be a string but got ${typeof ssid}`);
    this.wifi.attempts.push({ ssid, password: options?.password });
    if (this.wifi.connected && this.ssid === ssid) {
      // Already there: the callback, and no event.
      this.callBack(callback, [null]);
      return;
    }
    this.ssid = ssid;
    if (this.attempt) this.clock.cancel(this.attempt);
    if (this.wifi.answer === "never") return;
    this.attempt = this.clock.schedule(this.clock.now() + this.wifi.connectMs, () => this.answered(callback));
  }

  private answered(callback: Value): void {
    const { wifi } = this;
    if (!wifi.reachable || wifi.answer === "fails") {
      this.event("disconnected", { ssid: this.ssid, mac: "00:00:00:00:00:00", ...NOT_FOUND });
      this.callBack(callback, [NOT_FOUND.msg]);
      return;
    }
    this.associated = true;
    this.event("associated", { ssid: this.ssid, mac: ACCESS_POINT_MAC, channel: "6", authMode: "wpa2" });
    if (wifi.answer === "dhcp-timeout") {
      this.event("dhcp_timeout", {});
      return;
    }
    wifi.setConnected(true);
    if (this.usesSntp) this.clockSet();
    this.event("connected", { ip: ADDRESS.ip, netmask: ADDRESS.netmask, gw: ADDRESS.gw });
    this.callBack(callback, [null]);
  }

  private disconnect(callback: Value): void {
    if (this.attempt) this.clock.cancel(this.attempt);
    if (this.associated) this.event("disconnected", { ssid: this.ssid, mac: ACCESS_POINT_MAC, ...LEFT });
    this.associated = false;
    this.wifi.setConnected(false);
    this.callBack(callback, []);
  }

  private status(): string {
    return this.wifi.connected ? "connected" : "off";
  }

  private details(): object {
    if (!this.wifi.connected) return { status: this.status() };
    return { status: "connected", rssi: this.wifi.rssi, ssid: this.ssid, authMode: "wpa2", password: "" };
  }

  private address(): object {
    return this.wifi.connected
      ? { ...ADDRESS, hostname: this.hostname }
      : { ip: "0.0.0.0", mac: ADDRESS.mac, hostname: this.hostname };
  }

  private answerWith(fields: object, callback: Value): Value {
    const answer = Object.assign(this.realm.object(), fields);
    this.callBack(callback, [answer]);
    return answer;
  }

  private event(name: string, fields: object): void {
    this.loop.queueEvent(this.module, name, [Object.assign(this.realm.object(), fields)]);
  }

  private callBack(callback: Value, args: Value[]): void {
    if (typeof callback === "function") this.loop.queueCall(undefined, callback, args);
  }
}
