/** The kinds of values that a scenario is written in: each says how it is read and what an editor may suggest. */
import { didYouMean } from "../nearest.ts";
import type { Place } from "./place.ts";

/** A JSON Schema. */
export type Schema = { readonly [key: string]: unknown };

/** One kind of value. */
export interface ValueKind<T> {
  /** What may be written, for messages: "true or false". */
  readonly allowed: string;
  readonly schema: Schema;
  /**
   * The value as the simulation needs it; undefined after at least one mistake was put down at `place`.
   *
   * @param allowed What the message says is allowed, where that is more than this kind.
   */
  read(found: unknown, place: Place, allowed?: string): T | undefined;
}

/** What a kind gives. */
export type Read<Kind> = Kind extends ValueKind<infer T> ? T : never;

/** A text. A number, true and false are taken for the text they are written as. */
export function text(allowed = "a text", pattern?: RegExp): ValueKind<string> {
  return {
    allowed,
    schema: { type: ["string", "number", "boolean"], ...(pattern ? { pattern: pattern.source } : {}) },
    read(found, place, anyAllowed = allowed) {
      const isText = typeof found === "string" || typeof found === "number" || typeof found === "boolean";
      if (!isText || (pattern && !pattern.test(String(found)))) return place.notAllowed(found, anyAllowed);
      return String(found);
    },
  };
}

/** true or false. */
export const flag: ValueKind<boolean> = {
  allowed: "true or false",
  schema: { type: "boolean" },
  read: (found, place) => (typeof found === "boolean" ? found : place.notAllowed(found, "true or false")),
};

/** A number from `least` to `most`, both allowed. */
export function numberFrom(
  least: number,
  most: number,
  options: { whole?: boolean } = {},
): ValueKind<number> {
  const { whole = false } = options;
  const allowed = `a ${whole ? "whole " : ""}number from ${least} to ${most}`;
  return {
    allowed,
    schema: { type: whole ? "integer" : "number", minimum: least, maximum: most },
    read(found, place) {
      const fits =
        typeof found === "number" && found >= least && found <= most && (!whole || Number.isInteger(found));
      return fits ? found : place.notAllowed(found, allowed);
    },
  };
}

/** One of some words, numbers, true and false. */
export function oneOf<const Words extends readonly (string | number | boolean)[]>(
  ...words: Words
): ValueKind<Words[number]> {
  const allowed = list(words.map(String));
  return {
    allowed,
    schema: { enum: words },
    read(found, place, anyAllowed = allowed) {
      const word = words.find((candidate) => candidate === found);
      const meant = typeof found === "string" ? didYouMean(found, words.map(String)) : "";
      return word ?? place.notAllowed(found, anyAllowed, meant);
    },
  };
}

/** A regular expression, without slashes around it. */
export const pattern: ValueKind<RegExp> = {
  allowed: "a regular expression",
  schema: { type: "string", format: "regex" },
  read(found, place) {
    if (typeof found !== "string") return place.notAllowed(found, "a regular expression");
    try {
      return new RegExp(found, "u");
    } catch (error) {
      return place.wrong(`${place.name} is no regular expression: ${(error as Error).message}`);
    }
  },
};

/** Whatever JSON can say. */
export const anything: ValueKind<unknown> = {
  allowed: "any value",
  schema: {},
  read: (found) => found,
};

/** The word `word` stands for `value`; anything else is read by `kind`. */
export function orWord<T, Special>(word: string, value: Special, kind: ValueKind<T>): ValueKind<T | Special> {
  const allowed = `${word}, or ${kind.allowed}`;
  return {
    allowed,
    schema: { anyOf: [{ const: word }, kind.schema] },
    read: (found, place, anyAllowed = allowed) =>
      found === word ? value : kind.read(found, place, anyAllowed),
  };
}

type Kinds = { readonly [key: string]: ValueKind<unknown> };
/** What `fields` gives. */
export type Fields<Required extends Kinds, Optional extends Kinds> = {
  readonly [Key in keyof Required]: Read<Required[Key]>;
} & { readonly [Key in keyof Optional]?: Read<Optional[Key]> };

/** A mapping with these keys and no others. */
export function fields<Required extends Kinds, Optional extends Kinds>(
  required: Required,
  optional: Optional,
): ValueKind<Fields<Required, Optional>> {
  const kinds: Kinds = { ...required, ...optional };
  const names = Object.keys(kinds);
  const allowed = `a mapping with ${list(names)}`;
  return {
    allowed,
    schema: {
      type: "object",
      properties: Object.fromEntries(names.map((name) => [name, kinds[name]?.schema])),
      ...(Object.keys(required).length > 0 ? { required: Object.keys(required) } : {}),
      additionalProperties: false,
    },
    read(found, place) {
      if (!isMapping(found)) return place.notAllowed(found, allowed);
      const before = place.mistakes.length;
      const read: Record<string, unknown> = {};
      for (const [key, value] of Object.entries(found)) {
        const kind = Object.hasOwn(kinds, key) ? kinds[key] : undefined;
        if (kind) read[key] = kind.read(value, place.at(key));
        else place.unknownKey(key, names);
      }
      for (const [key, { allowed }] of Object.entries(required))
        if (!Object.hasOwn(found, key)) place.wrong(`${place.name} needs ${key}: ${allowed}`);
      return place.mistakes.length === before ? (read as Fields<Required, Optional>) : undefined;
    },
  };
}

/** Either a mapping, read by `full`, or the short form of it that `short` reads and `lift` completes. */
export function shortOr<Short, Full>(
  short: ValueKind<Short>,
  lift: (value: Short) => NoInfer<Full>,
  full: ValueKind<Full>,
): ValueKind<Full> {
  const allowed = `${short.allowed}, or ${full.allowed}`;
  return {
    allowed,
    schema: { anyOf: [short.schema, full.schema] },
    read(found, place) {
      if (isMapping(found)) return full.read(found, place);
      const before = place.mistakes.length;
      // Who wrote a word meant the short form; who wrote nothing needs to hear of both.
      const value = short.read(found, place, found === null ? allowed : undefined);
      return place.mistakes.length > before ? undefined : lift(value as Short);
    },
  };
}

/** `kind`, and then a rule that takes several keys to check: what it says is wrong, or undefined. */
export function checked<T>(kind: ValueKind<T>, rule: (value: T) => string | undefined): ValueKind<T> {
  return {
    ...kind,
    read(found, place, allowed) {
      const value = kind.read(found, place, allowed);
      const sentence = value === undefined ? undefined : rule(value);
      return sentence === undefined ? value : place.wrong(`${place.name} ${sentence}`);
    },
  };
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** "a, b or c" */
export function list(words: readonly (string | number)[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
