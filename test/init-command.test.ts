/** `wick init --yes` and the command line around it: what is missing, what is written, what is never written over, and what is never said. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../tools/config/load.ts";
import { type Answers, answersFromFlags } from "../tools/init/answers.ts";
import { changedConfig, changedLocal, freshConfig } from "../tools/init/config-text.ts";
import { init } from "../tools/init/init.ts";
import { projectRoot } from "../tools/version.ts";
import { openBroker, quietSurroundings } from "./fixtures/doctor-broker.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-init-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nobody = { ports: async () => [], ask: async () => ({ board: undefined, said: "" }) };
/** Nobody is asked; the broker is on a port of 127.0.0.1, whatever it is called. */
const yes = (set: string[], more: { board?: string; force?: boolean; file?: string } = {}) =>
  init({
    file: more.file ?? join(folder, "flash.config.json"),
    set,
    board: more.board,
    terminal: undefined,
    force: more.force ?? false,
    surroundings: quietSurroundings(),
    finder: nobody,
  });
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const needed = ["wifi.ssid=Home", "mqtt.host=127.0.0.1", "mqtt.port=1"];

describe("without questions", () => {
  test("what is missing is one line, with what to add", async () => {
    await expect(yes([])).rejects.toMatchObject({
      name: "UsageError",
      message:
        "wick init --yes: wifi.ssid and mqtt.host are missing; add: --set wifi.ssid=NAME --set mqtt.host=ADDRESS",
    });
    await expect(yes([], { board: "linux" })).rejects.toMatchObject({
      message: "wick init --yes: mqtt.host is missing; add: --set mqtt.host=ADDRESS",
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    [["mqtt.hots=b"], /^--set: unknown key mqtt\.hots \(did you mean "mqtt\.host"\?\)/],
    [["mqtt.qos=9"], /^--set: mqtt\.qos is "9", allowed is 0, 1, 2$/],
    [["wifi.password=hidden7"], /^the password of the Wi-Fi has 7 characters/],
    [[`wifi.password=${"x".repeat(99)}`], /^--set: wifi\.password is not usable \(its value is not shown\)/],
    [["lamp.telemetry=60"], /^--set: lamp\.telemetry: this version has no such feature yet/],
    [["lamp.pin=D34"], /lamp\.pin is D34, which on esp32-devkitc is of no use/],
    [["board=esp32-devkit"], /did you mean "esp32-devkitc"/],
  ])("%j is refused, and nothing is written", async (set, message) => {
    const error = await yes([...needed, ...set]).catch((one: Error) => one);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toMatch(/hidden7|xxx/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a board on which the lamp does not run is refused", async () => {
    await expect(yes(needed, { board: "espruino-wifi" })).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringMatching(/does not run on espruino-wifi: .*npx wick boards$/),
    });
  });

  test("everything that was said is written, as loadConfig reads it", async () => {
    await yes([
      ...needed,
      "wifi.password=hidden-word",
      "lamp.groups=a,b/+",
      "mqtt.tls=true",
      "flash.port=COM3",
    ]);
    const { values, tls } = loadConfig({ file: "flash.config.json", folder });
    expect(values).toMatchObject({
      "wifi.password": "hidden-word",
      "lamp.groups": ["a", "b/+"],
      "flash.port": "COM3",
      "lamp.topic": "home/office/lamp",
    });
    expect(tls).toEqual({});
    expect(read("flash.config.json")).not.toContain("hidden-word");
  });

  test("a variable of the environment stays one", async () => {
    const variable = "wifi.password=${NO_SUCH_VARIABLE_HERE}";
    await yes([...needed, variable]);
    expect(read("flash.config.local.json")).toContain('"${NO_SUCH_VARIABLE_HERE}"');
  });

  test("what the broker answers is told, and is no reason not to write", async () => {
    const { broker } = await yes(needed);
    expect(broker).toMatchObject({
      kind: "no",
      said: expect.stringMatching(/^nobody listens on 127\.0\.0\.1:1/),
    });
    const open = await openBroker();
    const there = await yes([...needed, `mqtt.port=${open.port}`], { force: true });
    await open.close();
    expect(there.broker).toMatchObject({ kind: "open" });
  });

  test("the file that comes with the repository is filled in, its comments kept", async () => {
    writeFileSync(join(folder, "flash.config.json"), readFileSync(join(projectRoot, "flash.config.json")));
    await yes(needed);
    expect(read("flash.config.json")).toMatch(/\/\/ npx wick boards lists the boards/);
    expect(loadConfig({ file: "flash.config.json", folder }).values["mqtt.host"]).toBe("127.0.0.1");
  });

  test("a file that is there is not touched without --force, and then only changed", async () => {
    const before =
      '{\n  // mine\n  "board": "linux", "mqtt": { "host": "old", "password": "hidden-word", "username": "u" }\n}\n';
    writeFileSync(join(folder, "flash.config.json"), before);
    await expect(yes(["mqtt.host=new"])).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringMatching(/flash\.config\.json is there already; add --force .* --config FILE$/),
    });
    expect(read("flash.config.json")).toBe(before);
    await yes(["mqtt.host=new", "mqtt.port=1", "mqtt.password=other-word"], { force: true });
    expect(read("flash.config.json")).toMatch(/\/\/ mine\n {2}"board": "linux"/);
    // The secret moves to where it belongs.
    expect(read("flash.config.json")).not.toMatch(/hidden-word|other-word|password/);
    expect(loadConfig({ file: "flash.config.json", folder }).values).toMatchObject({
      "mqtt.host": "new",
      "mqtt.password": "other-word",
      "mqtt.username": "u",
    });
  });

  test("a place that cannot be written to", async () => {
    await expect(yes(needed, { file: join(folder, "no/such/flash.config.json") })).rejects.toMatchObject({
      message: expect.stringMatching(/^--config: there is no folder .*no\/such; make it first$/),
    });
    writeFileSync(join(folder, "file"), "");
    await expect(yes(needed, { file: join(folder, "file/flash.config.json") })).rejects.toMatchObject({
      message: expect.stringMatching(/^--config: there is no folder .*\/file; make it first$/),
    });
    mkdirSync(join(folder, "flash.config.json"));
    await expect(yes(needed)).rejects.toMatchObject({
      message: expect.stringMatching(/flash\.config\.json: cannot be read \(EISDIR\); nothing was written$/),
    });
    rmSync(join(folder, "flash.config.json"), { recursive: true });
    mkdirSync(join(folder, "flash.config.local.json"));
    await expect(yes([...needed, "wifi.password=hidden-word"])).rejects.toMatchObject({ name: "Failure" });
    expect(readdirSync(folder)).toEqual(["file", "flash.config.local.json"]);
  });
});

describe("git", () => {
  const git = (...words: string[]) => execFileSync("git", ["-C", folder, ...words], { stdio: "pipe" });

  test("a line for the local file is added to a list that has others", async () => {
    git("init", "-q");
    writeFileSync(join(folder, ".gitignore"), "node_modules");
    const { gitignore } = await yes([...needed, "wifi.password=hidden-word"]);
    expect(gitignore).toBe(join(folder, ".gitignore"));
    expect(read(".gitignore")).toBe("node_modules\nflash.config.local.json\n");
    git("add", "-A");
    expect(git("ls-files").toString()).not.toContain("local");
  });

  test("not where it is ignored already", async () => {
    git("init", "-q");
    writeFileSync(join(folder, ".gitignore"), "*.local.json\n");
    expect((await yes([...needed, "wifi.password=hidden-word"])).gitignore).toBeUndefined();
    expect(read(".gitignore")).toBe("*.local.json\n");
  });

  test("not where there is no secret", async () => {
    await yes(needed);
    expect(readdirSync(folder)).toEqual(["flash.config.json"]);
  });
});

describe("the text of the files", () => {
  const answers = (...set: string[]): Answers => answersFromFlags({ set }, []);

  test("a new one says what the keys are for", () => {
    const text = freshConfig(
      answers("board=linux", "mqtt.host=b", "mqtt.password=w", "lamp.topic=t"),
      "./s.json",
      "x.local.json",
    );
    expect(text).toMatchInlineSnapshot(`
      "{
        "$schema": "./s.json",

        // npx wick boards lists the boards; npx wick boards NAME shows one's pins.
        "board": "linux",

        // The broker. The password is in x.local.json.
        "mqtt": {
          "host": "b"
        },

        "lamp": {
          // Publish on, off or toggle here; the state comes on the same topic with /state.
          "topic": "t"
        }
      }
      "
    `);
  });

  test("TLS with a file needs no switch beside it", () => {
    const text = freshConfig(answers("mqtt.host=b", "mqtt.tls=true", "mqtt.tls.ca=ca.pem"), "./s.json", "l");
    expect(text).toContain('"tls": {\n      "ca": "ca.pem"\n    }');
  });

  test("a section in its short form gives way", () => {
    const text = changedConfig('{ "mqtt": { "tls": true } }', answers("mqtt.tls.ca=c"));
    expect(JSON.parse(text)).toEqual({ mqtt: { tls: { ca: "c" } } });
  });

  test("an empty password is taken out of the local file, and makes none", () => {
    expect(changedLocal(undefined, answers("wifi.password="))).toBeUndefined();
    expect(changedLocal('{ "wifi": { "password": "w" } }', answers("wifi.password="))).not.toContain(
      "password",
    );
    expect(changedLocal('{ "wifi": { "password": "w" } }', answers("mqtt.host=b"))).toBeUndefined();
  });
});
