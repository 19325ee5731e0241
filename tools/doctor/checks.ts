/** All checks of `wick doctor`, in the order in which they are told. */
import type { Check } from "./check.ts";
import { board } from "./checks/board.ts";
import { boardProfile } from "./checks/board-profile.ts";
import { brokerName } from "./checks/broker-name.ts";
import { brokerPort } from "./checks/broker-port.ts";
import { bundle } from "./checks/bundle.ts";
import { certificate } from "./checks/certificate.ts";
import { clientId } from "./checks/client-id.ts";
import { clock } from "./checks/clock.ts";
import { config } from "./checks/config.ts";
import { lamp } from "./checks/lamp.ts";
import { lampPin } from "./checks/lamp-pin.ts";
import { limits } from "./checks/limits.ts";
import { login } from "./checks/login.ts";
import { node } from "./checks/node.ts";
import { packages } from "./checks/packages.ts";
import { port } from "./checks/port.ts";
import { publishing } from "./checks/publishing.ts";
import { retained } from "./checks/retained.ts";
import { secrets } from "./checks/secrets.ts";
import { subscriptions } from "./checks/subscriptions.ts";
import { wifi } from "./checks/wifi.ts";

export const checks: readonly Check[] = [
  node,
  clock,
  config,
  secrets,
  packages,
  boardProfile,
  lampPin,
  wifi,
  brokerName,
  brokerPort,
  certificate,
  login,
  limits,
  subscriptions,
  publishing,
  retained,
  lamp,
  clientId,
  port,
  board,
  bundle,
];

/** All of them together take no longer, in ms. */
export const ALL_CHECKS_MS = 9000;
