/** Joins the Wi-Fi and stays in it. `require("Wifi")` may never answer, so every attempt has a deadline of its own. */

import { backoffSeconds } from "./backoff.ts";

/** Seconds an attempt may take, address included. */
const TIMEOUT = 20;

/** The state of the link. @shortened */
export interface Link {
  wifi: WifiModule;
  up: boolean;
  /** Seconds until the next attempt. */
  wait: number;
  failures: number;
}

/** A link that `tick` brings up; up for good on a board without Wi-Fi. */
export function createLink(): Link {
  const link = { up: !WIFI, wait: 1, failures: 0 } as Link;
  if (WIFI) {
    link.wifi = require("Wifi");
    link.wifi.stopAP();
  }
  return link;
}

/** The name the board gives itself in the network. */
export function setHostname(link: Link, hostname: string): void {
  if (WIFI) link.wifi.setHostname(hostname);
}

/**
 * To be called once a second. Looks whether there is an address, as events may be missing on the way up and on the way
 * down, and makes the next attempt when it is time. Returns whether the link is up.
 */
export function tick(link: Link): boolean {
  if (WIFI) {
    const address = link.wifi.getIP().ip;
    // No address is 0.0.0.0, or none at all.
    const up = (address || "") > "1";
    if (up !== link.up) {
      link.up = up;
      link.failures = 0;
      link.wait = 1;
      print("Wi-Fi: " + (up ? address : "lost"));
    }
    if (!up && !--link.wait) {
      link.wait = TIMEOUT + backoffSeconds(link.failures++);
      link.wifi.disconnect();
      link.wifi.connect(WIFI_SSID, { password: WIFI_PASSWORD }, (error) => {
        if (error) print("Wi-Fi: " + error);
      });
    }
  }
  return link.up;
}
