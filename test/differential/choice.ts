// Repeatable choices for the generators of sessions.
import { seededRandom } from "../../sim/random.ts";

export interface Choice {
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  one<T>(items: readonly T[]): T;
  /** `count` characters of one byte each. */
  bytes(count: number): string;
  list<T>(count: number, make: (index: number) => T): T[];
}

export function choices(seed: number): Choice {
  const random = seededRandom(seed);
  const int = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  return {
    int,
    chance: (probability) => random() < probability,
    one: <T>(items: readonly T[]): T => items[int(0, items.length - 1)] as T,
    bytes: (count) => String.fromCharCode(...Array.from({ length: count }, () => int(0, 255))),
    list: (count, make) => Array.from({ length: count }, (_, index) => make(index)),
  };
}
