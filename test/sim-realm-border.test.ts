/** Nothing of the host is within reach of a program: not as a value, not as an error, not as an argument, not through text that becomes program. */
import { describe, expect, test } from "vitest";
import type { Board } from "../sim/index.ts";
import { bootedBoard } from "./fixtures/booted-board.ts";

/** Paths of what of the host can be reached from these values, by properties, getters and prototypes. */
function foreign(roots: Record<string, unknown>, most = 5): string[] {
  const found: string[] = [];
  const seen = new Set<unknown>();
  const waiting = Object.entries(roots).map(([path, value]) => ({ path, value }));
  for (let next = waiting.pop(); next && found.length < most; next = waiting.pop()) {
    const { path, value } = next;
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value))
      continue;
    seen.add(value);
    if (isOfHost(value)) {
      found.push(path);
      continue;
    }
    waiting.push({ path: `${path}.[[Prototype]]`, value: Object.getPrototypeOf(value) });
    for (const key of Reflect.ownKeys(value)) {
      // V8 makes it anew for whoever looks: here that is the host.
      if (key === Symbol.iterator && Object.prototype.toString.call(value) === "[object Arguments]") continue;
      const property = Object.getOwnPropertyDescriptor(value, key);
      for (const part of ["value", "get", "set"] as const)
        waiting.push({
          path: `${path}.${String(key)}${part === "value" ? "" : ` (${part})`}`,
          value: property?.[part],
        });
    }
  }
  return found;
}

function isOfHost(value: object): boolean {
  for (let one: object | null = value; one !== null; one = Object.getPrototypeOf(one))
    if (one === Object.prototype || one === Function.prototype) return true;
  return false;
}

/** Calls every function it can reach with odd arguments, and keeps what is returned, thrown, and handed to the functions among them. */
const CALL_ALL = `
  var kept = [];
  var keep = function () { kept.push(this, arguments, arguments.callee.caller); for (var i = 0; i < arguments.length; i++) kept.push(arguments[i]); return 1; };
  var list = [1, [2], Promise.resolve(1)];
  var methods = ["map", "filter", "forEach", "some", "every", "find", "findIndex", "reduce", "sort", "slice", "splice", "concat", "indexOf", "includes",
    "join", "push", "flat", "entries", "keys", "values", "toString", "valueOf", "toJSON", "exec", "test", "replace", "match", "split", "then", "catch", "call",
    "apply", "bind", "on", "getMode", "callback", "data", "count"];
  var tricky = { length: 2, 0: keep, 1: "a" };
  methods.forEach(function (name) { tricky[name] = keep; });
  var trickyList = [Promise.resolve(1), 2, 3];
  methods.forEach(function (name) { trickyList[name] = keep; });
  var trickyFunction = function () { return keep.apply(this, arguments); };
  methods.forEach(function (name) { trickyFunction[name] = keep; });
  var odd = [[], [undefined], [null], [-1], [1e9], [NaN, -5], ["x", "y", "z"], [{}], [list, list], [keep, keep, keep], [Object.create(null)],
    [tricky], [trickyList, tricky], [trickyFunction, trickyFunction], [tricky, trickyFunction, tricky], ["", tricky, trickyFunction], [Object.prototype, "x", { get: keep, set: keep }],
    [new Uint8Array(3), 9, 9], [/a/g, keep], ["D2", keep, { edge: 5, debounce: tricky }], [1, 2, 3, 4, 5, 6, 7], [D2, 1, tricky], [{ host: "x", port: tricky }, keep]];
  var left = { reset: 1, load: 1, quit: 1, memory: 1, eraseAll: 1, reboot: 1, keep: 1, callAll: 1, setPassword: 1, lockConsole: 1 };
  var visited = [];
  function callAll(owner, name, f, selves) {
    odd.forEach(function (args) { selves.forEach(function (self) {
      try { kept.push(f.apply(self, args)); } catch (thrown) { kept.push(thrown); }
      try { kept.push(new (Function.prototype.bind.apply(f, [null].concat(args)))()); } catch (thrown) { kept.push(thrown); }
    }); });
  }
  function walk(value, depth) {
    if (value === null || (typeof value !== "object" && typeof value !== "function") || visited.indexOf(value) >= 0 || depth > 4) return;
    visited.push(value);
    Object.getOwnPropertyNames(value).forEach(function (name) {
      if (left[name] || value === kept) return;
      var member;
      try { member = value[name]; } catch (thrown) { kept.push(thrown); }
      if (typeof member === "function" && visited.indexOf(member) < 0)
        callAll(value, name, member, [undefined, value, tricky, trickyList, "text", list]);
      walk(member, depth + 1);
    });
    walk(Object.getPrototypeOf(value), depth + 1);
  }
`;

describe("no value that a program can reach is the host's", () => {
  test("neither its globals, nor what they have", () => {
    const { board } = bootedBoard();
    expect(foreign({ global: board.evaluate("global") })).toEqual([]);
  });

  test.each(["Storage", "net", "Wifi", "crypto", "tls", "http", "Waveform"])("nor the module %s", (name) => {
    const { board } = bootedBoard();
    expect(
      foreign({ module: board.evaluate(`global; try { require("${name}") } catch (thrown) { thrown }`) }),
    ).toEqual([]);
  });

  test("nor what its functions return, throw, or hand to functions, whatever they are called with", async () => {
    const { board, clock } = bootedBoard();
    board.evaluate(`${CALL_ALL} process.on("uncaughtException", keep); E.on("init", keep); E.on("errorFlag", keep);
      walk(["Storage", "net", "Wifi", "crypto"].map(function (name) { return require(name); }), 0); walk(global, 0);`);
    await clock.advance(5000);
    const kept = board.evaluate("kept") as unknown[];
    expect(kept.length).toBeGreaterThan(5000);
    expect(foreign({ kept })).toEqual([]);
  });

  test("nor the errors where the stack ends", () => {
    const { board } = bootedBoard();
    const kept = board.evaluate(`global; var kept = [];
      var calls = [function () { digitalRead(D2) }, function () { Math.random() }, function () { new Date().getTime() }, function () { new Uint8Array(4) },
        function () { eval("1") }, function () { Function("1") }, function () { [3, 1, 2].sort() }, function () { JSON.parse("[1]") }, function () { new Promise(print) },
        function () { require("Storage").read("x") }, function () { setTimeout("1", 1) }, function () { ({}).on("x", print) }, function () { String(new Error("x")) },
        function () { Serial1.write("x") }, function () { [1].map(parseInt) }, function () { "a".replace(/a/, parseInt) }];
      function deep(call) {
        try { deep(call); } catch (thrown) { kept.push(thrown); try { call(); } catch (again) { kept.push(again); } throw thrown; }
      }
      calls.forEach(function (call) { try { deep(call); } catch (thrown) { kept.push(thrown); } });
      kept`);
    expect((kept as unknown[]).length).toBeGreaterThan(1000);
    expect(foreign({ kept })).toEqual([]);
  });

  test("nor what V8 tells of the stack", () => {
    const { board } = bootedBoard();
    const kept = board.evaluate(`var kept = [];
      Error.prepareStackTrace = function (error, sites) {
        kept.push(error, sites, this);
        for (var i = 0; i < sites.length; i++) {
          kept.push(sites[i]);
          ["getThis", "getFunction", "getTypeName", "getEvalOrigin", "getFunctionName", "getScriptNameOrSourceURL", "getPromiseIndex"].forEach(function (name) {
            try { kept.push(sites[i][name]()); } catch (thrown) { kept.push(thrown); }
          });
        }
        return sites;
      };
      var odd = { toString: function () { kept.push(new Error("inside").stack); return {}; }, valueOf: function () { return {}; } };
      [function () { digitalRead(odd) }, function () { [3, 1].sort(function () { null.x }) }, function () { JSON.parse(odd) }, function () { require(odd) },
        function () { eval("null.x") }, function () { Function("null.x")() }, function () { new Uint8Array(odd) }, function () { atob(odd) }].forEach(function (call) {
        try { call(); } catch (thrown) { kept.push(thrown, thrown.stack); }
      });
      kept`);
    expect(foreign({ kept })).toEqual([]);
  });

  test("nor what ends a program: memory, the power, a fault of the host", async () => {
    const { board } = bootedBoard("var kept = [];");
    board.evaluate(
      "try { new Uint8Array(500000) } catch (thrown) { kept.push(thrown) } try { digitalRead(D2) } catch (thrown) { kept.push(thrown) }",
    );
    expect(foreign({ kept: board.evaluate("kept") })).toEqual([]);
  });
});

describe("what the program has put in the place of a method is not called with functions of the host", () => {
  test.each(["map", "filter", "reduce", "forEach"])("%s of a list", async (name) => {
    const { board, clock } = bootedBoard();
    board.evaluate(`var kept = []; var list = [Promise.resolve(1), 2, D2];
      list.${name} = function () { for (var i = 0; i < arguments.length; i++) kept.push(arguments[i]); return []; };
      [function () { require("crypto").SHA1(list) }, function () { Promise.all(list) }, function () { digitalRead(list) }, function () { digitalWrite(list, 5) },
        function () { JSON.stringify(list) }, function () { E.toString(list) }, function () { E.sum(list) }, function () { require("Storage").writeJSON("x", list) },
        function () { digitalPulse(D2, 1, list) }, function () { print(list) }, function () { setTimeout.apply(null, list) }].forEach(function (call) {
        try { call(); } catch (thrown) { kept.push(thrown); }
      });`);
    await clock.advance(10);
    expect(foreign({ kept: board.evaluate("kept") })).toEqual([]);
  });
});

describe("import is a name that nobody declared, however the text comes to run", () => {
  const WAYS = {
    plain: 'import("fs")',
    "with a comment": 'import/* */ /**/("fs")',
    "over lines": 'import\n<!-- x\n("fs")',
    "in a template": '`${import("fs")}`',
    "in an arrow function": '(() => import("fs"))()',
    "in an async function":
      'var made; (async () => { try { await import("fs") } catch (e) { made = e } })(); throw ReferenceError("import is not defined")',
    "of eval": 'eval("import(\\"fs\\")")',
    "of eval in a function": '(function (a) { return eval("a, import(\\"fs\\")") })(1)',
    "of eval in eval": "eval(\"eval('import(1)')\")",
    "of an eval by another name": 'var other = eval; other("import(1)")',
    "of the eval that eval sees": '(function () { var inner = eval("eval"); return inner("import(1)") })()',
    "of the eval in what the call hands over":
      '(function () { return eval("arguments[0].eval")("import(1)") })()',
    "of Function": 'Function("return import(1)")()',
    "of new Function": 'new Function("a = import(1)", "")()',
    "of a constructor": '(function () {}).constructor("return import(1)")()',
    "of a generator's constructor": '(function* () {}).constructor("return import(1)")()',
    "of an async function's constructor": '(async () => {}).constructor("return import(1)")()',
    "of an async generator's constructor": '(async function* () {}).constructor("return import(1)")()',
    "of a class that extends Function": 'new (class extends Function {})("return import(1)")()',
    "of a text that changes":
      'var n = 0; Function({ toString: () => n++ ? "return import(1)" : "return import(2)" })()',
  };

  test.each(Object.entries(WAYS))("%s", (_way, code) => {
    const { board } = bootedBoard();
    const thrown = board.evaluate(
      `var kept; try { kept = (function () { ${code.startsWith("var") ? code : `return ${code}`} })() } catch (thrown) { kept = thrown } kept`,
    );
    expect(foreign({ thrown })).toEqual([]);
    expect(String((thrown as Error).message)).toMatch(/^import is not defined$/);
  });

  test.each([
    ["a timer's text", (board: Board) => board.evaluate("setTimeout('import(1)', 1)")],
    ["the console", (board: Board) => board.consolePort.receive("import(1)\n")],
    ["the console's packets", (board: Board) => board.consolePort.receive('\x10print(import("fs"))\n')],
    ["a listener's text", (board: Board) => board.evaluate("E.on('x', 'import(1)'); E.emit('x')")],
  ])("in %s", async (_place, run) => {
    const { board, clock } = bootedBoard();
    run(board);
    await clock.advance(100);
    expect(board.console.join("\n")).toContain('ReferenceError: "import" is not defined');
  });

  test("in a file of the flash that is run", async () => {
    const { board, clock } = bootedBoard();
    board.evaluate("require('Storage').write('.bootcde', 'import(1).then(print)')");
    board.boot();
    await clock.advance(100);
    expect(board.console.join("\n")).toContain('ReferenceError: "import" is not defined');
  });

  test("what V8 and no parser of ours can read is refused when it holds one", () => {
    const { board } = bootedBoard();
    for (const code of ["@@ import(1)", "/(?<a>.)(?<a>.)/; import(1)", "import.meta", "import x from 'y'"]) {
      const thrown = board.evaluate(
        `var kept; try { eval(${JSON.stringify(code)}) } catch (thrown) { kept = thrown } kept`,
      );
      expect(foreign({ thrown }), code).toEqual([]);
      expect(thrown, code).toBeDefined();
    }
  });

  test("the word in strings, patterns, comments and names stays what it is", () => {
    const { board } = bootedBoard();
    expect(
      board.evaluate(
        '"import (1)" + `import(${1})` + /import\\(/.source.length + "\\import" /* import(1) */',
      ),
    ).toBe("import (1)import(1)13import");
    expect(
      board.evaluate(
        "var o = { import: x => x + 1, imports: 2 }, reimport = 4; o.import(1) + o.imports + reimport",
      ),
    ).toBe(8);
  });
});

describe("eval sees the names around it, as on the board", () => {
  test.each([
    ["reads", "(function (a) { let b = 2; return eval('a + b') })(1)", 3],
    ["writes", "(function (a) { eval('a = 7'); return a })(1)", 7],
    ["in a function within", "(function (a) { return (() => eval('a'))() })(5)", 5],
    ["of a pattern", "(function ({ a, b: [c] }) { return eval('a + c') })({ a: 1, b: [2] })", 3],
    [
      "of a catch clause",
      "(function () { try { null.x } catch (e) { return eval('typeof e.message') } })()",
      "string",
    ],
    ["of a block around it", "(function () { let a = 1; { let a = 2; return eval('a') } })()", 2],
    ["the function's own", "(function f() { return eval('typeof f') })()", "function"],
    ["named v", "(function (v, v_) { eval('v = v_ + 1'); return v })(1, 2)", 3],
    ["this", "(function () { return eval('this.x') }).call({ x: 6 })", 6],
    ["by a program's text at top level", "eval('var made = 3'); made", 3],
    ["what is no text", "eval(5)", 5],
    [
      "names that are not there yet",
      "(function () { var r = eval('typeof nothing'); return r })()",
      "undefined",
    ],
  ])("%s", (_what, code, value) => {
    expect(bootedBoard().board.evaluate(code)).toBe(value);
  });
});
