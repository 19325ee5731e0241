/** What a configuration file may look like as text: UTF-8, not too deep, `${` as itself; and who may read what holds its secrets. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { keepBuild } from "../tools/build/kept-builds.ts";
import { ConfigError } from "../tools/config/error.ts";
import { type LoadOptions, loadConfig } from "../tools/config/load.ts";
import { typed } from "../tools/init/answers.ts";
import { writePrivate } from "../tools/private-file.ts";
import { startWick } from "./fixtures/wick-process.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-text-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string | Buffer) => writeFileSync(join(folder, name), text);

function mistakes(options: LoadOptions = {}): string[] {
  try {
    loadConfig({ folder, board: "linux", environment: {}, ...options });
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("a file that is not UTF-8 is refused, with line and column", () => {
  const latin1 = (text: string) => Buffer.from(text, "latin1");
  test.each([
    ["Latin-1", latin1('{"mqtt":{"host":"b"},\n "wifi":{"ssid":"Café"}}'), "2:21: not UTF-8 (byte 0xe9)"],
    [
      "behind a character outside the basic plane and a real U+FFFD",
      Buffer.concat([Buffer.from('{\n "x":"\u{1F4A1}\uFFFD'), latin1('ü"}')]),
      "2:10: not UTF-8 (byte 0xfc)",
    ],
    ["in a comment", latin1("// für mich\n{}"), "1:5: not UTF-8 (byte 0xfc)"],
    [
      "cut off in the middle of a character",
      Buffer.from([0x7b, 0x0a, 0xe2, 0x82]),
      "2:1: not UTF-8 (byte 0xe2)",
    ],
    [
      "UTF-16, as PowerShell writes it",
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("{}", "utf16le")]),
      "1:1: not UTF-8 (byte 0xff, it begins as UTF-16 does)",
    ],
  ])("%s", (_, bytes, expected) => {
    for (const name of ["flash.config.json", "flash.config.local.json"]) {
      write(name, bytes);
      expect(mistakes()).toEqual([`${name}:${expected}; save the file as UTF-8`]);
      rmSync(join(folder, name));
    }
  });

  test("a byte order mark and U+FFFD itself are UTF-8", () => {
    write("flash.config.json", '\uFEFF{"mqtt":{"host":"b","clientId":"\uFFFD"}}');
    expect(mistakes()).toEqual([]);
  });

  test("so is a value from the environment or the command line", () => {
    write("flash.config.json", '{"mqtt":{"host":"b","username":"${NAME}"}}');
    expect(mistakes({ environment: { NAME: "caf\uFFFD" } })).toEqual([
      expect.stringMatching(/:1:32: mqtt\.username comes from .* and is not UTF-8/),
    ]);
    expect(mistakes({ environment: { NAME: "n" }, set: ["lamp.topic=caf\uFFFD"] })).toEqual([
      expect.stringMatching(/^--set: lamp\.topic comes from/),
    ]);
  });
});

describe("a file that is nested too deep is one line", () => {
  test.each([
    ["objects", '{"a":'.repeat(50_000)],
    ["lists", `{"lamp":{"groups":${"[".repeat(50_000)}`],
    ["what nobody reads", `{"$schema":${"[".repeat(50_000)}${"]".repeat(50_000)}}`],
  ])("%s", (_, text) => {
    write("flash.config.json", text);
    const found = mistakes();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^flash\.config\.json:1:\d+: nested deeper than 64 levels/);
  });

  test("brackets in texts and comments do not count", () => {
    write("flash.config.json", `{/*${"[".repeat(500)}*/"mqtt":{"host":"b","clientId":"${"{[".repeat(50)}"}}`);
    expect(mistakes()).toEqual([]);
  });

  test("--set with a deep list, too", () => {
    expect(
      mistakes({ set: ["mqtt.host=b", `lamp.groups=${"[".repeat(50_000)}${"]".repeat(50_000)}`] }),
    ).toEqual([expect.stringMatching(/^--set: lamp\.groups is .*, allowed is a list/)]);
  });

  test("the commands end with exit code 2 and no stack", async () => {
    write("flash.config.json", '{"a":'.repeat(50_000));
    for (const command of ["build", "doctor"]) {
      const { code, out, error } = await startWick([command, "--board", "linux"], { folder }).ended;
      expect(out + error, command).not.toContain("    at ");
      expect(out + error, command).toContain("nested deeper");
      expect(code, command).toBe(command === "build" ? 2 : 1);
    }
  });
});

describe("a dollar sign and a brace", () => {
  const password = (text: string, environment = {}) => {
    write("flash.config.json", JSON.stringify({ mqtt: { host: "b", username: "u", password: text } }));
    return loadConfig({ folder, board: "linux", environment }).values["mqtt.password"];
  };
  test.each([
    ["$${HOME}", "${HOME}"],
    ["a$${", "a${"],
    ["${", "${"],
    ["$$", "$$"],
    ["$$$${A}", "$$${A}"],
    ["${A}$${A}${A}", "x${A}x"],
    ["${0}", "${0}"],
  ])("%s is %s", (written, meant) => {
    expect(password(written, { A: "x" })).toBe(meant);
  });

  test("what the environment holds is not looked at again", () => {
    expect(password("${A}", { A: "${B}$${C}" })).toBe("${B}$${C}");
  });

  test("what is typed into wick init is meant as it is, but for a whole reference", () => {
    for (const text of ["pa${HOME}ss", "${", "$${X}", "plain"]) expect(password(typed(text))).toBe(text);
    expect(typed("${MQTT_PASSWORD}")).toBe("${MQTT_PASSWORD}");
  });
});

describe("board", () => {
  test("a wrong type is said once", () => {
    for (const board of ["5", "true", "null", '["linux"]', '{"a":1}']) {
      write("flash.config.json", `{"board":${board},"mqtt":{"host":"b"}}`);
      expect(mistakes({ board: undefined }), board).toEqual([
        expect.stringMatching(
          /^flash\.config\.json:1:10: board is .*, allowed is text; .*--set board=esp32-devkitc$/,
        ),
      ]);
    }
  });

  test("it may come from the environment, as every text", () => {
    write("flash.config.json", '{"board":"${B}","mqtt":{"host":"b"}}');
    expect(loadConfig({ folder, environment: { B: "linux" } }).profile.name).toBe("linux");
    expect(mistakes({ board: undefined })).toEqual([
      expect.stringContaining("needs the environment variable B"),
    ]);
  });
});

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

describe("what holds secrets is its owner's alone", () => {
  test("a new file, and one that others could read", () => {
    const file = join(folder, "secret");
    writePrivate(file, "one");
    expect(modeOf(file)).toBe("600");
    chmodSync(file, 0o644);
    writePrivate(file, "two");
    expect([modeOf(file), readFileSync(file, "utf8")]).toEqual(["600", "two"]);
  });

  test("the kept source maps", async () => {
    const result = { code: "print(1);", map: '{"version":3,"sources":[],"names":[],"mappings":""}' };
    const { file } = await keepBuild(result, { folder: join(folder, "builds") });
    expect(modeOf(file)).toBe("600");
  });

  test("the bundle and its map, also where they were there before", async () => {
    mkdirSync(join(folder, "dist"));
    writeFileSync(join(folder, "dist/lamp.js"), "old", { mode: 0o644 });
    const { code } = await startWick(["build", "--board", "linux", "--set", "mqtt.host=b"], { folder }).ended;
    expect(code).toBe(0);
    const kept = readdirSync(join(folder, "dist/builds")).map((name) => `dist/builds/${name}`);
    for (const name of ["dist/lamp.js", "dist/lamp.js.map", ...kept])
      expect(modeOf(join(folder, name)), name).toBe("600");
  });
});

describe("--out", () => {
  const build = (out: string) =>
    startWick(["build", "--board", "linux", "--set", "mqtt.host=b", "--out", out], { folder }).ended;

  test("a folder elsewhere that is not there is not made", async () => {
    const place = join(folder, "../not-there-at-all/x/lamp.js");
    const { code, error } = await build(place);
    expect(error).toMatch(/^\S+: the folder \S+ does not exist; make it first: mkdir -p \S+\n$/);
    expect(code).toBe(1);
    expect(existsSync(join(folder, "../not-there-at-all"))).toBe(false);
  });

  test("below the current folder it is made, and said", async () => {
    const { code, out } = await build("a/b/lamp.js");
    expect(out).toContain("The folder a/b is new.\n");
    expect(code).toBe(0);
  });
});
