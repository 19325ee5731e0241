#!/usr/bin/env node
// Starts the command line: makes Node read TypeScript, then hands over to tools/cli/main.ts.
import { register } from "tsx/esm/api";

register();
const { main } = await import("../tools/cli/main.ts");
process.exitCode = await main(process.argv.slice(2));
