/** The generated part of docs/configuration.md: every key, made from the table of settings. */
import { type Setting, settings } from "../../firmware/settings.ts";
import { allowedText } from "./check.ts";

export const tableStart = "<!-- generated from firmware/settings.ts; make it again with: npm run schema -->";
export const tableEnd = "<!-- end of the generated part -->";

/** Replaces the text between the two marks. Throws Error when a mark is missing. */
export function withTable(page: string): string {
  const start = page.indexOf(tableStart);
  const end = page.indexOf(tableEnd);
  if (start < 0 || end < start)
    throw new Error("docs/configuration.md has lost the marks of its generated part");
  return `${page.slice(0, start)}${tableStart}\n\n${settingsTable()}\n${page.slice(end)}`;
}

/** A Markdown table with a row for each setting. */
export function settingsTable(): string {
  const rows = settings.map((setting) =>
    [`\`${setting.key}\``, defaultOf(setting), allowedText(setting), remarks(setting)]
      .map((cell) => cell.replaceAll("|", "\\|"))
      .join(" | "),
  );
  return [
    "| key | default | allowed | |",
    "| --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
    "",
  ].join("\n");
}

function defaultOf(setting: Setting): string {
  if (setting.required !== undefined)
    return setting.required === "always" ? "required" : "required on a board with Wi-Fi";
  if (setting.defaultText !== undefined) return setting.defaultText;
  if (setting.default === undefined) return "none";
  const unit = setting.unit === undefined || typeof setting.default !== "number" ? "" : ` ${setting.unit}`;
  return `\`${JSON.stringify(setting.default)}\`${unit}`;
}

function remarks(setting: Setting): string {
  return [
    setting.text,
    setting.secret ? "Secret: never printed." : "",
    setting.toolsOnly ? "Not part of the bundle." : "",
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}
