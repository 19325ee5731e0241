/** Joins the Wi-Fi and stays in it. `require("Wifi")` may never answer, or late, so every attempt has a deadline of its own. */

import { backoffSeconds } from "./backoff.ts";

/** Seconds an attempt may take, address included. */
const TIMEOUT = 20;

/**
 * The state of the link.
 * @internal
 */
export interface Link {
  wifi: WifiModule;
  up: boolean;
  /** Seconds until the next attempt. */
  wait: number;
  failures: number;
  /** Number of the newest attempt. */
  attempt: number;
}

/** A link that `tick` brings up; up for good on a board without Wi-Fi. */
export function createLink(): Link {
  const link = { up: !WIFI, wait: 1, failures: 0, attempt: 0 } as Link;
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
  if (WIFI) look(link);
  return link.up;
}

function look(link: Link): void {
  // No address is 0.0.0.0, or none at all.
  if ((link.wifi.getIP().ip || "") > "1" !== link.up) {
    link.up = !link.up;
    link.failures = 0;
    link.wait = 1;
    print("Wi-Fi: " + (link.up ? link.wifi.getIP().ip : "lost"));
  }
  if (!link.up && !--link.wait) join(link, ++link.attempt);
}

/** Makes an attempt. Once it is told to have failed only the pause is waited for; until then its deadline too. */
function join(link: Link, attempt: number): void {
  link.wait = TIMEOUT + backoffSeconds(link.failures++);
  link.wifi.disconnect();
  link.wifi.connect(WIFI_SSID, { password: WIFI_PASSWORD }, (error) => {
    if (error) {
      print("Wi-Fi: " + error);
      // The end of an earlier attempt may be told only now, that of one which `disconnect` ended too.
      if (attempt === link.attempt) link.wait = backoffSeconds(link.failures - 1);
    }
  });
}
