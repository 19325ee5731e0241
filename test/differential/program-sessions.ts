// Sessions of small programs, each made of its seed: what the interpreter computes and in which order it does things.
import { type Choice, choices } from "./choice.ts";
import { expression, show } from "./expressions.ts";
import { jsonText } from "./json-texts.ts";
import { lastLine } from "./player.ts";
import type { Action, Session } from "./session.ts";

type Write = (choice: Choice) => string;

const expressionsEach = 80;
/** Between two moments of a program with timers, so that the order is not a matter of speed. */
const slotMs = 40;

function own(kind: string, seed: number, name: string, write: Write): Session {
  const program = write(choices(seed));
  const common = { name, seed, kind, broker: false, program: async () => program };
  if (write !== events) return { ...common, time: { kind: "real", lastsMs: 20_000 }, actions: [] };
  // Whether a timer or the queue comes first must not be a matter of speed.
  const pauses = Array.from({ length: 10 }, (): Action => ({ do: "pause", ms: slotMs }));
  return { ...common, time: { kind: "stepped" }, actions: pauses };
}

/** Evaluates each text and prints what it gives: evaluated from text, so that none can spoil the program. */
function evaluated(texts: readonly string[]): string {
  return `${show}
var n=0;
function t(e){var r;try{r=show(eval(e))}catch(x){r="throws "+x}n++;print(n+" "+r)}
${texts.map((text) => `t(${JSON.stringify(text)});`).join("\n")}
print("${lastLine}");`;
}

const expressions: Write = (choice) => evaluated(choice.list(expressionsEach, () => expression(choice)));

/** JSON of every kind, and what an object of it inherits. */
const json: Write = (choice) =>
  evaluated(
    choice.list(60, () => {
      const parsed = `JSON.parse(${literal(jsonText(choice))})`;
      return choice.chance(0.7) ? parsed : `(function(o){return [o,o.state,o.brightness,o.a]})(${parsed})`;
    }),
  );

/** A text of bytes, as source. */
function literal(bytes: string): string {
  return `"${bytes.replace(/[^ -~]|["\\]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`)}"`;
}

/** Mistakes of a program, in the interpreter's words. */
const mistakes: Write = (choice) => {
  const wrong = [
    "var o={};o.a.b",
    "var o={};o.f()",
    "var o={a:{}};o.a.f(1)",
    "nothing",
    "nothing()",
    "nothing.a",
    "undefined.x",
    "null.x",
    "var u;u.x",
    "var u;u()",
    "const k=1;k=2",
    "throw 5",
    "throw 'text'",
    "throw {a:1}",
    "throw new Error('own')",
    "throw new TypeError('t')",
    "throw new Error()",
    "JSON.parse('{')",
    "JSON.parse('')",
    "'a'.repeat(-1)",
    "require('nope')",
    "digitalWrite('D99',1)",
    "setTimeout(5)",
    "clearTimeout(undefined)",
    "changeInterval(99,1)",
    "({}).on('a',1)",
    "({}).emit(1)",
    "[].reduce(function(){})",
    "Math.nope()",
    "'abc'.nope()",
    "[1].nope()",
    "new Uint8Array(-1)",
    "D2.nope()",
    "require('Storage').write('a','')",
    "require('Storage').readJSON('a b c').x",
    "require('net').connect(5)",
    "E.nope()",
    "(5).nope()",
    "(function(){nothing})()",
    "[1,2].forEach(function(x){if(x>1)throw x})",
    "[2,1].map(5)",
    "eval('1+')",
    "eval('(')",
  ];
  // One after the other, and each from a callback of its own: what it throws is reported before the next comes.
  const steps = choice
    .list(12, () => choice.one(wrong))
    .map((text, index) => {
      const caught = `try{${text};print("${index} ok")}catch(e){print("${index} "+e)}finally{print("${index} finally")}`;
      const uncaught = `${text};print("${index} on")`;
      return `function(){${/eval|throw \{/.test(text) || choice.chance(0.5) ? caught : uncaught}}`;
    });
  return `var steps=[${steps.join(",\n")}];
function next(){var s=steps.shift();setTimeout(s?next:print,${slotMs},"${lastLine}");if(s)s()}
setTimeout(next,${slotMs});`;
};

/** Listeners, queued events and promises: who comes when. */
const events: Write = (choice) => {
  let lines = 0;
  // Not both promises and exceptions: the interpreter mixes them up (docs/differences.md).
  const promises = choice.chance(0.5);
  const say = (): string => `print("${lines++}")`;
  const emitter = (): string => choice.one(["a", "b"]);
  const event = (): string => choice.one(["x", "y"]);
  const listener = (depth: number, throws: boolean): string =>
    `function(p){print("${lines++} "+p+(this===a));${statements(depth - 1, throws)}}`;
  function statements(depth: number, throws: boolean): string {
    return choice.list(choice.int(0, 2), () => statement(depth, throws)).join(";");
  }
  function statement(depth: number, throws: boolean): string {
    const kind = depth > 0 ? choice.int(0, 9) : choice.int(0, 3);
    const then = (): string => `.then(${listener(depth, false)})`;
    if (kind < 2) return say();
    // Fewer and fewer, as listeners that emit never end.
    if (kind === 2) return `if(left-->0)${emitter()}.emit("${event()}",${choice.int(0, 9)})`;
    if (kind === 3) {
      const name = emitter();
      return choice.one([
        `${name}.removeAllListeners("${event()}")`,
        `${name}.removeListener("${event()}",f)`,
        say(),
      ]);
    }
    if (kind === 4) return `if(left-->0)${emitter()}.on("${event()}",${listener(depth, throws)})`;
    if (kind === 5) return `if(left-->0)${emitter()}.on("${event()}",f)`;
    if (kind === 6) return throws && !promises ? `if(left--<5)throw "thrown ${lines++}"` : say();
    if (kind >= 7 && kind < 9 && !promises) return say();
    if (kind === 7) return `Promise.resolve(${choice.int(0, 9)})${then()}`;
    if (kind === 8) return `new Promise(function(r){${say()};r(${choice.int(0, 9)})})${then()}${then()}`;
    return `setTimeout(${listener(depth, throws)},${slotMs * choice.int(1, 4)},${choice.int(0, 9)})`;
  }
  const count = choice.int(4, 9);
  const body = choice.list(count, () => statement(3, true)).join(";\n");
  return `var a={},b={},left=20;function f(p){print("f"+p)}
${choice.one(["", "", 'process.on("uncaughtException",function(e){print("caught "+e)});'])}
${choice.list(3, () => `${emitter()}.on("${event()}",${listener(2, true)})`).join(";\n")};
${body};`;
};

/** Timers, one phase after the other; those of one phase are set in the order in which they are due, so that a slow machine changes nothing. */
const timers: Write = (choice) => {
  let names = 0;
  const print = (text: string): string => `print("${names} ${text} "+x)`;
  const thrown = (): string => (choice.chance(0.15) ? `;throw "in ${names}"` : "");
  const timeouts = (): string => {
    let at = 0;
    const delays = choice.list(choice.int(2, 4), () => {
      at += slotMs * choice.int(1, 2);
      return at;
    });
    const all = delays.map((delay, index) => {
      // Only one that is due much later is cleared.
      const later = delays.findIndex((other) => other >= delay + 3 * slotMs);
      const clear = later > index && choice.chance(0.4) ? `clearTimeout(d[${later}]);` : "";
      return `d[${index}]=setTimeout(function(x){${clear}${print("timeout")}${thrown()}},${delay},${names++});`;
    });
    return `d=[];${all.join("")}setTimeout(next,${(delays.at(-1) ?? 0) + slotMs});`;
  };
  const interval = (): string => {
    const times = choice.int(1, 4);
    const change = choice.chance(0.4) ? `if(n==1)changeInterval(i,${choice.int(1, 3) * 20});` : "";
    return `n=0;i=setInterval(function(x){n++;${change}if(n==${times}){clearInterval(i);setTimeout(next,${slotMs})}${print("interval")}${thrown()}},${choice.int(1, 3) * 20},${names++});`;
  };
  const atOnce = (): string => {
    const waits = choice.list(3, () => choice.one(["0", "-5", "undefined", '"x"', "0.05"]));
    return `${waits.map((wait) => `setTimeout(function(x){${print("at once")}},${wait},${names++});`).join("")}setTimeout("print('text');next()",${slotMs});`;
  };
  const all = (): string => `setTimeout(print,${slotMs},"never");clearTimeout();setTimeout(next,${slotMs});`;
  const nested = (): string =>
    `setTimeout(function(x){${print("outer")};setTimeout(function(x){${print("inner")}${thrown()}},${slotMs},x+1);setTimeout(next,${3 * slotMs})},${slotMs},${names++});`;
  const phases = choice.list(choice.int(3, 6), () => choice.one([timeouts, interval, atOnce, nested, all])());
  return `var d,i,n,phase=0;
function next(){phase++;${phases.map((phase, index) => `if(phase==${index + 1}){${phase}return}`).join("\n")}
print("${lastLine}")}
next();`;
};

/** Files in flash. */
const storage: Write = (choice) => {
  const names = ["a", "b", "cfg.json", ".boot1", "n".repeat(28), "name with blanks"];
  const name = (): string => JSON.stringify(choice.one(names));
  const content = (): string =>
    choice.one([
      '"x"',
      '"hello world"',
      '"\\xff\\x00\\x01"',
      "[1,2,300]",
      '{a:1,b:"c"}',
      "new Uint8Array([5,6,7])",
      `"y".repeat(${choice.int(1, 900)})`,
      "5",
      '""',
      "undefined",
    ]);
  const call = (): string => {
    const kind = choice.int(0, 11);
    if (kind < 3) return `S.write(${name()},${content()})`;
    if (kind === 3)
      return `S.write(${name()},${choice.one(['"ab"', '"wxyz"'])},${choice.int(0, 6)},${choice.one([0, 8, 8, 12])})`;
    if (kind === 4)
      return `S.writeJSON(${name()},{v:${choice.int(0, 9)},t:"${choice.one(["a", "b\\xe9"])}"})`;
    if (kind < 7) return `S.read(${name()})`;
    if (kind === 7) return `S.read(${name()},${choice.int(0, 4)},${choice.int(0, 5)})`;
    if (kind === 8) return `S.readJSON(${name()},${choice.one(["true", "1"])})`;
    if (kind === 9) return `S.erase(${name()})`;
    if (kind === 10) return choice.one(["S.list()", "S.list(/^[a-c]/)", "S.list().length"]);
    return choice.one([`S.readArrayBuffer(${name()})`, "S.getFree()>1000", "S.getFree()"]);
  };
  return `var S=require("Storage");\n${evaluated(choice.list(40, call))}`;
};

/** A socket that is written to, read from and closed from both sides; the session's actions are the far end. */
function socketSession(kind: string, seed: number, name: string): Session {
  const choice = choices(seed);
  const program = `var sock;
function open(){var s=require("net").connect({host:"127.0.0.1",port:1883},function(a){print("open "+(a===s))});sock=s;
s.on("data",function(d){print("data "+d.length);if(d=="echo")s.write("back");if(d=="bye")s.end();if(d=="bad")throw "in data";if(d=="last")s.end("farewell")});
s.on("drain",function(){print("drain")});
s.on("end",function(){print("end")});
s.on("error",function(e){print("error "+e.code)});
s.on("close",function(e){print("close "+e)})}
open();`;
  const action = (): Action[] => {
    const what = choice.int(0, 9);
    if (what < 3)
      return [
        {
          do: "send",
          bytes: choice.one([
            "echo",
            "bye",
            "bad",
            "last",
            "x",
            "\xff\x00",
            "y".repeat(choice.int(500, 1700)),
          ]),
        },
      ];
    if (what < 6)
      return [
        {
          do: "run",
          code: choice.one([
            "sock.write('hello')",
            "sock.write('')",
            "sock.write('z'.repeat(1500))",
            "sock.write([1,2])",
            "sock.write(5)",
            "sock.write({a:1})",
            "sock.write(new Uint8Array([65,66]))",
          ]),
        },
      ];
    if (what === 6)
      return [
        {
          do: "run",
          code: choice.one([
            "sock.end()",
            "sock.end('e')",
            "sock.write('w');sock.end()",
            "sock.end();sock.write('late')",
            "sock.end();sock.end()",
            "sock.removeAllListeners('data')",
            "sock.removeAllListeners()",
            "sock.on('data',function(d){print('again '+d.length)})",
            "print(typeof sock.read()+sock.available())",
          ]),
        },
      ];
    if (what === 7) return [{ do: choice.one(["end", "reset"]) }];
    if (what === 8) return [{ do: "run", code: "open()" }];
    return [
      { do: "refuse", on: true },
      { do: "run", code: "open()" },
      { do: "refuse", on: false },
      { do: "run", code: "open()" },
    ];
  };
  return {
    name,
    seed,
    kind,
    broker: false,
    time: { kind: "stepped" },
    program: async () => program,
    actions: choice.list(choice.int(5, 12), action).flat(),
  };
}

const writers: Readonly<Record<string, Write>> = { expressions, json, mistakes, events, timers, storage };

export const programKinds: readonly string[] = [...Object.keys(writers), "sockets"];

/** A session of this kind, made of its seed. */
export function programSession(kind: string, seed: number, name: string): Session {
  if (kind === "sockets") return socketSession(kind, seed, name);
  const write = writers[kind];
  if (!write) throw new Error(`${kind}: no such program; there are ${programKinds.join(", ")}`);
  return own(kind, seed, name, write);
}
