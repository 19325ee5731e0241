/** `wick init` as a command: its words, --json, exit codes, and a person on a pseudo-terminal. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../tools/config/load.ts";
import { openBroker } from "./fixtures/doctor-broker.ts";
import { PATIENCE_MS } from "./fixtures/heard.ts";
import { CTRL_C, ENTER, ScriptedTerminal } from "./fixtures/scripted-terminal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-init-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const wick = fileURLToPath(new URL("../bin/wick.js", import.meta.url));

function run(...commandLine: string[]): Promise<{ code: number | null; out: string; error: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [wick, "init", ...commandLine], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let error = "";
    child.stdout.on("data", (text) => {
      out += text;
    });
    child.stderr.on("data", (text) => {
      error += text;
    });
    child.on("error", fail);
    child.on("close", (code) => done({ code, out, error }));
  });
}

describe("the command", () => {
  const flags = ["--yes", "--board", "linux", "--set", "mqtt.host=127.0.0.1", "--set", "mqtt.port=1"];
  const secret = ["--set", "mqtt.username=u", "--set", "mqtt.password=hidden-word"];

  test("ends with the next command to type", async () => {
    const { code, out, error } = await run(...flags, ...secret);
    expect([code, error]).toEqual([0, ""]);
    expect(out).toMatch(/^flash\.config\.json is written\.\nThe secrets are in flash\.config\.local\.json/);
    expect(out).toMatch(/\nNext: npx wick flash\n$/);
    expect(out).not.toContain("hidden-word");
    expect(statSync(join(folder, "flash.config.local.json")).mode & 0o777).toBe(0o600);
  });

  test("--json is one object, without the secrets", async () => {
    const { code, out, error } = await run(...flags, ...secret, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      type: "init",
      file: expect.stringMatching(/flash\.config\.json$/),
      board: "linux",
      settings: { "mqtt.host": "127.0.0.1", "mqtt.username": "u" },
      broker: { answers: false },
      next: "npx wick flash",
    });
    expect(out + error).not.toContain("hidden-word");
  });

  test("where nobody can answer it says so, exit code 2", async () => {
    const { code, error } = await run();
    expect(code).toBe(2);
    expect(error).toMatch(/^wick init asks questions, and nobody is there to answer; add: --yes [^\n]*\n$/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("--force without --yes is a mistake", async () => {
    expect(await run("--force")).toMatchObject({
      code: 2,
      error: expect.stringMatching(/^--force is for --yes/),
    });
  });
});

describe.each([40, 60, 80, 100])("on %i columns", (columns) => {
  const words =
    'For a board on Wi-Fi 127.0.0.1 is the board itself. It needs 192.168.1.7, this computer\'s address in your network; the broker must listen there too (for Mosquitto: "listener 1883" in mosquitto.conf, and "allow_anonymous true" or a password_file).';
  const margin = "│  ";

  test.each(["tell", "warn", "good", "end"] as const)("%s breaks lines between words", (kind) => {
    const person = new ScriptedTerminal([], columns);
    person.terminal[kind](`${words}\n${words}`);
    const lines = person.shown.trimEnd().split("\n").slice(1);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    const said = lines.map((line) => line.slice(margin.length)).join(" ");
    expect(said).toBe(`${words} ${words}`);
  });

  test("questions and hints are broken between words too", async () => {
    const person = new ScriptedTerminal([["another", ENTER]], columns);
    await person.terminal.choice(words, [{ value: "a", label: "another", hint: words }]);
    for (const word of words.split(" ")) expect(person.shown).toContain(word);
    for (const line of person.shown.split("\n")) expect(line.trimEnd().length).toBeLessThanOrEqual(columns);
  });
});

const pty = await import("@lydell/node-pty").catch(() => undefined);

/** `wick init` on a pseudo-terminal, whose person types when a text appears. */
function onTerminal(script: [question: string, keys: string][], ...commandLine: string[]) {
  if (!pty) throw new Error("@lydell/node-pty is missing");
  const child = pty.spawn(process.execPath, [wick, "init", ...commandLine], {
    cwd: folder,
    cols: 120,
    rows: 40,
    env: process.env as Record<string, string>,
  });
  let shown = "";
  child.onData((text) => {
    shown += text;
    const [next] = script;
    if (!next || !shown.includes(next[0])) return;
    script.shift();
    child.write(next[1]);
  });
  return new Promise<{ code: number; shown: string }>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`wick init does not end; it shows ${JSON.stringify(shown)}`));
    }, PATIENCE_MS);
    child.onExit(({ exitCode }) => {
      clearTimeout(late);
      resolve({ code: exitCode, shown });
    });
  });
}

describe.skipIf(!pty)(`on a pseudo-terminal${pty ? "" : " (@lydell/node-pty is not installed)"}`, () => {
  const set = [
    "--board",
    "linux",
    "--set",
    "mqtt.host=127.0.0.1",
    "--set",
    "mqtt.username=u",
    "--set",
    "mqtt.password=hidden-word",
  ];

  test("asks, writes and ends by itself", async () => {
    const broker = await openBroker();
    const { code, shown } = await onTerminal(
      [
        ["Topic of the lamp", "\r"],
        ["Pin of the lamp", "\r"],
      ],
      ...set,
      "--set",
      `mqtt.port=${broker.port}`,
    );
    await broker.close();
    expect(code).toBe(0);
    expect(shown).toContain("Next: npx wick flash");
    expect(shown).not.toContain("hidden-word");
    expect(loadConfig({ file: "flash.config.json", folder }).values["mqtt.password"]).toBe("hidden-word");
  });

  test("Ctrl-C ends it with exit code 1 and leaves nothing", async () => {
    const broker = await openBroker();
    const { code, shown } = await onTerminal(
      [["Topic of the lamp", CTRL_C]],
      ...set,
      "--set",
      `mqtt.port=${broker.port}`,
    );
    await broker.close();
    expect(code).toBe(1);
    expect(shown).toContain("nothing was written");
    expect(readdirSync(folder)).toEqual([]);
  });
});
