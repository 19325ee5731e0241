/** Board profiles: each is well-formed, and a malformed one is named. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadProfile, parseProfile, profileNames } from "../tools/config/profile.ts";

describe.each(profileNames())("%s", (name) => {
  const profile = loadProfile(name);

  test("has an LED on a pin that can do it", () => {
    expect(profile.pins[profile.led.pin]?.can).toContain("output");
    expect(profile.pins[profile.led.pin]?.reserved).toBeUndefined();
  });

  test("has its button, if any, on a pin that can be read", () => {
    if (profile.button !== undefined) expect(profile.pins[profile.button.pin]?.can).toContain("input");
  });

  test("has PWM that neither eye nor camera sees", () => {
    expect(profile.pwm.maxHz).toBeGreaterThanOrEqual(1000);
  });
});

test("the boards of the contract are there", () => {
  expect(profileNames()).toEqual(expect.arrayContaining(["esp32-devkitc", "esp32-c3-supermini", "linux"]));
});

describe("a malformed profile is refused with file and key", () => {
  const good = JSON.parse(readFileSync(new URL("../board-profiles/linux.json", import.meta.url), "utf8"));
  test.each([
    [
      "an unknown key",
      { ...good, colour: "red" },
      /board-profiles\/linux\.json: .*additional properties colour/,
    ],
    ["a missing key", { ...good, wifi: undefined }, /required property 'wifi'/],
    ["another name", { ...good, name: "other" }, /name is "other", but the file is called "linux"/],
    ["an LED nowhere", { ...good, led: { pin: "D99", activeLow: false } }, /led\.pin is "D99"/],
  ])("%s", (_, profile, expected) => {
    expect(() => parseProfile(JSON.stringify(profile), "linux")).toThrow(expected);
  });
});
