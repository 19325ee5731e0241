// The size of the default lamp: what the README promises.
import { expect, test } from "vitest";
import { build } from "../tools/build/build.ts";
import { loadConfig } from "../tools/config/load.ts";

test.each(["linux", "esp32-devkitc"])(
  "the default bundle for %s has less than 6,200 bytes",
  async (board) => {
    const wifi = board === "linux" ? {} : { "wifi.ssid": "network" };
    const config = loadConfig({ file: null, board, overrides: { "mqtt.host": "127.0.0.1", ...wifi } });
    const { code } = await build({ config });
    expect(Buffer.byteLength(code)).toBeLessThan(6_200);
  },
);
