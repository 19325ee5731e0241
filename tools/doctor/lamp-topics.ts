/** The topics that the lamp listens to, and words for who does. */
import type { Settings } from "../config/load.ts";
import type { BrokerPlace } from "./broker/place.ts";

/** What the lamp subscribes to with these settings (firmware/lamp/lamp.ts). */
export function commandFilters(values: Settings): readonly string[] {
  const base = String(values["lamp.topic"]);
  const kinds = ["", "/set", "/get", "/status", ...(values["lamp.pwm"] === true ? ["/brightness/set"] : [])];
  const groups = values["lamp.groups"];
  return [...kinds.map((kind) => base + kind), ...(Array.isArray(groups) ? groups : [])];
}

/** Who asks, for messages. */
export function account({ username }: Pick<BrokerPlace, "username">): string {
  return username === undefined ? "a client without a name" : `"${username}"`;
}

/** What to allow on the broker, and how one says so to Mosquitto. */
export function allowOnBroker({ username }: Pick<BrokerPlace, "username">, filter: string): string {
  const where = username === undefined ? 'before any "user"' : `under "user ${username}"`;
  return `allow it on the broker; for Mosquitto in the acl_file, ${where}: topic readwrite ${filter}`;
}
