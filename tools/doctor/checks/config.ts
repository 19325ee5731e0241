/** Can the configuration be read, and is it valid? What follows from it is for the checks after this one. */
import { basename } from "node:path";
import { type SettingValue, settings } from "../../../firmware/settings.ts";
import { ConfigError } from "../../config/error.ts";
import { type Config, type LoadOptions, loadConfig, type Settings } from "../../config/load.ts";
import { loadProfile, profileNames } from "../../config/profile.ts";
import { type Check, type Finding, fromSentence, ok } from "../check.ts";

export const config: Check = {
  name: "config",
  needs: [],
  deadlineMs: 2000,
  run(chart) {
    const findings: Finding[] = [];
    try {
      // Wi-Fi and the broker's name have checks of their own, which know more.
      chart.config = loadConfig({ ...chart.load, networkRules: false });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const mistakes = error.message.split("\n");
      const rest = withoutMistakes(chart.load, mistakes);
      if (rest) {
        chart.config = rest.config;
        for (const key of rest.unusable) chart.unusable.add(key);
      }
      for (const mistake of mistakes) {
        // Pins have checks of their own.
        if (rest && isAboutPins(mistake)) chart.aboutPins.mistakes.push(mistake);
        // A mistake blocks nothing where the others can go on without that key.
        else findings.push({ ...fromSentence("failure", mistake), blocks: rest === undefined });
      }
    }
    const { config } = chart;
    if (!config) return findings;
    chart.port ??=
      config.values["flash.port"] === undefined ? undefined : String(config.values["flash.port"]);
    for (const sentence of config.warnings) {
      if (isAboutPins(sentence)) chart.aboutPins.warnings.push(sentence);
      else findings.push(fromSentence("warning", sentence));
    }
    if (findings.length > 0) return findings;
    const files = config.files.map((file) => basename(file));
    return ok(
      files.length === 0 ? "no file, and what --set says is enough" : `${files.join(" and ")}: valid`,
    );
  },
};

function isAboutPins(sentence: string): boolean {
  return /^lamp\.(pin|pwm)/.test(keyOf(sentence) ?? "");
}

/** The key that a sentence of tools/config is about: "file:3:5: lamp.pin is …", "file: mqtt.host is missing …". */
export function keyOf(sentence: string): string | undefined {
  const found = /(?:^|: )([a-z]+(?:\.[a-zA-Z]+)+) (?:is|has|needs|stands)\b/.exec(sentence)?.[1];
  return found;
}

/**
 * The configuration with something harmless in the place of each value that cannot be used, so that one mistake does not hide the rest; undefined
 * where that is not possible.
 */
function withoutMistakes(
  load: LoadOptions,
  mistakes: readonly string[],
): { config: Config; unusable: readonly string[] } | undefined {
  const unusable = mistakes.map(keyOf).filter((key) => key !== undefined);
  if (unusable.length < mistakes.length) return undefined;
  const overrides: { [key: string]: SettingValue } = {};
  for (const key of unusable) overrides[key] = harmless(key);
  // Which board it is stands in what cannot be loaded yet: the LED of one of them will do.
  const pins =
    "lamp.pin" in overrides ? new Set(profileNames().map((name) => loadProfile(name).led.pin)) : [""];
  for (const pin of pins) {
    try {
      const pinToo = pin === "" ? {} : { "lamp.pin": pin };
      return {
        config: loadConfig({
          ...load,
          networkRules: false,
          overrides: { ...overrides, ...pinToo } as Settings,
        }),
        unusable,
      };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  }
  return undefined;
}

function harmless(key: string): SettingValue {
  if (key === "lamp.pwm" || key === "lamp.activeLow") return false;
  if (key === "mqtt.txBuffer") return 16_384;
  const setting = settings.find((one) => one.key === key);
  return setting?.default ?? (setting?.kind === "integer" ? (setting.min ?? 0) : "unusable");
}
