/** Can the board join this Wi-Fi, as far as its name and password tell? */

import { judgeWifiName, judgeWifiPassword } from "../../config/wifi-rules.ts";
import { type Check, configOf, ok, skipped } from "../check.ts";

export const wifi: Check = {
  name: "wi-fi",
  needs: ["config"],
  keys: ["wifi.ssid", "wifi.password"],
  deadlineMs: 1000,
  run(chart) {
    const { profile, values } = configOf(chart);
    if (!profile.wifi) return { ...skipped(`${profile.name} has no Wi-Fi of its own`), blocks: false };
    const name = String(values["wifi.ssid"] ?? "");
    const found = [judgeWifiName(name), judgeWifiPassword(values["wifi.password"])];
    const findings = found.filter((one) => one !== undefined);
    if (findings.length > 0) return findings;
    return ok(
      `"${name}", ${Buffer.byteLength(name)} of 32 bytes; ${values["wifi.password"] ? "password of a length that can be" : "open"}`,
    );
  },
};
