/** The JSON Schema of scenario files, for completion and checks in editors. */
import { scenario } from "./document.ts";
import { stepKinds } from "./steps.ts";
import type { Schema } from "./values.ts";

/** Draft 7, which editors know best. */
export function scenarioSchema(): Schema {
  return {
    $comment: "Generated from sim/scenario/; make it again with: npm run schema",
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A scenario of wick sim --scenario",
    ...scenario.schema,
    definitions: {
      step: {
        type: "object",
        minProperties: 1,
        maxProperties: 1,
        properties: Object.fromEntries(stepKinds.map(({ name, schema }) => [name, schema])),
        additionalProperties: false,
      },
    },
  };
}

/** The file's text. */
export function scenarioSchemaText(): string {
  return `${JSON.stringify(scenarioSchema(), null, 2)}\n`;
}
