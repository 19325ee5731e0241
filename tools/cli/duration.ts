/** Times as people write them: a number and its unit; a bare number is refused. */

const millisecondsOf: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };

/** "500ms", "1.5s", "5min", "2h" to milliseconds; undefined when it is not a time. */
export function parseDuration(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?)\s*(ms|s|min|h)$/.exec(text.trim());
  const factor = millisecondsOf[parts?.[2] ?? ""];
  return parts === null || factor === undefined ? undefined : Number(parts[1]) * factor;
}
