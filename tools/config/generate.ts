/** `npm run schema`: writes what is generated from the table of settings, and from the board profiles. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { pinDeclarations } from "../build/pin-declarations.ts";
import { projectRoot } from "../version.ts";
import { withBoards } from "./boards-document.ts";
import { withTable } from "./document.ts";
import { loadProfile, profileNames } from "./profile.ts";
import { configSchema } from "./schema.ts";

writeFileSync(`${projectRoot}flash.config.schema.json`, `${JSON.stringify(configSchema(), null, 2)}\n`);
const page = `${projectRoot}docs/configuration.md`;
writeFileSync(page, withTable(readFileSync(page, "utf8")));

const profiles = profileNames().map((name) => loadProfile(name));
const types = `${projectRoot}board-profiles/types`;
mkdirSync(types, { recursive: true });
for (const profile of profiles) writeFileSync(`${types}/${profile.name}.d.ts`, pinDeclarations(profile));
const boards = `${projectRoot}docs/boards.md`;
writeFileSync(boards, withBoards(readFileSync(boards, "utf8"), profiles));
