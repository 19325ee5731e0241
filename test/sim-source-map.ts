/** Source maps of a few mappings, for tests. */

interface Mapping {
  /** Of the bundle: line from 1, column from 0. */
  line: number;
  column: number;
  /** Of the source: line from 1, column from 0. */
  originalLine: number;
  originalColumn: number;
}

/** JSON text of a map of one-line bundles. */
export function sourceMapOf(source: string, mappings: Mapping[]): string {
  let before = { column: 0, originalLine: 1, originalColumn: 0 };
  const segments = mappings.map((mapping) => {
    const fields = [
      mapping.column - before.column,
      0,
      mapping.originalLine - before.originalLine,
      mapping.originalColumn - before.originalColumn,
    ];
    before = mapping;
    return fields.map(variableLengthQuantity).join("");
  });
  return JSON.stringify({ version: 3, sources: [source], names: [], mappings: segments.join(",") });
}

/** Source map revision 3: base 64, five bits a digit, the sign in the lowest bit. */
function variableLengthQuantity(value: number): string {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const digit = rest & 31;
    rest >>= 5;
    text += digits.charAt(rest > 0 ? digit | 32 : digit);
  } while (rest > 0);
  return text;
}
