/** `wick init` at a terminal: what it asks, what it tries at once, and that nothing is written before the last answer. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "./fixtures/doctor-broker.ts";
import { initDesk } from "./fixtures/init-desk.ts";
import { afterBroker, untilBroker } from "./fixtures/interview.ts";
import { type Answer, CTRL_C, DOWN, ENTER } from "./fixtures/scripted-terminal.ts";

const desk = initDesk();

describe("a first time", () => {
  test("board, Wi-Fi, broker, topic and pin; what is written is valid, and the secret is apart", async () => {
    const { port } = await desk.broker();
    const { person, result } = await desk.interview({
      set: [`mqtt.port=${port}`],
      script: [...untilBroker, ["Broker", ENTER], ...afterBroker],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(person.unasked).toEqual([]);
    expect(person.shown).toContain(`desk.lan:${port} answers, lets anybody in`);
    const { values, profile } = desk.reread();
    expect(profile.name).toBe("esp32-devkitc");
    expect(values).toMatchObject({
      "wifi.ssid": "Home",
      "wifi.password": "hidden-word",
      "mqtt.host": "desk.lan",
      "mqtt.port": port,
      "lamp.topic": "home/office/lamp",
      "lamp.pin": "D2",
    });
    expect(desk.read("flash.config.json")).not.toContain("hidden-word");
    expect(desk.read("flash.config.json")).toMatch(/"\$schema": ".*flash\.config\.schema\.json"/);
    expect(desk.read("flash.config.local.json")).toContain("hidden-word");
    expect(statSync(join(desk.folder, "flash.config.local.json")).mode & 0o777).toBe(0o600);
    expect(desk.read(".gitignore")).toBe("flash.config.local.json\n");
    expect(person.raw).not.toContain("hidden-word");
    expect(readdirSync(desk.folder).sort()).toEqual([
      ".gitignore",
      "flash.config.json",
      "flash.config.local.json",
    ]);
  });

  test("a broker that wants a name: the wrong one is said at once, the right one goes on", async () => {
    const { port } = await desk.broker({ user: { name: "lamp", password: "right-word" } });
    const { person, result } = await desk.interview({
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
    expect(desk.reread().values).toMatchObject({ "mqtt.username": "lamp", "mqtt.password": "right-word" });
    expect(desk.read("flash.config.json")).not.toMatch(/right-word|wrong-word/);
    expect(person.raw).not.toMatch(/right-word|wrong-word|hidden-word/);
  });

  test("a broker on 127.0.0.1 only: why that is no use, and the address that would be", async () => {
    const { port } = await desk.broker();
    const { person, result } = await desk.interview({
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
    expect(desk.reread().values["mqtt.host"]).toBe("desk.lan");
  });

  test("127.0.0.1 said outright is asked about again", async () => {
    const { port } = await desk.broker();
    const { result } = await desk.interview({
      set: [`mqtt.port=${port}`, "mqtt.host=127.0.0.1"],
      script: [
        ...untilBroker,
        [/is the board itself[\s\S]*Keep 127\.0\.0\.1 all the same\?/, ENTER],
        ["Broker", ENTER],
        ...afterBroker,
      ],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(desk.reread().values["mqtt.host"]).toBe("desk.lan");
  });

  test("no broker anywhere: an address is typed, what is wrong with it is said, and it may be kept", async () => {
    const port = await freePort();
    const { person, result } = await desk.interview({
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
    expect(desk.reread().values).toMatchObject({ "mqtt.host": "broker.lan", "mqtt.port": port });
  });

  test("a board without Wi-Fi is not asked for one, and finds the broker of this computer", async () => {
    const { port } = await desk.broker();
    const { person, result } = await desk.interview({
      board: "linux",
      set: [`mqtt.port=${port}`],
      ownAddresses: [],
      script: [["Broker", ENTER], ...afterBroker],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(person.shown).not.toContain("Wi-Fi (");
    expect(desk.reread().values["mqtt.host"]).toBe("127.0.0.1");
    expect(existsSync(join(desk.folder, "flash.config.local.json"))).toBe(false);
  });
});

describe("answers that cannot be", () => {
  test("a name of 33 bytes and a password of 7 are said at once, and asked again", async () => {
    const { port } = await desk.broker();
    const { person, result } = await desk.interview({
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
    const { values } = desk.reread();
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
      const { port } = await desk.broker();
      const script = questions
        .slice(0, index + 1)
        .map(([question, keys], at): Answer => [question, at === index ? CTRL_C : keys]);
      const { result } = await desk.interview({ set: [`mqtt.port=${port}`], script });
      expect(result).toMatchObject({
        name: "Failure",
        message: "wick init was broken off; nothing was written",
      });
      expect(readdirSync(desk.folder)).toEqual([]);
    },
  );
});
