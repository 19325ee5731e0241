// Topic names against topic filters (MQTT 3.1.1 section 4.7), and which bytes are a topic name at all.
import { describe, expect, test } from "vitest";
import { hasWildcard, isTopicName, matches } from "../firmware/mqtt/filter.ts";

describe("matches", () => {
  test.each([
    ["a", "a", true],
    ["a", "b", false],
    ["a", "A", false],
    ["a", "a/b", false],
    ["a", "a/", false],
    ["/a", "a", false],
    ["/", "/", true],
    // The examples of section 4.7.1.
    ["sport/tennis/player1/#", "sport/tennis/player1", true],
    ["sport/tennis/player1/#", "sport/tennis/player1/ranking", true],
    ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
    ["sport/#", "sport", true],
    ["sport/#", "sports", false],
    ["#", "anything/at/all", true],
    ["#", "/", true],
    ["sport/tennis/+", "sport/tennis/player1", true],
    ["sport/tennis/+", "sport/tennis/player1/ranking", false],
    ["sport/+", "sport", false],
    ["sport/+", "sport/", true],
    ["+", "/finance", false],
    ["/+", "/finance", true],
    ["+/+", "/finance", true],
    ["+/tennis/#", "sport/tennis", true],
    ["+/tennis/#", "sport/tennis/player1/ranking", true],
    ["sport/+/player1", "sport/tennis/player1", true],
    ["sport/+/player1", "sport/tennis/player2", false],
    ["a/+/c", "a//c", true],
    ["a//c", "a//c", true],
    ["+/+/#", "a", false],
    ["+/+/#", "a/b", true],
    ["a/+/+", "a/b", false],
  ])("%s takes %s: %s [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.7.1-3]", (filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected);
  });

  test.each([
    ["#", "$SYS", false],
    ["#", "$SYS/broker/uptime", false],
    ["+/broker/uptime", "$SYS/broker/uptime", false],
    ["+", "$SYS", false],
    ["$SYS/#", "$SYS/broker/uptime", true],
    ["$SYS/broker/+", "$SYS/broker/uptime", true],
    ["$SYS/#", "$SYS", true],
    ["a/#", "a/$b", true],
    ["a/+", "a/$b", true],
  ])("%s takes %s, which has a $: %s [MQTT-4.7.2-1]", (filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected);
  });
});

test.each([
  ["a/b", false],
  ["+", true],
  ["a/+/b", true],
  ["a/#", true],
  ["", false],
])("%s has a wildcard: %s", (filter, expected) => {
  expect(hasWildcard(filter)).toBe(expected);
});

describe("isTopicName", () => {
  const bytes = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex").toString("latin1");

  test.each([
    ["ASCII", "61 2f 62"],
    ["a blank", "20"],
    ["only a slash", "2f"],
    ["a control character, which the standard lets pass", "01 7f"],
    ["U+0080, the first of two bytes", "c2 80"],
    ["U+07FF, the last of two bytes", "df bf"],
    ["U+0800, the first of three bytes", "e0 a0 80"],
    ["U+D7FF, the last before the surrogates", "ed 9f bf"],
    ["U+E000, the first after the surrogates", "ee 80 80"],
    ["U+FEFF, kept where it stands", "ef bb bf 61"],
    ["U+FFFF, the last of three bytes", "ef bf bf"],
    ["U+10000, the first of four bytes", "f0 90 80 80"],
    ["U+2A6D4, the standard's example", "41 f0 aa 9b 94"],
    ["U+10FFFF, the last there is", "f4 8f bf bf"],
  ])("%s is well-formed [MQTT-1.5.3-1] [MQTT-1.5.3-3]", (_what, hex) => {
    expect(isTopicName(bytes(hex))).toBe(true);
  });

  test.each([
    ["a byte that only continues", "80"],
    ["a byte that only continues, after a character", "61 bf"],
    ["one continuation too many", "c3 a4 a4"],
    ["two bytes cut short", "61 c3"],
    ["two bytes, the second a letter", "c3 61"],
    ["three bytes cut short", "e2 82"],
    ["three bytes, the third a letter", "e2 82 61"],
    ["four bytes cut short", "f0 9f 92"],
    ["U+0000 in two bytes", "c0 80"],
    ["a letter in two bytes", "c1 a1"],
    ["U+07FF in three bytes", "e0 9f bf"],
    ["U+FFFF in four bytes", "f0 8f bf bf"],
    ["U+D800, a surrogate", "ed a0 80"],
    ["U+DFFF, a surrogate", "ed bf bf"],
    ["a pair of surrogates", "ed a0 bd ed b8 80"],
    ["U+110000, beyond the last", "f4 90 80 80"],
    ["a lead of four bytes beyond the last", "f5 80 80 80"],
    ["a lead of five bytes", "f8 88 80 80 80"],
    ["a lead of six bytes", "fc 84 80 80 80 80"],
    ["FE", "fe"],
    ["FF", "ff"],
  ])("%s is ill-formed [MQTT-1.5.3-1]", (_what, hex) => {
    expect(isTopicName(bytes(hex))).toBe(false);
    expect(isTopicName(`a/${bytes(hex)}/b`)).toBe(false);
  });

  test("U+0000 is refused wherever it stands [MQTT-1.5.3-2] [MQTT-4.7.3-2]", () => {
    for (const name of ["\0", "a\0", "\0a", "a/\0/b"]) expect(isTopicName(name)).toBe(false);
  });

  test("an empty name is refused [MQTT-4.7.3-1]", () => {
    expect(isTopicName("")).toBe(false);
  });

  test.each(["+", "#", "a/+", "a/#", "a+b", "a#"])("%s is refused [MQTT-3.3.2-2]", (name) => {
    expect(isTopicName(name)).toBe(false);
  });

  test("says of every sequence of two bytes what a strict decoder says", () => {
    const strict = new TextDecoder("utf-8", { fatal: true });
    for (let code = 0; code < 65_536; code++) {
      const pair = Buffer.from([code >> 8, code & 255]);
      const text = pair.toString("latin1");
      if (/[\0+#]/.test(text)) continue;
      let isWellFormed = true;
      try {
        strict.decode(pair);
      } catch {
        isWellFormed = false;
      }
      if (isTopicName(text) !== isWellFormed) throw new Error(`${pair.toString("hex")}: ${!isWellFormed}`);
    }
  });
});
