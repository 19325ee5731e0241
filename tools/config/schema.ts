/** The JSON Schema of flash.config.json, made from the table of settings. */
import { type Section, type Setting, sections, settings } from "../../firmware/settings.ts";
import { filterPattern, pinPattern, topicPattern } from "./check.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Text with a reference to the environment, which only the tools can look into. */
const fromEnvironment: Schema = { type: "string", pattern: "\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}" };

/** The whole schema as an object, draft 7. */
export function configSchema(): Schema {
  return {
    $comment: "Generated from firmware/settings.ts; make it again with: npm run schema",
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Wick: flash.config.json",
    ...sectionSchema(""),
  };
}

function sectionSchema(parent: string): Schema {
  const properties: Record<string, Schema> = parent === "" ? { $schema: { type: "string" } } : {};
  for (const section of sections) {
    const name = nameIn(parent, section.key);
    if (name !== undefined) properties[name] = sectionWithSwitch(section);
  }
  for (const setting of settings) {
    const name = nameIn(parent, setting.key);
    if (name !== undefined) properties[name] = settingSchema(setting);
  }
  return { type: "object", additionalProperties: false, properties };
}

/** "qos" for "mqtt" and "mqtt.qos"; undefined when the key is not directly in that section. */
function nameIn(parent: string, key: string): string | undefined {
  const dot = key.lastIndexOf(".");
  return (dot < 0 ? "" : key.slice(0, dot)) === parent ? key.slice(dot + 1) : undefined;
}

function sectionWithSwitch(section: Section): Schema {
  const object = sectionSchema(section.key);
  return section.isSwitch
    ? { description: section.text, anyOf: [{ type: "boolean" }, object] }
    : { description: section.text, ...object };
}

function settingSchema(setting: Setting): Schema {
  const facts: Record<string, unknown> = { description: describe(setting) };
  if (setting.default !== undefined) facts.default = setting.default;
  const value = valueSchema(setting);
  return { ...facts, anyOf: [value, fromEnvironment] };
}

function describe(setting: Setting): string {
  const unit = setting.unit === undefined ? "" : ` Unit: ${setting.unit}.`;
  const fallback =
    setting.defaultText ?? (setting.default === undefined ? undefined : JSON.stringify(setting.default));
  return `${setting.text}${unit}${fallback === undefined ? "" : ` Default: ${fallback}.`}`;
}

function valueSchema(setting: Setting): Schema {
  switch (setting.kind) {
    case "integer":
    case "number":
      return { type: setting.kind, ...limits(setting, "minimum", "maximum") };
    case "boolean":
      return { type: "boolean" };
    case "choice":
      return { enum: setting.choices };
    case "filters":
      return {
        type: "array",
        ...limits(setting, "minItems", "maxItems"),
        items: { type: "string", minLength: 1, maxLength: 200, pattern: filterPattern.source },
      };
    case "pin":
      return { type: "string", pattern: pinPattern.source };
    case "topic":
      return { type: "string", ...limits(setting, "minLength", "maxLength"), pattern: topicPattern.source };
    case "file":
      return { type: "string", minLength: 1 };
    default:
      return { type: "string", ...limits(setting, "minLength", "maxLength"), pattern: "^[^\\0]*$" };
  }
}

function limits(setting: Setting, least: string, most: string): Schema {
  return {
    ...(setting.min === undefined ? {} : { [least]: setting.min }),
    ...(setting.max === undefined ? {} : { [most]: setting.max }),
  };
}
