/** `wick init` at a terminal: what it asks, what it tries at once, and that nothing is written before the last answer. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../tools/config/load.ts";
import { loadProfile, profileNames } from "../tools/config/profile.ts";
import { type BoardFinder, likelyProfiles } from "../tools/init/boards.ts";
import { init } from "../tools/init/init.ts";
import { freePort, openBroker, quietSurroundings, type TestBroker } from "./fixtures/doctor-broker.ts";
import { type Answer, CTRL_C, DOWN, ENTER, ScriptedTerminal } from "./fixtures/scripted-terminal.ts";

let folder: string;
const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-init-"));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

async function broker(...rules: Parameters<typeof openBroker>): Promise<TestBroker> {
  const one = await openBroker(...rules);
  closing.push(() => one.close());
  return one;
}

const nothingPluggedIn: BoardFinder = {
  ports: async () => [],
  ask: async () => ({ board: undefined, said: "" }),
};

interface Interview {
  script: readonly Answer[];
  set?: string[];
  board?: string;
  finder?: BoardFinder;
  ownAddresses?: string[];
  lookup?: (host: string) => Promise<string[]>;
}

/** Runs `wick init` in `folder`. The broker's port is said beforehand; "desk.lan" is this computer in its network. */
async function interview({
  script,
  set = [],
  board,
  finder = nothingPluggedIn,
  ownAddresses = ["desk.lan"],
  lookup,
}: Interview) {
  const person = new ScriptedTerminal(script);
  const result = await init({
    file: join(folder, "flash.config.json"),
    set,
    board,
    terminal: person.terminal,
    force: false,
    surroundings: quietSurroundings({ ownAddresses: () => ownAddresses, ...(lookup ? { lookup } : {}) }),
    finder,
  }).catch((error: Error) => error);
  return { person, result };
}

const read = (name: string) => readFileSync(join(folder, name), "utf8");
const reread = () => loadConfig({ file: "flash.config.json", folder });

const untilBroker: Answer[] = [
  ["Board", ENTER],
  ["Name of your Wi-Fi", `Home${ENTER}`],
  ["Its password", `hidden-word${ENTER}`],
];
const afterBroker: Answer[] = [
  ["Topic of the lamp", ENTER],
  ["Pin of the lamp", ENTER],
];

describe("a first time", () => {
  test("board, Wi-Fi, broker, topic and pin; what is written is valid, and the secret is apart", async () => {
    const { port } = await broker();
    const { person, result } = await interview({
      set: [`mqtt.port=${port}`],
      script: [...untilBroker, ["Broker", ENTER], ...afterBroker],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(person.unasked).toEqual([]);
    expect(person.shown).toContain(`desk.lan:${port} answers, lets anybody in`);
    const { values, profile } = reread();
    expect(profile.name).toBe("esp32-devkitc");
    expect(values).toMatchObject({
      "wifi.ssid": "Home",
      "wifi.password": "hidden-word",
      "mqtt.host": "desk.lan",
      "mqtt.port": port,
      "lamp.topic": "home/office/lamp",
      "lamp.pin": "D2",
    });
    expect(read("flash.config.json")).not.toContain("hidden-word");
    expect(read("flash.config.json")).toMatch(/"\$schema": ".*flash\.config\.schema\.json"/);
    expect(read("flash.config.local.json")).toContain("hidden-word");
    expect(statSync(join(folder, "flash.config.local.json")).mode & 0o777).toBe(0o600);
    expect(read(".gitignore")).toBe("flash.config.local.json\n");
    expect(person.raw).not.toContain("hidden-word");
    expect(readdirSync(folder).sort()).toEqual([
      ".gitignore",
      "flash.config.json",
      "flash.config.local.json",
    ]);
  });

  test("a broker that wants a name: the wrong one is said at once, the right one goes on", async () => {
    const { port } = await broker({ user: { name: "lamp", password: "right-word" } });
    const { person, result } = await interview({
      set: [`mqtt.port=${port}`],
      script: [
        ...untilBroker,
        ["Broker", ENTER],
        ["User name for the broker", `lamp${ENTER}`],
        ["Password for the broker", `wrong-word${ENTER}`],
        [/CONNACK 4[\s\S]*And now\?/, ENTER],
        ["User name for the broker", `lamp${ENTER}`],
        ["Password for the broker", `right-word${ENTER}`],
        ...afterBroker,
      ],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(person.shown).toContain(`desk.lan:${port} answers, wants a user name and a password`);
    expect(person.shown).toContain(`desk.lan:${port} lets "lamp" in`);
    expect(reread().values).toMatchObject({ "mqtt.username": "lamp", "mqtt.password": "right-word" });
    expect(read("flash.config.json")).not.toMatch(/right-word|wrong-word/);
    expect(person.raw).not.toMatch(/right-word|wrong-word|hidden-word/);
  });

  test("a broker on 127.0.0.1 only: why that is no use, and the address that would be", async () => {
    const { port } = await broker();
    const { person, result } = await interview({
      set: [`mqtt.port=${port}`],
      lookup: async () => {
        throw Object.assign(new Error("nobody"), { code: "ENOTFOUND" });
      },
      script: [
        ...untilBroker,
        [/A broker answers on 127\.0\.0\.1 only\.[\s\S]*Broker/, ENTER],
        ["And now?", DOWN + DOWN + ENTER],
        ...afterBroker,
      ],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(person.shown).toMatch(
      /For a board on Wi-Fi 127\.0\.0\.1 is the board itself\. It needs desk\.lan/,
    );
    expect(person.shown).toContain('"listener 1883" in mosquitto.conf');
    expect(reread().values["mqtt.host"]).toBe("desk.lan");
  });

  test("127.0.0.1 said outright is asked about again", async () => {
    const { port } = await broker();
    const { result } = await interview({
      set: [`mqtt.port=${port}`, "mqtt.host=127.0.0.1"],
      script: [
        ...untilBroker,
        [/is the board itself[\s\S]*Keep 127\.0\.0\.1 all the same\?/, ENTER],
        ["Broker", ENTER],
        ...afterBroker,
      ],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(reread().values["mqtt.host"]).toBe("desk.lan");
  });

  test("no broker anywhere: an address is typed, what is wrong with it is said, and it may be kept", async () => {
    const port = await freePort();
    const { person, result } = await interview({
      set: [`mqtt.port=${port}`],
      script: [
        ...untilBroker,
        ["Address of the broker", `http://broker${ENTER}`],
        ["Allowed is a name or an IPv4 address", "\u0015"],
        [/./, `broker.lan:${port}${ENTER}`],
        [/nobody listens on broker\.lan:\d+[\s\S]*And now\?/, DOWN + DOWN + ENTER],
        ...afterBroker,
      ],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(person.shown).toMatch(/npx wick doctor looks again/);
    expect(reread().values).toMatchObject({ "mqtt.host": "broker.lan", "mqtt.port": port });
  });

  test("a board without Wi-Fi is not asked for one, and finds the broker of this computer", async () => {
    const { port } = await broker();
    const { person, result } = await interview({
      board: "linux",
      set: [`mqtt.port=${port}`],
      ownAddresses: [],
      script: [["Broker", ENTER], ...afterBroker],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(person.shown).not.toContain("Wi-Fi (");
    expect(reread().values["mqtt.host"]).toBe("127.0.0.1");
    expect(existsSync(join(folder, "flash.config.local.json"))).toBe(false);
  });
});

describe("answers that cannot be", () => {
  test("a name of 33 bytes and a password of 7 are said at once, and asked again", async () => {
    const { port } = await broker();
    const { person, result } = await interview({
      set: [`mqtt.port=${port}`],
      script: [
        ["Board", ENTER],
        ["Name of your Wi-Fi", `${"ä".repeat(16)}x${ENTER}`],
        ["has 33 bytes in UTF-8", `\u0015Home${ENTER}`],
        ["Its password", `seven-7${ENTER}`],
        ["has 7 characters", `8${ENTER}`],
        ["Broker", ENTER],
        ["Topic of the lamp", `/+${ENTER}`],
        ["Allowed is a topic", `\u0015hall/lamp${ENTER}`],
        ["Pin of the lamp", DOWN + ENTER],
      ],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(person.unasked).toEqual([]);
    const { values } = reread();
    expect(values).toMatchObject({
      "wifi.ssid": "Home",
      "wifi.password": "seven-78",
      "lamp.topic": "hall/lamp",
    });
    expect(values["lamp.pin"]).not.toBe("D2");
  });
});

describe("Ctrl-C", () => {
  const questions = [...untilBroker, ["Broker", ENTER] as Answer, ...afterBroker];
  test.each(questions.map(([question], index) => [question, index] as const))(
    "at %j leaves nothing",
    async (_question, index) => {
      const { port } = await broker();
      const script = questions
        .slice(0, index + 1)
        .map(([question, keys], at): Answer => [question, at === index ? CTRL_C : keys]);
      const { result } = await interview({ set: [`mqtt.port=${port}`], script });
      expect(result).toMatchObject({
        name: "Failure",
        message: "wick init was broken off; nothing was written",
      });
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

describe("a file that is there already", () => {
  const before = `{
  // my own words
  "board": "linux",
  "mqtt": { "host": "old.lan", "keepAlive": 60 }, // kept
  "lamp": { "topic": "hall/lamp" }
}
`;

  test("its answers are offered, and everything else in it stays", async () => {
    const { port } = await broker();
    writeFileSync(join(folder, "flash.config.json"), before);
    const { person, result } = await interview({
      set: [`mqtt.port=${port}`],
      script: [
        ["is there already", ENTER],
        ["Board", ENTER],
        ["Broker", ENTER],
        ["Topic of the lamp", `2${ENTER}`],
        ["Pin of the lamp", ENTER],
      ],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(person.unasked).toEqual([]);
    expect(read("flash.config.json")).toMatch(/\/\/ my own words/);
    expect(read("flash.config.json")).toMatch(/\/\/ kept/);
    expect(reread().values).toMatchObject({
      "mqtt.keepAlive": 60,
      "mqtt.host": "old.lan",
      "lamp.topic": "hall/lamp2",
    });
  });

  test("one with TLS stays so, and is tried with it", async () => {
    const { port } = await broker();
    writeFileSync(
      join(folder, "flash.config.json"),
      `{ "board": "linux", "mqtt": { "host": "old.lan", "port": ${port}, "tls": true } }`,
    );
    const { person, result } = await interview({
      script: [
        ["is there already", ENTER],
        ["Board", ENTER],
        [/old\.lan:\d+ \(as before\)/, ENTER],
        [/TLS handshake with old\.lan:\d+ fails[\s\S]*And now\?/, DOWN + DOWN + ENTER],
        ...afterBroker,
      ],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(person.unasked).toEqual([]);
    expect(reread().tls).toEqual({});
  });

  test("or it is left alone", async () => {
    writeFileSync(join(folder, "flash.config.json"), before);
    const { result } = await interview({ script: [["is there already", DOWN + DOWN + ENTER]] });
    expect(result).toMatchObject({ name: "Failure", message: expect.stringMatching(/nothing was written$/) });
    expect(read("flash.config.json")).toBe(before);
  });

  test("or written anew; the secrets of before stay where they are", async () => {
    const { port } = await broker();
    writeFileSync(join(folder, "flash.config.json"), before);
    writeFileSync(
      join(folder, "flash.config.local.json"),
      '{ "mqtt": { "username": "u", "password": "hidden-word" } }',
    );
    const { result } = await interview({
      set: [`mqtt.port=${port}`],
      board: "linux",
      script: [["is there already", DOWN + ENTER], ["Broker", ENTER], ...afterBroker],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(read("flash.config.json")).not.toContain("my own words");
    expect(reread().values).toMatchObject({ "mqtt.keepAlive": 30, "mqtt.password": "hidden-word" });
    expect(statSync(join(folder, "flash.config.local.json")).mode & 0o777).toBe(0o600);
  });

  test("one that cannot be read is not mended, only replaced", async () => {
    writeFileSync(join(folder, "flash.config.json"), "{ board }");
    const { person, result } = await interview({ script: [["is there already", DOWN + ENTER]] });
    expect(result).toMatchObject({ message: expect.stringMatching(/nothing was written$/) });
    expect(person.shown).toMatch(/not JSON/);
    expect(person.shown).not.toContain("put the answers into it");
    expect(read("flash.config.json")).toBe("{ board }");
  });
});

describe("a board that is plugged in", () => {
  const usb = {
    path: "/dev/ttyACM0",
    title: "/dev/ttyACM0: Espressif USB-JTAG",
    profiles: ["esp32-c3-supermini", "esp32-s3-devkitc"],
  };
  const finder = (answer: Awaited<ReturnType<BoardFinder["ask"]>>): BoardFinder & { asked: string[] } => {
    const asked: string[] = [];
    return {
      asked,
      ports: async () => [usb],
      ask: async (port) => {
        asked.push(port);
        return answer;
      },
    };
  };
  const rest = (port: number) => ({
    set: [`mqtt.port=${port}`, "wifi.ssid=Home", "wifi.password=", "lamp.topic=t", "lamp.pin=D4"],
  });

  test("asked who it is, its profile is offered first, and its port is written down", async () => {
    const { port } = await broker();
    const who = finder({ board: "ESP32", said: "Espruino 2v29 on ESP32" });
    const { person, result } = await interview({
      ...rest(port),
      finder: who,
      script: [
        ["Is it this one?", ENTER],
        ["who it is?", ENTER],
        [/Board$|Board\n/, ENTER],
        ["Broker", ENTER],
      ],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(who.asked).toEqual(["/dev/ttyACM0"]);
    expect(person.shown).toContain("Espruino 2v29 on ESP32");
    const { profile, values } = reread();
    expect(profile.interpreter.boards).toContain("ESP32");
    expect(values["flash.port"]).toBe("/dev/ttyACM0");
  });

  test("not asked unless the user likes; then the plug decides what is offered first", async () => {
    const { port } = await broker();
    const who = finder({ board: "ESP32", said: "" });
    const { result } = await interview({
      ...rest(port),
      finder: who,
      script: [
        ["Is it this one?", ENTER],
        ["who it is?", `n`],
        [/Board$|Board\n/, ENTER],
        ["Broker", ENTER],
      ],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(who.asked).toEqual([]);
    expect(reread().profile.name).toBe("esp32-c3-supermini");
  });

  test("one that is no Espruino is said to be", async () => {
    const { port } = await broker();
    const { person } = await interview({
      ...rest(port),
      finder: finder({ board: undefined, said: "nothing answers on /dev/ttyACM0" }),
      script: [
        ["Is it this one?", ENTER],
        ["who it is?", ENTER],
        [/Board$|Board\n/, ENTER],
        ["Broker", ENTER],
      ],
    });
    expect(person.shown).toContain("nothing answers on /dev/ttyACM0");
  });

  test.each([
    ["303a", "1001", ["esp32-c3-supermini", "esp32-s3-devkitc"]],
    ["10c4", "ea60", ["esp32-devkitc"]],
    ["1234", "5678", []],
    [undefined, undefined, []],
  ])("USB %s:%s speaks for %j", (vendorId, productId, expected) => {
    const profiles = profileNames().map((name) => loadProfile(name));
    const likely = likelyProfiles({ vendorId, productId }, profiles);
    expect(likely.slice(0, expected.length)).toEqual(expected);
  });
});
