/** What is made from the table of settings is current, and the JSON Schema says what our own check says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { parse } from "jsonc-parser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withTable } from "../tools/config/document.ts";
import { ConfigError } from "../tools/config/error.ts";
import { loadConfig } from "../tools/config/load.ts";
import { configSchema } from "../tools/config/schema.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-schema-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("generated from the table", () => {
  const root = new URL("../", import.meta.url);

  test("flash.config.schema.json is current (npm run schema)", () => {
    const text = readFileSync(new URL("flash.config.schema.json", root), "utf8");
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(configSchema())));
    expect(text.split("\n")[1]).toMatch(/Generated .* npm run schema/);
  });

  test("docs/configuration.md is current (npm run schema)", () => {
    const page = readFileSync(new URL("docs/configuration.md", root), "utf8");
    expect(withTable(page)).toBe(page);
  });

  test("flash.config.json fits its schema", () => {
    const config = parse(readFileSync(new URL("flash.config.json", root), "utf8"));
    expect(new Ajv().validate(configSchema(), config)).toBe(true);
  });
});

describe("schema and check agree on", () => {
  const good: readonly object[] = [
    {},
    { $schema: "./flash.config.schema.json" },
    { mqtt: { qos: 2, stateQos: 0, port: 65535 } },
    { lamp: { groups: [] } },
    { lamp: { groups: ["a/#", "+/b", "a/+/b/#", "/a", "a//b"] } },
    { lamp: { gamma: 2.5, minLevel: 0 } },
    { mqtt: { tls: true } },
    { mqtt: { tls: {} } },
    { flash: { port: "tcp://10.0.0.2:23", baud: 921600 } },
    { wifi: { hostname: "lamp" } },
    { lamp: { topic: "${TOPIC}" }, mqtt: { keepAlive: "${SECONDS}" } },
  ];
  const bad: readonly object[] = [
    { foo: 1 },
    { mqtt: { foo: 1 } },
    { mqtt: [] },
    { mqtt: { qos: 3 } },
    { mqtt: { qos: "1" } },
    { mqtt: { port: 0 } },
    { mqtt: { port: 1.5 } },
    { mqtt: { host: "" } },
    { mqtt: { host: null } },
    { mqtt: { tls: "yes" } },
    { mqtt: { tls: { ca: 3 } } },
    { mqtt: { cleanSession: 1 } },
    { lamp: { topic: "a/#" } },
    { lamp: { topic: "" } },
    { lamp: { topic: "a\0" } },
    { lamp: { groups: "a" } },
    { lamp: { groups: [""] } },
    { lamp: { groups: ["a#"] } },
    { lamp: { groups: ["#/a"] } },
    { lamp: { groups: ["a", "b", "c", "d", "e", "f", "g", "h", "i"] } },
    { lamp: { pin: 2 } },
    { lamp: { pin: "d2" } },
    { lamp: { pin: false } },
    { lamp: { button: "D5" } },
    { lamp: { button: { pin: false, debounce: 0.02 } } },
    { lamp: { transition: 0 } },
    { lamp: { telemetry: 0 } },
    { lamp: { homeAssistant: false } },
    { lamp: { powerOn: "off" } },
    { lamp: { channels: [] } },
    { mqtt: { version: 4 } },
    { lamp: { gamma: 0.5 } },
    { flash: { baud: 1 } },
    { wifi: { ssid: "x".repeat(33) } },
  ];
  const bySchema = new Ajv().compile(configSchema());
  const byCheck = (config: object): string => {
    writeFileSync(join(folder, "flash.config.json"), JSON.stringify(config));
    try {
      loadConfig({
        folder,
        board: "esp32-devkitc",
        defaults: { "mqtt.host": "b", "wifi.ssid": "s" },
        environment: { TOPIC: "a", SECONDS: "7" },
      });
      return "";
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
  };

  test.each(good.map((config) => [JSON.stringify(config), config] as const))("good: %s", (_, config) => {
    expect(bySchema(config)).toBe(true);
    expect(byCheck(config)).toBe("");
  });

  test.each(bad.map((config) => [JSON.stringify(config), config] as const))("bad: %s", (_, config) => {
    expect(bySchema(config)).toBe(false);
    expect(byCheck(config)).not.toBe("");
  });
});
