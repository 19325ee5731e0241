/** require("Wifi"): the station of one power-on, with the events and answers of the ESP32 (libs/network/esp32/jswrap_esp32_network.c). */
import type { Alarm, Clock } from "./clock.ts";
import { countListeners } from "./emitter.ts";
import type { IdleLoop } from "./loop.ts";
import type { Realm, Value } from "./realm.ts";
import { LEFT, type Reason, type Station, type Wifi } from "./wifi.ts";

const ADDRESS = { ip: "192.168.4.23", netmask: "255.255.255.0", gw: "192.168.4.1", mac: "24:0a:c4:00:00:17" };
const ACCESS_POINT_MAC = "24:0a:c4:00:00:01";
const NO_MAC = "00:00:00:00:00:00";
/** A week without Wi-Fi must not fill the memory of this computer. */
const MOST_ATTEMPTS = 1000;

/** The module of one power-on. `clockSet` is called when SNTP sets the clock. */
export class WifiModule implements Station {
  readonly module: Value;
  private ssid = "";
  private hostname = "espruino";
  private associated = false;
  private usesSntp = false;
  private attempt: Alarm | undefined;
  /** Of the attempt under way. */
  private callback: Value;
  private retriesLeft = 0;

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
    method("getStatus", (args) => this.answerWith(this.statusOf(), args[0]));
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

  accessPointGone(reason: Reason, silent: boolean): void {
    if (!this.associated || silent) return;
    this.associated = false;
    if (this.retriesLeft > 0) {
      // Nobody is told as long as it tries again.
      this.retriesLeft--;
      this.attemptToJoin();
    } else this.lost(ACCESS_POINT_MAC, reason);
  }

  powerOff(): void {
    if (this.attempt) this.clock.cancel(this.attempt);
  }

  private connect(ssid: Value, options: Value, callback: Value): void {
    if (typeof ssid !== "string")
      throw this.realm.error("Error", `Expecting ssid to be a string but got ${typeof ssid}`);
    this.wifi.attempts.push({ ssid, password: options?.password });
    if (this.wifi.attempts.length > MOST_ATTEMPTS) this.wifi.attempts.shift();
    if (this.wifi.connected && this.ssid === ssid) {
      // Already there: the callback, and no event.
      this.callBack(callback, [null]);
      return;
    }
    this.ssid = ssid;
    this.callback = callback;
    this.retriesLeft = this.wifi.retries;
    this.attemptToJoin();
  }

  private attemptToJoin(): void {
    if (this.attempt) this.clock.cancel(this.attempt);
    const outcome = this.wifi.outcome();
    if (outcome === "never") return;
    this.attempt = this.clock.schedule(this.clock.now() + outcome.ms, () => {
      if (outcome.failure) this.failed(outcome.failure);
      else this.joined();
    });
  }

  private failed(reason: Reason): void {
    if (this.retriesLeft > 0) {
      this.retriesLeft--;
      this.attemptToJoin();
      return;
    }
    this.lost(NO_MAC, reason);
    this.answered(reason.msg);
  }

  private joined(): void {
    const { wifi } = this;
    // What was true when the attempt was made may not be any more.
    const now = wifi.outcome();
    if (now === "never") return;
    if (now.failure) {
      this.failed(now.failure);
      return;
    }
    this.associated = true;
    this.event("associated", { ssid: this.ssid, mac: ACCESS_POINT_MAC, channel: "6", authMode: "wpa2" });
    if (wifi.answer === "no-dhcp") return;
    if (wifi.answer === "dhcp-timeout") {
      this.event("dhcp_timeout", {});
      return;
    }
    wifi.setConnected(true);
    if (this.usesSntp) this.clockSet();
    this.event("connected", { ip: ADDRESS.ip, netmask: ADDRESS.netmask, gw: ADDRESS.gw });
    this.answered(null);
  }

  /** A callback is called once. */
  private answered(error: string | null): void {
    const { callback } = this;
    this.callback = undefined;
    this.callBack(callback, [error]);
  }

  private lost(mac: string, reason: Reason): void {
    this.event("disconnected", { ssid: this.ssid, mac, ...reason });
  }

  private disconnect(callback: Value): void {
    if (this.attempt) this.clock.cancel(this.attempt);
    this.retriesLeft = 0;
    this.callback = undefined;
    if (this.associated) this.lost(ACCESS_POINT_MAC, LEFT);
    this.associated = false;
    this.wifi.setConnected(false);
    this.callBack(callback, []);
  }

  private status(): string {
    return this.wifi.connected ? "connected" : "off";
  }

  private statusOf(): object {
    if (!this.wifi.connected) return { station: this.status(), mode: "sta" };
    return { station: "connected", ssid: this.ssid, rssi: this.wifi.readRssi(), mode: "sta" };
  }

  private details(): object {
    if (!this.wifi.connected) return { status: this.status() };
    return {
      status: "connected",
      rssi: this.wifi.readRssi(),
      ssid: this.ssid,
      authMode: "wpa2",
      password: "",
    };
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
