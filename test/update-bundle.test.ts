// What a bundle must hold before the desk sends it over the air: one that no update would ever reach is refused before the lamp hears of it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { build } from "../tools/build/build.ts";
import { pretokenise } from "../tools/build/pretokenise.ts";
import { UsageError } from "../tools/cli/errors.ts";
import { loadConfig } from "../tools/config/load.ts";
import { requireUpdatable, versionIn } from "../tools/flash/over-the-air-bundle.ts";
import { authority, lampCertificate, lampKey as lampTlsKey } from "./fixtures/doctor-certificates.ts";
import { base, lampOfVersion, updatableLamp, updateKey } from "./fixtures/update-world.ts";

/** The same lamp, built without update.key. */
async function plainBundle(): Promise<string> {
  const { config } = await lampOfVersion(2000);
  const defaults = { ...config.values };
  delete defaults["update.key"];
  delete defaults["update.version"];
  return (await build({ config: loadConfig({ file: null, defaults }) })).code;
}

const builtOtherwise: readonly [what: string, bundle: () => Promise<string>, sentence: string][] = [
  [
    "without update.key",
    plainBundle,
    "the bundle was built without update.key, and no update would ever reach it; build it with the key: npx wick build",
  ],
  [
    "with another key",
    async () => (await lampOfVersion(2000, { "update.key": "another battery altogether" })).bundle,
    "the bundle was built with another update.key than the one that is set, and no update would ever reach it; build it anew: npx wick build",
  ],
  [
    "for another lamp",
    async () => (await lampOfVersion(2000, { "lamp.topic": "home/kitchen/lamp" })).bundle,
    `the bundle was built for another lamp.topic than ${base}, and no update would ever reach it; build it anew: npx wick build`,
  ],
  [
    "for another board",
    async () => (await lampOfVersion(2000, { board: "esp32-devkitc" })).bundle,
    "the bundle was built for another board than linux, and no update would ever reach it; build it anew: npx wick build",
  ],
  [
    "as another version",
    async () => (await lampOfVersion(2500)).bundle,
    "the bundle was built as version 2500, and says so when it runs, but this is to be 2000; add: --set update.version=2500",
  ],
  [
    "as a version that ends alike",
    async () => (await lampOfVersion(12_000)).bundle,
    "the bundle was built as version 12000, and says so when it runs, but this is to be 2000; add: --set update.version=12000",
  ],
];

describe("with TLS, a lamp that takes updates is built", () => {
  const folder = mkdtempSync(join(tmpdir(), "wick-update-tls-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Of a bundle for an ESP32; `parts` are paths below mqtt.tls. */
  async function sizesWith(parts: Readonly<Record<string, string>>) {
    const set = ["mqtt.host=broker", "wifi.ssid=attic", "mqtt.tls=true"];
    for (const [part, text] of Object.entries(parts)) {
      writeFileSync(join(folder, part), text);
      set.push(`mqtt.tls.${part}=${join(folder, part)}`);
    }
    const overrides = { "update.key": updateKey, "update.version": 1_763_900_123 };
    return (await build({ config: loadConfig({ file: null, board: "esp32-devkitc", set, overrides }) }))
      .sizes;
  }

  test("within the budget of a lamp without", async () => {
    const { total, budget, overBudget } = await sizesWith({});
    expect({ budget, overBudget }).toEqual({ budget: 8_000, overBudget: 0 });
    expect(total).toBeLessThan(7_900);
  });

  test("whatever its certificates weigh: they are let in besides", async () => {
    const plain = await sizesWith({});
    const sizes = await sizesWith({ ca: authority, cert: lampCertificate, key: lampTlsKey });
    expect(sizes.total).toBeGreaterThan(8_000);
    expect(sizes.overBudget).toBe(0);
    // The certificates and the three lines that hand them on, no more.
    expect(sizes.total - sizes.budget).toBeLessThan(plain.total - plain.budget + 120);
  });
});

describe("a bundle that was built", () => {
  test.each(builtOtherwise)(
    "%s is a mistake of the command line; nothing is sent",
    async (_, bundle, sentence) => {
      const lamp = await updatableLamp();
      const next = { ...(await lampOfVersion(2000)), bundle: await bundle() };
      const said = await lamp.update(next).catch((error: unknown) => error);
      expect(said).toBeInstanceOf(UsageError);
      expect((said as Error).message).toBe(sentence);
      expect(lamp.sent).toEqual([]);
    },
  );
});

test.each([1, 2000, 1_800_000_000, 9_999_999_999])(
  "version %i is read from the bundle, as text and pretokenised",
  async (version) => {
    const { bundle } = await lampOfVersion(version, { board: "esp32-devkitc" });
    expect(versionIn(bundle, "esp32-devkitc")).toBe(version);
    expect(versionIn(pretokenise(bundle), "esp32-devkitc")).toBe(version);
    expect(versionIn(bundle, "esp32-dev")).toBeUndefined();
  },
);

test("a pretokenised bundle is not taken for one that was built otherwise", async () => {
  const { config, bundle, version } = await lampOfVersion(2000);
  const options = { updateKey, version, board: config.profile.name, topic: base };
  expect(() => requireUpdatable(pretokenise(bundle), options)).not.toThrow();
  expect(() => requireUpdatable(pretokenise(bundle), { ...options, version: 2001 })).toThrow(
    "as version 2000",
  );
});
