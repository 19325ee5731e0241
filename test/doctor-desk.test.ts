/** What `wick doctor` finds on the desk: configuration, pins, Wi-Fi name, broker name, Node, packages and clock; each with its mend. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { judgeWifiName, judgeWifiPassword } from "../tools/config/wifi-rules.ts";
import { keyOf } from "../tools/doctor/checks/config.ts";
import { isAtLeast } from "../tools/doctor/checks/node.ts";
import { type Diagnosis, diagnose, only } from "./fixtures/doctor-broker.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const onWifi = ["wifi.ssid=Home", "mqtt.host=192.168.1.9"];

/** A finding of a board with Wi-Fi, without any broker. */
async function found(
  check: string,
  set: string[] = onWifi,
  more: Partial<Parameters<typeof diagnose>[0]> = {},
) {
  return only(await diagnose({ board: "esp32-devkitc", set, about: [check], ...more }), check);
}

describe("the configuration", () => {
  const judged = (set: string[], about: string[]): Promise<Diagnosis> =>
    diagnose({ board: "esp32-devkitc", set, about });

  test("a mistake is told with its mend, and hides nothing that does not depend on it", async () => {
    const diagnosis = await judged(["mqtt.host=192.168.1.9", "mqtt.qos=7"], ["lamp pin", "wi-fi", "config"]);
    const messages = (diagnosis.config ?? []).map(({ status, message }) => `${status}: ${message}`);
    expect(messages.sort()).toEqual([
      'failure: --set: mqtt.qos is "7", allowed is 0, 1, 2',
      expect.stringMatching(
        /^failure: flash\.config\.json: wifi\.ssid is missing, and esp32-devkitc has Wi-Fi/,
      ),
    ]);
    expect((diagnosis.config ?? []).every(({ mend }) => mend?.includes("--set"))).toBe(true);
    expect(only(diagnosis, "lamp pin").status).toBe("ok");
    expect(only(diagnosis, "wi-fi").message).toBe(
      'not looked at, because wifi.ssid cannot be used: see "config"',
    );
  });

  test("an unknown key stops all that needs the configuration", async () => {
    const diagnosis = await judged([...onWifi, "mqtt.hots=b"], ["lamp pin"]);
    expect(only(diagnosis, "config")).toMatchObject({
      status: "failure",
      message: expect.stringContaining('did you mean "mqtt.host"?'),
    });
    expect(only(diagnosis, "lamp pin").message).toBe('not looked at, because of "config"');
  });

  test("a file that is no JSON", async () => {
    writeFileSync(join(folder, "flash.config.json"), "{ board: }");
    const finding = only(await diagnose({ file: "flash.config.json", folder, about: ["config"] }), "config");
    expect(finding.message).toMatch(/^flash\.config\.json:1:3: not JSON/);
    expect(finding.mend).toBe("put it right there");
  });

  test.each([
    ["flash.config.json:3:5: lamp.pin is D34, which", "lamp.pin"],
    ['--set: mqtt.tls.ca is "x", but', "mqtt.tls.ca"],
    ["flash.config.json: wifi.ssid is missing, and", "wifi.ssid"],
    ["flash.config.json:9:1: mqtt.clientId has 30 bytes", "mqtt.clientId"],
    ["--set: unknown key mqtt.hots", undefined],
  ])("%s", (sentence, key) => {
    expect(keyOf(sentence)).toBe(key);
  });
});

describe("pins", () => {
  const pin = (set: string[], check: string) => found(check, [...onWifi, ...set]);

  test("an input-only pin for the lamp", async () => {
    const finding = await pin(["lamp.pin=D34"], "lamp pin");
    expect(finding).toMatchObject({ status: "failure", message: expect.stringContaining("Input only") });
    expect(finding.mend).toMatch(/--set lamp\.pin=D2$/);
  });

  test("a pin of the flash chip", async () => {
    const finding = await pin(["lamp.pin=D6"], "lamp pin");
    expect(finding).toMatchObject({ status: "failure", message: expect.stringContaining("flash chip") });
    expect(finding.mend).toMatch(/--set lamp\.pin=D2$/);
  });

  test("a strapping pin", async () => {
    const finding = await pin(["lamp.pin=D12"], "lamp pin");
    expect(finding).toMatchObject({ status: "warning", message: expect.stringContaining("D12") });
  });

  test("brightness on a pin without PWM", async () => {
    const finding = await pin(["lamp.pin=D25", "lamp.pwm=true"], "lamp pin");
    expect(finding).toMatchObject({ status: "failure", mend: "add: --set lamp.pwm=false" });
  });

  test("the board's own are fine", async () => {
    expect((await pin([], "lamp pin")).message).toMatch(/^D2, the board's LED, with brightness \(PWM\)/);
  });
});

describe("the Wi-Fi", () => {
  test.each([
    ["", "failure", /is empty/],
    ["ä".repeat(17), "failure", /has 34 bytes in UTF-8, and no network has more than 32/],
    ["Home\t", "failure", /"Home\\t", holds a control character/],
    [" Home", "warning", /begins or ends with a blank/],
    ["Home_5G", "warning", /looks like a 5 GHz network/],
    ["FRITZ!Box 7590 5GHz", "warning", /looks like a 5 GHz network/],
    ["Anna’s phone", "warning", /curly quotation mark/],
    ["Käse", "warning", /letters outside of ASCII/],
  ])("a network called %j", (name, status, message) => {
    const finding = judgeWifiName(name);
    expect(finding).toMatchObject({ status, message: expect.stringMatching(message) });
    expect(finding?.mend).toBeTruthy();
  });

  test.each(["Home", "FRITZ!Box 7590", "x".repeat(32), "Level5Guests"])("%j will do", (name) => {
    expect(judgeWifiName(name)).toBeUndefined();
  });

  test.each([
    ["1234567", "failure", /has 7 characters, and none has fewer than 8/],
    ["x".repeat(64), "failure", /has 64 bytes; allowed are 8 to 63, or 64 hexadecimal digits/],
    ["hidden\u0007word", "failure", /control character/],
    ["hidden-word ", "warning", /begins or ends with a blank/],
  ])("a password that cannot be, or is not meant, is not shown", (password, status, message) => {
    const finding = judgeWifiPassword(password);
    expect(finding).toMatchObject({ status, message: expect.stringMatching(message) });
    expect(`${finding?.message}${finding?.mend}`).not.toContain(password.trim());
  });

  test.each([undefined, "", "x".repeat(8), "x".repeat(63), "0123456789abcdef".repeat(4)])(
    "a password that can be",
    (password) => {
      expect(judgeWifiPassword(password)).toBeUndefined();
    },
  );

  test("a board without Wi-Fi has none to judge", async () => {
    expect(only(await diagnose({ set: ["mqtt.host=b"], about: ["wi-fi"] }), "wi-fi").status).toBe("skipped");
  });
});

describe("the broker's name", () => {
  const name = (host: string, surroundings: Parameters<typeof diagnose>[0]["surroundings"] = {}) =>
    found("broker name", ["wifi.ssid=Home", `mqtt.host=${host}`], { surroundings });
  const unknown = (code: string) => async () => {
    throw Object.assign(new Error(code), { code });
  };

  test("127.0.0.1 is of no use to a board on Wi-Fi; this computer's address is offered", async () => {
    const finding = await name("127.0.0.1");
    expect(finding).toMatchObject({
      status: "failure",
      message: "mqtt.host is 127.0.0.1, which for a board on Wi-Fi is the board itself",
      mend: "if the broker is on this computer: --set mqtt.host=192.168.1.5",
    });
  });

  test("nor is a name for it", async () => {
    expect((await name("localhost")).message).toMatch(/^mqtt\.host is localhost \(127\.0\.0\.1\)/);
    expect((await name("localhost", { ownAddresses: () => [] })).mend).toMatch(/--set mqtt\.host=ADDRESS$/);
  });

  test("no such name", async () => {
    const finding = await name("brokr", { lookup: unknown("ENOTFOUND") });
    expect(finding.message).toBe("there is no IPv4 address for the name brokr");
    expect(finding.mend).toMatch(/--set mqtt\.host=ADDRESS$/);
  });

  test("no name server", async () => {
    const finding = await name("broker.lan", { lookup: unknown("EAI_AGAIN") });
    expect(finding.message).toMatch(/cannot be looked up now \(EAI_AGAIN\)/);
    expect(finding.mend).toMatch(/in the network/);
  });

  test("a name that only this computer knows", async () => {
    const finding = await name("broker", {
      lookup: async () => ["192.168.1.9"],
      askNameServer: unknown("ENOTFOUND"),
    });
    expect(finding).toMatchObject({
      status: "warning",
      mend: expect.stringContaining("--set mqtt.host=192.168.1.9"),
    });
  });

  test("a name by mDNS", async () => {
    const finding = await name("broker.local", {
      lookup: async () => ["192.168.1.9"],
      askNameServer: unknown("ENOTFOUND"),
    });
    expect(finding).toMatchObject({ status: "warning", message: expect.stringContaining("by mDNS") });
    expect(finding.mend).toMatch(/--set mqtt\.host=192\.168\.1\.9$/);
  });

  test("IPv6, which the board does not speak", async () => {
    expect(await name("fe80::1")).toMatchObject({ status: "failure", mend: expect.stringContaining("IPv4") });
  });

  test("a URL in place of a name", async () => {
    expect(await name("mqtt://broker.lan:1883")).toMatchObject({
      status: "failure",
      mend: "the name alone: --set mqtt.host=broker.lan",
    });
  });

  test("a name that the name server knows too", async () => {
    const finding = await name("broker.lan", { lookup: async () => ["192.168.1.9"] });
    expect(finding).toEqual({ status: "ok", message: "broker.lan is 192.168.1.9" });
  });
});

describe("this computer", () => {
  test("a Node that is too old", async () => {
    const finding = await found("node", onWifi, { surroundings: { nodeVersion: "18.20.4" } });
    expect(finding).toMatchObject({ status: "failure", mend: expect.stringContaining("https://nodejs.org") });
    expect(isAtLeast("20.19.0", "20.19")).toBe(true);
    expect(isAtLeast("20.9.0", "20.19")).toBe(false);
    expect(isAtLeast("22.1.0", "20.19")).toBe(true);
  });

  test("a clock that is years behind", async () => {
    const finding = await found("clock", onWifi, { surroundings: { now: () => Date.parse("1970-01-02") } });
    expect(finding).toMatchObject({ status: "warning", mend: expect.stringContaining("set the clock") });
  });

  test("optional packages that are missing are a warning, unless the port needs them", async () => {
    const without = { surroundings: { hasPackage: () => false } };
    const list = async (port?: string) =>
      (
        await diagnose({
          set: ["mqtt.host=b"],
          about: ["packages"],
          ...without,
          ...(port ? { boardPort: port } : {}),
        })
      ).packages;
    expect((await list())?.map(({ status }) => status)).toEqual(["warning", "warning"]);
    expect((await list("/dev/ttyUSB0"))?.map(({ status }) => status)).toEqual(["failure", "warning"]);
    expect((await list("ble:Lamp"))?.map(({ status }) => status)).toEqual(["warning", "failure"]);
    expect((await list("tcp://127.0.0.1:2323"))?.map(({ status }) => status)).toEqual(["warning", "warning"]);
    expect((await list())?.[0]?.mend).toBe("npm install (without --omit=optional)");
  });
});
