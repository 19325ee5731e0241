/** What somebody wrote and what, beside the other settings or on this board, changes nothing: it is said. */
import type { SettingKey, SettingValue } from "../../firmware/settings.ts";
import type { BoardProfile } from "./profile.ts";

export interface WrittenSettings {
  /** Every value, those that follow from others and from the board included. */
  readonly values: { readonly [key: string]: SettingValue };
  readonly profile: BoardProfile;
  readonly tls: boolean;
  readonly isWritten: (key: SettingKey) => boolean;
}

interface Rule {
  readonly keys: readonly SettingKey[];
  /** Why they change nothing, as the rest of a sentence; undefined where they do. */
  readonly why: (written: WrittenSettings) => string | undefined;
}

/** flash.port of another kind than a serial line. */
const noSerialPort = /^(?:tcp:|ble:|mqtt:)/;

const rules: readonly Rule[] = [
  {
    keys: ["wifi.ssid", "wifi.password", "wifi.hostname"],
    why: ({ profile }) => (profile.wifi ? undefined : `${profile.name} has no Wi-Fi of its own`),
  },
  {
    keys: ["mqtt.tls.ca", "mqtt.tls.cert", "mqtt.tls.key"],
    why: ({ tls }) => (tls ? undefined : "mqtt.tls is false"),
  },
  {
    keys: ["mqtt.inflight", "mqtt.queue"],
    why: ({ values }) => (values["mqtt.stateQos"] === 0 ? "nothing waits at mqtt.stateQos 0" : undefined),
  },
  {
    keys: ["lamp.gamma", "lamp.minLevel"],
    why: ({ values }) => (values["lamp.pwm"] === false ? "the lamp has no brightness" : undefined),
  },
  {
    keys: ["update.version"],
    why: ({ values }) => (values["update.key"] === undefined ? "there is no update.key" : undefined),
  },
  {
    keys: ["flash.baud"],
    why: ({ values }) => {
      const port = String(values["flash.port"] ?? "");
      return noSerialPort.test(port) ? `flash.port is ${port}, which is no serial port` : undefined;
    },
  },
];

/** Each key that was written in vain, with a sentence about it. */
export function withoutEffect(written: WrittenSettings): { key: SettingKey; sentence: string }[] {
  return rules.flatMap(({ keys, why }) => {
    const reason = why(written);
    if (reason === undefined) return [];
    return keys
      .filter(written.isWritten)
      .map((key) => ({ key, sentence: `${key} has no effect, as ${reason}; leave it out` }));
  });
}
