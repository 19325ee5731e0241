/** Test runner: firmware modules see the constants of the default lamp, as the bundle would. */
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { constantSources, firmwareConstants } from "./tools/build/constants.ts";
import { loadConfig } from "./tools/config/load.ts";

const config = loadConfig({ file: null, board: "linux", defaults: { "mqtt.host": "127.0.0.1" } });

export default defineConfig({
  // In Node a pin is no global; its name stands for it.
  define: {
    ...constantSources(firmwareConstants(config)),
    LAMP_PIN: JSON.stringify(config.values["lamp.pin"]),
  },
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["./test/environment.ts"],
    reporters: ["default", "./test/report.ts"],
    // Files share what they import, and compilers that are warm by then: a third of the time. No module here keeps what a test does.
    isolate: false,
    // Many tests wait for another program: two at a time pay even on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // For what hangs; whoever waits for somebody else gives up before, and says what there was (test/fixtures/heard.ts).
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
