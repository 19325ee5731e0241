/** What is said of a pin that the lamp cannot use, or should not: one line each, with the mend. */
import { describe, expect, test } from "vitest";
import type { SettingValue } from "../firmware/settings.ts";
import { ConfigError } from "../tools/config/error.ts";
import { loadConfig } from "../tools/config/load.ts";
import { pinFindings, sentenceOf } from "../tools/config/pin-findings.ts";
import { loadProfile, profileNames } from "../tools/config/profile.ts";

/** "level: sentence" for each finding. */
function said(board: string, values: { [key: string]: SettingValue } = {}): string[] {
  return pinFindings({ values, profile: loadProfile(board) }).map(
    (finding) => `${finding.level}: ${sentenceOf(finding)}`,
  );
}

test.each(profileNames())("%s: nothing is to be said of the board's own LED", (name) => {
  expect(said(name)).toEqual([]);
});

describe("a pin that cannot be the lamp", () => {
  test.each([
    [
      "esp32-devkitc",
      "D99",
      /^mistake: lamp\.pin is D99, which on esp32-devkitc is of no use \(does not exist\) \(did you mean/,
    ],
    ["esp32-devkitc", "D34", /\(Input only, without pull-up or pull-down\), allowed is: D0, D2, D4, /],
    ["esp32-devkitc", "D6", /\(Wired to the flash chip of the module\), allowed is: /],
    ["esp32-devkitc", "D1", /\(Console \(UART0 TX\)\), allowed is: /],
    [
      "esp32-s3-devkitc",
      "D38",
      /\(data line of the WS2812 on the board, which this version does not drive\)/,
    ],
    [
      "m5stack-atom-lite",
      "D27",
      /\(data line of the SK6812 on the board, which this version does not drive\)/,
    ],
    ["esp32-cam", "D16", /\(Chip select of the PSRAM\)/],
    ["espruino-wifi", "A3", /\(Wired to the ESP8266 that does the Wi-Fi\)/],
    ["wemos-d1-mini", "A0", /\(Analog input only; a divider on the board makes it 0 to 3\.2 V\)/],
  ])("%s %s", (board, pin, expected) => {
    const findings = said(board, { "lamp.pin": pin });
    expect(findings).toEqual([expect.stringMatching(expected)]);
    const { led } = loadProfile(board);
    expect(findings[0]).toMatch(new RegExp(`^mistake: .*; or add: --set lamp\\.pin=${led.pin}$`));
    // What is named as allowed is: a pin that cannot be the lamp is not among them.
    expect(findings[0]?.split("allowed is: ")[1]?.split(/[,;] /)).not.toContain(pin);
  });
});

describe("a pin to beware of", () => {
  test.each([
    [
      "esp32-devkitc",
      { "lamp.pin": "D12" },
      "warning: lamp.pin is D12: Strapping pin: high at reset selects 1.8 V for the flash and the board does not start; without that: --set lamp.pin=D4",
    ],
    [
      "esp32-c3-supermini",
      { "lamp.pin": "D2" },
      "warning: lamp.pin is D2: Strapping pin: must be high at reset; without that: --set lamp.pin=D0",
    ],
    [
      "esp32-devkitc",
      { "lamp.pin": "D25" },
      expect.stringMatching(
        /^warning: lamp\.pin is D25, which has no PWM: the lamp is only on and off; with brightness: D0, D2, D4, /,
      ),
    ],
    [
      "wemos-d1-mini",
      { "lamp.pin": "D4" },
      "warning: lamp.pin is D4, which is printed D2 on the board; if you mean the one printed D4, add: --set lamp.pin=D2",
    ],
  ])("%s %o", (board, values, expected) => {
    expect(said(board, values as { [key: string]: SettingValue })).toEqual([expected]);
  });

  test("a pin that the interpreter turns round, and that the board's button shorts", () => {
    expect(said("esp32-devkitc", { "lamp.pin": "D0" })).toEqual([
      "warning: lamp.pin is D0: Strapping pin: low at reset starts the download mode; without that: --set lamp.pin=D4",
      "warning: lamp.pin is D0, where the board has a button: pressed it shorts the output; without that: --set lamp.pin=D4",
      "warning: lamp.pin is D0, whose levels the interpreter turns round on this chip; if the lamp is lit when it should be dark, add: --set lamp.activeLow=true",
    ]);
  });
});

describe("PWM", () => {
  test("where the pin has none is a mistake", () => {
    expect(said("espruino-wifi", { "lamp.pwm": true })).toEqual([
      expect.stringMatching(
        /^mistake: lamp\.pwm is true, but B2 of espruino-wifi has no PWM; allowed with PWM: A0, A1, .*; or add: --set lamp\.pwm=false$/,
      ),
    ]);
  });

  test("a relay is switched without it, and never with it", () => {
    expect(said("sonoff-basic", { "lamp.pin": "D12" })).toEqual([]);
    expect(said("sonoff-basic", { "lamp.pin": "D12", "lamp.pwm": true })).toEqual([
      expect.stringContaining("D12 of sonoff-basic has no PWM (a relay is no dimmer); allowed with PWM: "),
    ]);
    const { values } = loadConfig({
      file: null,
      overrides: { board: "sonoff-basic", "mqtt.host": "b", "wifi.ssid": "s", "lamp.pin": "D12" },
    });
    expect(values).toMatchObject({ "lamp.pwm": false, "lamp.activeLow": false });
  });
});

test("the configuration says all of it, with the place where it was written", () => {
  const load = (set: string[]) =>
    loadConfig({ file: null, board: "esp32-devkitc", set: ["mqtt.host=b", "wifi.ssid=s", ...set] });
  expect(load(["lamp.pin=D12"]).warnings).toEqual([
    expect.stringMatching(/^--set: lamp\.pin is D12: Strapping pin: .*; without that: --set lamp\.pin=D4$/),
  ]);
  expect(() => load(["lamp.pin=D34"])).toThrow(ConfigError);
  expect(() => load(["lamp.pin=D34"])).toThrow(/^--set: lamp\.pin is D34, .*; or add: --set lamp\.pin=D2$/);
});

test("TLS on a board whose interpreter has none is refused, and what to do", () => {
  const load = (board: string) =>
    loadConfig({ file: null, board, set: ["mqtt.host=b", "wifi.ssid=s", "mqtt.tls=true"] });
  expect(() => load("wemos-d1-mini")).toThrow(
    /^--set: mqtt\.tls is on, but Espruino for ESP8266 has no TLS; take another board, or add: --set mqtt\.tls=false$/,
  );
  expect(load("esp32-devkitc").tls).toEqual({});
});
