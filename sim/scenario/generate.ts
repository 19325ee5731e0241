/** A part of `npm run schema`: writes scenario.schema.json. */
import { writeFileSync } from "node:fs";
import { scenarioSchemaText } from "./schema.ts";

writeFileSync(new URL("../../scenario.schema.json", import.meta.url), scenarioSchemaText());
