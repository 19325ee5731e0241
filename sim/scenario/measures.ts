/** Values with a unit: times, sizes, rates, shares. A bare number is refused, and the sentence says how to write it. */
import type { ValueKind } from "./values.ts";

interface Measure {
  /** What is measured, for messages: "a time". */
  what: string;
  /** Each unit and how many of the kind's own unit it is. */
  units: Readonly<Record<string, number>>;
  example: string;
  signed?: boolean;
  /** 0 is not allowed: the word for what it would mean says it better. */
  positive?: boolean;
  most?: { value: number; written: string };
}

/** A number and its unit, blanks between them allowed. */
function measure({
  what,
  units,
  example,
  signed = false,
  positive = false,
  most,
}: Measure): ValueKind<number> {
  const names = Object.keys(units);
  const sign = signed ? "[+-]?" : "";
  const shape = new RegExp(`^(${sign}\\d+(?:\\.\\d+)?) ?(${names.join("|")})$`);
  const allowed = `${what}, a number and its unit (${names.join(", ")}), such as ${example}${most ? `, at most ${most.written}` : ""}${positive ? ", more than 0" : ""}`;
  return {
    allowed,
    schema: { type: "string", pattern: shape.source, description: allowed },
    read(found, place, anyAllowed = allowed) {
      const isBare = typeof found === "number" || (typeof found === "string" && /^[+-]?[\d.]+$/.test(found));
      if (isBare) {
        const written = names.map((name) => `${found}${name}`);
        return place.wrong(`${place.name} is ${found}, which has no unit; write ${written.join(" or ")}`);
      }
      const [, number, unit = ""] = (typeof found === "string" && shape.exec(found)) || [];
      const value = Number(number) * (units[unit] ?? Number.NaN);
      if (Number.isNaN(value) || (most && value > most.value) || (positive && value <= 0))
        return place.notAllowed(found, anyAllowed);
      return value;
    },
  };
}

/** In ms of board time. */
export const time = measure({
  what: "a time",
  units: { ms: 1, s: 1000, min: 60_000, h: 3_600_000 },
  example: "500ms",
});

/** The same, forward or back. */
export const signedTime = measure({
  what: "a time",
  units: { ms: 1, s: 1000, min: 60_000, h: 3_600_000 },
  example: "-1h",
  signed: true,
});

/** In bytes. */
export const size = measure({
  what: "a size",
  units: { B: 1, kB: 1000, MB: 1_000_000 },
  example: "7B",
});

/** In bytes, at least one. */
export const pieceSize = measure({
  what: "a size",
  units: { B: 1, kB: 1000, MB: 1_000_000 },
  example: "7B",
  positive: true,
});

/** In bytes a second. */
export const rate = measure({
  what: "a rate",
  units: { "B/s": 1, "kB/s": 1000, "MB/s": 1_000_000 },
  example: "2kB/s",
  positive: true,
});

/** In parts of a million. */
export const drift = measure({
  what: "a drift",
  units: { ppm: 1, "%": 10_000 },
  example: "-50ppm",
  signed: true,
});

/** In dBm. */
export const signal = measure({
  what: "a signal strength",
  units: { dBm: 1 },
  example: "-85dBm",
  signed: true,
});

/** A share of the whole, 0 to 1. */
export const share = measure({
  what: "a share",
  units: { "%": 0.01 },
  example: "22%",
  most: { value: 1, written: "100%" },
});

/** "1.5 s", "200 ms": a time in ms as a report writes it. */
export function writtenTime(ms: number): string {
  for (const [unit, factor] of [
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1000],
  ] as const)
    if (ms >= factor && Number.isInteger((ms * 1000) / factor)) return `${ms / factor} ${unit}`;
  return `${Math.round(ms * 1000) / 1000} ms`;
}

/** "1.002 s": a moment of board time, in ms, as a report writes it. */
export function moment(ms: number): string {
  return `${Math.round(ms * 1000) / 1_000_000} s`;
}
