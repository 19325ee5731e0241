/** `wick init` where something is there already: a configuration, or a board on a serial port. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadProfile, profileNames } from "../tools/config/profile.ts";
import { type BoardFinder, likelyProfiles } from "../tools/init/boards.ts";
import { initDesk } from "./fixtures/init-desk.ts";
import { afterBroker } from "./fixtures/interview.ts";
import { DOWN, ENTER } from "./fixtures/scripted-terminal.ts";

const desk = initDesk();

describe("a file that is there already", () => {
  const before = `{
  // my own words
  "board": "linux",
  "mqtt": { "host": "old.lan", "keepAlive": 60 }, // kept
  "lamp": { "topic": "hall/lamp" }
}
`;

  test("without network and broker it is filled in, and nobody is asked about it", async () => {
    const { port } = await desk.broker();
    desk.write("flash.config.json", '{\n  // to be filled in\n  "board": "linux"\n}\n');
    const { person, result } = await desk.interview({
      set: [`mqtt.port=${port}`],
      script: [
        ["Board", ENTER],
        ["Broker", ENTER],
        ["Topic of the lamp", ENTER],
        ["Pin of the lamp", ENTER],
      ],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(person.unasked).toEqual([]);
    expect(desk.read("flash.config.json")).toMatch(/\/\/ to be filled in/);
    expect(desk.reread().values["mqtt.port"]).toBe(port);
  });

  test("its answers are offered, and everything else in it stays", async () => {
    const { port } = await desk.broker();
    desk.write("flash.config.json", before);
    const { person, result } = await desk.interview({
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
    expect(desk.read("flash.config.json")).toMatch(/\/\/ my own words/);
    expect(desk.read("flash.config.json")).toMatch(/\/\/ kept/);
    expect(desk.reread().values).toMatchObject({
      "mqtt.keepAlive": 60,
      "mqtt.host": "old.lan",
      "lamp.topic": "hall/lamp2",
    });
  });

  test("one with TLS stays so, and is tried with it", async () => {
    const { port } = await desk.broker();
    desk.write(
      "flash.config.json",
      `{ "board": "linux", "mqtt": { "host": "old.lan", "port": ${port}, "tls": true } }`,
    );
    const { person, result } = await desk.interview({
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
    expect(desk.reread().tls).toEqual({});
  });

  test("or it is left alone", async () => {
    desk.write("flash.config.json", before);
    const { result } = await desk.interview({ script: [["is there already", DOWN + DOWN + ENTER]] });
    expect(result).toMatchObject({ name: "Failure", message: expect.stringMatching(/nothing was written$/) });
    expect(desk.read("flash.config.json")).toBe(before);
  });

  test("or written anew; the secrets of before stay where they are", async () => {
    const { port } = await desk.broker();
    desk.write("flash.config.json", before);
    desk.write("flash.config.local.json", '{ "mqtt": { "username": "u", "password": "hidden-word" } }');
    const { result } = await desk.interview({
      set: [`mqtt.port=${port}`],
      board: "linux",
      script: [["is there already", DOWN + ENTER], ["Broker", ENTER], ...afterBroker],
    });
    expect(result).not.toBeInstanceOf(Error);
    expect(desk.read("flash.config.json")).not.toContain("my own words");
    expect(desk.reread().values).toMatchObject({ "mqtt.keepAlive": 30, "mqtt.password": "hidden-word" });
    expect(statSync(join(desk.folder, "flash.config.local.json")).mode & 0o777).toBe(0o600);
  });

  test("one that cannot be read is not mended, only replaced", async () => {
    desk.write("flash.config.json", "{ board }");
    const { person, result } = await desk.interview({ script: [["is there already", DOWN + ENTER]] });
    expect(result).toMatchObject({ message: expect.stringMatching(/nothing was written$/) });
    expect(person.shown).toMatch(/not JSON/);
    expect(person.shown).not.toContain("put the answers into it");
    expect(desk.read("flash.config.json")).toBe("{ board }");
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
    const { port } = await desk.broker();
    const who = finder({ board: "ESP32", said: "Espruino 2v29 on ESP32" });
    const { person, result } = await desk.interview({
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
    const { profile, values } = desk.reread();
    expect(profile.interpreter.boards).toContain("ESP32");
    expect(values["flash.port"]).toBe("/dev/ttyACM0");
  });

  test("not asked unless the user likes; then the plug decides what is offered first", async () => {
    const { port } = await desk.broker();
    const who = finder({ board: "ESP32", said: "" });
    const { result } = await desk.interview({
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
    expect(desk.reread().profile.name).toBe("esp32-c3-supermini");
  });

  test("one that is no Espruino is said to be", async () => {
    const { port } = await desk.broker();
    const { person } = await desk.interview({
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
