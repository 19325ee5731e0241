/** One check a kind of setting: turns what was written into a value, or says what is allowed instead. */
import type { Setting, SettingValue } from "../../firmware/settings.ts";

/** MQTT 3.1.1 section 4.7: `+` fills a level, `#` fills the last one. */
export const filterPattern = /^(?:#|(?:[^+#/\0]*|\+)(?:\/(?:[^+#/\0]*|\+))*(?:\/#)?)$/;
/** MQTT 3.1.1 section 4.7.1: a topic name has no wildcards. */
export const topicPattern = /^[^+#\0]*$/;
export const pinPattern = /^[A-Z][0-9]{1,2}$/;

/** Either the value, or a sentence about what is allowed. */
export type Checked = { readonly value: SettingValue } | { readonly allowed: string };

/**
 * Checks one value as far as that is possible without the board and the other settings.
 * `isText`: the value came as text (command line, environment) and stands for whatever the setting needs.
 */
export function check(setting: Setting, written: unknown, isText: boolean): Checked {
  switch (setting.kind) {
    case "integer":
    case "number":
      return checkNumber(setting, isText ? textToNumber(written) : written);
    case "boolean":
      return checkBoolean(isText ? textToBoolean(written) : written);
    case "choice":
      return checkChoice(setting, written, isText);
    case "filters":
      return checkFilters(setting, isText ? textToList(written) : written);
    default:
      return checkText(setting, written);
  }
}

/** What is allowed, as people read it in messages and documentation. */
export function allowedText(setting: Setting): string {
  const range =
    setting.min !== undefined && setting.max !== undefined ? ` from ${setting.min} to ${setting.max}` : "";
  const unit = setting.unit === undefined ? "" : ` ${setting.unit}`;
  switch (setting.kind) {
    case "integer":
      return `a whole number${range}${unit}`;
    case "number":
      return `a number${range}${unit}`;
    case "boolean":
      return "true or false";
    case "choice":
      return (setting.choices ?? []).map((choice) => JSON.stringify(choice)).join(", ");
    case "filters":
      return `a list of at most ${setting.max} topic filters, with + only as a whole level and # only as the last one`;
    case "topic":
      return `a topic of ${setting.min} to ${setting.max} bytes without +, # and U+0000`;
    case "pin":
      return 'a pin of the board, such as "D2"';
    case "file":
      return "the path of a file";
    default: {
      if (setting.min !== undefined && setting.min > 1)
        return `text of ${setting.min} to ${setting.max} bytes, without U+0000`;
      const least = setting.min === undefined || setting.min === 0 ? "" : "not empty, ";
      return setting.max === undefined
        ? "text"
        : `text, ${least}at most ${setting.max} bytes, without U+0000`;
    }
  }
}

function checkNumber(setting: Setting, value: unknown): Checked {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = setting;
  const fits = typeof value === "number" && value >= min && value <= max;
  if (!fits || (setting.kind === "integer" && !Number.isInteger(value)))
    return { allowed: allowedText(setting) };
  return { value };
}

function checkBoolean(value: unknown): Checked {
  return typeof value === "boolean" ? { value } : { allowed: "true or false" };
}

function checkChoice(setting: Setting, written: unknown, isText: boolean): Checked {
  const found = setting.choices?.find(
    (choice) => choice === written || (isText && String(choice) === written),
  );
  return found === undefined ? { allowed: allowedText(setting) } : { value: found };
}

function checkFilters(setting: Setting, value: unknown): Checked {
  const fits =
    Array.isArray(value) &&
    value.length <= (setting.max ?? value.length) &&
    value.every(
      (filter) => typeof filter === "string" && isUtf8Text(filter, 1, 200) && filterPattern.test(filter),
    );
  return fits ? { value } : { allowed: allowedText(setting) };
}

function checkText(setting: Setting, value: unknown): Checked {
  const fits =
    typeof value === "string" &&
    isUtf8Text(value, setting.min ?? 0, setting.max ?? Number.POSITIVE_INFINITY) &&
    (setting.kind !== "topic" || topicPattern.test(value)) &&
    (setting.kind !== "pin" || pinPattern.test(value)) &&
    (setting.kind !== "file" || value !== "");
  return fits ? { value } : { allowed: allowedText(setting) };
}

/** Well-formed, without U+0000 (MQTT 3.1.1 section 1.5.3), and between min and max bytes. */
function isUtf8Text(text: string, min: number, max: number): boolean {
  const bytes = Buffer.byteLength(text);
  return text.isWellFormed() && !text.includes("\0") && bytes >= min && bytes <= max;
}

function textToNumber(text: unknown): unknown {
  return typeof text === "string" && text.trim() !== "" ? Number(text) : text;
}

function textToBoolean(text: unknown): unknown {
  return text === "true" ? true : text === "false" ? false : text;
}

/** `["a","b/+"]`, or shorter `a,b/+`; nothing is the empty list. */
function textToList(text: unknown): unknown {
  if (typeof text !== "string") return text;
  if (!text.startsWith("[")) return text === "" ? [] : text.split(",");
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
