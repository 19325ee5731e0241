/** `npm run schema`: writes what is generated from the table of settings. */
import { readFileSync, writeFileSync } from "node:fs";
import { projectRoot } from "../version.ts";
import { withTable } from "./document.ts";
import { configSchema } from "./schema.ts";

writeFileSync(`${projectRoot}flash.config.schema.json`, `${JSON.stringify(configSchema(), null, 2)}\n`);
const page = `${projectRoot}docs/configuration.md`;
writeFileSync(page, withTable(readFileSync(page, "utf8")));
