/**
 * Two MQTT clients in one program: one listens to the lamp's topic and drives the pin, the other switches it on and off.
 *
 *   npx wick build --entry examples/two-clients.ts --board linux --set mqtt.host=127.0.0.1 --out dist/two-clients.js
 */

import { createLink, tick as tickLink } from "../firmware/link/wifi.ts";
import { createClient, publish, start, subscribe, tick } from "../firmware/mqtt/client.ts";
import { type Client, fail } from "../firmware/mqtt/connection.ts";
import { connectPacket } from "../firmware/mqtt/wire.ts";

/** A broker knows clients by their identifiers: two with the same one would throw each other out. */
function clientNamed(name: string): Client {
  return createClient(
    (onOpen) => require("net").connect({ host: MQTT_HOST, port: MQTT_PORT }, onOpen),
    connectPacket({
      clientId: `${name}-${getSerial()}`,
      keepAlive: MQTT_KEEP_ALIVE,
      cleanSession: true,
      username: MQTT_USERNAME,
      password: MQTT_PASSWORD,
    }),
  );
}

const listener = clientNamed("listener");
const switcher = clientNamed("switcher");

listener.onConnect = () => print("listener: connected");
listener.onSubscribe = (filter, grantedQos) => {
  print(`listener: subscribed to ${filter}, QoS ${grantedQos}`);
  // Nobody would hear what is published before this.
  start(switcher);
};
subscribe(listener, LAMP_TOPIC, 1, (topic, payload, retained, qos, dup) => {
  print(`listener: ${topic} ${payload}, QoS ${qos}${retained ? ", retained" : ""}${dup ? ", again" : ""}`);
  if (payload === "on" || payload === "off") digitalWrite(LAMP_PIN, payload === "on" ? 1 : 0);
});

let last = 0;
switcher.onConnect = () => {
  print("switcher: connected");
  // What was not acknowledged before a loss is sent again by the client itself.
  if (!last) {
    publish(switcher, LAMP_TOPIC, "on", 1, false);
    last = publish(switcher, LAMP_TOPIC, "off", 1, false);
  }
};
switcher.onPublish = (packetId) =>
  print(`switcher: published, packet ${packetId}${packetId === last ? ", the last" : ""}`);
switcher.onDisconnect = (reason) => print(`switcher: ${reason}`);

start(listener);
const link = createLink();
setInterval(() => {
  const isUp = tickLink(link);
  [listener, switcher].forEach((client) => {
    if (isUp) tick(client);
    else if (client.socket) fail(client, "Wi-Fi lost");
  });
}, 1000);
