/** Names of a bundle mean on the interpreter what they mean in JavaScript: it hoists nothing, and has scopes of its own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boardScopes, lateVars } from "../tools/build/board-scopes.ts";
import { build } from "../tools/build/build.ts";
import { loadConfig } from "../tools/config/load.ts";
import { projectRoot } from "../tools/version.ts";

const NO_MAP = { version: 3 as const, sources: [], names: [], mappings: "" };
const made = (code: string) => boardScopes({ code, map: NO_MAP }).code;

/** Makes a client, and calls `body` once a second. */
const program = (body: string) => `
  import { createClient, publish, start, tick } from "${projectRoot}firmware/mqtt/client.ts";
  import { CONNECT, connectPacket } from "${projectRoot}firmware/mqtt/wire.ts";
  const client = createClient(
    (onOpen) => require("net").connect({ host: MQTT_HOST, port: MQTT_PORT }, onOpen),
    connectPacket({ clientId: "own", keepAlive: 30, cleanSession: true }),
  );
  start(client);
  let s = 0;
  setInterval(() => { ${body} }, 1000);`;

describe("a declaration moves before the first use", () => {
  test.each([
    ["function f(){n=1;g(n);var n}", "function f(){var n;n=1;g(n);}"],
    ["function f(){var a=1;n=a;var n}", "function f(){var n,a=1;n=a;}"],
    ["()=>{n=1;m=2;var n;var m}", "()=>{var n,m;n=1;m=2;}"],
    ["function f(){n=1;var n=2}", "function f(){var n;n=1;var n=2}"],
    ["function f(a){if(a){var n=1}n=2}", "function f(a){var n;if(a){var n=1}n=2}"],
    ["function f(a){for(;a();){var n=1}return n}", "function f(a){var n;for(;a();){var n=1}return n}"],
    ["function f(){g(()=>n=1);var n}", "function f(){var n;g(()=>n=1);}"],
  ])("%s", (late, early) => {
    expect(lateVars(late)).not.toHaveLength(0);
    expect(made(late)).toBe(early);
    expect(lateVars(early)).toHaveLength(0);
  });

  test.each([
    ["{class n{a(){}}f(n)}", "{let n=class{a(){}};f(n)}"],
    ["{class n extends m{}f(n)}", "{let n=class extends m{};f(n)}"],
    [
      "function f(a){if(a){function n(){return 1}n()}}",
      "function f(a){if(a){let n=function(){return 1};n()}}",
    ],
    ["function f(a){switch(a){case 1:let n=2;g(n)}}", "function f(a){{switch(a){case 1:let n=2;g(n)}}}"],
    ["if(a)switch(b){case 1:class n{}}", "if(a){switch(b){case 1:let n=class{};}}"],
  ])("what is declared in a block stays in it: %s", (language, board) => {
    expect(made(language)).toBe(board);
  });

  test.each([
    "function f(){function n(){}class m{}n(m)}",
    "switch(a){case 1:var n=2}",
    "var n;function f(){n=1}",
    "function f(n){n=1;var n}",
    "function f(){for(var i=0;i<3;i++)g(i);return i}",
    "function f(){g(n=>n+1);var n=2}",
    "function f(){g({n:1});var n=2}",
    "function f(a){if(a){var n=1;g(n)}}",
  ])("%s stays", (code) => {
    expect(made(code)).toBe(code);
  });
});

describe("what the build makes", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wick-early-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['tick(client); if (++s > 9) { const q = s; publish(client, "a", "" + q, 1, false); print("q" + q); }'],
    ['tick(client); const q = ++s; publish(client, "a", "" + q, 2, true);'],
    [
      'for (let i = 0; i < 3; i++) { const q = i + s++; publish(client, "a/" + i, "" + q, 0, false); } tick(client);',
    ],
  ])("of a program with a client: %s", async (body) => {
    const entry = join(folder, "own.ts");
    writeFileSync(entry, program(body));
    const config = loadConfig({ file: null, board: "linux", set: ["mqtt.host=127.0.0.1"] });
    expect(lateVars((await build({ config, entry })).code)).toEqual([]);
  });

  test.each([0, 1, 2])(
    "of the lamp at QoS %i, with and without groups, brightness and session",
    async (qos) => {
      for (const set of [
        [],
        ["mqtt.stateQos=0"],
        ["mqtt.cleanSession=true"],
        ["lamp.pwm=false"],
        ['lamp.groups=["home/all/+/lamp"]'],
        ["update.key=0123456789abcdef"],
        ["lamp.pwm=false", "mqtt.cleanSession=true", 'lamp.groups=["home/lamps"]'],
      ]) {
        const config = loadConfig({
          file: null,
          board: "linux",
          set: ["mqtt.host=127.0.0.1", `mqtt.qos=${qos}`, ...set],
        });
        expect(lateVars((await build({ config })).code), set.join(" ")).toEqual([]);
      }
    },
  );
});
