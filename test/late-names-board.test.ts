/** Bundles of anybody with a `var` behind the use of its name: the simulator does with them what the interpreter does. */
import { afterEach, expect, test } from "vitest";
import { type BoardDriver, onEveryBoard } from "./drivers/index.ts";

/** A program, and what it prints. */
const programs: readonly (readonly [what: string, code: string, printed: readonly string[]])[] = [
  [
    "an assignment goes to the outer variable",
    'var n="outer";function f(){n=1;print(n);var n;print(n);n=2;print(n)}f();print(n)',
    ["1", "undefined", "2", "1"],
  ],
  [
    "an outer function's, called again",
    'function o(){var n="outer";function f(v){n=v;var n=v+1;return n}print(f(1));print(n);print(f(5));print(n)}o()',
    ["2", "1", "6", "5"],
  ],
  ["a name that nobody has is a global", "function f(){q=5;var q=6;return q}print(f());print(q)", ["6", "5"]],
  [
    "what is read is the outer one",
    'var n="outer";function f(){print(n);var n="own";print(n)}f();print(n)',
    ["outer", "own", "outer"],
  ],
  [
    "what nobody has is no name",
    "function f(){try{print(n)}catch(e){print(e.type)}var n=1;print(n)}f()",
    ["ReferenceError", "1"],
  ],
  ["its type is asked", "function f(){print(typeof n);var n=1;print(typeof n)}f()", ["undefined", "number"]],
  [
    "in a loop the second turn has its own",
    'var n="outer";function f(){for(var i=0;i<3;i++){n=i;print(n);var n=i*10;print(n)}}f();print(n)',
    ["0", "0", "1", "10", "2", "20", "0"],
  ],
  [
    "in a branch that is not taken",
    'var n="outer";function f(take){if(take)var n="own";n=n+"!";return n}print(f(1));print(f(0));print(n)',
    ["own!", "outer!", "outer!"],
  ],
  [
    "a function within sees it from its var on",
    'var n="outer";function f(){var g=function(){return n};print(g());var n="own";print(g());n="new";print(g())}f();print(n)',
    ["outer", "own", "new", "outer"],
  ],
  [
    "counted up and added to",
    "var n=5;function f(){n++;n+=10;var n=1;n++;return n}print(f());print(n)",
    ["2", "16"],
  ],
  [
    "the head of a loop",
    'var k="outer";function f(o){k="early";for(var k in o)print(k);print(k)}f({a:1,b:2});print(k)',
    ["a", "b", "b", "early"],
  ],
  [
    "several in one list, one of them late",
    "var b=1;function f(){b=7;var a=b,b=a+1,c;return[a,b,c]}print(f().join());print(b)",
    ["7,8,", "7"],
  ],
  [
    "its value may use its name",
    "var n=1;function f(){n=2;var n=(n===undefined)?'new':'old';return n}print(f());print(n)",
    ["new", "2"],
  ],
  [
    "it keeps what it has",
    "var n=9;function f(t){if(t)var n=1;n=n||3;var n;return n}print(f(1));print(f(0));print(n)",
    ["1", "undefined", "9"],
  ],
  [
    "of the whole program",
    "try{print(n)}catch(e){print(e.type)}n=1;print(n);var n;print(n);var n=2;print(n)",
    ["ReferenceError", "1", "1", "2"],
  ],
  [
    "in a text for eval and for Function",
    'var n="outer";eval("(function(){n=1;var n=2})()");print(n);new Function("n=3;var n=4")();print(n)',
    ["1", "3"],
  ],
  [
    "a method, called with its object",
    "var n=0;var o={f:function(){n=this.v;var n=this.v+1;return n},v:5};print(o.f());print(n)",
    ["6", "5"],
  ],
  ["an arrow function", "var n=0;var f=v=>{n=v;var n=v+1;return n};print(f(5));print(n)", ["6", "5"]],
];

onEveryBoard("a var behind the use of its name", (kind) => {
  let driver: BoardDriver;
  afterEach(() => driver.close());

  test.each(programs)("%s", async (_, code, printed) => {
    driver = kind.create();
    const board = await driver.start({ bundle: code });
    await board.advance(100);
    expect(board.console).toEqual(printed);
  });
});
