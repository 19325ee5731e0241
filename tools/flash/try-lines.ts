/** The lines that switch a lamp from a terminal, to be copied as they are. */
import type { Config } from "../config/load.ts";

/** One for `mosquitto_pub`, one for `npx mqtt`. A password stands as a shell variable: it is never printed. */
export function linesForLamp({ values, tls }: Config): string[] {
  const place = `-h ${quoted(values["mqtt.host"])} -p ${values["mqtt.port"]}`;
  const message = `-t ${quoted(values["lamp.topic"])} -m on`;
  const user = values["mqtt.username"] === undefined ? "" : ` -u ${quoted(values["mqtt.username"])}`;
  const login = user + (values["mqtt.password"] === undefined ? "" : ' -P "$MQTT_PASSWORD"');
  const file = (key: "ca" | "cert" | "key", option: string): string => {
    const path = tls && values[`mqtt.tls.${key}`];
    return path === undefined ? "" : ` ${option} ${quoted(path)}`;
  };
  const own = file("cert", "--cert") + file("key", "--key");
  // The board without an authority of its own takes any certificate, and so does whoever wants to reach its broker.
  const anyone = tls && tls.ca === undefined ? " --insecure" : "";
  const forMosquitto = file("ca", "--cafile") + own + (anyone && ` --tls-use-os-certs${anyone}`);
  const forMqtt = (tls ? " -C mqtts" : "") + file("ca", "--ca") + own + anyone;
  return [
    `mosquitto_pub ${place}${login}${forMosquitto} ${message}`,
    `npx mqtt pub ${place}${login}${forMqtt} ${message}`,
  ];
}

function quoted(value: unknown): string {
  const word = String(value);
  return /^[\w/.:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
