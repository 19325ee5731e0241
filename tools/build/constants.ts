/** From a checked configuration to the constants the firmware sees (declared in firmware/settings.ts). */
import { connectParts } from "../../firmware/mqtt/wire.ts";
import { type Setting, settings, toldLevels } from "../../firmware/settings.ts";
import type { Config } from "../config/load.ts";
import { selfOf } from "../flash/over-the-air-bundle.ts";
import { lampKey, pads } from "../flash/update-key.ts";
import { version } from "../version.ts";

/** A constant's value; a Pin stands for the board's global of that name. */
export type ConstantValue = string | number | boolean | undefined | readonly string[] | object | PinName;

export class PinName {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** No lamp flickers for eye or camera at 1 kHz, and the duty cycle keeps its resolution. */
const lampPwmHz = 1000;

/** More than an update writes besides the bundle: headers, the highest version, the slot to try, the slot to start, each perhaps more than once. */
const smallFileBytes = 512;

/** What a program other than the lamp may ask of the MQTT client: the lamp's settings say nothing about it. */
const everyFeature = {
  PERSISTENT: true,
  INBOUND_ACK: true,
  OUTBOUND_ACK: true,
  QOS1: true,
  QOS2_RECEIVE: true,
  QOS2_SEND: true,
  WILDCARDS: true,
  OWN_PROGRAM: true,
};

/**
 * Every constant by name. Texts are UTF-8, one character a byte, as the board's sockets take them. The MQTT client's
 * features follow the lamp's settings; `program` "own" is a program other than the lamp, which gets all of them.
 */
export function firmwareConstants(
  config: Config,
  program: "lamp" | "own" = "lamp",
): Record<string, ConstantValue> {
  const { values, profile } = config;
  const constants: Record<string, ConstantValue> = { VERSION: version, WIFI: profile.wifi };
  for (const setting of settings as readonly Setting[]) {
    if (setting.constant !== undefined) constants[setting.constant] = constantOf(setting, config);
  }
  constants.WIFI_SSID ??= "";
  constants.LAMP_PIN = new PinName(String(values["lamp.pin"]));
  constants.LAMP_RETAINED = values["lamp.retained"] === "obey";
  constants.LAMP_PWM_FREQUENCY = Math.min(lampPwmHz, profile.pwm.maxHz);
  constants.MQTT_TLS = config.tls;

  const qos = Number(values["mqtt.qos"]);
  const stateQos = Number(values["mqtt.stateQos"]);
  const persistent = values["mqtt.cleanSession"] !== true;
  const updateKey = values["update.key"];
  const pad =
    updateKey === undefined
      ? undefined
      : pads(lampKey(String(updateKey), { board: profile.name, topic: String(values["lamp.topic"]) }));
  const groups = (values["lamp.groups"] ?? []) as readonly string[];
  const connect = connectParts({
    keepAlive: Number(constants.MQTT_KEEP_ALIVE),
    cleanSession: !persistent,
    username: constants.MQTT_USERNAME as string | undefined,
    password: constants.MQTT_PASSWORD as string | undefined,
    will: {
      topic: `${constants.LAMP_TOPIC}/status`,
      payload: "offline",
      qos: stateQos as 0 | 1 | 2,
      retain: true,
    },
  });
  return {
    ...constants,
    MQTT_CONNECT_BEFORE: connect.before,
    MQTT_CONNECT_AFTER: connect.after,
    UPDATE: pad !== undefined,
    UPDATE_VERSION: pad ? Number(values["update.version"]) : 0,
    UPDATE_SELF: pad ? selfOf(Number(values["update.version"]), profile.name) : "",
    UPDATE_SPARE: (profile.flash.pageBytes ?? 4096) + smallFileBytes,
    UPDATE_INNER_PAD: pad?.inner ?? "",
    UPDATE_OUTER_PAD: pad?.outer ?? "",
    PERSISTENT: persistent,
    // A session the broker kept may hold messages from a time when the subscription had a higher QoS.
    INBOUND_ACK: qos >= 1 || persistent,
    OUTBOUND_ACK: stateQos >= 1,
    QOS1: qos >= 1 || stateQos >= 1 || persistent,
    QOS2_RECEIVE: qos === 2 || persistent,
    QOS2_SEND: stateQos === 2,
    TLS: config.tls !== undefined,
    GROUPS: groups.length > 0,
    OWN_PROGRAM: false,
    WILDCARDS: groups.some((filter) => /[+#]/.test(filter)),
    TOLD_LEVELS: toldLevels.join(" "),
    ...(program === "own" ? everyFeature : {}),
  };
}

/** Names of the constants whose values must not be shown. */
export const secretConstants: ReadonlySet<string> = new Set([
  ...(settings as readonly Setting[]).flatMap((setting) =>
    setting.secret && setting.constant ? [setting.constant] : [],
  ),
  "MQTT_TLS",
  // Holds user name and password.
  "MQTT_CONNECT_AFTER",
  "UPDATE_INNER_PAD",
  "UPDATE_OUTER_PAD",
]);

/** The constants as JavaScript source, by name, for the bundler to put in their places. */
export function constantSources(constants: Readonly<Record<string, ConstantValue>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(constants).map(([name, value]) => {
      if (value === undefined) return [name, "undefined"];
      return [name, value instanceof PinName ? value.name : JSON.stringify(value)];
    }),
  );
}

function constantOf(setting: Setting, { values }: Config): ConstantValue {
  const value = values[setting.key as keyof typeof values];
  if (typeof value === "number") return setting.scale === undefined ? value : value * setting.scale;
  if (typeof value === "string") return Buffer.from(value).toString("latin1");
  if (Array.isArray(value)) return value.map((text) => Buffer.from(text).toString("latin1"));
  return value;
}
