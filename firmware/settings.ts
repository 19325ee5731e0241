/**
 * What flash.config.json fixes at build time: one table, from which validation, JSON Schema, documentation and the
 * firmware's constants are made. The firmware uses only the constants declared at the end, never the table.
 */

/** What a value may look like; tools/config holds one check for each. */
export type SettingKind =
  | "string" // text, UTF-8, no U+0000
  | "integer" // whole number from min to max
  | "number" // any number from min to max
  | "boolean"
  | "choice" // one of `choices`
  | "pin" // a pin of the board profile, such as "D2", that can be an output
  | "topic" // MQTT topic name: no wildcards (MQTT 3.1.1 section 4.7.1)
  | "filters" // list of MQTT topic filters (MQTT 3.1.1 section 4.7)
  | "file"; // path of a file, relative to the config file

export type SettingValue = string | number | boolean | readonly string[];

/** One row of the table. */
export interface Setting {
  /** Path in flash.config.json. */
  readonly key: string;
  readonly kind: SettingKind;
  /** One line for people. */
  readonly text: string;
  /** Used when the key is absent. Without `default` and `required` the setting is simply off. */
  readonly default?: SettingValue;
  /** How people are told about a default that is not a fixed value. */
  readonly defaultText?: string;
  /** "always", or "wifi": only on a board that has Wi-Fi. */
  readonly required?: "always" | "wifi";
  /** Numbers: smallest and largest value. Strings: shortest and longest, in UTF-8 bytes. Lists: number of entries. */
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
  readonly choices?: readonly (string | number)[];
  /** Never printed, and not part of any report. */
  readonly secret?: boolean;
  /** The constant the firmware sees; its value is the setting's value times `scale`. */
  readonly constant?: string;
  readonly scale?: number;
  /** For the tools on the desk only: nothing in the firmware depends on it. */
  readonly toolsOnly?: boolean;
}

const table = [
  {
    key: "board",
    kind: "string",
    default: "esp32-devkitc",
    text: "Board profile: the name of a file in board-profiles/.",
    constant: "BOARD",
  },
  {
    key: "wifi.ssid",
    kind: "string",
    required: "wifi",
    min: 1,
    max: 32,
    unit: "bytes",
    text: "Name of the Wi-Fi network.",
    constant: "WIFI_SSID",
  },
  {
    key: "wifi.password",
    kind: "string",
    max: 64,
    unit: "bytes",
    secret: true,
    text: "Password of the Wi-Fi network; leave it out for an open network.",
    constant: "WIFI_PASSWORD",
  },
  {
    key: "wifi.hostname",
    kind: "string",
    min: 1,
    max: 32,
    unit: "bytes",
    defaultText: "the client identifier",
    text: "Name the board gives itself in the network.",
    constant: "WIFI_HOSTNAME",
  },
  {
    key: "mqtt.host",
    kind: "string",
    required: "always",
    min: 1,
    max: 253,
    unit: "bytes",
    text: "Host name or address of the broker.",
    constant: "MQTT_HOST",
  },
  {
    key: "mqtt.port",
    kind: "integer",
    default: 1883,
    defaultText: "1883, with TLS 8883",
    min: 1,
    max: 65535,
    text: "TCP port of the broker.",
    constant: "MQTT_PORT",
  },
  {
    key: "mqtt.clientId",
    kind: "string",
    default: "",
    defaultText: "`lamp-` + chip serial",
    max: 128,
    unit: "bytes",
    text: "Client identifier, different for every lamp. Over 23 bytes some brokers refuse it.",
    constant: "MQTT_CLIENT_ID",
  },
  {
    key: "mqtt.username",
    kind: "string",
    max: 128,
    unit: "bytes",
    text: "User name for the broker.",
    constant: "MQTT_USERNAME",
  },
  {
    key: "mqtt.password",
    kind: "string",
    max: 256,
    unit: "bytes",
    secret: true,
    text: "Password for the broker; needs mqtt.username.",
    constant: "MQTT_PASSWORD",
  },
  {
    key: "mqtt.keepAlive",
    kind: "integer",
    default: 30,
    min: 1,
    max: 65535,
    unit: "s",
    text: "Longest silence; a dead link is noticed within 1.5 times this.",
    constant: "MQTT_KEEP_ALIVE",
  },
  {
    key: "mqtt.cleanSession",
    kind: "boolean",
    default: false,
    text: "Whether the broker forgets subscriptions and waiting messages at a reconnect.",
    constant: "MQTT_CLEAN_SESSION",
  },
  {
    key: "mqtt.qos",
    kind: "choice",
    default: 1,
    choices: [0, 1, 2],
    text: "Quality of service of the subscription, and of state messages unless mqtt.stateQos differs.",
    constant: "MQTT_QOS",
  },
  {
    key: "mqtt.stateQos",
    kind: "choice",
    choices: [0, 1, 2],
    defaultText: "as mqtt.qos",
    text: "Quality of service of state messages.",
    constant: "MQTT_STATE_QOS",
  },
  {
    key: "mqtt.tls.ca",
    kind: "file",
    text: "Certificate of the authority that signed the broker's, PEM or DER. Espruino 2v29 takes it and does not check the broker with it.",
  },
  {
    key: "mqtt.tls.cert",
    kind: "file",
    text: "The lamp's own certificate, PEM or DER; needs mqtt.tls.key.",
  },
  {
    key: "mqtt.tls.key",
    kind: "file",
    secret: true,
    text: "Private key of mqtt.tls.cert, PEM or DER, without a pass phrase.",
  },
  {
    key: "mqtt.rxBuffer",
    kind: "integer",
    default: 512,
    min: 64,
    max: 16384,
    unit: "bytes",
    text: "Largest packet taken in; larger ones are skipped and counted.",
    constant: "MQTT_RX_BUFFER",
  },
  {
    key: "mqtt.txBuffer",
    kind: "integer",
    default: 512,
    min: 64,
    max: 16384,
    unit: "bytes",
    text: "Largest packet sent; a larger message is refused.",
    constant: "MQTT_TX_BUFFER",
  },
  {
    key: "mqtt.inflight",
    kind: "integer",
    default: 4,
    min: 1,
    max: 64,
    unit: "messages",
    text: "Most QoS 1 and 2 messages under way at once.",
    constant: "MQTT_INFLIGHT",
  },
  {
    key: "mqtt.queue",
    kind: "integer",
    default: 8,
    min: 1,
    max: 64,
    unit: "messages",
    text: "Most messages that wait for the broker; when full the oldest state message goes.",
    constant: "MQTT_QUEUE",
  },
  {
    key: "lamp.topic",
    kind: "topic",
    default: "home/office/lamp",
    min: 1,
    max: 200,
    unit: "bytes",
    text: "Base of the lamp's topics.",
    constant: "LAMP_TOPIC",
  },
  {
    key: "lamp.groups",
    kind: "filters",
    default: [],
    max: 8,
    unit: "filters",
    text: "Further command topics, wildcards allowed.",
    constant: "LAMP_GROUPS",
  },
  {
    key: "lamp.pin",
    kind: "pin",
    defaultText: "the profile's LED",
    text: "Pin the lamp hangs on.",
    constant: "LAMP_PIN",
  },
  {
    key: "lamp.activeLow",
    kind: "boolean",
    defaultText: "as the profile's LED, on another pin false",
    text: "Whether the lamp lights when the pin is low.",
    constant: "LAMP_ACTIVE_LOW",
  },
  {
    key: "lamp.pwm",
    kind: "boolean",
    defaultText: "true where the pin has PWM",
    text: "Whether the lamp has brightness; false is on and off only.",
    constant: "LAMP_PWM",
  },
  {
    key: "lamp.retained",
    kind: "choice",
    default: "ignore",
    choices: ["ignore", "obey"],
    text: "Whether a retained command is obeyed.",
    constant: "LAMP_RETAINED",
  },
  {
    key: "lamp.gamma",
    kind: "number",
    default: 2.2,
    min: 1,
    max: 4,
    text: "Exponent from brightness to duty cycle; 1 is linear.",
    constant: "LAMP_GAMMA",
  },
  {
    key: "lamp.minLevel",
    kind: "number",
    default: 1,
    min: 0,
    max: 50,
    unit: "%",
    text: "Duty cycle of the lowest brightness, so that it is visibly on.",
    constant: "LAMP_MIN_LEVEL",
    scale: 0.01,
  },
  {
    key: "update.key",
    kind: "string",
    min: 16,
    max: 128,
    unit: "bytes",
    secret: true,
    defaultText: "none: no updates over the air",
    text: "Pre-shared key that updates over the air are signed with; make one with `openssl rand -base64 32`.",
  },
  {
    key: "update.version",
    kind: "integer",
    min: 1,
    max: 9999999999,
    defaultText: "seconds since 1970 at the build",
    text: "Version of the bundle for updates over the air, which only goes up; used with update.key.",
  },
  {
    key: "flash.port",
    kind: "string",
    min: 1,
    max: 256,
    unit: "bytes",
    defaultText: "asked for",
    toolsOnly: true,
    text: "How the board is reached: serial path, `tcp://host:port`, `ble:NAME`, or `mqtt:TOPIC` for a lamp that is online.",
  },
  {
    key: "flash.baud",
    kind: "integer",
    default: 115200,
    min: 300,
    max: 4000000,
    unit: "baud",
    toolsOnly: true,
    text: "Speed of the serial port.",
  },
] as const satisfies readonly Setting[];

/** Path of every setting, such as "mqtt.keepAlive". */
export type SettingKey = (typeof table)[number]["key"];

export const settings: readonly (Setting & { readonly key: SettingKey })[] = table;

/**
 * Settings of a later version, each with what it will be for. They are in no schema, question or page, and refused wherever they are set, with
 * all that stands below them: nobody is to believe that they do something. A feature that comes takes its row from here to the table.
 */
export const futureSettings: readonly { readonly key: string; readonly text: string }[] = [
  { key: "mqtt.version", text: "MQTT 5 beside MQTT 3.1.1" },
  { key: "lamp.channels", text: "a lamp of several channels" },
  { key: "lamp.powerOn", text: "the state after power comes back" },
  { key: "lamp.transition", text: "fading" },
  { key: "lamp.button", text: "a button that switches the lamp" },
  { key: "lamp.homeAssistant", text: "discovery by Home Assistant" },
  { key: "lamp.telemetry", text: "telemetry" },
];

/** A section of the file. */
export interface Section {
  readonly key: string;
  readonly text: string;
  /** The section itself is a switch: `false` is off, `true` or an object is on. */
  readonly isSwitch?: boolean;
}

export const sections: readonly Section[] = [
  { key: "wifi", text: "The network." },
  { key: "mqtt", text: "The broker and the protocol." },
  { key: "mqtt.tls", text: "TLS towards the broker; false or absent is off.", isSwitch: true },
  { key: "lamp", text: "The lamp." },
  { key: "update", text: "Updates over the air." },
  { key: "flash", text: "How the bundle gets onto the board." },
];

/** Last levels of topics by which a lamp tells, is asked, is announced or gets updates: no group takes a command there. */
export const toldLevels: readonly string[] = [
  "state",
  "json",
  "status",
  "telemetry",
  "config",
  "get",
  "update",
];

/*
 * The constants. The build replaces each by its value, so that what is switched off leaves no trace in the bundle.
 * Text is handed over as UTF-8, one character a byte, which is how the board's sockets take it.
 */
declare global {
  /** Name of the board profile. */
  const BOARD: string;
  /** Version of the firmware, from package.json. */
  const VERSION: string;

  /** Whether the board has Wi-Fi. */
  const WIFI: boolean;
  /** "" where there is no Wi-Fi. */
  const WIFI_SSID: string;
  const WIFI_PASSWORD: string | undefined;
  /** undefined: as the client identifier. */
  const WIFI_HOSTNAME: string | undefined;

  const MQTT_HOST: string;
  const MQTT_PORT: number;
  /** "" stands for "lamp-" + chip serial. */
  const MQTT_CLIENT_ID: string;
  const MQTT_USERNAME: string | undefined;
  const MQTT_PASSWORD: string | undefined;
  /** Seconds. */
  const MQTT_KEEP_ALIVE: number;
  const MQTT_CLEAN_SESSION: boolean;
  /** QoS of the subscription. */
  const MQTT_QOS: 0 | 1 | 2;
  /** QoS of state messages. */
  const MQTT_STATE_QOS: 0 | 1 | 2;
  /** Bytes. */
  const MQTT_RX_BUFFER: number;
  /** Bytes. */
  const MQTT_TX_BUFFER: number;
  /** Messages. */
  const MQTT_INFLIGHT: number;
  /** Messages. */
  const MQTT_QUEUE: number;
  /** undefined: no TLS. The texts are DER in base64; `tls.connect` wants them through `atob`. */
  const MQTT_TLS: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;

  /** Body of the lamp's CONNECT before and after the client identifier. */
  const MQTT_CONNECT_BEFORE: string;
  const MQTT_CONNECT_AFTER: string;

  const LAMP_TOPIC: string;
  const LAMP_GROUPS: readonly string[];
  const LAMP_PIN: AnalogOutputPin;
  const LAMP_ACTIVE_LOW: boolean;
  /** Whether the lamp has brightness. */
  const LAMP_PWM: boolean;
  /** Hz: 1,000 or the profile's limit. */
  const LAMP_PWM_FREQUENCY: number;
  /** Whether a retained command is obeyed. */
  const LAMP_RETAINED: boolean;
  const LAMP_GAMMA: number;
  /** Duty cycle of the lowest brightness, 0..0.5. */
  const LAMP_MIN_LEVEL: number;

  /** Version of the bundle; 0 without updates over the air. */
  const UPDATE_VERSION: number;
  /** Version and board as the bundle tells them, and as the desk finds them in it: "1800000000 esp32-devkitc"; "" without updates over the air. */
  const UPDATE_SELF: string;
  /** The two pads of HMAC (RFC 2104) for the lamp's own key, 64 bytes each; "" without updates over the air. */
  const UPDATE_INNER_PAD: string;
  const UPDATE_OUTER_PAD: string;
  /**
   * Bytes of flash that stay free behind a bundle: a page, as a write cut off in the last one costs the whole Storage, and the small files. With
   * less a write might compact the flash, and a cut in that costs the whole Storage too (docs/flash-model.md).
   */
  const UPDATE_SPARE: number;

  // Derived by tools/build/constants.ts; a feature that is false is not in the bundle.

  /** Updates over the air: update.key is there. */
  const UPDATE: boolean;

  /** The session outlives the connection: mqtt.cleanSession is false. */
  const PERSISTENT: boolean;
  /** Any acknowledged message in either direction: a QoS above 0, or a persistent session (which may bring old ones). */
  const QOS1: boolean;
  /** Messages above QoS 0 may come in and are acknowledged. */
  const INBOUND_ACK: boolean;
  /** Messages above QoS 0 go out and wait for their acknowledgement. */
  const OUTBOUND_ACK: boolean;
  /** QoS 2 messages may come in. */
  const QOS2_RECEIVE: boolean;
  /** State messages go out at QoS 2. */
  const QOS2_SEND: boolean;
  /** The connection is encrypted. */
  const TLS: boolean;
  /** lamp.groups is not empty. */
  const GROUPS: boolean;
  /** The program is not the lamp: it may subscribe while it is online. */
  const OWN_PROGRAM: boolean;
  /** A filter in lamp.groups has a wildcard. */
  const WILDCARDS: boolean;
  /** `toldLevels`, separated by blanks. */
  const TOLD_LEVELS: string;
}
