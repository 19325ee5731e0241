/** Numbers as text and text as numbers, and Math, whose powers and roots are made of logarithms. */
import { numberText } from "../console/numbers.ts";
import type { Realm, Value } from "../realm.ts";
import type { Define } from "./install.ts";

/** Nearer than this to the next whole number counts as that. */
const NEARLY = 1e-7;
const MOST_DECIMALS = 20;

export function installNumbers(realm: Realm, define: Define): void {
  const { global, builtins } = realm;
  const { Math: math, parseInt: hostParseInt, parseFloat: hostParseFloat } = builtins;
  const prototype = builtins.Number.prototype;
  const hostToString = prototype.toString;

  define(prototype, "toString", (self, args) => {
    const value = Number(self);
    const radix = args[0] === undefined ? 10 : Number(args[0]);
    if (radix === 10 || !(radix >= 2 && radix <= 36)) return numberText(value);
    return Reflect.apply(hostToString, value, [radix]);
  });
  define(prototype, "toFixed", (self, args) => fixed(Number(self), Number(args[0] ?? 0)));
  define(global, "isNaN", (_self, args) => isNoNumber(realm, args[0]));
  define(global, "parseInt", (_self, args) => {
    const text = typeof args[0] === "number" ? numberText(args[0]) : args[0];
    return Reflect.apply(hostParseInt, undefined, [text, args[1]]);
  });
  define(global, "parseFloat", (_self, args) => {
    const hex = /^\s*([+-]?)(0x[\da-f]+)/i.exec(String(args[0]));
    if (hex) return Number(hex[2]) * (hex[1] === "-" ? -1 : 1);
    return Reflect.apply(hostParseFloat, undefined, [args[0]]);
  });

  define(math, "pow", (_self, args) => power(Number(args[0]), Number(args[1])));
  define(math, "sqrt", (_self, args) => {
    const value = Number(args[0]);
    return value >= 0 ? Math.exp(Math.log(value) * 0.5) : Number.NaN;
  });
  // Away from zero where V8 goes up: Math.round(-2.5) is -3.
  define(math, "round", (_self, args) => {
    const value = Number(args[0]);
    return Number.isFinite(value) ? Math.trunc(value + (value < 0 ? -0.5 : 0.5)) : value;
  });
  define(math, "sign", (_self, args) => {
    const value = Number(args[0]);
    return value === 0 ? 0 : value > 0 ? 1 : -1;
  });
  define(math, "wrap", (_self, args) => {
    const size = Number(args[1]);
    const turns = Number(args[0]) / size;
    return size < 0 ? 0 : (turns - Math.trunc(turns)) * size;
  });
}

/** Small whole powers by multiplying, all others by logarithms, which is less exact: Math.pow(10, 12) is below 1e12. */
function power(base: number, exponent: number): number {
  if (Number.isInteger(exponent) && exponent >= 0 && exponent < 10) {
    let result = exponent === 0 ? 1 : base;
    for (let left = exponent; left > 1; left--) result *= base;
    return result;
  }
  if (base < 0 && Number.isInteger(exponent)) {
    const magnitude = Math.exp(Math.log(-base) * exponent);
    return exponent % 2 === 0 ? magnitude : -magnitude;
  }
  return base !== 0 || exponent <= 0 ? Math.exp(Math.log(base) * exponent) : 0;
}

/** toFixed: only the last of the decimals is rounded, so without decimals the rest is cut off: (2.5).toFixed(0) is "2". */
function fixed(number: number, decimals: number): string {
  if (!Number.isFinite(number)) return String(number);
  if (number < 0) return `-${fixed(-number, decimals)}`;
  let value = number;
  if (Math.floor(value + NEARLY) === Math.floor(value) + 1) value = Math.floor(value) + 1;
  const whole = Math.floor(value);
  let text = BigInt(whole).toString();
  let rest = (value - whole) * 10;
  for (let left = Math.min(MOST_DECIMALS, Math.max(0, decimals | 0)); left > 0; left--) {
    const digit = Math.floor(rest + (left === 1 ? 0.5 : 1e-8));
    rest = (rest - digit) * 10;
    if (!text.includes(".")) text += ".";
    text += digit > 9 ? "9" : String(digit);
  }
  return text;
}

function isNoNumber(realm: Realm, value: Value): boolean {
  if (typeof value === "string") return !/^\s*$/.test(value) && Number.isNaN(realm.builtins.Number(value));
  if (typeof value === "number" || Array.isArray(value)) return Number.isNaN(realm.builtins.Number(value));
  return value === undefined || (typeof value === "object" && value !== null);
}
