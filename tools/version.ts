/** The version of Wick and the root of the project, read from package.json. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Folder that holds package.json, with a slash at the end. */
export const projectRoot = fileURLToPath(new URL("../", import.meta.url));

export const version: string = JSON.parse(readFileSync(`${projectRoot}package.json`, "utf8")).version;
