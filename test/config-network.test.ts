/** Wi-Fi and broker as people write them: the build and `wick doctor` have one set of rules, and their advice passes them. */
import { describe, expect, test } from "vitest";
import { ConfigError } from "../tools/config/error.ts";
import { type Config, loadConfig } from "../tools/config/load.ts";
import { diagnose } from "./fixtures/doctor-broker.ts";

const wifi: Readonly<Record<string, string>> = { "wifi.ssid": "Home" };

interface Verdict {
  status: "ok" | "warning" | "failure";
  text: string;
}

function setsFor(values: Readonly<Record<string, string>>, board: string): string[] {
  return Object.entries({ ...(board === "linux" ? {} : wifi), "mqtt.host": "192.168.1.9", ...values }).map(
    ([key, value]) => `${key}=${value}`,
  );
}

function built(values: Readonly<Record<string, string>>, board = "esp32-devkitc"): Verdict {
  let config: Config;
  try {
    config = loadConfig({ file: null, environment: {}, board, set: setsFor(values, board) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { status: "failure", text: error.message };
  }
  return { status: config.warnings.length > 0 ? "warning" : "ok", text: config.warnings.join("\n") };
}

/** As `wick doctor` says it, with an answer for every name. */
async function examined(values: Readonly<Record<string, string>>, board = "esp32-devkitc"): Promise<Verdict> {
  const diagnosis = await diagnose({
    board,
    set: setsFor(values, board),
    about: ["config", "wi-fi", "broker name"],
    surroundings: {
      lookup: async (name) => [/^localhost\.?$/i.test(name) ? "127.0.0.1" : "192.168.1.9"],
      askNameServer: async () => ["192.168.1.9"],
    },
  });
  const findings = Object.values(diagnosis)
    .flat()
    .filter(({ status }) => status === "failure" || status === "warning");
  const failed = findings.some(({ status }) => status === "failure");
  return {
    status: failed ? "failure" : findings.length > 0 ? "warning" : "ok",
    text: findings.map(({ message, mend }) => `${message}; ${mend}`).join("\n"),
  };
}

const hosts: readonly [host: string, status: Verdict["status"], text: RegExp][] = [
  ["192.168.1.5", "ok", /^$/],
  ["broker.lan", "ok", /^$/],
  ["broker", "ok", /^$/],
  ["my_broker.lan.", "ok", /^$/],
  ["xn--brcke-lva.example", "ok", /^$/],
  [
    "mqtt://192.168.1.5",
    "failure",
    /"mqtt:\/\/192\.168\.1\.5", which is no name; the name alone: --set mqtt\.host=192\.168\.1\.5$/,
  ],
  ["mqtts://broker.lan", "failure", /--set mqtt\.host=broker\.lan --set mqtt\.tls=true$/],
  ["mqtt://broker.lan:1884/x", "failure", /--set mqtt\.host=broker\.lan --set mqtt\.port=1884$/],
  ["192.168.1.5:1883", "failure", /which is no name; the name alone: --set mqtt\.host=192\.168\.1\.5$/],
  ["broker.lan/", "failure", /--set mqtt\.host=broker\.lan$/],
  ["broker lan", "failure", /which is no name/],
  [
    " broker.lan",
    "failure",
    /" broker\.lan", which is no name; the name alone: --set mqtt\.host=broker\.lan$/,
  ],
  ["broker.lan\t", "failure", /--set mqtt\.host=broker\.lan$/],
  [" ", "failure", /is " ", which is no name/],
  ["192.168.1.256", "failure", /192\.168\.1\.256, which is no IPv4 address/],
  ["192.168.1", "failure", /which is no IPv4 address/],
  ["192.168.001.005", "failure", /which is no IPv4 address/],
  ["1.2.3.4.5", "failure", /which is no IPv4 address/],
  ["0x7f.1", "failure", /which is no IPv4 address/],
  ["1883", "failure", /which is no IPv4 address/],
  ["255.255.255.255", "failure", /the address of no one computer/],
  ["224.0.0.1", "failure", /the address of no one computer/],
  ["fe80::1", "failure", /IPv4 only/],
  ["fe80::1%eth0", "failure", /IPv4 only/],
  ["[::1]:1883", "failure", /IPv4 only/],
  ["broker..lan", "failure", /which is no name/],
  ["-broker.lan", "failure", /which is no name/],
  [`${"x".repeat(64)}.lan`, "failure", /which is no name/],
  ["broker.lan\u0007", "failure", /which is no name/],
  ["brücke.example", "failure", /in ASCII only; .*--set mqtt\.host=xn--brcke-lva\.example$/],
  ["x.local", "warning", /by mDNS/],
  ["X.LOCAL.", "warning", /by mDNS/],
];

/** They fail on the board; a build for a board in a simulator may mean them. */
const loopbacks = ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.1.2.3", "0.0.0.0"];

describe("mqtt.host on a board with Wi-Fi", () => {
  test.each(hosts)("%j: %s", async (host, status, text) => {
    const verdict = built({ "mqtt.host": host });
    expect(verdict).toEqual({ status, text: expect.stringMatching(text) });
    expect(verdict.text).not.toContain("\n");
    if (status !== "ok") expect(verdict.text).toMatch(/^--set: mqtt\.host is /);
    expect((await examined({ "mqtt.host": host })).status).toBe(status);
  });

  test.each(loopbacks)("%s is the board itself", async (host) => {
    expect(built({ "mqtt.host": host })).toEqual({
      status: "warning",
      text: expect.stringMatching(
        /^--set: mqtt\.host is .*, which for a board on Wi-Fi is the board itself; /,
      ),
    });
    expect((await examined({ "mqtt.host": host })).text).toContain("is the board itself");
  });

  test("a login in it is not repeated", () => {
    for (const host of [
      "mqtt://me:hidden-word@broker.lan",
      "me:hidden-word@broker.lan:1883",
      "mqtt://me:hidden-word@",
    ]) {
      const { status, text } = built({ "mqtt.host": host });
      expect(status).toBe("failure");
      expect(text).not.toContain("hidden-word");
    }
  });
});

test("without Wi-Fi the board is this computer, which knows localhost and mDNS", () => {
  for (const host of [...loopbacks, "x.local"])
    expect(built({ "mqtt.host": host }, "linux").status).toBe("ok");
  expect(built({ "mqtt.host": "mqtt://b" }, "linux").status).toBe("failure");
});

const networks: readonly [key: string, value: string, status: Verdict["status"], text: RegExp][] = [
  ["wifi.password", "1", "failure", /none has fewer than 8/],
  ["wifi.password", "hidden7", "failure", /none has fewer than 8/],
  ["wifi.password", "", "ok", /^$/],
  ["wifi.password", "eight-88", "ok", /^$/],
  ["wifi.password", "x".repeat(63), "ok", /^$/],
  ["wifi.password", "g".repeat(64), "failure", /has 64 bytes; allowed are 8 to 63, or 64 hexadecimal digits/],
  ["wifi.password", "a".repeat(64), "ok", /^$/],
  ["wifi.password", "hidden\u0007word", "failure", /control character/],
  ["wifi.password", " hidden-word", "warning", /begins or ends with a blank/],
  ["wifi.ssid", "Home\t", "failure", /control character/],
  ["wifi.ssid", "Home ", "warning", /begins or ends with a blank/],
  ["wifi.ssid", "Home_5G", "warning", /5 GHz/],
];

describe("the Wi-Fi", () => {
  test.each(networks)("%s=%j: %s", async (key, value, status, text) => {
    const verdict = built({ [key]: value });
    expect(verdict).toEqual({ status, text: expect.stringMatching(text) });
    expect(verdict.text).not.toContain("\n");
    if (key === "wifi.password" && value.length > 2) expect(verdict.text).not.toContain(value.trim());
    if (status !== "ok") expect(verdict.text.startsWith(`--set: ${key}: `)).toBe(true);
    expect((await examined({ [key]: value })).status).toBe(status);
  });

  test("a board without any is not asked for one that works", () => {
    expect(built({ "wifi.password": "short" }, "linux").status).not.toBe("failure");
  });
});

test("what replaces the broker that is written, as the simulator does, is not judged", () => {
  const { warnings } = loadConfig({
    file: null,
    board: "esp32-devkitc",
    set: ["wifi.ssid=Home", "mqtt.host=mqtt://not-a-name"],
    overrides: { "mqtt.host": "127.0.0.1" },
  });
  expect(warnings).toEqual([]);
});

test("every line of advice about a host is one that builds", () => {
  for (const [host] of hosts) {
    const advised = [...built({ "mqtt.host": host }).text.matchAll(/--set (\S+?)=([^\s;]+)/g)].filter(
      ([, , value = ""]) => !/^[A-Z]+$/.test(value),
    );
    const values = Object.fromEntries(advised.map(([, key = "", value = ""]) => [key, value]));
    expect(built(values).status, host).toBe("ok");
  }
});
