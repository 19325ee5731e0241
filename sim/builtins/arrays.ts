/** Arrays: a sort that is not stable, numbers in the board's form when joined. */
import { numberText } from "../console/numbers.ts";
import type { Realm, Value } from "../realm.ts";
import type { Define } from "./install.ts";
import { kindOf } from "./kinds.ts";

/** From this many items on the pivot is the median of three. */
const MEDIAN_FROM = 11;

function text(item: Value): string {
  if (item === undefined || item === null) return "";
  return typeof item === "number" ? numberText(item) : String(item);
}

function join(self: Value, separator: Value): string {
  return Array.from<Value>(self)
    .map(text)
    .join(separator === undefined ? "," : String(separator));
}

type Compare = (one: Value, other: Value) => number;

export function installArrays(realm: Realm, define: Define): void {
  const { prototype } = realm.builtins.Array;
  const { reduce: hostReduce } = prototype;

  // Each first asks for a function.
  for (const name of ["forEach", "map", "filter", "find", "findIndex", "some", "every"]) {
    const host = prototype[name];
    define(prototype, name, (self, args) => {
      if (typeof args[0] !== "function") throw realm.error("Error", "First argument must be a function");
      return Reflect.apply(host, self, [args[0], args[1]]);
    });
  }
  define(prototype, "sort", (self, args) => {
    if (args[0] !== undefined && typeof args[0] !== "function")
      throw realm.error("Error", `Expecting compare function, got ${kindOf(args[0])}`);
    const items: Value[] = Array.prototype.slice.call(self);
    sort(items, 0, items.length, comparison(args[0]));
    for (const [index, item] of items.entries()) self[index] = item;
    return self;
  });
  define(prototype, "reduce", (self, args) => {
    if (self.length === 0 && args.length < 2)
      throw realm.error("Error", "Used on empty array with no initial value");
    return Reflect.apply(hostReduce, self, Array.from(args));
  });
  for (const target of [prototype, Object.getPrototypeOf(realm.builtins.Uint8Array.prototype)]) {
    define(target, "join", (self, args) => join(self, args[0]));
    define(target, "toString", (self) => join(self, undefined));
  }
}

function comparison(compare: Value): Compare {
  return (one, other) => {
    if (one === undefined) return 1;
    if (other === undefined) return -1;
    if (typeof compare === "function") {
      const order = Number(Reflect.apply(compare, undefined, [one, other]));
      return order === 0 ? 0 : order < 0 ? -1 : 1;
    }
    const [a, b] = [String(one), String(other)];
    return a < b ? -1 : a > b ? 1 : 0;
  };
}

/**
 * Quicksort of `items` from `start` on. The first is the pivot; what is not above it goes before it, the newest last, so equal items come out in
 * another order than they went in.
 */
function sort(items: Value[], start: number, count: number, compare: Compare): void {
  if (count < 2) return;
  if (count >= MEDIAN_FROM) medianFirst(items, start, count, compare);
  const pivot = items[start];
  let place = start;
  let isLowest = true;
  for (let index = start + 1; index < start + count; index++) {
    const item = items[index];
    const order = compare(item, pivot);
    if (order > 0) continue;
    if (order < 0) isLowest = false;
    items[place++] = item;
    items[index] = items[place];
    items[place] = pivot;
  }
  sort(items, place + 1, start + count - place - 1, compare);
  if (!isLowest) sort(items, start, place - start, compare);
}

/** Swaps the median of the first, the middle and the last item to the front. */
function medianFirst(items: Value[], start: number, count: number, compare: Compare): void {
  const middle = start + (count >> 1);
  const end = start + count - 1;
  const lowMiddle = compare(items[start], items[middle]);
  const middleHigh = compare(items[middle], items[end]);
  const lowHigh = compare(items[start], items[end]);
  const swap = (other: number): void => {
    [items[start], items[other]] = [items[other], items[start]];
  };
  if ((lowMiddle <= 0 && middleHigh <= 0) || (lowHigh <= 0 && middleHigh >= 0)) swap(middle);
  else if ((lowMiddle >= 0 && lowHigh <= 0) || (middleHigh >= 0 && lowHigh >= 0)) swap(end);
}
