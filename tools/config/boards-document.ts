/** The generated part of docs/boards.md: a row for each board profile. */
import type { BoardProfile } from "./profile.ts";

export const boardsStart = "<!-- generated from board-profiles/; make it again with: npm run schema -->";
export const boardsEnd = "<!-- end of the generated part -->";

/** Replaces the text between the two marks. Throws Error when a mark is missing. */
export function withBoards(page: string, profiles: readonly BoardProfile[]): string {
  const start = page.indexOf(boardsStart);
  const end = page.indexOf(boardsEnd);
  if (start < 0 || end < start) throw new Error("docs/boards.md has lost the marks of its generated part");
  return `${page.slice(0, start)}${boardsStart}\n\n${boardsTable(profiles)}\n${page.slice(end)}`;
}

/** A Markdown table of boards, with what the lamp hangs on unless the configuration says otherwise. */
export function boardsTable(profiles: readonly BoardProfile[]): string {
  const rows = profiles.map((profile) => {
    const { name, title, interpreter, memory, flash } = profile;
    const storage = `${(flash.pages * flash.pageBytes) / 1024} kB`;
    return [
      `\`${name}\``,
      title,
      interpreter.boards.join(", "),
      String(memory.variables),
      storage,
      lampOf(profile),
    ];
  });
  return [
    "| `board` | | `process.env.BOARD` | variables | Storage | the lamp, unless `lamp.pin` says otherwise |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    "",
  ].join("\n");
}

function lampOf({ led, pixels, noLamp, pins }: BoardProfile): string {
  if (noLamp !== undefined) return "none in this version";
  const dimmed = pins[led.pin]?.can.includes("pwm") ? "" : ", on and off only";
  if (led.external) return `an LED of yours on ${led.pin}${dimmed}; its own is of type ${pixels?.type}`;
  return `LED on ${led.pin}${led.activeLow ? ", active low" : ""}${dimmed}`;
}
