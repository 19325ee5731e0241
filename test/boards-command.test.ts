/** What `wick boards` shows, on narrow and on wide terminals. */
import { describe, expect, test } from "vitest";
import { boardInFull, boardTable } from "../tools/cli/boards.ts";
import { loadProfile, profileNames } from "../tools/config/profile.ts";
import { runHere } from "./fixtures/in-process.ts";

const all = profileNames().map((name) => loadProfile(name));

describe("the list", () => {
  test("has a line a board, with chip, memory and LED, and the whole title where there is room", () => {
    const table = boardTable(all, 120);
    expect(table).toHaveLength(all.length);
    expect(table.find((line) => line.startsWith("esp32-c3-supermini "))).toMatch(
      /^esp32-c3-supermini {2}ESP32-C3 +4095 vars {2}LED D8 low +ESP32-C3 SuperMini$/,
    );
    expect(table.find((line) => line.startsWith("m5stack-atom-lite "))).toContain("  add LED: D22  ");
    expect(table.find((line) => line.startsWith("espruino-wifi "))).toContain("  no lamp  ");
  });

  test("stands in columns, and ends at the edge of a narrow terminal", () => {
    const table = boardTable(all, 80);
    for (const line of table) expect(line.length).toBeLessThanOrEqual(80);
    const titles = all.map(({ title }, index) => table[index]?.lastIndexOf(title.slice(0, 6)));
    expect(new Set(titles).size).toBe(1);
    expect(table.find((line) => line.startsWith("esp32-devkitc "))).toMatch(/…$/);
  });
});

describe.each([80, 120])("one board on %i columns", (columns) => {
  test.each(all)("$name", (profile) => {
    const lines = boardInFull(profile, columns).split("\n");
    for (const line of lines.slice(1))
      if (!line.includes("https://")) expect(line.length).toBeLessThanOrEqual(columns);
    const text = lines.join(" ").replace(/ +/g, " ");
    for (const warning of profile.warnings) expect(text).toContain(warning);
    for (const source of profile.sources) expect(text).toContain(source);
    for (const [name, { can, strapping, reserved, note }] of Object.entries(profile.pins)) {
      const row = text.indexOf(` ${name} ${can.join(", ")}`);
      expect(row).toBeGreaterThan(0);
      for (const remark of [strapping, reserved, note])
        if (remark !== undefined) expect(text).toContain(remark);
    }
  });
});

test("a board in full reads so", () => {
  const text = boardInFull(loadProfile("sonoff-basic"), 80);
  expect(text.slice(0, text.indexOf("  warnings"))).toBe(`sonoff-basic: Sonoff Basic (ESP8266, 1 MB)
  chip        ESP8266, with Wi-Fi
  interpreter Espruino ESP8266_BOARD; console at 115200 baud; without tls, fs,
              crypto
  lamp        LED D13, active low
  relay       D12, active high
  button      D0, active low
  memory      1700 variables of 12 bytes
  Storage     16 kB, 4 pages of 4096 bytes
  flash       1024 kB; bootloader at 0x0, firmware at 0x1000, init-data at
              0xfc000, blank at 0xfe000
  PWM         up to 200 Hz at 8 bits, in software
  budget      7000 bytes for the bundle
  pins
    D0   input, output, pwm      Strapping pin: low at reset starts the download
                                 mode. The button.
    D1   input, output, pwm      Not for you: Console (UART0 TX).
    D3   input, output, pwm      Not for you: Console (UART0 RX).
    D12  input, output           The relay; a relay is no dimmer, so there is no
                                 PWM here.
    D13  input, output, pwm      Green or blue LED.
    D14  input, output, pwm      Free, on the header of the first boards (R1).
`);
});

describe("the flags that every command has", () => {
  const boards = (...flags: string[]) => runHere("boards", ...flags);

  test("the board of the configuration has a star, and is marked in JSON", async () => {
    const { code, out } = await boards("--set", "board=linux");
    expect(code).toBe(0);
    expect(out.split("\n").filter((line) => line.startsWith("* "))).toEqual([
      expect.stringMatching(/^\* linux /),
    ]);
    const objects = (await boards("--set", "board=linux", "--json")).out.trim().split("\n");
    const marked = objects.map((line) => JSON.parse(line)).filter(({ isConfigured }) => isConfigured);
    expect(marked.map(({ name }) => name)).toEqual(["linux"]);
  });

  test("--board NAME is NAME", async () => {
    expect(await boards("--board", "linux")).toEqual(await boards("linux"));
  });

  test.each([
    [["linux", "--board", "linux"], "--board and linux both name the board to show; leave one of them out"],
    [["linux", "--set", "board=linux"], "--set has no effect where linux is shown; leave one of them out"],
    [
      ["--board", "linux", "--config", "x"],
      "--config has no effect where linux is shown; leave one of them out",
    ],
    [["--set", "lamp.topic=a"], "--set lamp.topic has no effect on the list of boards"],
    [
      ["--set", "board=linus"],
      '--set: board is "linus", but there is no such profile (did you mean "linux"?)',
    ],
    [["--config", "no-such-file"], "--config: there is no file no-such-file"],
    [["--quiet"], "--quiet leaves nothing of a list"],
  ])("%j is refused in one line", async (flags, sentence) => {
    const { code, out, error } = await boards(...flags);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain(sentence);
    expect(error.trim().split("\n")).toHaveLength(1);
  });
});
