/** Settings that every lamp needs, and a program of one's own only where it uses them. */
import { type Config, type LoadOptions, loadConfig, missingSetting, type Settings } from "../config/load.ts";
import { UsageError } from "./errors.ts";

/** Stand in their places until the bundle is built, and are looked for in it then. */
const STAND_INS: Settings = {
  "wifi.ssid": "wifi.ssid is not set",
  "mqtt.host": "mqtt.host.is.not.set",
};

/** The configuration for the lamp, or for the program in `entry`. @throws ConfigError */
export function configFor(entry: string | undefined, options: LoadOptions): Config {
  if (entry === undefined) return loadConfig(options);
  const config = loadConfig({ ...options, defaults: STAND_INS });
  if (config.profile.wifi) return config;
  const { "wifi.ssid": _, ...values } = config.values;
  return { ...config, values };
}

/** @throws UsageError when the bundle of a program uses a setting that has no value */
export function requireUsed(code: string, config: Config): void {
  const missing = (Object.keys(STAND_INS) as (keyof typeof STAND_INS)[]).filter(
    (key) => config.values[key] === STAND_INS[key] && code.includes(String(STAND_INS[key])),
  );
  if (missing.length > 0) throw new UsageError(missing.map((key) => missingSetting(key, config)).join("\n"));
}
