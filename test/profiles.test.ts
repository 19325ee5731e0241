/** Board profiles: each is well-formed and agrees with itself and with the others, and a malformed one is named. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { withBoards } from "../tools/config/boards-document.ts";
import { type BoardProfile, loadProfile, parseProfile, profileNames } from "../tools/config/profile.ts";
import { chipNamed, chipNames } from "../tools/config/profile-files.ts";

const file = (name: string) =>
  JSON.parse(readFileSync(new URL(`../board-profiles/${name}.json`, import.meta.url), "utf8"));
const all = profileNames().map((name) => loadProfile(name));

test("the boards of the contract are there", () => {
  expect(profileNames()).toEqual(
    expect.arrayContaining([
      "esp32-c3-supermini",
      "esp32-cam",
      "esp32-devkitc",
      "esp32-s3-devkitc",
      "espruino-wifi",
      "lilygo-t-display",
      "linux",
      "m5stack-atom-lite",
      "sonoff-basic",
      "wemos-d1-mini",
    ]),
  );
});

describe.each(profileNames())("%s", (name) => {
  const profile = loadProfile(name);
  const { pins, led, button, pixels, relay } = profile;

  test("has an LED, or a place for one, on a pin that is free for it", () => {
    expect(pins[led.pin]?.can).toContain("output");
    expect(pins[led.pin]?.reserved).toBeUndefined();
    expect(led.pin).not.toBe(pixels?.pin);
  });

  test("has its button, if any, on a pin that can be read", () => {
    if (button === undefined) return;
    expect(pins[button.pin]?.can).toContain("input");
    expect(pins[button.pin]?.reserved).toBeUndefined();
    expect(button.pin).not.toBe(led.pin);
  });

  test("says of addressable LEDs that they are not driven, and names another place for an LED", () => {
    if (pixels === undefined) return;
    expect(led.external).toBe(true);
    expect(profile.warnings.join(" ")).toContain(`${pixels.type}`);
    expect(profile.warnings.join(" ")).toContain(`to ${led.pin}`);
  });

  test("never dims a relay", () => {
    if (relay === undefined) return;
    expect(pins[relay.pin]?.can).toContain("output");
    expect(pins[relay.pin]?.can).not.toContain("pwm");
  });

  test("has PWM that the eye does not see, nor the camera where the chip does it", () => {
    expect(profile.pwm.maxHz).toBeGreaterThanOrEqual(profile.pwm.software ? 100 : 1000);
  });

  test("takes strapping, inverted and input-only pins from its chip", () => {
    const chip = chipNamed(profile.chip, name);
    for (const [pin, { strapping, inverted, can }] of Object.entries(pins)) {
      expect([pin, strapping, inverted]).toEqual([pin, chip.pins[pin]?.strapping, chip.pins[pin]?.inverted]);
      // A board may take something away from a pin, never add to it.
      expect(chip.pins[pin]?.can).toEqual(expect.arrayContaining([...can]));
    }
  });

  test("has blocks of the size that so many variables need", () => {
    // Espruino src/jsutils.h, by the bits of a reference.
    const { variables, blockSize } = profile.memory;
    const size = variables <= 2047 ? 12 : variables <= 8191 ? 13 : variables <= 16383 ? 14 : 16;
    expect(blockSize).toBe(size);
  });

  test("has a budget that its Storage and its memory can bear", () => {
    const { flash, budget, memory } = profile;
    // A page stays free, so that an installation never starts a compaction.
    const reserve = flash.pages === 1 ? 0 : flash.pageBytes;
    expect(budget.bundleBytes).toBeLessThanOrEqual(flash.pages * flash.pageBytes - reserve);
    // The lamp takes one variable for some 13 bytes of its text (measured-memory.json), sockets and messages some 200.
    expect(budget.bundleBytes / 13 + 200).toBeLessThan(memory.variables * 0.6);
  });

  test("draws the pins that it has, in the places where they are", () => {
    const power = new Set(["3V3", "5V", "GND", "EN", "RST", "VCC"]);
    for (const pin of profile.drawing?.rows.flatMap((row) => row.pins) ?? [])
      expect(power.has(pin) || pins[pin] !== undefined, pin).toBe(true);
    if (profile.drawing?.led !== undefined) expect(led.external).toBeUndefined();
    if (profile.drawing?.button !== undefined) expect(button).toBeDefined();
  });

  test("prints no name twice beside its pins", () => {
    const printed = Object.values(pins).flatMap((pin) => pin.printed ?? []);
    expect(new Set(printed).size).toBe(printed.length);
  });

  test("lacks only what the interpreter has elsewhere", () => {
    const { modules } = file("interpreter");
    for (const lack of profile.interpreter.lacks) {
      const [module = "", member] = lack.split(".");
      expect(modules).toHaveProperty(module);
      if (member !== undefined) expect(modules[module]).toHaveProperty(member);
    }
  });

  test("names at least one page about the board, each page once", () => {
    const chip = chipNamed(profile.chip, name);
    expect(profile.sources.some((source) => !chip.sources.includes(source)) || profile.chip === "Linux").toBe(
      true,
    );
    expect(new Set(profile.sources).size).toBe(profile.sources.length);
    for (const source of profile.sources) expect(source).toMatch(/^https:\/\/[^ ]+$/);
  });
});

describe("the images of the interpreter", () => {
  const withImages = all.flatMap(({ name, images, flash }) => (images ? [{ name, images, flash }] : []));

  test("are known for each board with an Espressif chip, and for no other", () => {
    for (const { chip, images } of all) expect(images?.chip).toBe(chip.startsWith("ESP") ? chip : undefined);
  });

  test.each(withImages)(
    "of $name lie apart from each other and from Storage, within the flash",
    ({ images, flash }) => {
      const { address = 0, pages, pageBytes } = flash;
      const storageEnd = address + pages * pageBytes;
      const offsets = images.parts.map(({ offset }) => offset);
      expect(new Set(offsets).size).toBe(offsets.length);
      for (const offset of offsets) {
        expect(offset % 4096).toBe(0);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThan(images.flashBytes);
        expect(offset < address || offset >= storageEnd).toBe(true);
      }
      expect(storageEnd).toBeLessThanOrEqual(images.flashBytes);
      expect(address % pageBytes).toBe(0);
    },
  );

  test.each(withImages)("of $name begin where the ROM of its chip looks for them", ({ images }) => {
    const at = (role: string) => images.parts.find((part) => part.role === role)?.offset;
    expect(at("bootloader")).toBe(images.chip === "ESP32" ? 0x1000 : 0);
    expect(at("firmware")).toBe(images.chip === "ESP8266" ? 0x1000 : 0x10000);
    expect(at("partition-table")).toBe(images.chip === "ESP8266" ? undefined : 0x8000);
    // The SDK of the ESP8266 keeps its settings in the last 16 kB.
    expect(at("init-data")).toBe(images.chip === "ESP8266" ? images.flashBytes - 0x4000 : undefined);
    expect(at("blank")).toBe(images.chip === "ESP8266" ? images.flashBytes - 0x2000 : undefined);
  });
});

test("every file about a chip is some board's", () => {
  const used = new Set(all.map(({ chip }) => chip.toLowerCase()));
  expect(chipNames().filter((chip) => !used.has(chip))).toEqual([]);
});

test("a name that the interpreter reports belongs to one size of memory and Storage", () => {
  const facts = (profile: BoardProfile) => JSON.stringify([profile.chip, profile.memory, profile.flash]);
  const byName = new Map<string, string>();
  for (const profile of all) {
    for (const name of profile.interpreter.boards) {
      expect(byName.get(name) ?? facts(profile)).toBe(facts(profile));
      byName.set(name, facts(profile));
    }
  }
});

describe("a malformed profile is refused with file and key", () => {
  const good = file("linux");
  test.each([
    [
      "an unknown key",
      { ...good, colour: "red" },
      /board-profiles\/linux\.json: .*additional properties colour/,
    ],
    ["a missing key", { ...good, build: undefined }, /required property 'build'/],
    ["another name", { ...good, name: "other" }, /name is "other", but the file is called "linux"/],
    ["an LED nowhere", { ...good, led: { pin: "D99", activeLow: false } }, /led\.pin is "D99"/],
    ["a relay nowhere", { ...good, relay: { pin: "D99", activeLow: false } }, /relay\.pin is "D99"/],
    [
      "a chip that is not there",
      { ...good, chip: "ESP32-C4" },
      /chip is "ESP32-C4", but there is no such chip \(did you mean "esp32-c3"\?\); allowed: .*esp8266/i,
    ],
    [
      "a build that is not there",
      { ...good, build: "LINUS" },
      /build is "LINUS", but Linux has no such build \(did you mean "LINUX"\?\); allowed: LINUX$/,
    ],
    [
      "a pin the chip lacks",
      { ...good, pins: { D40: {} } },
      /pins has D40, which Linux does not have; allowed: D0,/,
    ],
    ["a source that is no page", { ...good, sources: ["my memory"] }, /\/sources\/0 must match pattern/],
  ])("%s", (_, profile, expected) => {
    expect(() => parseProfile(JSON.stringify(profile), "linux")).toThrow(expected);
  });
});

test("docs/boards.md lists them", () => {
  const page = readFileSync(new URL("../docs/boards.md", import.meta.url), "utf8");
  expect(withBoards(page, all)).toBe(page);
});
