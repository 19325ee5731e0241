/** Joins the Wi-Fi and stays in it. `require("Wifi")` may never answer, so every attempt has a deadline of its own. */

import { backoffSeconds } from "./backoff.ts";

/** Seconds an attempt may take, address included. */
const TIMEOUT = 20;

/** The state of the link. */
export interface Link {
  up: boolean;
  /** Seconds until the next attempt. */
  wait: number;
  failures: number;
  onDown: () => void;
}

/** A link that `tick` brings up, up for good on a board without Wi-Fi; `onDown` is called when it is lost. */
export function createLink(hostname: string, onDown: () => void): Link {
  const link = { up: !WIFI, wait: 1, failures: 0, onDown };
  if (WIFI) {
    const wifi = require("Wifi");
    wifi.stopAP();
    wifi.setHostname(hostname);
    wifi.on("connected", () => look(link));
    wifi.on("disconnected", () => look(link));
  }
  return link;
}

/** Looks whether there is an address: events may be missing, on the way up and on the way down. */
function look(link: Link): void {
  const address = require("Wifi").getIP().ip;
  const up = !!address && address !== "0.0.0.0";
  if (up !== link.up) {
    link.up = up;
    link.failures = 0;
    link.wait = 1;
    print("Wi-Fi: " + (up ? address : "lost"));
    if (!up) link.onDown();
  }
}

/** To be called once a second. Returns whether the link is up. */
export function tick(link: Link): boolean {
  if (WIFI) {
    look(link);
    if (!link.up && !--link.wait) {
      const wifi = require("Wifi");
      link.wait = TIMEOUT + backoffSeconds(link.failures++);
      wifi.disconnect();
      wifi.connect(WIFI_SSID, { password: WIFI_PASSWORD }, (error) => {
        if (error) {
          link.wait = backoffSeconds(link.failures);
          print("Wi-Fi: " + error + "; again in " + link.wait + " s");
        } else look(link);
      });
    }
  }
  return link.up;
}
