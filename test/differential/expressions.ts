// Random expressions over what programs for a board use: numbers, strings, arrays, typed arrays, objects, JSON.
import type { Choice } from "./choice.ts";

type Make = (choice: Choice, depth: number) => string;

const numbers =
  "0 1 2 3 5 7 10 16 31 32 64 100 127 128 255 256 1000 65535 65536 -1 -2 -7 -128 0.5 1.5 -0.25 1e3 2147483647 -2147483648".split(
    " ",
  );
const strings = [
  "",
  "a",
  "abc",
  "Hello, World",
  "on",
  " 5 ",
  "12",
  "-3.5",
  "0x1F",
  "1e3",
  "a,b,,c",
  "aXbXc",
  "\\n",
  "\\xff\\x00",
  "{}",
  "home/office/lamp",
  "NaN",
  "true",
  "  x ",
  "aaa",
];
const small = "0 1 2 3 4 -1 -2 10".split(" ");
const places = "0 1 2 3 4".split(" ");
/** Without blanks, which the board does not pass over when it makes a number of a text. */
const digits = ["12", "-3.5", "1e3", "0x1F", "abc", "", "7"];

const leaf =
  (items: readonly string[]): Make =>
  (choice) =>
    choice.one(items);
const number: Make = (choice, depth) =>
  depth <= 0 ? leaf(numbers)(choice, 0) : choice.one(numberForms)(choice, depth - 1);
const string: Make = (choice, depth) =>
  depth <= 0 ? `"${choice.one(strings)}"` : choice.one(stringForms)(choice, depth - 1);
const boolean: Make = (choice, depth) =>
  depth <= 0 ? choice.one(["true", "false"]) : choice.one(booleanForms)(choice, depth - 1);
const array: Make = (choice, depth) =>
  depth <= 0 ? arrayLiteral(choice, 0) : choice.one(arrayForms)(choice, depth - 1);
const typed: Make = (choice, depth) =>
  depth <= 0 ? typedLiteral(choice, 0) : choice.one(typedForms)(choice, depth - 1);
const object: Make = (choice, depth) =>
  depth <= 0 ? objectLiteral(choice, 0) : choice.one(objectForms)(choice, depth - 1);
const index: Make = leaf(small);
const place: Make = leaf(places);
const digit: Make = (choice) => `"${choice.one(digits)}"`;

/** A form of expression: its text with the places of others, as `%n` (number), `%s`, `%b`, `%a`, `%t`, `%o`, `%i` (a small number), `%j` (one that is not negative),
 * `%d` (digits), `%m` (an array of numbers), `%x` (anything). */
function form(text: string): Make {
  return (choice, depth) =>
    text.replace(/%([nsbatmoijdx])/g, (_, kind: string) => (makers[kind] ?? number)(choice, depth));
}
const forms = (text: string): Make[] => text.trim().split(/\n\s*/).map(form);

const arrayLiteral: Make = (choice) =>
  `[${choice.list(choice.int(0, 5), () => choice.one([number, number, string, boolean])(choice, 0)).join()}]`;
const numberArray: Make = (choice) => `[${choice.list(choice.int(0, 6), () => number(choice, 0)).join()}]`;
/** Of at least one number: where there is none the board reads 0. */
const typedLiteral: Make = (choice) => {
  const kind = choice.one([
    "Uint8Array",
    "Int8Array",
    "Uint16Array",
    "Int16Array",
    "Uint32Array",
    "Int32Array",
    "Float64Array",
  ]);
  return `new ${kind}([${choice.list(choice.int(1, 6), () => number(choice, 0)).join()}])`;
};
const objectLiteral: Make = (choice) =>
  `({${["a", "b", "c"]
    .slice(0, choice.int(0, 3))
    .map((key) => `${key}:${choice.one([number, string, boolean, arrayLiteral])(choice, 0)}`)
    .join()}})`;

const anything: Make = (choice, depth) =>
  choice.one([number, string, boolean, array, typed, object])(choice, depth);

const numberForms = forms(`
  (%n+%n)
  (%n- %n)
  (%n*%n)
  (%n/%n)
  (%n%%n)
  (%n&%n)
  (%n|%n)
  (%n^%n)
  (%n<<%i)
  (%n>>%i)
  (%n>>>%i)
  (- %n)
  (~%n)
  (+%d)
  (+%b)
  (%b?%n:%n)
  (%n||%n)
  (%n&&%n)
  (%d- %i)
  (%d*%n)
  Math.abs(%n)
  Math.floor(%n)
  Math.ceil(%n)
  Math.round(%n)
  Math.sign(%n)
  Math.min(%n,%n)
  Math.max(%n,%n)
  Math.min()
  Math.max(%n)
  Math.pow(%n,%j)
  Math.clip(%n,0,10)
  Math.wrap(%n,10)
  parseInt(%s)
  parseInt(%s,%i)
  parseInt(%n)
  parseFloat(%s)
  Number(%s)
  Number(%b)
  Number(%n)
  %s.length
  %s.charCodeAt(%i)
  %s.indexOf(%s)
  %s.indexOf("o",%i)
  %s.lastIndexOf(%s)
  %s.lastIndexOf(%s,%i)
  %a.length
  %a.indexOf(%n)
  %a.indexOf(%s)
  %m.findIndex(function(x){return x>%n})
  %a.push(%n)
  %a.unshift(%n)
  [%n,%n,%n].reduce(function(a,b){return a+b})
  [%n,%n].reduce(function(a,b){return a-b},%n)
  %t.length
  %t.indexOf(%j)
  %t.byteLength
  %t[%j]
  E.sum(new Int16Array(%m))
  new DataView(new Uint8Array([1,2,253,254,5,6,7,8]).buffer).getInt16(%i)
  new DataView(new Uint8Array([1,2,253,254,5,6,7,8]).buffer).getUint32(1,%b)
  Object.keys(%o).length
  new Date(%n|0).getTime()
`);

const stringForms = forms(
  `
  (%s+%s)
  (%s+%i)
  (%i+%s)
  (%s+%b)
  ("x"+%a)
  %s.substr(%i)
  %s.substr(%i,%i)
  %s.substring(%i)
  %s.substring(%i,%i)
  %s.slice(%i)
  %s.slice(%i,%i)
  %s.charAt(%i)
  (%s[%j]||"?")
  %s.toUpperCase()
  %s.toLowerCase()
  %s.trim()
  %s.repeat(%i)
  %s.padStart(%i,"ab")
  %s.padStart(10)
  %s.padEnd(%i,"ab")
  %s.concat(%s)
  %s.concat(%s,%i)
  %s.replace(%s,%s)
  %s.replace("a",function(m){return "<"+m+">"})
  %s.replace(/[a-c]/g,%s)
  %s.replace(/(o)(.)/,"$2$1")
  %s.replace(/o/g,function(m,i){return i})
  %s.replaceAll("a",%s)
  %a.join()
  %a.join(%s)
  %s.split(%s).join("|")
  %s.split(",",%i).join("|")
  %s.split().join("|")
  %s.split(/[,X]/).join("|")
  String(%n)
  String(%b)
  String(%a)
  String.fromCharCode(%i+65)
  String.fromCharCode(72,%n)
  (%n).toString()
  (%n).toString(16)
  (%n).toString(2)
  (%n).toFixed(%i)
  %b.toString()
  (typeof %x)
  JSON.stringify(%x)
  JSON.stringify(%o)
  JSON.stringify(%o,null,2)
  JSON.stringify(%s)
  JSON.stringify(%n)
  btoa(%s)
  atob(btoa(%s))
  E.toString(%t)
  encodeURIComponent(%s)
  decodeURIComponent(encodeURIComponent(%s))
  %t.join()
  new Date(%j*1e9).toISOString()
  \`%s\${%i}\`
`.replace("`%s", "`q"),
);

const booleanForms = forms(`
  (%n<%n)
  (%n>=%n)
  (%n==%n)
  (%n===%n)
  (%n==%d)
  (%s==%s)
  (%s<%s)
  (%s===%n)
  (!%x)
  (!!%s)
  (%b&&%b)
  (%b||%b)
  (%b==%n)
  %s.startsWith(%s)
  %s.startsWith(%s,%i)
  %s.endsWith(%s)
  %s.endsWith(%s,%i)
  %s.includes(%s)
  %a.includes(%n)
  %a.every(function(x){return x})
  %m.some(function(x){return x>5})
  Array.isArray(%x)
  isFinite(%n)
  isNaN(%s)
  isNaN(%n)
  ("a" in %o)
  %o.hasOwnProperty("b")
  /^[a-z]+$/.test(%s)
  /o./.test(%s)
  (%a instanceof Array)
  (null==%x)
  (undefined===%o.c)
`);

const arrayForms = forms(`
  %a.slice(%i)
  %a.slice(%i,%i)
  %a.concat(%a)
  %a.concat(%n)
  %a.map(function(x){return x+1})
  %a.map(function(x,i){return i})
  %a.filter(function(x){return x})
  %a.reverse()
  [%n,%n,%n,%n].sort()
  [%s,%s,%s].sort()
  [%n,%n,%n].sort(function(a,b){return a-b})
  [3,1,2].sort(function(a,b){return b-a})
  %a.splice(%i)
  %a.splice(%i,%i)
  %a.splice(%i,1,%n,%s)
  %s.split(%s)
  %s.split("")
  [%a,%n]
  [].concat(%a,%a)
  new Array(%n&7).fill(%n)
  %a.fill(%n,1)
  Object.keys(%o)
  Object.values(%o)
  Object.entries(%o)
  (function(){var r=[];%a.forEach(function(x,i){r.push(i,x)});return r})()
  (function(){var r=[];for(var k in %o)r.push(k);return r})()
  (function(){var r=[];for(var v of %a)r.push(v);return r})()
  (function(){var a=%a;a.shift();return a})()
  (function(){var a=%a;a.pop();return a})()
  (function(){var a=%a;a[a.length]=%n;return a})()
  JSON.parse("[1,2,%i]")
`);

const typedForms = forms(`
  new Uint8Array(%i&7)
  new Uint8Array(%m)
  new Uint8Array(%t)
  new Int16Array(%t)
  new Uint8Array([1,2,3,4,5,6,7,8].slice(%j&3)).subarray(1,%j)
  %t.subarray(%j)
  %t.slice(%i)
  %t.map(function(x){return x*2})
  %t.filter(function(x){return x>5})
  %t.fill(%n)
  %t.reverse()
  new Int16Array(%m).sort()
  E.toUint8Array(%s)
  E.toUint8Array(%i,%s,%a)
  new Uint8Array(new Uint8Array([1,2,3,4,5,6,7,8]).buffer,%i&3,3)
  new Uint16Array(new Uint8Array([1,2,3,4,5,6,7,8]).buffer)
  (function(){var t=%t;t[%j]=%n;return t})()
  (function(){var t=new Uint8Array(6);t.set(%s,%i);return t})()
  (function(){var t=new Uint8Array(6);t.set([1,2,3],%i);return t})()
  (function(){var t=new Int8Array(4);t.set(%t);return t})()
  (function(){var d=new DataView(new ArrayBuffer(8));d.setInt16(%i&3,%n);d.setUint8(7,%n);return new Uint8Array(d.buffer)})()
`);

const objectForms = forms(`
  Object.assign(%o,%o)
  Object.assign({},%o)
  JSON.parse(JSON.stringify({a:%n,b:[%n,%b],c:{d:"a\\n\\\\"}}))
  ({a:%x,b:%x})
  ({"x y":%n,z:%s})
  (function(){var o=%o;o.c=%n;delete o.a;return o})()
  Object.fromEntries([["a",%n],["b",%s]])
  (function(){var o=%o;for(var k in o)o[k]=1;return o})()
`);

const makers: Readonly<Record<string, Make>> = {
  n: number,
  s: string,
  b: boolean,
  a: array,
  t: typed,
  o: object,
  m: numberArray,
  i: index,
  j: place,
  d: digit,
  x: anything,
};

/** One expression; deeper ones have more inside. */
export function expression(choice: Choice): string {
  const depth = choice.one([1, 1, 1, 2, 2, 3]);
  return choice.one([number, string, boolean, array, typed, object])(choice, depth);
}

/**
 * Defines `show`, which makes text of any value: kind and content; numbers that are not whole with six places, as the board writes numbers
 * with fewer digits than V8 (docs/differences.md).
 */
export const show = `function show(v){
if(v===undefined)return "undefined";
if(v===null)return "null";
if(typeof v=="string")return '"'+v.split("").map(function(c){var n=c.charCodeAt(0);return n>31&&n<127?c:"\\\\x"+n.toString(16)}).join("")+'"';
if(typeof v=="number"){if(v!==v)return "NaN";if(v===Infinity||v===-Infinity)return v>0?"Infinity":"-Infinity";
if(v===Math.floor(v)&&Math.abs(v)<1e15)return ""+v;
return Math.abs(v)<1e6&&Math.abs(v)>1e-3?"~"+Math.floor(v*1e4)/1e4:"~~"}
if(typeof v!="object")return ""+v;
if(v instanceof Array){for(var r="[",i=0;i<v.length;i++)r+=(i?" ":"")+show(v[i]);return r+"]"}
if(v instanceof ArrayBuffer)return "buffer";
if(v.buffer)return "<"+[].slice.call(v).map(show).join(" ")+">";
return "{"+Object.keys(v).map(function(k){return k+":"+show(v[k])}).join(" ")+"}"}`;
