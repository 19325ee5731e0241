/**
 * Counts the lamps of the house: a subscription with a wildcard at QoS 2, a retained answer, and a will.
 *
 *   npx wick build --entry examples/lamps-online.ts --board linux --set mqtt.host=127.0.0.1 --out dist/lamps-online.js
 */

import { createLink, tick as tickLink } from "../firmware/link/wifi.ts";
import { createClient, publish, start, subscribe, tick } from "../firmware/mqtt/client.ts";
import { fail } from "../firmware/mqtt/connection.ts";
import { connectPacket } from "../firmware/mqtt/wire.ts";

const ANSWER = "home/lamps-online";

const client = createClient(
  (onOpen) => require("net").connect({ host: MQTT_HOST, port: MQTT_PORT }, onOpen),
  connectPacket({
    clientId: `lamps-online-${getSerial()}`,
    keepAlive: MQTT_KEEP_ALIVE,
    cleanSession: false,
    will: { topic: ANSWER, payload: "unknown", qos: 1, retain: true },
  }),
);

const online: { [topic: string]: boolean } = {};

subscribe(client, "home/+/lamp/status", 2, (topic, payload) => {
  online[topic] = payload === "online";
  const lamps = Object.keys(online).filter((lamp) => online[lamp]);
  publish(client, ANSWER, `${lamps.length}`, 1, true);
});
client.onSubscribe = (filter, grantedQos) => {
  if (grantedQos === 128) print(`the broker refuses ${filter}`);
};
client.onDisconnect = (reason) => print(`offline: ${reason}`);

start(client);
const link = createLink();
setInterval(() => {
  if (tickLink(link)) tick(client);
  else if (client.socket) fail(client, "Wi-Fi lost");
}, 1000);
