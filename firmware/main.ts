/** Puts the lamp together: settings in, rooms wired, nothing else. */

import { alive, startWatchdog } from "./keeper/health.ts";
import { startUpdate, tickUpdate } from "./keeper/update.ts";
import { createLamp } from "./lamp/lamp.ts";
import { driveSafe } from "./lamp/output.ts";
import { createLink, setHostname, tick as tickLink } from "./link/wifi.ts";
import { createClient, start, tick } from "./mqtt/client.ts";
import { fail } from "./mqtt/connection.ts";
import { CONNECT, packet, text } from "./mqtt/wire.ts";

// Nothing comes before the safe level.
driveSafe();
startWatchdog();

const clientId = MQTT_CLIENT_ID || "lamp-" + getSerial();

const client = createClient(
  (onOpen) =>
    TLS
      ? require("tls").connect(tlsOptions(), onOpen)
      : require("net").connect({ host: MQTT_HOST, port: MQTT_PORT }, onOpen),
  packet(CONNECT, MQTT_CONNECT_BEFORE + text(clientId) + MQTT_CONNECT_AFTER),
);
createLamp(client);
if (UPDATE) startUpdate(client);
start(client);

const link = createLink();
setHostname(link, WIFI_HOSTNAME || clientId);

setInterval(() => {
  alive();
  // Before what a broken new lamp may never get past.
  if (UPDATE) tickUpdate(client);
  if (tickLink(link)) tick(client);
  else if (client.socket) fail(client, "Wi-Fi lost");
}, 1000);

function tlsOptions(): { host: string; port: number; ca?: string; cert?: string; key?: string } {
  const options: { host: string; port: number; ca?: string; cert?: string; key?: string } = {
    host: MQTT_HOST,
    port: MQTT_PORT,
  };
  if (MQTT_TLS) {
    if (MQTT_TLS.ca) options.ca = atob(MQTT_TLS.ca);
    if (MQTT_TLS.cert) options.cert = atob(MQTT_TLS.cert);
    if (MQTT_TLS.key) options.key = atob(MQTT_TLS.key);
  }
  return options;
}
