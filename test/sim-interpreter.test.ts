/** The interpreter's quirks: each stands here once, and is asserted on the simulator and, when ESPRUINO_BIN is set, on the interpreter itself. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBoard, LoopbackNetwork, VirtualClock } from "../sim/index.ts";
import { startEspruino } from "./drivers/espruino-process.ts";

/** What is evaluated, and what it gives; "throws X" where it throws. */
const quirks: [expression: string, result: string][] = [
  // JSON
  [`JSON.stringify(JSON.parse('{"a":1}xyz'))`, '{"a":1}'],
  [`JSON.stringify(JSON.parse('{"a":1,}'))`, '{"a":1}'],
  [`JSON.parse('')`, "throws SyntaxError: Expecting valid value, got EOF"],
  [`JSON.parse('on')`, "throws SyntaxError: Expecting valid value, got ID"],
  [`JSON.parse('{"a":1')`, "throws SyntaxError: Got EOF expected ','"],
  [`JSON.parse('[1,2')`, "throws SyntaxError: Got EOF expected ','"],
  [`JSON.parse('{a:1}')`, "throws SyntaxError: Got ID:a expected STRING"],
  [`JSON.parse('{"a" 1}')`, "throws SyntaxError: Got INT expected ':'"],
  [`JSON.parse('}')`, "throws SyntaxError: Expecting valid value, got '}'"],
  [`JSON.parse(undefined)`, "throws SyntaxError: Expecting valid value, got undefined"],
  [`JSON.parse("{'a':0x10}").a`, "16"],
  [`JSON.parse('-5') + JSON.parse(' 1.5e3 x')`, "1495"],
  [`JSON.parse('"\\\\u0041\\\\n"').length`, "2"],
  [`JSON.parse('{"s":1,"s":2}').s`, "1"],
  [`Object.keys(JSON.parse('{"s":1,"s":2,"__proto__":{"z":3},"constructor":4}')).join()`, "s,constructor"],
  [`JSON.parse('{"__proto__":{"z":3}}').z`, "3"],
  [`JSON.parse('{"__proto__":5}').__proto__`, "5"],
  [`var r=[];for(var k in JSON.parse('{"s":1,"constructor":2}'))r.push(k);r.join()`, "s"],
  [`JSON.stringify(JSON.parse('{"s":1,"constructor":2}'))`, '{"s":1}'],
  [`JSON.parse('[1_000,0b11,0o17,012,089,.5,5.,1e]').join()`, "1000,3,15,10,89,0.5,5,1"],
  [`1/JSON.parse("-0")`, "Infinity"],
  [`JSON.parse("\`a\\nb\`").length`, "3"],
  ["JSON.parse('`a${1}`')", "throws SyntaxError: Expecting valid value, got TEMPLATE LITERAL"],
  [`JSON.parse("--5")`, "throws SyntaxError: Expecting valid value, got --"],
  [`JSON.parse("[/x/]")`, "throws SyntaxError: Expecting valid value, got REGEX"],
  [`JSON.parse("{/*")`, "throws SyntaxError: Got UNFINISHED COMMENT expected '}'"],
  [`JSON.parse('"\\\\uZZ"')`, "throws Error: Invalid escape sequence"],
  [`JSON.parse('1"\\\\uZZ"')`, "throws Error: Invalid escape sequence"],
  [`JSON.parse("\\xb4")+JSON.parse("\\xd4\\x05")`, "6"],
  [`JSON.parse("\\xd1\\x02ab")`, "ab"],
  [`JSON.parse("[1\\0]")`, "throws SyntaxError: Got EOF expected ','"],
  [`JSON.stringify({a:"\\xff\\n",b:undefined,c:new Uint8Array([1,2])})`, '{"a":"\\u00FF\\n","c":[1,2]}'],
  [`JSON.stringify("\\0\\x0e\\\\u000e")`, '"\\u0000\\u000E\\\\u000e"'],
  [`JSON.stringify(undefined)+JSON.stringify(print)`, "nullundefined"],
  // Numbers
  [`Number(" 5 ")`, "NaN"],
  [`Number("")`, "0"],
  [`Number("5x")`, "NaN"],
  [`Number("0x10")`, "16"],
  [`parseInt(" 12px")`, "12"],
  [`parseInt("")`, "NaN"],
  [`isNaN(" 5 ")`, "true"],
  [`isNaN("5")`, "false"],
  [`isNaN("")`, "false"],
  // Strings and bytes
  [`String.fromCharCode(300).charCodeAt(0)`, "44"],
  [`var u=new Uint8Array(4);u.set("abcdef",2);u.join()`, "0,0,97,98"],
  [`var v=new Uint8Array(4);v.set([1,2,3],2);v.join()`, "0,0,1,2"],
  [`var w=new Uint8Array(2);w[0]=300;w[5]=1;w.join()`, "44,0"],
  [`E.toString(new Uint8Array([65,200])).charCodeAt(1)`, "200"],
  [`E.toString("a",1,[2,66]).length`, "4"],
  [`E.toString({data:65,count:3})`, "AAA"],
  [`E.toUint8Array(1,2,[3,"ab"]).join()`, "1,2,3,97,98"],
  // Timers and watches
  [
    `clearTimeout(undefined)`,
    "throws Error: clearTimeout(undefined) not allowed. Use clearTimeout() instead",
  ],
  [
    `clearInterval(undefined)`,
    "throws Error: clearInterval(undefined) not allowed. Use clearInterval() instead",
  ],
  [`changeInterval(9999,1)`, "throws Error: Unknown Interval"],
  [`setTimeout(5,1)`, "throws Error: Function or String not supplied!"],
  [`clearWatch(99)`, "throws Error: Unknown Watch 99"],
  [`clearWatch(undefined)`, "throws Error: clearWatch(undefined) not allowed. Use clearWatch() instead"],
  [
    `var i=setTimeout(print,1e6),j=setTimeout(print,1e6);clearTimeout(j);var k=setTimeout(print,1e6);clearTimeout(i);clearTimeout(k);j==k`,
    "true",
  ],
  // Pins
  [`digitalWrite("D99",1)`, "throws Error: Invalid pin"],
  [`digitalWrite(undefined,1)`, "throws Error: Invalid pin"],
  [`pinMode(D2,"bogus")`, "throws Error: Unknown pin mode"],
  [`D2.toString()+(D2==2)+(D2 instanceof Pin)+Pin(3).toString()`, "D2truetrueD3"],
  [`D5.set();D5.getMode()`, "output"],
  // Events
  [`var o={};o.on("a",function(){});o.removeListener("a",print);Object.keys(o).join()`, "#ona"],
  [`({}).on("a",1)`, "throws TypeError: Second argument must be a function or a String"],
  [`({}).emit("a",1,2,3,4,5)`, "throws TypeError: Too many arguments (>4)"],
  [`typeof ({}).once`, "undefined"],
  // Storage
  [`require("Storage").write("n".repeat(30),"x");require("Storage").list().join()==="n".repeat(28)`, "true"],
  [`require("Storage").read("nope")`, "undefined"],
  [`require("Storage").write("empty","")`, "throws Error: Can't create zero length file"],
  [`require("Storage").write("a","ab",1,4)`, "throws Error: Unable to find or create file"],
  [`require("Storage").write("b","{");require("Storage").readJSON("b",true)`, "undefined"],
  [`require("Storage").writeJSON("j",{a:"\\xff"});require("Storage").readJSON("j").a.charCodeAt(0)`, "255"],
  [
    `require("Storage").write("k",'{7:"\\\\101",a:2}');JSON.stringify(require("Storage").readJSON("k"))`,
    '{"7":"A","a":2}',
  ],
  [
    `require("Storage").write("l","{");require("Storage").readJSON("l")`,
    "throws SyntaxError: Got EOF expected '}'",
  ],
  [`require("Storage").write("m",[1,2,"ab"]);require("Storage").read("m")`, "\x01\x02ab"],
  [
    `require("Storage").write("q","12",0,4);require("Storage").write("q","34",2);require("Storage").read("q")`,
    "1234",
  ],
  [`require("Storage").write("q","5",1)`, "throws Error: File already written with different data"],
  [
    `require("Storage").write("s","old");try{require("Storage").write("s","too long",0,3)}catch(e){};require("Storage").read("s")=="\\xff\\xff\\xff"`,
    "true",
  ],
  // What is not there
  [
    `[typeof Map,typeof Symbol,typeof Proxy,typeof BigInt,typeof RangeError,typeof queueMicrotask].join()`,
    Array(6).fill("undefined").join(),
  ],
  [
    `[typeof Array.from,typeof Math.log2,typeof Math.trunc,typeof Number.isInteger,typeof Object.freeze].join()`,
    Array(5).fill("undefined").join(),
  ],
  [
    `[typeof "".at,typeof [].flat,typeof [].keys,typeof "".trimStart,typeof (5).toPrecision].join()`,
    Array(5).fill("undefined").join(),
  ],
  [`require("nope")`, 'throws Error: Module "nope" not found'],
  // Network
  [`require("net").connect({host:"127.0.0.1",port:1})`, "throws InternalError: Unable to create socket"],
];

/** Prints every result, numbered. */
const program = quirks
  .map(([expression], index) => {
    const parts = expression.split(";");
    const last = parts.pop();
    return `try{${parts.join(";")}${parts.length ? ";" : ""}print("${index}: "+(${last}))}catch(e){print("${index}: throws "+e)}`;
  })
  .join("\n");

describe("the simulator", () => {
  const clock = new VirtualClock();
  const board = createBoard({
    profile: { name: "linux", wifi: false },
    bundle: program,
    clock,
    network: new LoopbackNetwork(clock),
  });
  board.boot();

  test.each(quirks.map(([expression, result], index) => ({ expression, result, index })))(
    "$expression",
    ({ result, index }) => {
      expect(resultOf(board.console, index)).toBe(result);
    },
  );
});

const interpreter = process.env.ESPRUINO_BIN;

describe.skipIf(!interpreter)("the interpreter itself", () => {
  let stop: (() => Promise<void>) | undefined;
  let lines: string[] = [];

  beforeAll(async () => {
    const running = await startEspruino({
      interpreter: interpreter ?? "",
      script: `${program}\nprint("done")`,
    });
    stop = () => running.stop();
    await new Promise<void>((resolve) => {
      if (running.console.includes("done")) resolve();
      running.onLine((line) => line.includes("done") && resolve());
    });
    lines = running.console;
  });
  afterAll(() => stop?.());

  test.each(quirks.map(([expression, result], index) => ({ expression, result, index })))(
    "$expression",
    ({ result, index }) => {
      expect(resultOf(lines, index)).toBe(result);
    },
  );
});

function resultOf(lines: readonly string[], index: number): string | undefined {
  const start = `${index}: `;
  return lines.find((line) => line.startsWith(start))?.slice(start.length);
}
