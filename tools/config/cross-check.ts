/** Checks that need more than one setting, or the board. */
import { type SettingKey, type SettingValue, toldLevels } from "../../firmware/settings.ts";
import { judgeBrokerHost } from "./broker-rules.ts";
import { withoutEffect } from "./no-effect.ts";
import { pinFindings, sentenceOf } from "./pin-findings.ts";
import type { BoardProfile } from "./profile.ts";
import { judgeWifiName, judgeWifiPassword } from "./wifi-rules.ts";

interface Material {
  /** Values by key; what follows from others is filled in here (lamp.pin, lamp.activeLow, lamp.pwm). */
  readonly values: { [key: string]: SettingValue };
  readonly profile: BoardProfile;
  /** Whether the connection is to be encrypted. */
  readonly tls: boolean;
  /** Whether what is written about Wi-Fi and broker is held against its rules. */
  readonly networkRules: boolean;
  /** Where a key was written, for the message. */
  readonly place: (key: string) => string;
  /** Whether somebody wrote it, and nothing was put over it. */
  readonly isWritten: (key: SettingKey) => boolean;
  readonly mistakes: string[];
  readonly warnings: string[];
}

/** Longest serial number an interpreter gives (Linux: three groups of eight digits), after "lamp-". */
const ownClientIdBytes = "lamp-".length + 26;

/** Adds to `mistakes` and `warnings`, and fills in the values that depend on the board. */
export function crossCheck(material: Material): void {
  checkPins(material);
  checkTls(material);
  checkCredentials(material);
  checkClientId(material);
  checkGroups(material);
  checkPacketsFit(material);
  checkUpdate(material);
  if (material.networkRules) checkNetwork(material);
  for (const { key, sentence } of withoutEffect(material))
    material.warnings.push(`${material.place(key)}: ${sentence}`);
}

/** What somebody wrote about Wi-Fi and broker, held against the rules that `wick doctor` has too. */
function checkNetwork({ values, profile, isWritten, place, mistakes, warnings }: Material): void {
  const rules = [
    ["wifi.ssid", judgeWifiName],
    ["wifi.password", judgeWifiPassword],
    ["mqtt.host", (host: string) => judgeBrokerHost(host, profile)],
  ] as const;
  for (const [key, judge] of rules) {
    const value = values[key];
    const judged = isWritten(key) && value !== undefined ? judge(String(value)) : undefined;
    if (judged === undefined) continue;
    const named = judged.message.startsWith(key) ? "" : `${key}: `;
    const refused = judged.status === "failure" && judged.blocks !== false;
    (refused ? mistakes : warnings).push(`${place(key)}: ${named}${judged.message}; ${judged.mend}`);
  }
}

/** Takes what the settings leave open from the board, once the rest is known to fit it. */
function checkPins({ values, profile, place, mistakes, warnings }: Material): void {
  for (const finding of pinFindings({ values, profile }))
    (finding.level === "mistake" ? mistakes : warnings).push(`${place(finding.key)}: ${sentenceOf(finding)}`);
  values["lamp.pin"] ??= profile.led.pin;
  const name = String(values["lamp.pin"]);
  values["lamp.activeLow"] ??= name === profile.led.pin && profile.led.activeLow;
  values["lamp.pwm"] ??= profile.pins[name]?.can.includes("pwm") ?? false;
}

function checkTls({ tls, profile, place, mistakes }: Material): void {
  if (!tls || !profile.interpreter.lacks.includes("tls")) return;
  mistakes.push(
    `${place("mqtt.tls")}: mqtt.tls is on, but Espruino for ${profile.chip} has no TLS; take another board, or add: --set mqtt.tls=false`,
  );
}

function checkCredentials({ values, place, mistakes }: Material): void {
  // MQTT 3.1.1 section 3.1.2.9: no password without a user name.
  if (values["mqtt.password"] !== undefined && values["mqtt.username"] === undefined) {
    mistakes.push(
      `${place("mqtt.password")}: mqtt.password stands there without mqtt.username; add: --set mqtt.username=NAME`,
    );
  }
  for (const [one, other] of [
    ["cert", "key"],
    ["key", "cert"],
  ]) {
    if (values[`mqtt.tls.${one}`] !== undefined && values[`mqtt.tls.${other}`] === undefined) {
      const key = `mqtt.tls.${one}`;
      mistakes.push(
        `${place(key)}: ${key} stands there without mqtt.tls.${other}; add: --set mqtt.tls.${other}=FILE`,
      );
    }
  }
}

function checkClientId({ values, place, warnings }: Material): void {
  // MQTT 3.1.1 section 3.1.3.1: a server must take 1 to 23 bytes, and may take more.
  const bytes = Buffer.byteLength(String(values["mqtt.clientId"] ?? ""));
  if (bytes > 23) {
    warnings.push(
      `${place("mqtt.clientId")}: mqtt.clientId has ${bytes} bytes; some brokers refuse more than 23`,
    );
  }
}

function checkGroups({ values, place, mistakes, warnings }: Material): void {
  const base = String(values["lamp.topic"] ?? "");
  const told = toldLevel(base);
  if (told !== undefined && base.includes("/")) {
    warnings.push(
      `${place("lamp.topic")}: lamp.topic ends in "${told}": what a lamp on ${base.slice(0, -told.length - 1)} tells there would be commands`,
    );
  }
  const groups = values["lamp.groups"];
  if (!Array.isArray(groups)) return;
  for (const filter of groups) {
    const nonsense = nonsenseOf(filter);
    if (nonsense !== undefined) {
      mistakes.push(`${place("lamp.groups")}: lamp.groups has "${filter}", ${nonsense}`);
      continue;
    }
    const own = ["", "/set", "/brightness/set"]
      .map((kind) => base + kind)
      .find((topic) => matches(filter, topic));
    if (own !== undefined) {
      warnings.push(
        `${place("lamp.groups")}: lamp.groups has "${filter}", which also matches the lamp's own topic ${own}`,
      );
    }
  }
}

/** Why nobody can mean such a group, and what to write instead. */
function nonsenseOf(filter: string): string | undefined {
  const levels = filter.split("/");
  if (levels.every((level) => level === "+" || level === "#"))
    return "which would take every message there is for a command; name at least one level, such as home/#";
  if (filter.startsWith("$"))
    return "but topics that begin with $ are the broker's own; name the topic that commands are published to";
  const told = toldLevel(filter);
  if (told === undefined) return undefined;
  return `but no command comes to a topic that ends in "${told}": by such topics lamps tell or are asked; leave that level out`;
}

/** The last level of a topic or filter, where it is one by which lamps tell or are asked. */
function toldLevel(filter: string): string | undefined {
  const last = filter.replace(/\/#$/, "").split("/").at(-1);
  return toldLevels.find((level) => level === last);
}

/** Whether a topic name matches a filter (MQTT 3.1.1 section 4.7). */
function matches(filter: string, topic: string): boolean {
  const levels = topic.split("/");
  const wanted = filter.split("/");
  for (const [index, level] of wanted.entries()) {
    if (level === "#") return true;
    if (level !== "+" && level !== levels[index]) return false;
    if (index >= levels.length) return false;
  }
  return wanted.length === levels.length;
}

/** The longest payload the lamp publishes: `base/json` at the highest brightness. */
const longestPayload = '{"state":"OFF","brightness":255,"color_mode":"brightness"}';

/** The packets the lamp cannot do without must fit: CONNECT (MQTT 3.1.1 section 3.1), and the longest state message. */
function checkPacketsFit({ values, place, mistakes }: Material): void {
  const length = (key: string) => Buffer.byteLength(String(values[key] ?? ""));
  const field = (key: string) => (values[key] === undefined ? 0 : 2 + length(key));
  const will = 2 + length("lamp.topic") + "/status".length + 2 + "offline".length;
  const body =
    10 +
    2 +
    (length("mqtt.clientId") || ownClientIdBytes) +
    will +
    field("mqtt.username") +
    field("mqtt.password");
  const bytes = body + (body < 128 ? 2 : 3);
  const buffer = Number(values["mqtt.txBuffer"]);
  const state = 3 + 2 + length("lamp.topic") + "/json".length + 2 + longestPayload.length;
  if (state > buffer && bytes <= buffer) {
    mistakes.push(
      `${place("mqtt.txBuffer")}: mqtt.txBuffer is ${buffer} bytes, but a state message takes ${state}; add: --set mqtt.txBuffer=${Math.ceil(state / 64) * 64}`,
    );
  }
  if (bytes > buffer) {
    mistakes.push(
      `${place("mqtt.txBuffer")}: mqtt.txBuffer is ${buffer} bytes, but the first packet (client id, will, credentials) takes ${bytes}; add: --set mqtt.txBuffer=${Math.ceil(bytes / 64) * 64}`,
    );
  }
}

/** Without topics: what an answer of the lamp takes, and the largest first message of an update (docs/over-the-air.md). */
const updateAnswerBytes = 7 + 2 + "/update/state".length + 170;
const updateMessageBytes = 7 + 2 + "/update".length + 32 + 19 + 128;

/** What updates over the air need of the board and the buffers; and the version, which is that of this moment unless it was written. */
function checkUpdate({ values, profile, place, mistakes }: Material): void {
  if (values["update.key"] === undefined) return;
  values["update.version"] ??= Math.floor(Date.now() / 1000);
  if (profile.interpreter.lacks.some((name) => name === "crypto" || name === "crypto.SHA256"))
    mistakes.push(
      `${place("update.key")}: update.key stands there, but Espruino for ${profile.name} has no SHA-256 to check updates with; leave it out`,
    );
  for (const [key, rest] of [
    ["mqtt.rxBuffer", updateMessageBytes],
    ["mqtt.txBuffer", updateAnswerBytes],
  ] as const) {
    const bytes = Buffer.byteLength(String(values["lamp.topic"] ?? "")) + rest;
    if (Number(values[key]) < bytes)
      mistakes.push(
        `${place(key)}: ${key} is ${values[key]} bytes, but an update over the air takes ${bytes}; add: --set ${key}=${Math.ceil(bytes / 64) * 64}`,
      );
  }
}
