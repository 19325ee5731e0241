/** The build: what comes out, what vanishes, and what the board could not run is refused with file and line. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { declaredMembers } from "../tools/build/board-declarations.ts";
import { BuildError, build } from "../tools/build/build.ts";
import { typecheck } from "../tools/build/typecheck.ts";
import { loadConfig } from "../tools/config/load.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wick-build-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const configOf = (...set: string[]) =>
  loadConfig({ file: null, board: "linux", set: ["mqtt.host=127.0.0.1", ...set] });

/** Builds a program from its text. */
function buildText(text: string, ...set: string[]) {
  const entry = join(folder, "program.ts");
  writeFileSync(entry, text);
  return build({ config: configOf(...set), entry });
}

/** What the build refuses, without the path of the file: "line:column: sentence". */
async function refused(text: string): Promise<string[]> {
  try {
    await buildText(text);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const prefix = `${relative(process.cwd(), join(folder, "program.ts"))}:`;
    return error.mistakes.map((line) => (line.startsWith(prefix) ? line.slice(prefix.length) : line));
  }
  return [];
}

describe("the lamp", () => {
  test("is built for every size of session, ASCII, without a word that the board cannot parse", async () => {
    for (const qos of [0, 1, 2]) {
      for (const clean of [true, false]) {
        const { code, sizes } = await build({
          config: configOf(`mqtt.qos=${qos}`, `mqtt.cleanSession=${clean}`),
        });
        expect(code).toMatch(/^[\x20-\x7e\n]*$/);
        expect(sizes.total).toBe(Buffer.byteLength(code));
      }
    }
  });

  test("gets smaller by what is switched off", async () => {
    const full = await build({ config: configOf() });
    const least = await build({ config: configOf("mqtt.qos=0", "mqtt.cleanSession=true", "lamp.pwm=false") });
    expect(least.sizes.total).toBeLessThan(full.sizes.total * 0.9);
  });

  test("is the same every time", async () => {
    const [one, other] = [await build({ config: configOf() }), await build({ config: configOf() })];
    expect(other.code).toBe(one.code);
    expect(other.map).toBe(one.map);
  });

  test("has a size table that adds up", async () => {
    const { sizes } = await build({ config: configOf() });
    expect(sizes.modules.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(sizes.total);
    expect(sizes.modules.map(({ file }) => file)).toContain("firmware/lamp/lamp.ts");
  });
});

describe("constants", () => {
  test("take the place of their names, and dead code goes", async () => {
    const { code } = await buildText("if (WIFI) { print('with'); } else { print(MQTT_HOST); }");
    expect(code).toContain('print("127.0.0.1")');
    expect(code).not.toContain("with");
  });

  test("make the lamp's pin a global of the board", async () => {
    expect((await buildText("digitalWrite(LAMP_PIN, 1);", "lamp.pin=D7")).code).toContain(
      "digitalWrite(D7,1)",
    );
  });

  test("text beyond ASCII arrives as UTF-8 bytes", async () => {
    expect((await buildText("print(LAMP_TOPIC);", "lamp.topic=küche")).code).toContain("k\\xc3\\xbcche");
  });

  test("secrets are in the code and nowhere else", async () => {
    const text = "print(MQTT_USERNAME + ' ' + MQTT_PASSWORD);";
    const result = await buildText(text, "mqtt.username=me", "mqtt.password=hidden-word");
    expect(result.code).toContain("hidden-word");
    const { code: _, ...rest } = result;
    expect(JSON.stringify(rest)).not.toContain("hidden-word");
    expect(result.constants).toMatchObject({ MQTT_USERNAME: "me" });
  });
});

describe("names", () => {
  test("of the firmware's own properties are shortened", async () => {
    const { code } = await build({ config: configOf() });
    for (const name of ["inboundIdle", "subscriptions", "knownTopic"]) expect(code).not.toContain(name);
  });

  test("of a program's own properties stay, as do the board's and quoted ones", async () => {
    const { code } = await buildText(`
      const state = { brightnessLevel: 3, "quotedName": 4 };
      state.brightnessLevel = getTime();
      print(JSON.stringify(state), state.brightnessLevel, getSerial().charCodeAt(0), { host: MQTT_HOST }.host);
      require("net").connect({ host: MQTT_HOST, port: +getTime() }, () => print(state));
    `);
    for (const name of [
      "{brightnessLevel:3",
      ".brightnessLevel=",
      "quotedName",
      "charCodeAt",
      "stringify",
      "host:",
      "port:",
      'require("net").connect',
    ]) {
      expect(code).toContain(name);
    }
  });

  test("the members that board.d.ts declares, not its parameters", () => {
    const members = declaredMembers(`
      /** note: text */
      interface Socket { write(data: string): boolean; readonly state?: number; on(event: "x", f: (error: { code: number }) => void): void }
      declare function setWatch(callback: (event: { time: number }) => void, pin: Pin, options?: { "repeat": boolean }): number;
      declare namespace E { function kick(): void; const level: number; }
    `);
    expect([...members].sort()).toEqual(["code", "kick", "level", "on", "repeat", "state", "time", "write"]);
  });
});

describe("what the board lacks is an error with the TypeScript line and column", () => {
  const cases: readonly [string, string, string][] = [
    ["object destructuring", "const o = E;\nconst { a } = o; print(a);", "2:7: destructuring"],
    ["array destructuring", "let a, b;\n[a, b] = [1, 2]; print(a, b);", "2:1: destructuring"],
    [
      "a default parameter",
      "function f(a = getTime()) { print(a); }\nf(); f(1); f(2);",
      "1:12: a default value",
    ],
    ["a rest parameter", "function f(...a) { print(a); }\nf(1); f(2, getTime());", "1:12: a rest parameter"],
    ["spread", "print(1);\nprint(...[getTime(), 2]);", "2:7: spread (...)"],
    [
      "a private field",
      "class A { #x = getTime(); y() { return this.#x } }\nprint(new A().y());",
      "1:11: a private #member",
    ],
    ["a computed key", "const k = getSerial();\nprint({ [k]: 1 });", "2:9: a computed key [...]"],
    ["a generator", "function* g() { yield getTime(); }\nprint(g());", "1:1: a generator function"],
    ["async", "async function g() { await getTime(); }\nprint(g());", "1:1: an async function"],
    ["a variable called of", "let of = getTime();\nprint(of, of);", "1:5: a variable called of"],
    ["a parameter called of", "[D1, D2].map((of) => print(of));", "1:15: a variable called of"],
    ["a label", "q: for (;;) { for (;;) { if (getTime()) break q; } }", "1:1: a label"],
    ["**", "print(getTime() ** 2);", "1:7: the operator **"],
    ["?.", "print(D1?.read());", "1:7: optional chaining (?.)"],
    ["??=", "let a; if (getTime()) a = 1;\na ??= 3; print(a);", "2:1: the operator ??="],
    ["a tagged template", "print(getSerial`x`);", "1:7: a tagged template"],
    ["BigInt", "print(getTime() > 10n);", "1:19: a BigInt"],
    ["look-ahead", "print(/(?=a)b/.test(getSerial()));", "1:7: look-around"],
    ["a global", "print(new Map());", "1:11: the global Map"],
    ["a global that nobody has", "prnt(1);", "1:1: the global prnt"],
    ["a static", "print(Math.log2(getTime()));", "1:12: Math.log2"],
    ["Array.from", "print(Array.from(getSerial()));", "1:13: Array.from"],
    ["Number.isInteger", "print(Number.isInteger(getTime()));", "1:14: Number.isInteger"],
    ["array.at", "print([D1].at(-1));", "1:12: the built-in .at"],
    ["string.trimStart", "print(getSerial().trimStart());", "1:19: the built-in .trimStart"],
    ["once", "D1.once('init', () => 0);", "1:4: the built-in .once"],
    [
      "array.length =",
      "const a = [1, 2];\na.length = 1; print(a);",
      "2:3: an assignment to an array's .length",
    ],
    ["a repeated group", "print(/(ab)+/.test(getSerial()));", "1:7: a quantifier after a group"],
    [
      "default before a case",
      "switch (getTime()) {\n default: print(1); break; case 1: print(2); }",
      "1:1: default before a case is not known to the board (Espruino 2v29.277); write it last",
    ],
    [
      "arguments in an arrow function",
      "function f() { return [1].map(() => arguments.length); }\nprint(f()); print(f());",
      "1:37: arguments in an arrow function",
    ],
    [
      "super in an arrow function",
      "class A { f() { return getTime(); } }\nclass B extends A { f() { return [1].map(() => super.f())[0]!; } }\nprint(new B().f());",
      "2:48: super in an arrow function",
    ],
    [
      "a loop's variable that a function keeps and the body changes",
      "const l: any[] = [];\nfor (let i = 0; i < getTime(); i++) { l.push(() => i); i += 2; }\nprint(l);",
      "2:17: a loop's variable that a function keeps",
    ],
    [
      "a reserved word as a method",
      "class A { static of() { return getTime(); } }\nprint(A.of(), A.of());",
      "1:11: a reserved word as the name of a class's member",
    ],
    [
      "extends with an expression",
      "const o = { A: class { x = getTime(); } };\nclass B extends o.A {}\nprint(new B());",
      "2:1: extends with an expression",
    ],
    ["import()", 'const f = () => import("net");\nprint(f);', "1:24: import() is not known to the board"],
    [
      "import() of what is not written there",
      "const name = getSerial();\nimport(name);",
      "2:1: import() is not known to the board",
    ],
    [
      "a module of the board by import",
      'import net from "net";\nprint(net);',
      '1:17: the board\'s modules come by require: const net = require("net")',
    ],
    ["a module", 'print(require("events"));', '1:15: the module "events"'],
    ["Wi-Fi on a board without", 'print(require("Wifi"));', '1:15: the module "Wifi"'],
    [
      "a function used above its declaration",
      "print(0);\nlater();\nlater();\nfunction later() { print(getTime()); print(1); }",
      "2:1: later before its declaration",
    ],
  ];
  test.each(cases)("%s", async (_, text, expected) => {
    expect((await refused(text))[0]).toContain(expected);
  });

  test("all of them are listed at once", async () => {
    expect(await refused("print(D1?.read());\nprint(getTime() ** 2);\nprint(new Set());")).toHaveLength(3);
  });

  test("an import that leads nowhere", async () => {
    expect(await refused('import { x } from "./nowhere.ts";\nprint(x);')).toEqual([
      expect.stringMatching(/^1:19: Could not resolve/),
    ]);
  });
});

test("what the board has is let through", async () => {
  const text = `
    class Lamp { level = 0; get on() { return this.level > 0; } static make() { return new Lamp(); } at(n) { return n; } }
    const lamp = Lamp.make();
    const buffer = new Uint8Array(4);
    try { for (const n of [1, 2]) lamp.level += n ?? 0; } catch {} finally { buffer.set("ab", 1); }
    for (const key in { a: 1 }) print(\`\${key} \${lamp.at(1)}\`, 0b11, 1_000, "x".padStart(3), typeof Map);
    new Promise((done) => setTimeout(done, 1)).then(() => print(lamp.on, Math.wrap(3, 2), E.hwRand()));
    setWatch(() => print(early()), D0, { repeat: true });
    print({ of: getTime() }.of, { of() { return 1; } }.of());
    function early() { return require("Storage").readJSON("x", true); }
  `;
  expect(await refused(text)).toEqual([]);
});

test("the source map leads from the bundle back to the TypeScript line", async () => {
  const { code, map } = await buildText(
    "let unused = 1;\n\nfunction fail() {\n  throw new Error('here');\n}\nfail();\nfail();",
  );
  const before = code.slice(0, code.indexOf('"here"')).split("\n");
  const position = originalPositionFor(new TraceMap(map), {
    line: before.length,
    column: (before.at(-1) ?? "").length,
  });
  expect(position.line).toBe(4);
  expect(position.source).toMatch(/program\.ts$/);
});

test("types are checked with the board's API, and told like every other mistake", async () => {
  const project = {
    extends: join(process.cwd(), "firmware/tsconfig.json"),
    include: ["typed.ts", join(process.cwd(), "firmware/board.d.ts")],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  writeFileSync(join(folder, "typed.ts"), 'digitalWrite("D2", 1);\nexport {};\n');
  expect(await typecheck(join(folder, "typed.ts"))).toMatch(/typed\.ts:1:14: .*\(TS2345\)/);
});
