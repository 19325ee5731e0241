/** The board's interpreter does not hoist: no variable is used before its `var` has run, in no bundle, whatever the minifier makes of a program. */
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { parse } from "acorn";
import { afterEach, describe, expect, test } from "vitest";
import { lateVariables } from "../sim/program/late-names.ts";
import { lineCounter } from "../tools/build/board-map.ts";
import { BuildError, draft } from "../tools/build/build.ts";
import { declareFirst } from "../tools/build/declare-first.ts";
import { interpreterName } from "../tools/build/interpreter.ts";
import { loadConfig } from "../tools/config/load.ts";
import { loadProfile, profileNames } from "../tools/config/profile.ts";
import { ScriptedBroker } from "./broker/scripted-broker.ts";
import { type BoardDriver, onEveryBoard } from "./drivers/index.ts";
import { buildOwn, oneClient } from "./fixtures/own-program.ts";

const lateNames = (code: string) =>
  lateVariables(parse(code, { ecmaVersion: "latest" })).map(({ binding }) => binding.name);

const noMap = { version: 3, sources: ["a"], names: [], mappings: "AAAA" } as const;
const declaredFirst = (code: string) =>
  declareFirst({ code, map: { ...noMap, sources: ["a"], names: [] } }).code;

/** Programs that lose a name of the client's, or one of their own, when a `var` comes too late: with a client, and what they say in ten seconds. */
const programs: Readonly<Record<string, string>> = {
  "a value kept for a message": `
    let s = 0;
    setInterval(() => { tick(client); if (++s > 9) { const q = s; publish(client, "a", "" + q, 1, false); print("q" + q); } }, 1000);`,
  "a function written in place in a callback": `
    const tell = (text: string) => publish(client, "b", text + text.length, 0, false);
    let losses = 0;
    client.onDisconnect = () => { if (++losses) { const count = losses; tell("loss " + count); print(count + " losses"); } };
    setInterval(() => { tick(client); }, 1000);`,
  "two functions written in place, one in the other": `
    let total = 0;
    const half = (value: number) => (value & 1 ? value - 1 : value) / 2;
    const add = (value: number) => { total = total > 9 ? value : total + half(value + total); };
    setInterval(() => {
      if (total >= 0) { const before = total; add(1 + (getTime() | 0)); print(before + " " + total); }
      tick(client);
    }, 1000);`,
  "a function written in place in a branch": `
    let turns = 0;
    const even = (text: string) => print(text.length + text);
    const odd = (text: string) => print(text + text.length);
    setInterval(() => {
      if (turns++ & 1) { const turn = turns; odd("odd" + turn); print("o" + turn); }
      else { const turn = turns; even("even" + turn); print("e" + turn); }
      tick(client);
    }, 1000);`,
  "a function written in place in a try": `
    let fine = 0;
    const check = (level: number) => { fine += level & 1 ? level : -level; };
    setInterval(() => {
      try { const time = getTime() | 0; check(time + fine); print(time + fine); } catch (error) { print("never"); }
      tick(client);
    }, 1000);`,
  "a variable of a branch that others use too": `
    let turns = 0;
    setInterval(() => {
      tick(client);
      if (turns++ > 3) { var word = "late"; } else { word = "early"; }
      publish(client, "e", word, 0, false);
    }, 1000);`,
};

describe("a bundle", () => {
  test.each(Object.entries(programs))(
    "of a program with %s uses no variable before its var",
    async (_, text) => {
      const { code } = await buildOwn(oneClient + text);
      expect(lateNames(code)).toEqual([]);
    },
  );

  const matrix: readonly (readonly string[])[] = [
    [],
    ["mqtt.qos=0"],
    ["mqtt.qos=2", "mqtt.stateQos=2"],
    ["mqtt.stateQos=0"],
    ["mqtt.qos=0", "mqtt.stateQos=0", "mqtt.cleanSession=true", "lamp.pwm=false"],
    ['lamp.groups=["home/+/lamp","house/lamp"]', "mqtt.cleanSession=true"],
    ["lamp.retained=obey", "update.key=0123456789abcdef0123456789abcdef"], // needs SHA-256, which not every board has
  ];
  const able = profileNames().filter((name) => loadProfile(name).noLamp === undefined);

  test.each(able)("of the lamp for %s uses no variable before its var", async (board) => {
    const cannotUpdate = loadProfile(board).interpreter.lacks.some((lack) =>
      /^crypto(\.SHA256)?$/.test(lack),
    );
    for (const set of cannotUpdate ? matrix.slice(0, -1) : matrix) {
      const config = loadConfig({ file: null, board, set: ["mqtt.host=broker", "wifi.ssid=attic", ...set] });
      const { result } = await draft({ config });
      expect([set, lateNames(result.code)]).toEqual([set, []]);
    }
  });
});

describe("a var that comes too late", () => {
  const cases: readonly [string, string, string][] = [
    [
      "goes to the beginning of the function",
      "x.forEach(t=>{return n=t,void(u[n]=1);var n})",
      "x.forEach(t=>{var n;return n=t,void(u[n]=1)})",
    ],
    [
      "joins one that comes in time",
      "function f(){a();var b=1;n=2;g(n);var n}",
      "function f(){a();var n,b=1;n=2;g(n)}",
    ],
    [
      "joins that of a loop",
      "function f(){for(var i=0;i<3;i++)n=i;var n}",
      "function f(){for(var n,i=0;i<3;i++)n=i;}",
    ],
    [
      "leaves its value where it was, as an assignment",
      "function f(){var h=()=>n;h();var n=1;return n}",
      "function f(){var n,h=()=>n;h();n=1;return n}",
    ],
    [
      "of a branch is one for the whole function",
      "function f(){if(a)var x=1;x=2;for(var k in o)x+=k;k=1}",
      "function f(){var x;if(a)x=1;x=2;for(var k in o)x+=k;k=1}",
    ],
    [
      "of a branch keeps those beside it that are used nowhere else",
      "function f(){if(a){var x,y=1,z;y=3}x=2;z=3}",
      "function f(){var x,z;if(a){var y=1;y=3}x=2;z=3}",
    ],
    [
      "leaves a statement where one has to be",
      "function f(){if(a)var x;else b();x=2}",
      "function f(){var x;if(a);else b();x=2}",
    ],
    [
      "of a try is one for the catch too",
      "function f(){try{var x=g()}catch(e){x=2}}",
      "function f(){var x;try{x=g()}catch(e){x=2}}",
    ],
    [
      "of a case is one for the others too",
      "function f(){switch(a){case 1:var x=1;break;case 2:x=2}}",
      "function f(){var x;switch(a){case 1:x=1;break;case 2:x=2}}",
    ],
    [
      "of a loop is there from its first turn on",
      "function f(){for(;c;){g(q);var q=1}}",
      "function f(){var q;for(;c;){g(q);q=1}}",
    ],
    [
      "comes after a directive",
      "function f(){'use strict';x=2;for(var x;;);}",
      "function f(){'use strict';var x;x=2;for(;;);}",
    ],
    ["of the program itself is moved as well", "g=()=>n;var n=1;", "var n;g=()=>n;n=1;"],
    ["of a parameter's name is none", "function f(n){n=1;var n}", "function f(n){n=1;var n}"],
    [
      "is not one that a function behind it uses",
      "function f(){var n=1;return()=>n}",
      "function f(){var n=1;return()=>n}",
    ],
    [
      "is not one of an inner function's own",
      "function f(){g(()=>{var n=1;return n});var n=2;h(n)}",
      "function f(){g(()=>{var n=1;return n});var n=2;h(n)}",
    ],
  ];
  test.each(cases)("%s", (_, before, after) => {
    expect(declaredFirst(before)).toBe(after);
    expect(lateNames(after)).toEqual([]);
  });

  test("keeps every word's place in the source map", async () => {
    const text =
      "let n = 1;\nprint(n);\nfunction f(list) {\n  list.forEach((one) => {\n    if (one) { var late = one; } else { late = getTime(); }\n    print(late);\n  });\n}\nf([1]);\nf([0]);";
    const { code, map } = await buildOwn(text);
    expect(lateNames(code)).toEqual([]);
    const { line, column } = lineCounter(code)(code.indexOf("getTime"));
    expect(originalPositionFor(new TraceMap(map), { line: line + 1, column })).toMatchObject({
      line: 5,
      column: 47,
    });
  });
});

describe("a program that uses a name above its declaration is refused, with its place and what to do", () => {
  const refused = async (text: string) => {
    const error = await buildOwn(text).catch((thrown: unknown) => thrown);
    return error instanceof BuildError
      ? error.mistakes.map((line) => line.replace(/^.*program\.ts:/, ""))
      : [];
  };
  const cases: readonly [string, string, string, string][] = [
    [
      "var",
      "function f() {\n  n = getTime();\n  var n: number;\n  print(n);\n}\nf(); f();",
      "2:3: n",
      "variables",
    ],
    [
      "var, read",
      "function f() {\n  print(n);\n  var n = getTime();\n  print(n);\n}\nf(); f();",
      "2:9: n",
      "variables",
    ],
    [
      "let",
      "function f() {\n  print(n);\n  let n = getTime();\n  print(n);\n}\nf(); f();",
      "2:9: n",
      "variables",
    ],
    ["const of the program", "print(n);\nconst n = getTime();\nprint(n);", "1:7: n", "variables"],
    [
      "class",
      "function f() {\n  print(new A());\n  class A { x = getTime(); }\n  print(new A());\n}\nf(); f();",
      "2:13: A",
      "classes",
    ],
    ["function", "print(f());\nfunction f() { return getTime(); }\nprint(f());", "1:7: f", "functions"],
  ];
  test.each(cases)("%s", async (_, text, place, hoisted) => {
    expect((await refused(text))[0]).toBe(
      `${place} before its declaration is not known to the board (${interpreterName}); it does not hoist ${hoisted}: declare it further up`,
    );
  });
});

onEveryBoard("a program of one's own that loses its connection", (kind) => {
  let driver: BoardDriver;
  afterEach(() => driver.close());

  test.each(Object.entries(programs))("comes back, with %s", async (_, text) => {
    driver = kind.create();
    const broker = new ScriptedBroker();
    const port = await driver.serve(broker);
    const { code, map } = await buildOwn(oneClient + text, { "mqtt.port": port });
    const board = await driver.start({ bundle: code, sourceMap: map });
    await board.evaluate("Math.random=function(){return 0}");
    const hasConnected = (count: number) => () =>
      broker.connections.filter(({ subscriptions, received }) => subscriptions && received.length > 0)
        .length >= count;
    await board.until(hasConnected(1), 15_000, "it connects");
    await board.advance(1_500);
    for (let loss = 2; loss <= 3; loss++) {
      broker.current.close();
      await board.until(hasConnected(loss), 15_000, "it connects again");
      await board.advance(1_500);
    }
    expect(board.console.filter((line) => /Uncaught|Error|Expecting/.test(line))).toEqual([]);
  });
});
