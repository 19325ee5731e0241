// The benchmarks' results as a table for the terminal and for docs/performance.md.
import { readFileSync, writeFileSync } from "node:fs";

/** One number against what was asked of it; `asked` is undefined where a number only informs. */
export interface Row {
  what: string;
  measured: string;
  asked?: string;
  met?: boolean;
}

export interface Section {
  title: string;
  rows: Row[];
}

export const markers = { begin: "<!-- npm run bench -->", end: "<!-- end of npm run bench -->" };

/** A table a section, in Markdown, columns aligned so that it reads in a terminal too. */
export function markdown(sections: readonly Section[]): string {
  return sections
    .filter((section) => section.rows.length > 0)
    .map((section) => `### ${section.title}\n\n${table(section.rows)}\n`)
    .join("\n");
}

function table(rows: readonly Row[]): string {
  const cells = [
    ["number", "measured", "asked", ""],
    ...rows.map((row) => [
      row.what,
      row.measured,
      row.asked ?? "",
      row.met === undefined ? "" : row.met ? "met" : "missed",
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(3, ...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`,
  );
  lines.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return lines.join("\n");
}

/** What stands between the markers of `file`, with `sections` in the place of those on the same topic, or after them. */
export function mergedWith(file: string, sections: readonly Section[]): string {
  const text = readFileSync(file, "utf8");
  const before = text.slice(text.indexOf(markers.begin) + markers.begin.length, text.indexOf(markers.end));
  const [made = "", ...written] = before.split(/^### /m);
  // What comes after a colon tells how it was measured.
  const topic = (section: string) => section.split("\n")[0]?.split(":")[0];
  const fresh = markdown(sections).split(/^### /m).slice(1);
  const kept = written.map((old) => fresh.find((one) => topic(one) === topic(old)) ?? old);
  const added = fresh.filter((one) => !written.some((old) => topic(old) === topic(one)));
  return [made.trim(), "", ...[...kept, ...added].map((one) => `### ${one.trimEnd()}\n`)].join("\n");
}

/** Replaces what stands between the markers of `file`; throws when they are missing. */
export function writeBetweenMarkers(file: string, text: string): void {
  const before = readFileSync(file, "utf8");
  const begin = before.indexOf(markers.begin);
  const end = before.indexOf(markers.end);
  if (begin < 0 || end < begin)
    throw new Error(`${file}: the markers "${markers.begin}" and "${markers.end}" are missing`);
  writeFileSync(file, `${before.slice(0, begin + markers.begin.length)}\n\n${text}\n${before.slice(end)}`);
}
